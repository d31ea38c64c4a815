"""What quizzes owe Slack, rendered from the state at the moment of sending, and the parts they have of Home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db import kept_pictures
from bot.db.moment import db_now
from bot.delivery import queue, saying
from bot.delivery.queue import Owed, Rank
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.delivery.uploads import Uploads
from bot.features.channels import service as channels
from bot.features.home.seams import Viewer
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.quizzes import answers, bank, blocks, rules, service, sight
from bot.features.quizzes.answers import Item
from bot.features.quizzes.blocks import Answered, Asked, Shot
from bot.features.quizzes.rules import Content, Limits, Post, Quiz
from bot.features.stories import blocks as stories_blocks
from bot.slack.errors import Fault, classify
from bot.slack.kit import Block, Message
from bot.slack.words import Words, words_of

LOOK_AGAIN = timedelta(seconds=2)
PICTURE_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "invalid_attachments"})
LATEST = 30  # posts looked through for the newest rounds: several channels share one


def renderers(*, public_url: str, limits: Limits, new_id: NewId) -> dict[str, Renderer]:
    """By kind of delivery."""
    pictures = Pictures(public_url=public_url)
    return {
        service.POST: Posts(pictures=pictures, new_id=new_id),
        service.MESSAGE: Messages(pictures=pictures, limits=limits),
        service.OUT: Outs(limits=limits),
        service.STANDINGS: Tables(limits=limits),
        service.PICTURE: QuestionPictures(),
        service.WITHDRAW: Withdrawals(),
        service.TEST: Tests(pictures=pictures),
        service.NOTHING_LEFT: NothingLeft(),
    }


@dataclass(frozen=True, kw_only=True)
class Pictures:
    public_url: str

    async def shot(self, session: AsyncSession, owed: Owed, content: Content, locale: str) -> Shot | None:
        """Where Slack can find the picture now."""
        alt = content.wording(locale).alt
        if owed.ref.get("plain") or alt is None:
            return None
        if content.picture_url:
            return Shot(alt=alt, url=content.picture_url)
        if content.picture_hash is None:
            return None
        if self.public_url:
            return Shot(alt=alt, url=f"{self.public_url.rstrip('/')}/media/{content.picture_hash}")
        file_id = await kept_pictures.slack_file(session, owed.workspace_id, content.picture_hash)
        return Shot(alt=alt, file=file_id) if file_id else None

    async def ready(
        self, session: AsyncSession, owed: Owed, content: Content, locale: str, now: datetime
    ) -> Shot | Later | None:
        """The same, or later while an upload may still be done within its minute."""
        shot = await self.shot(session, owed, content, locale)
        key, until = owed.ref.get("picture"), datetime.fromisoformat(owed.ref["wait_until"])
        if shot is not None or owed.ref.get("plain") or not key or now >= until:
            return shot
        upload = await queue.find(session, workspace_id=owed.workspace_id, key=key)
        if upload is None or upload.state not in {"pending", "claimed", "sending"}:
            return None
        return Later(until=min(now + LOOK_AGAIN, until))


def _asked(post: Post, quiz: Quiz, answered: int, shot: Shot | None) -> Asked:
    return Asked(
        post=post.id,
        question=quiz.content.wording(post.locale).text,
        options=quiz.shown_options(post.locale),
        answered=answered,
        until=post.closes_at,
        answer_at=quiz.closes_at,
        shot=shot,
    )


def _corrected_since(post: Post, quiz: Quiz) -> bool:
    """What went out after the correction was right from the start."""
    return quiz.corrected_at is not None and post.posted_at is not None and post.posted_at < quiz.corrected_at


def _as_corrected(post: Post, quiz: Quiz, message: Message) -> Message:
    """It says so from then on in every edit: a message that begins with that line has to keep it."""
    return stories_blocks.corrected(words_of(post), message) if _corrected_since(post, quiz) else message


@dataclass(frozen=True, kw_only=True)
class Posts:
    pictures: Pictures
    new_id: NewId

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is None:
            return Skip(reason="gone")
        post, quiz = found
        audience = await channels.audience(session, post.workspace_id, post.channel_id)
        if quiz.is_withdrawn:
            return Skip(reason="recalled")
        if audience is None:
            return Skip(reason="removed")
        if why := await channels.why_not_now(session, post.workspace_id, post.channel_id):
            return Skip(reason=why)  # Pause and Remove also count for what was queued when they were pressed
        if why := await sight.may_stand(session, quiz, audience):
            return Skip(reason=why)
        now = await db_now(session)
        shot = await self.pictures.ready(session, owed, quiz.content, post.locale, now)
        if isinstance(shot, Later):
            return shot
        return blocks.asked(words_of(post), _asked(post, quiz, 0, shot))

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is not None:
            await service.sent(session, found[0], owed.ts, now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A picture that Slack cannot take is left out; a channel that takes nothing is paused; the rest is told."""
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is None:
            return
        post, quiz = found
        pictured = quiz.content.picture_url or quiz.content.picture_hash
        if error in PICTURE_REFUSED and not owed.ref.get("plain") and pictured:
            await saying.owe_plain(session, owed, now=now)
            return
        await service.not_sent(session, post, error)
        if error == "late":
            await service.too_late(session, post, now=now)
        elif classify(error) is Fault.PLACE:
            await channels.place_failed(session, post.workspace_id, post.channel_id, error, new_id=self.new_id, now=now)
        else:
            await channels.tell_trouble(session, post.workspace_id, post.channel_id, error, now=now)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """The question is free to be chosen again, and the channel's page says that this time got none."""
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is not None:
            await service.skipped(session, found[0], reason, now=now)


