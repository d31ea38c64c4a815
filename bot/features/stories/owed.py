"""What stories owe Slack, rendered from the state at the moment of sending, and the parts they have of Home."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.delivery import queue, saying
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.delivery.uploads import Uploads
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.customers.seams import CardButtons
from bot.features.home.seams import Viewer
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.stories import blocks, service, writing
from bot.features.stories.blocks import Item, Look
from bot.features.stories.seams import Posted
from bot.features.stories.service import Post, Shot, Story
from bot.slack.errors import Fault, classify
from bot.slack.kit import Block, Element
from bot.slack.words import Words, words_of

AskButton = Callable[[Words, str, str], Element]
LOOK_AGAIN = timedelta(seconds=2)
PICTURE_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments"})
PART_OF_HOME = 5
PAST = frozenset({"expired", "not_yet"})  # what stands already is corrected all the same


def renderers(
    *,
    ask_button: AskButton,
    public_url: str,
    new_id: NewId,
    on_posted: Sequence[Posted] = (),
    card_buttons: Sequence[CardButtons] = (),
) -> dict[str, Renderer]:
    """By kind of delivery. `ask_button(words, customer_id, post_id)` stands next to *Read the whole story*,
    `card_buttons` after it."""
    ask, more = ask_button, tuple(card_buttons)
    pictures = Pictures(public_url=public_url)
    return {
        service.POST: Posts(ask_button=ask, card_buttons=more, pictures=pictures, new_id=new_id, on_posted=on_posted),
        writing.CORRECT: Corrections(ask_button=ask, card_buttons=more, pictures=pictures, new_id=new_id),
        service.TEST: Tests(ask_button=ask, card_buttons=more, pictures=pictures),
        service.PICTURE: StoryPictures(),
        service.RECALL: Recalls(),
        service.NOTHING_LEFT: NothingLeft(),
        service.FAILED: Failures(),
    }


@dataclass(frozen=True, kw_only=True)
class Pictures:
    public_url: str

    async def ready(self, session: AsyncSession, owed: Owed, story: Story, now: datetime) -> Shot | Later | None:
        """The picture; None to go without; later while an upload may still be done within its minute."""
        if owed.ref.get("plain"):
            return None
        shot = await service.shot(session, owed.workspace_id, story, self.public_url)
        key, until = owed.ref.get("picture"), datetime.fromisoformat(owed.ref["wait_until"])
        if shot is not None or not key or now >= until:
            return shot
        upload = await queue.find(session, workspace_id=owed.workspace_id, key=key)
        if upload is None or upload.state not in service.ON_ITS_WAY:
            return None
        return Later(until=min(now + LOOK_AGAIN, until))


def _ask(ask_button: AskButton, words: Words, story: Story, post_id: str) -> Element | None:
    return ask_button(words, story.customer_id, post_id) if story.customer_id else None


async def more_buttons(
    session: AsyncSession, made: Sequence[CardButtons], words: Words, story: Story, ws: str, *, user: str = ""
) -> list[Element]:
    """About the story's customer; `user` "": for everybody in a channel."""
    customer = await customers.get(session, ws, story.customer_id) if story.customer_id and made else None
    if customer is None:
        return []
    return [button for make in made for button in await make(session, words, customer, user=user)]


