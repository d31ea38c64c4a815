"""Choosing, owing, recalling: what happens to stories and news. Everything inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.delivery import queue
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience, Due
from bot.features.stories import rules, store, telling
from bot.features.stories.index import Index
from bot.features.stories.recalling import (
    POST,
    RECALL,
    TEST,
    audit_refusal,
    concerns,
    find_post,
    may_recall,
    recall,
    recall_story,
    recallable_by,
)
from bot.features.stories.rules import (
    NEWS,
    STORY,
    USUAL,
    Choice,
    Limits,
    Post,
    Product,
    Shot,
    Shown,
    Story,
    Why,
    Wording,
)
from bot.features.stories.showing import Opened, Sight, latest_for, open_story, place_of, shot, sight, why
from bot.features.stories.telling import FAILED, NOTHING_LEFT, keepers

PICTURE = "stories.picture"
NOTHING = "nothing_left"
PICTURE_WAIT = timedelta(seconds=60)
ON_ITS_WAY = frozenset({"pending", "claimed", "sending", "unresolved"})

__all__ = [
    "FAILED",
    "NEWS",
    "NOTHING_LEFT",
    "POST",
    "RECALL",
    "STORY",
    "TEST",
    "Index",
    "Opened",
    "Post",
    "Product",
    "Shot",
    "Sight",
    "Story",
    "Why",
    "Wording",
    "audit_refusal",
    "concerns",
    "find_post",
    "keepers",
    "latest_for",
    "may_recall",
    "open_story",
    "recall",
    "recall_story",
    "recallable_by",
    "shot",
    "sight",
    "why",
]


# -- choosing ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Coming:
    """What a due time would get; `story` and `why` None where nothing is left for it."""

    due_at: datetime
    story: Story | None = None
    why: Why | None = None


async def preview(
    session: AsyncSession,
    audience: Audience,
    kind: str,
    dues: Sequence[Due],
    *,
    now: datetime,
    index: Index,
    limits: Limits = USUAL,
) -> list[Coming]:
    """For each of `dues`, in order, as if the ones before had been posted."""
    place, ws = place_of(audience), audience.workspace_id
    library = await index.candidates(session, ws, kind)
    shown = await store.shown(session, ws, audience.channel_id, now=now)
    chosen: list[tuple[Due, Choice | None]] = []
    for due in dues:
        choice = rules.choose(place, kind=kind, due_at=due.due_at, stories=library, shown=shown, limits=limits)
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


async def left(
    session: AsyncSession, audience: Audience, kind: str, *, now: datetime, index: Index, limits: Limits = USUAL
) -> int:
    """How many items the channel could still get from now on."""
    library = await index.candidates(session, audience.workspace_id, kind)
    shown = await store.shown(session, audience.workspace_id, audience.channel_id, now=now)
    return len(rules.still_open(place_of(audience), kind=kind, due_at=now, stories=library, shown=shown, limits=limits))


# -- owing ------------------------------------------------------------------------------------------------------------


async def fill(
    session: AsyncSession,
    audience: Audience,
    due: Due,
    *,
    late_after: datetime,
    served: bool,
    now: datetime,
    index: Index,
    limits: Limits = USUAL,
) -> str | None:
    """Choose for the occurrence and owe the post; None, or `nothing_left`, of which the editors are told.

    `served`: our own pictures have a public address, so that none needs to be uploaded."""
    ws, channel_id = audience.workspace_id, audience.channel_id
    await store.lock_channel(session, ws, channel_id)
    choice = rules.choose(
        place_of(audience),
        kind=due.kind,
        due_at=due.due_at,
        stories=await index.candidates(session, ws, due.kind),
        shown=await store.shown(session, ws, channel_id, now=now),
        limits=limits,
    )
    story = await store.story(session, ws, choice.story_id) if choice else None
    if choice is None or story is None:
        await telling.nothing_left(session, audience, due.kind, now=now)
        return NOTHING
    await owe_post(session, audience, due, choice, story, late_after=late_after, served=served, now=now)
    return None


async def owe_post(
    session: AsyncSession,
    audience: Audience,
    due: Due,
    choice: Choice,
    story: Story,
    *,
    late_after: datetime,
    served: bool,
    now: datetime,
) -> None:
    """The chosen story, in that channel, at that time; nothing where the occurrence has its post already."""
    post = await _add_post(session, audience, due, choice)
    if post is None:
        return
    ref: dict[str, Any] = {"post": post, "wait_until": (max(now, due.due_at) + PICTURE_WAIT).isoformat()}
    ref["picture"] = None if served else await owe_picture(session, audience.workspace_id, story, now=now)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=audience.workspace_id,
        kind=POST,
        key=f"{POST}:{post}",
        method="post",
        target=audience.channel_id,
        ref=ref,
        due=due.due_at,  # also when it is past: after a restore, what was wanted in the gap is looked up first
        late_after=late_after,
    )


def post_id_of(occurrence_id: str) -> str:
    """Made from the occurrence: after a restore from a backup the same post is owed under the same key, and is
    recognised in history instead of being made twice."""
    return sha256(f"post {occurrence_id}".encode()).hexdigest()[:24]


async def _add_post(session: AsyncSession, audience: Audience, due: Due, choice: Choice) -> str | None:
    post_id = post_id_of(due.occurrence_id)
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


async def owe_picture(session: AsyncSession, ws: str, story: Story, *, now: datetime) -> str | None:
    """Owe the upload of the story's own picture where Slack does not have it yet; the key to look for. One that failed
    is tried again with the posts of another day."""
    digest = story.picture_hash
    if digest is None or story.picture_url or await kept_pictures.slack_file(session, ws, digest):
        return None
    key = f"{PICTURE}:{digest}:{now:%Y%m%d}"
    await queue.owe_upload(
        session, now=now, workspace_id=ws, kind=PICTURE, key=key, ref={"hash": digest, "story": story.id}
    )
    return key


async def owe_test(
    session: AsyncSession,
    audience: Audience,
    kind: str,
    *,
    to_user: str,
    request: str,
    served: bool,
    now: datetime,
    index: Index,
    limits: Limits = USUAL,
) -> bool:
    """Owe the person a DM with what would come next in that channel; False where nothing is left."""
    due = Due(occurrence_id="", kind=kind, due_at=now)
    coming = (await preview(session, audience, kind, [due], now=now, index=index, limits=limits))[0]
    if coming.story is None:
        return False
    ws = audience.workspace_id
    choice = rules.choose(
        place_of(audience),
        kind=kind,
        due_at=now,
        stories=await index.candidates(session, ws, kind),
        shown=await store.shown(session, ws, audience.channel_id, now=now),
        limits=limits,
    )
    ref: dict[str, Any] = {"story": coming.story.id, "user": to_user, "channel": audience.channel_id}
    ref["reason"] = choice.reason.stored() if choice else {}
    ref["wait_until"] = (now + PICTURE_WAIT).isoformat()
    ref["picture"] = None if served else await owe_picture(session, ws, coming.story, now=now)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=TEST,
        key=f"{TEST}:{coming.story.id}:{sha256(request.encode()).hexdigest()[:32]}",
        method="post",
        target=to_user,
        ref=ref,
    )
    return True


async def picture(session: AsyncSession, digest: str) -> tuple[str, bytes] | None:
    """Mimetype and bytes of an imported picture, for `/media/<hash>`."""
    return await store.picture(session, digest)


async def count_open(session: AsyncSession, post: Post, now: datetime) -> None:
    """One more reading in the channel this week; by whom is not kept."""
    await channels.count(session, post.workspace_id, post.channel_id, "open", now)


async def count_post(session: AsyncSession, post: Post, now: datetime) -> None:
    """One more post that stands in the channel this week."""
    await channels.count(session, post.workspace_id, post.channel_id, "post", now)


# -- what Slack said --------------------------------------------------------------------------------------------------


async def channel_of_post(session: AsyncSession, ws: str, post_id: str) -> str | None:
    post = await get_post(session, ws, post_id)
    return post.channel_id if post is not None else None


async def get_post(session: AsyncSession, ws: str, post_id: str) -> Post | None:
    return await store.post(session, ws, post_id)


async def first_place(session: AsyncSession, ws: str, story_id: str) -> str | None:
    """The channel in which the story was posted first and still stands."""
    standing = [post for post in await store.posts_of(session, ws, story_id) if post.posted_at and not post.recalled]
    return standing[0].channel_id if standing else None


async def standing_in(session: AsyncSession, ws: str, story_id: str) -> int:
    """In how many channels the story stands or is about to."""
    posts = await store.posts_of(session, ws, story_id)
    return len([post for post in posts if not post.recalled and post.outcome in {None, "sent", "uncertain"}])


async def get_story(session: AsyncSession, ws: str, story_id: str) -> Story | None:
    return await store.story(session, ws, story_id)


async def sent(session: AsyncSession, post: Post, ts: str | None, *, now: datetime) -> None:
    await store.change_post(session, post.workspace_id, post.id, ts=ts, posted_at=now, outcome="sent")


async def not_sent(session: AsyncSession, post: Post, error: str) -> None:
    """`uncertain`, or why it was never made: the story is then free to be chosen again."""
    await store.change_post(session, post.workspace_id, post.id, outcome=error[:64])


async def skipped(session: AsyncSession, post: Post, reason: str, *, now: datetime) -> None:
    """Not sent after all, because of what changed since it was chosen."""
    await not_sent(session, post, reason)
    story = await store.story(session, post.workspace_id, post.story_id)
    if story is not None:
        place = (post.workspace_id, post.channel_id)
        await channels.left_out(session, *place, story.kind, post.due_at, reason=reason, now=now)


async def tell_failed(session: AsyncSession, post: Post, error: str, *, now: datetime) -> None:
    await telling.failed(session, post, error, now=now)


async def tell_late(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """After hours without Slack many posts are late at once: whoever looks after the channel hears of all in one."""
    story = await store.story(session, post.workspace_id, post.story_id)
    if story is not None:
        await channels.came_too_late(session, post.workspace_id, post.channel_id, story.kind, post.due_at, now=now)
