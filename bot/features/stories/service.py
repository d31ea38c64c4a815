"""Choosing, owing, recalling: what happens to stories and news. Everything inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.delivery import queue
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience, Due
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.stories import rules, store
from bot.features.stories.rules import Choice, Place, Post, Shot, Shown, Story, Why

POST, TEST, PICTURE, RECALL = "stories.post", "stories.test", "stories.picture", "stories.recall"
NOTHING_LEFT, FAILED = "stories.nothing_left", "stories.failed"
NOTHING = "nothing_left"
PICTURE_WAIT = timedelta(seconds=60)
ON_ITS_WAY = frozenset({"pending", "claimed", "sending", "unresolved"})

__all__ = ["Choice", "Place", "Post", "Shot", "Story", "Why"]


def place_of(audience: Audience) -> Place:
    return Place(
        workspace_id=audience.workspace_id,
        channel_id=audience.channel_id,
        zone=audience.zone,
        locale=audience.locale,
        team_ids=audience.team_ids,
        public_only=audience.public_only,
        outsiders=audience.outsiders,
    )


# -- choosing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Coming:
    """What a due time would get; `story` and `why` None where nothing is left for it."""

    due_at: datetime
    story: Story | None = None
    why: Why | None = None


async def preview(
    session: AsyncSession, audience: Audience, kind: str, dues: Sequence[Due], *, now: datetime
) -> list[Coming]:
    """For each of `dues`, in order, as if the ones before had been posted."""
    place, ws = place_of(audience), audience.workspace_id
    library = await store.candidates(session, ws, kind)
    shown = await store.shown(session, ws, audience.channel_id, now=now)
    chosen: list[tuple[Due, Choice | None]] = []
    for due in dues:
        choice = rules.choose(place, kind=kind, due_at=due.due_at, stories=library, shown=shown)
        chosen.append((due, choice))
        if choice is not None:
            shown.append(Shown(story_id=choice.story_id, customer_id=choice.customer_id, at=due.due_at))
    found = await store.stories_by_id(session, ws, {choice.story_id for _, choice in chosen if choice})
    return [
        await _coming(session, ws, due, choice, found.get(choice.story_id) if choice else None)
        for due, choice in chosen
    ]


async def _coming(session: AsyncSession, ws: str, due: Due, choice: Choice | None, story: Story | None) -> Coming:
    if choice is None or story is None:
        return Coming(due_at=due.due_at)
    return Coming(due_at=due.due_at, story=story, why=await why(session, ws, choice.reason.stored(), story))


async def left(session: AsyncSession, audience: Audience, kind: str, *, now: datetime) -> int:
    """How many items the channel could still get from now on."""
    library = await store.candidates(session, audience.workspace_id, kind)
    shown = await store.shown(session, audience.workspace_id, audience.channel_id, now=now)
    return len(rules.still_open(place_of(audience), kind=kind, due_at=now, stories=library, shown=shown))


async def why(session: AsyncSession, ws: str, reason: dict[str, str], story: Story) -> Why:
    """The recorded reason with today's names."""
    product_id = reason.get("product", "")
    products = await customers.products(session, ws, [product_id]) if product_id else {}
    names = {team.id: team.name for team in await customers.teams(session, ws)} if "team" in reason else {}
    team, product = names.get(reason.get("team", "")), products.get(product_id)
    code = reason.get("code", "in_turn")
    if code in {"team_makes_product", "customer_of_team"} and (team is None or product is None):
        code = "in_turn"
    return Why(code=code, team=team, product=product.name if product else None, customer=story.customer)


# -- owing ------------------------------------------------------------------------------------------------------------


async def fill(
    session: AsyncSession,
    audience: Audience,
    due: Due,
    *,
    late_after: datetime,
    served: bool,
    now: datetime,
    new_id: NewId,
) -> str | None:
    """Choose for the occurrence and owe the post; None, or `nothing_left`, of which the editors are told.

    `served`: our own pictures have a public address, so that none needs to be uploaded."""
    ws, channel_id = audience.workspace_id, audience.channel_id
    await store.lock_channel(session, ws, channel_id)
    choice = rules.choose(
        place_of(audience),
        kind=due.kind,
        due_at=due.due_at,
        stories=await store.candidates(session, ws, due.kind),
        shown=await store.shown(session, ws, channel_id, now=now),
    )
    story = await store.story(session, ws, choice.story_id) if choice else None
    if choice is None or story is None:
        await _tell_nothing_left(session, audience, due.kind, now=now, new_id=new_id)
        return NOTHING
    post = await _add_post(session, audience, due, choice, new_id)
    if post is not None:
        ref: dict[str, Any] = {"post": post, "wait_until": (now + PICTURE_WAIT).isoformat()}
        ref["picture"] = None if served else await owe_picture(session, ws, story, now=now, new_id=new_id)
        await queue.enqueue(
            session,
            new_id=new_id,
            now=now,
            workspace_id=ws,
            kind=POST,
            key=f"{POST}:{post}",
            method="post",
            target=channel_id,
            ref=ref,
            due=max(due.due_at, now),
            late_after=late_after,
        )
    return None