@dataclass(frozen=True, kw_only=True)
class Messages(Quiet):
    """The message as it is to look now: with its tally, shut, or with the answer."""

    pictures: Pictures
    limits: Limits

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is None:
            return Skip(reason="gone")
        post, quiz = found
        if quiz.is_withdrawn:
            return Skip(reason="recalled")
        must_not = quiz.result is not None or _corrected_since(post, quiz)
        if must_not and (why := await sight.must_not_name(session, post, quiz)):
            return Skip(reason=why) if quiz.result is None else _as_corrected(post, quiz, blocks.over(words_of(post)))
        shot = await self.pictures.shot(session, owed, quiz.content, post.locale)
        return _as_corrected(post, quiz, await self._message(session, owed, post, quiz, shot))

    async def _message(self, session: AsyncSession, owed: Owed, post: Post, quiz: Quiz, shot: Shot | None) -> Message:
        if quiz.result is not None:
            return blocks.answered(words_of(post), await self._answered(session, post, quiz, shot))
        looks = _asked(post, quiz, int(owed.ref["shown"]), shot)
        now = await db_now(session)
        return (blocks.shut if now >= post.closes_at else blocks.asked)(words_of(post), looks)

    async def _answered(self, session: AsyncSession, post: Post, quiz: Quiz, shot: Shot | None) -> Answered:
        if quiz.result is None:
            raise ValueError("not revealed")
        team = quiz.result.winner
        names = await service.team_names(session, post.workspace_id, [team]) if team else {}
        return Answered(
            post=post.id,
            content=quiz.content,
            order=rules.order_of(quiz.secret, quiz.content.size),
            result=quiz.result,
            winner=names.get(team or ""),
            shot=shot,
            scores=await service.scores_on(session, post.workspace_id, self.limits),
            more=await sight.about_the_customer(session, words_of(post), post, quiz),
        )

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A picture that Slack can no longer take must not keep the answer back."""
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is not None and error in PICTURE_REFUSED and not owed.ref.get("plain"):
            shown = int(owed.ref["shown"])
            await service.owe_message(session, found[0], shown=shown, rank=Rank.REVEAL, now=now, plain=True)


@dataclass(frozen=True, kw_only=True)
class Outs(Quiet):
    limits: Limits

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is None or found[1].result is None:
            return Skip(reason="gone")
        post, quiz = found
        why = await channels.why_not_now(session, post.workspace_id, post.channel_id)
        if why and owed.method == "post":
            return Skip(reason=why)
        if why := await sight.must_not_name(session, post, quiz):
            return Skip(reason=why)
        wording = quiz.content.wording(post.locale)
        answered = quiz.result.answered if quiz.result else 0
        scores = await service.scores_on(session, post.workspace_id, self.limits)
        said = blocks.out(words_of(post), wording.text, wording.options[quiz.content.right], answered, thread=scores)
        return stories_blocks.corrected(words_of(post), said) if owed.method == "update" else said


@dataclass(frozen=True, kw_only=True)
class Tables(Quiet):
    limits: Limits

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        """Who lets themselves be named is read now: what was owed before they stopped does not name them."""
        found = await service.get_post(session, owed.workspace_id, owed.ref["post"])
        if found is None:
            return Skip(reason="gone")
        post, quiz = found
        if quiz.is_withdrawn:
            return Skip(reason="recalled")
        if not await service.scores_on(session, post.workspace_id, self.limits):
            return Skip(reason="scores_off")
        why = await channels.why_not_now(session, post.workspace_id, post.channel_id)
        if why and owed.method == "post":
            return Skip(reason=why)
        table = await service.standings_at(session, post, quiz)
        return blocks.standings(words_of(post), table.standings, table.names, table.teams)


class Withdrawals(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Skip(reason="a delete shows nothing")


class QuestionPictures(Uploads):
    async def alt(self, session: AsyncSession, owed: Owed) -> str:
        return await bank.alt_of(session, owed.workspace_id, owed.ref["hash"])


@dataclass(frozen=True, kw_only=True)
class Tests(Quiet):
    """What would come next in a channel, sent to one person in the channel's language."""

    pictures: Pictures

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        audience = await channels.audience(session, ws, owed.ref["channel"])
        question = await bank.question(session, ws, owed.ref["question"])
        if audience is None or question is None:
            return Skip(reason="removed")
        if not await channels.may_see_next(session, ws, owed.ref["channel"], owed.target):
            return Skip(reason="rights")
        now, content = await db_now(session), rules.content_from(question.content)
        shot = await self.pictures.ready(session, owed, content, audience.locale, now)
        if isinstance(shot, Later):
            return shot
        words = words_of(audience)
        until = now + audience.quiz_window
        secret = rules.secret_of(question.secret, owed.ref["request"])
        shown = blocks.example(content, secret, audience.locale, until, shot)
        return blocks.test(words, shown, audience.name)