@dataclass(frozen=True, kw_only=True)
class Posts:
    ask_button: AskButton
    pictures: Pictures
    new_id: NewId
    on_posted: Sequence[Posted] = ()
    card_buttons: tuple[CardButtons, ...] = ()

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        """Rights, consent and guests are read again here: what has changed since the choice counts."""
        ws = owed.workspace_id
        post = await service.get_post(session, ws, owed.ref["post"])
        if post is None or post.recalled:
            return Skip(reason="recalled")
        audience = await channels.audience(session, ws, post.channel_id)
        if audience is None:
            return Skip(reason="removed")
        if owed.method == "post" and (why := await channels.why_not_now(session, ws, post.channel_id)):
            return Skip(reason=why)  # Pause and Remove also count for what was queued when they were pressed
        now = await db_now(session)
        sight = await service.sight(session, audience, post.story_id, post.reason, now=now)
        if sight is None or (sight.refused and (owed.method == "post" or sight.refused not in PAST)):
            return Skip(reason=sight.refused if sight and sight.refused else "gone")
        shot = await self.pictures.ready(session, owed, sight.story, now)
        if isinstance(shot, Later):
            return shot
        words = words_of(audience)
        look = Look(
            story=sight.story,
            wording=sight.story.wording(audience.locale),
            why=sight.why,
            shot=shot,
            read=post.id,
            ask=_ask(self.ask_button, words, sight.story, post.id),
            more=await more_buttons(session, self.card_buttons, words, sight.story, ws),
        )
        message = blocks.post(words, look)
        return blocks.corrected(words, message) if owed.method == "update" else message

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        post = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if post is None:
            return
        await service.sent(session, post, owed.ts, now=now)
        if owed.method == "post" and post.posted_at is None:
            await service.count_post(session, post, now)
            for posted in self.on_posted:
                await posted(session, post, now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A picture that Slack cannot take is left out; a channel that takes nothing is paused; the rest is told."""
        post = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if post is None:
            return
        if error in PICTURE_REFUSED and not owed.ref.get("plain") and await self._has_picture(session, post):
            await saying.owe_plain(session, owed, now=now)
            return
        await service.not_sent(session, post, error)
        if error == "late":
            await service.tell_late(session, post, now=now)
        elif classify(error) is Fault.PLACE:
            await channels.place_failed(session, post.workspace_id, post.channel_id, error, new_id=self.new_id, now=now)
        else:
            await service.tell_failed(session, post, error, now=now)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """The story is free to be chosen again, and the channel's page says that this time got none."""
        post = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if post is not None and owed.method == "post":
            await service.skipped(session, post, reason, now=now)

    async def _has_picture(self, session: AsyncSession, post: Post) -> bool:
        story = await service.get_story(session, post.workspace_id, post.story_id)
        return story is not None and bool(story.picture_url or story.picture_hash)


class Corrections(Posts):
    """A post that stands, as its story is now. One that may no longer stand there is taken back."""

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """It was posted before: nothing to count."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        post = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if post is None:
            return
        if error in PICTURE_REFUSED and not owed.ref.get("plain") and await self._has_picture(session, post):
            await saying.owe_plain(session, owed, now=now)
        else:
            await service.tell_failed(session, post, "not_corrected", now=now)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        await writing.not_corrected(session, owed.workspace_id, str(owed.ref["post"]), reason, now=now)


@dataclass(frozen=True, kw_only=True)
class Tests(Quiet):
    """What would come next in a channel, sent to one person in the channel's language."""

    ask_button: AskButton
    pictures: Pictures
    card_buttons: tuple[CardButtons, ...] = ()

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        audience = await channels.audience(session, owed.workspace_id, owed.ref["channel"])
        if audience is None:
            return Skip(reason="removed")
        if not await channels.may_see_next(session, owed.workspace_id, owed.ref["channel"], owed.target):
            return Skip(reason="rights")
        now = await db_now(session)
        sight = await service.sight(session, audience, owed.ref["story"], owed.ref["reason"], now=now)
        if sight is None or sight.refused:
            return Skip(reason=sight.refused if sight and sight.refused else "gone")
        shot = await self.pictures.ready(session, owed, sight.story, now)
        if isinstance(shot, Later):
            return shot
        words = words_of(audience)
        look = Look(
            story=sight.story,
            wording=sight.story.wording(audience.locale),
            why=sight.why,
            shot=shot,
            read=f"story:{sight.story.id}",
            ask=_ask(self.ask_button, words, sight.story, ""),
            more=await more_buttons(session, self.card_buttons, words, sight.story, owed.workspace_id),
        )
        return blocks.test(words, look, audience.name)


class StoryPictures(Uploads):
    async def alt(self, session: AsyncSession, owed: Owed) -> str | None:
        story = await service.get_story(session, owed.workspace_id, owed.ref["story"])
        return None if story is None else next(iter(story.wordings.values())).alt or ""


class Recalls(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Skip(reason="a delete shows nothing")


class NothingLeft(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        person = await members.get(session, owed.workspace_id, owed.ref["user"])
        channel = await channels.get(session, owed.workspace_id, owed.ref["channel"])
        if channel is None:
            return Skip(reason="removed")
        if not members.able(person, Action.SEE_NEXT_POSTS):
            return Skip(reason="rights")
        words = words_of(person)
        return blocks.nothing_left(words, channel_name=channel.name, kind=owed.ref["kind"])


class Failures(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        person = await members.get(session, ws, owed.ref["user"])
        post = await service.get_post(session, ws, owed.ref["post"])
        story = await service.get_story(session, ws, post.story_id) if post else None
        channel = await channels.get(session, ws, post.channel_id) if post else None
        if story is None or channel is None:
            return Skip(reason="gone")
        if not members.able(person, Action.SEE_NEXT_POSTS):
            return Skip(reason="rights")
        words = words_of(person)
        headline = story.wording(person.locale).headline
        return blocks.failed(words, headline=headline, channel_name=channel.name, error=owed.ref["error"])


# -- Home -------------------------------------------------------------------------------------------------------------


async def _items(session: AsyncSession, ws: str, found: Sequence[tuple[Post, Story]]) -> list[Item]:
    shown = {post.channel_id for post, _ in found}
    names: Mapping[str, str] = {one.channel_id: one.name for one in await channels.some(session, ws, shown)}
    return [Item(post=post, story=story, channel=names.get(post.channel_id, "…")) for post, story in found]


@dataclass(frozen=True, kw_only=True)
class LatestStories:
    """A `home.Section`: the newest stories of the viewer's channels."""

    most: int = PART_OF_HOME

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        now = await db_now(session)
        found = await service.latest_for(session, viewer.workspace_id, viewer.user_id, limit=self.most, now=now)
        return blocks.latest(words, await _items(session, viewer.workspace_id, found)) if found else []


@dataclass(frozen=True, kw_only=True)
class RecentPosts:
    """A `home.Section` for whoever may recall: the newest posts, each with *Recall this post*, and for editors with the
    button that `correct` makes."""

    most: int = PART_OF_HOME
    correct: blocks.CorrectButton | None = None

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        found = await service.recallable_by(session, viewer.workspace_id, viewer.user_id, limit=self.most)
        correct = self.correct if viewer.may(Action.EDIT_DRAFT) else None
        return blocks.recent(words, await _items(session, viewer.workspace_id, found), correct) if found else []