async def _add_post(session: AsyncSession, audience: Audience, due: Due, choice: Choice, new_id: NewId) -> str | None:
    post_id = new_id()
    values = {
        "id": post_id,
        "workspace_id": audience.workspace_id,
        "occurrence_id": due.occurrence_id,
        "channel_id": audience.channel_id,
        "story_id": choice.story_id,
        "customer_id": choice.customer_id,
        "reason": choice.reason.stored(),
        "due_at": due.due_at,
        "ts": None,
        "posted_at": None,
        "outcome": None,
        "recalled_at": None,
        "recalled_by": None,
    }
    return post_id if await store.add_post(session, values) else None


async def owe_picture(session: AsyncSession, ws: str, story: Story, *, now: datetime, new_id: NewId) -> str | None:
    """Owe the upload of the story's own picture where Slack does not have it yet; the key to look for. One that failed
    is tried again with the posts of another day."""
    digest = story.picture_hash
    if digest is None or story.picture_url or await store.slack_file(session, ws, digest):
        return None
    key = f"{PICTURE}:{digest}:{now:%Y%m%d}"
    if await queue.find(session, workspace_id=ws, key=key) is None:
        await queue.enqueue(
            session,
            new_id=new_id,
            now=now,
            workspace_id=ws,
            kind=PICTURE,
            key=key,
            method="upload",
            target="",
            ref={"hash": digest, "story": story.id},
        )
    return key


async def test_post(
    session: AsyncSession,
    audience: Audience,
    kind: str,
    *,
    to_user: str,
    request: str,
    served: bool,
    now: datetime,
    new_id: NewId,
) -> bool:
    """Owe the person a DM with what would come next in that channel; False where nothing is left."""
    due = Due(occurrence_id="", kind=kind, due_at=now)
    coming = (await preview(session, audience, kind, [due], now=now))[0]
    if coming.story is None:
        return False
    ws = audience.workspace_id
    choice = rules.choose(
        place_of(audience),
        kind=kind,
        due_at=now,
        stories=await store.candidates(session, ws, kind),
        shown=await store.shown(session, ws, audience.channel_id, now=now),
    )
    ref: dict[str, Any] = {"story": coming.story.id, "user": to_user, "channel": audience.channel_id}
    ref["reason"] = choice.reason.stored() if choice else {}
    ref["wait_until"] = (now + PICTURE_WAIT).isoformat()
    ref["picture"] = None if served else await owe_picture(session, ws, coming.story, now=now, new_id=new_id)
    await queue.enqueue(
        session,
        new_id=new_id,
        now=now,
        workspace_id=ws,
        kind=TEST,
        key=f"{TEST}:{coming.story.id}:{sha256(request.encode()).hexdigest()[:32]}",
        method="post",
        target=to_user,
        ref=ref,
    )
    return True


# -- telling ----------------------------------------------------------------------------------------------------------


async def _tell_nothing_left(
    session: AsyncSession, audience: Audience, kind: str, *, now: datetime, new_id: NewId
) -> None:
    """Once a week for each channel and kind."""
    year, week, _ = now.isocalendar()
    for person in await keepers(session, audience.workspace_id):
        await _owe_person(
            session,
            person,
            kind=NOTHING_LEFT,
            key=f"{NOTHING_LEFT}:{audience.channel_id}:{kind}:{person.user_id}:{year}-{week:02}",
            ref={"user": person.user_id, "channel": audience.channel_id, "kind": kind},
            now=now,
            new_id=new_id,
        )


async def keepers(session: AsyncSession, ws: str) -> list[Person]:
    """Who keeps the library: the editors, else the admins."""
    return await members.with_role(session, ws, members.EDITOR) or await members.with_role(session, ws, members.ADMIN)


async def tell_failed(session: AsyncSession, post: Post, error: str, *, now: datetime, new_id: NewId) -> None:
    for person in await keepers(session, post.workspace_id):
        await _owe_person(
            session,
            person,
            kind=FAILED,
            key=f"{FAILED}:{post.id}:{person.user_id}",
            ref={"user": person.user_id, "post": post.id, "error": error[:64]},
            now=now,
            new_id=new_id,
        )