class NothingLeft(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        person = await members.get(session, owed.workspace_id, owed.ref["user"])
        channel = await channels.get(session, owed.workspace_id, owed.ref["channel"])
        if channel is None:
            return Skip(reason="removed")
        if not members.able(person, Action.SEE_NEXT_POSTS):
            return Skip(reason="rights")
        message: Message = blocks.nothing_left(words_of(person), channel_name=channel.name)
        return message


# -- Home -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class MyQuizRecord:
    """A `home.Section`: somebody's own record, and for admins the switch of all scores."""

    limits: Limits

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        scores = await service.scores_on(session, viewer.workspace_id, self.limits)
        shown: list[Block] = []
        ws, user = viewer.workspace_id, viewer.user_id
        if scores and await members.may(session, ws, user, Action.SEE_OWN_RECORD, own=True):
            now = await db_now(session)
            mine = await service.record_of(session, ws, user, zone=words.zone, now=now)
            mine = await sight.as_read_by(session, ws, mine, guest=viewer.guest)
            shown += answers.record(words, mine) if mine.answered or mine.named else []
        if viewer.may(Action.CHANGE_SETTINGS) and (
            scores is False or await service.any_quiz(session, viewer.workspace_id)
        ):
            shown += answers.setting(words, scores)
        return shown


@dataclass(frozen=True, kw_only=True)
class RecentQuizzes:
    """A `home.Section` for editors and admins: the newest quizzes, each with *Withdraw*, and for editors *Correct*."""

    most: int = 3

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        found = await service.withdrawable_by(session, viewer.workspace_id, viewer.user_id, limit=LATEST)
        places = await channels.some(session, viewer.workspace_id, {post.channel_id for post, _ in found})
        names = {one.channel_id: one.name for one in places}
        rounds: dict[str, list[tuple[Post, Quiz]]] = {}
        for post, quiz in found:
            rounds.setdefault(quiz.id, []).append((post, quiz))
        items = [
            Item(
                post=some[0][0].id,
                question=some[0][1].content.wording(words.locale).text,
                channels=[names.get(post.channel_id, "…") for post, _ in some],
                at=some[0][0].due_at,
                is_open=some[0][1].revealed_at is None,
            )
            for some in list(rounds.values())[: self.most]
        ]
        return answers.recent(words, items, correct=viewer.may(Action.EDIT_DRAFT)) if items else []