async def _owe_person(
    session: AsyncSession, person: Person, *, kind: str, key: str, ref: dict[str, Any], now: datetime, new_id: NewId
) -> None:
    if await queue.find(session, workspace_id=person.workspace_id, key=key) is not None:
        return
    await queue.enqueue(
        session,
        new_id=new_id,
        now=now,
        workspace_id=person.workspace_id,
        kind=kind,
        key=key,
        method="post",
        target=person.user_id,
        ref=ref,
        due=members.next_waking(person, now),
    )


# -- recalling --------------------------------------------------------------------------------------------------------


async def find_post(session: AsyncSession, ws: str, text: str) -> Post | None:
    """By its id, a Slack permalink, or `channel:ts`."""
    reference = rules.read_reference(text)
    if reference is None:
        return None
    if reference.post_id:
        return await store.post(session, ws, reference.post_id)
    return await store.post_at(session, ws, reference.channel_id, reference.ts)


async def may_recall(session: AsyncSession, ws: str, post: Post, user: str) -> bool:
    manager = await customers.account_manager_of(session, ws, post.customer_id) if post.customer_id else None
    owners = await channels.owners_of(session, ws, post.channel_id)
    return await members.may(
        session,
        ws,
        user,
        Action.RECALL,
        manages_customer=manager is not None and manager.user_id == user,
        owns_channel=user in owners,
    )


async def recall(session: AsyncSession, ws: str, post: Post, *, by: str, now: datetime, new_id: NewId) -> int:
    """Take the post's story back from everywhere it went; how many places had it or were about to. The caller has
    checked the right. The story comes back only with a changed file."""
    return await recall_story(session, ws, post.story_id, by=by, now=now, new_id=new_id)


async def recall_story(session: AsyncSession, ws: str, story_id: str, *, by: str, now: datetime, new_id: NewId) -> int:
    posts = [post for post in await store.posts_of(session, ws, story_id) if not post.recalled]
    first = await store.withdraw(session, ws, story_id, now=now)
    await store.recall_posts(session, ws, story_id, by=by[:32], now=now)
    keys = [key for post in posts for key in (f"{POST}:{post.id}", f"{POST}:{post.id}:plain")]
    for key in [*keys, *await store.test_keys(session, ws, TEST, story_id)]:
        await _take_back(session, ws, key, now=now, new_id=new_id)
    if posts or first:
        detail = {"story": story_id, "posts": [post.id for post in posts][:100]}
        await members.audit(
            session, new_id=new_id, now=now, ws=ws, actor=by, action="story.recall", subject=story_id, detail=detail
        )
    return len(posts)


async def _take_back(session: AsyncSession, ws: str, key: str, *, now: datetime, new_id: NewId) -> None:
    """Drop what is not on its way yet; what is, or has gone out, is deleted as soon as its place is known."""
    owed = await queue.find(session, workspace_id=ws, key=key)
    if owed is None or owed.state in {"failed", "skipped"}:
        return
    if await queue.cancel(session, workspace_id=ws, key=key, reason="recalled"):
        return
    await queue.enqueue(
        session,
        new_id=new_id,
        now=now,
        workspace_id=ws,
        kind=RECALL,
        key=f"{RECALL}:{owed.id}",
        method="delete",
        target=owed.channel or owed.target,
        ref={},
        under=owed.id,
    )


# -- showing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a renderer needs for one story in one place. `refused`: the code why it must not be shown there."""

    story: Story
    why: Why | None = None
    refused: str | None = None


async def sight(
    session: AsyncSession, audience: Audience, story_id: str, reason: dict[str, str], *, now: datetime
) -> Sight | None:
    story = await store.story(session, audience.workspace_id, story_id)
    if story is None:
        return None
    refused = rules.why_not(story.candidate(), place_of(audience), local_day(now, audience.zone))
    return Sight(story=story, why=await why(session, audience.workspace_id, reason, story), refused=refused)


async def shot(session: AsyncSession, ws: str, story: Story, public_url: str) -> Shot | None:
    """Where Slack can find the story's picture now."""
    if story.picture_url:
        return Shot(url=story.picture_url)
    if story.picture_hash is None:
        return None
    if public_url:
        return Shot(url=f"{public_url.rstrip('/')}/media/{story.picture_hash}")
    file_id = await store.slack_file(session, ws, story.picture_hash)
    return Shot(file=file_id) if file_id else None


async def picture(session: AsyncSession, digest: str, ws: str | None = None) -> tuple[str, bytes] | None:
    """Mimetype and bytes of an imported picture, for `/media/<hash>`."""
    return await store.picture(session, digest, ws)


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A story to read, or the code why not: not_found, outsiders, recalled, expired, consent, not_nameable."""

    story: Story | None = None
    shot: Shot | None = None
    post: Post | None = None
    refused: str | None = None


async def open_story(
    session: AsyncSession, ws: str, reader: Person, value: str, *, outsider: bool, public_url: str, now: datetime
) -> Opened:
    """`value` as *Read the whole story* carries it: a post's id, or `story:<id>` where there is no post."""
    if outsider or not reader.is_person:
        return Opened(refused="outsiders")
    post = None if value.startswith("story:") else await store.post(session, ws, value)
    story_id = value.removeprefix("story:") if value.startswith("story:") else post.story_id if post else ""
    story = await store.story(session, ws, story_id)
    if story is None:
        return Opened(refused="not_found")
    refused = "recalled" if post and post.recalled else await _why_not_read(session, story, reader, post, now=now)
    if refused:
        return Opened(refused=refused, post=post)
    return Opened(story=story, post=post, shot=await shot(session, ws, story, public_url))


async def _why_not_read(
    session: AsyncSession, story: Story, reader: Person, post: Post | None, *, now: datetime
) -> str | None:
    """A guest reads what has public consent, or what was posted where an admin lets guests see more."""
    allowed = False
    if reader.is_guest and post is not None:
        channel = await channels.get(session, post.workspace_id, post.channel_id)
        allowed = channel is not None and channel.guests_see_internal
    place = Place(
        workspace_id=reader.workspace_id,
        channel_id="",
        zone=reader.zone,
        locale=reader.locale,
        public_only=reader.is_guest and not allowed,
    )
    return rules.why_not(story.candidate(), place, local_day(now, reader.zone))


async def count_open(session: AsyncSession, post: Post, now: datetime) -> None:
    """One more reading in the channel this week; by whom is not kept."""
    await channels.count(session, post.workspace_id, post.channel_id, "open", now)


async def latest_for(
    session: AsyncSession, ws: str, user: str, *, limit: int, now: datetime
) -> list[tuple[Post, Story]]:
    """The newest posts of the person's channels that they may read."""
    reader = await members.get(session, ws, user)
    mine = [channel.channel_id for channel in await channels.my_channels(session, ws, user)]
    if not mine or not reader.is_person:
        return []
    posts = await store.latest_posts(session, ws, limit=limit * 4, channel_ids=mine)
    return await _readable(session, ws, posts, reader, limit=limit, now=now)


async def _readable(
    session: AsyncSession, ws: str, posts: Sequence[Post], reader: Person, *, limit: int, now: datetime
) -> list[tuple[Post, Story]]:
    found = await store.stories_by_id(session, ws, {post.story_id for post in posts})
    seen: set[str] = set()
    readable: list[tuple[Post, Story]] = []
    for post in posts:
        story = found.get(post.story_id)
        if story is None or story.id in seen or await _why_not_read(session, story, reader, post, now=now):
            continue
        seen.add(story.id)
        readable.append((post, story))
    return readable[:limit]


async def recallable_by(session: AsyncSession, ws: str, user: str, *, limit: int) -> list[tuple[Post, Story]]:
    """The newest posts that this person may recall: all for editors and admins, else of their own customers."""
    whose: list[str] | None = None
    if not await members.may(session, ws, user, Action.RECALL):
        whose = [card.id for card in await customers.customers_of_manager(session, ws, user)]
        if not whose or not await members.may(session, ws, user, Action.RECALL, manages_customer=True):
            return []
    posts = await store.latest_posts(session, ws, limit=limit, customer_ids=whose)
    found = await store.stories_by_id(session, ws, {post.story_id for post in posts})
    return [(post, found[post.story_id]) for post in posts if post.story_id in found]


# -- what Slack said --------------------------------------------------------------------------------------------------


async def get_post(session: AsyncSession, ws: str, post_id: str) -> Post | None:
    return await store.post(session, ws, post_id)


async def get_story(session: AsyncSession, ws: str, story_id: str) -> Story | None:
    return await store.story(session, ws, story_id)


async def sent(session: AsyncSession, post: Post, ts: str | None, *, now: datetime) -> None:
    await store.change_post(session, post.workspace_id, post.id, ts=ts, posted_at=now, outcome="sent")


async def not_sent(session: AsyncSession, post: Post, error: str) -> None:
    await store.change_post(session, post.workspace_id, post.id, outcome=error[:64])


async def uploaded(session: AsyncSession, ws: str, digest: str, file_id: str) -> None:
    await store.set_slack_file(session, ws, digest, file_id)


async def owe_plain(session: AsyncSession, owed: queue.Owed, *, now: datetime, new_id: NewId) -> None:
    """The post again, without the picture that Slack would not take."""
    await queue.enqueue(
        session,
        new_id=new_id,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owed.kind,
        key=f"{owed.key}:plain",
        method="post",
        target=owed.target,
        ref={**owed.ref, "plain": True},
    )
