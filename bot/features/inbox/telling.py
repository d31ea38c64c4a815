"""Who hears of drafts: the editors of new ones, authors of what became of theirs. In the caller's transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import local_day
from bot.delivery import queue
from bot.features.home import service as home
from bot.features.inbox import store
from bot.features.inbox.rules import Draft
from bot.features.inbox.seams import Plan
from bot.features.members import service as members
from bot.features.stories.service import Post

NEW, VERDICT, POSTED = "inbox.new", "inbox.verdict", "inbox.posted"
DAY = timedelta(days=1)
DAYS_AHEAD = 3


async def offered(session: AsyncSession, draft: Draft, *, now: datetime) -> None:
    """The editors hear of it at most once a day, each in their own waking hours; Home shows it at once."""
    ws = draft.workspace_id
    for person in await members.with_role(session, ws, members.EDITOR):
        if person.user_id != draft.author:
            await _tell_editor(session, ws, person.user_id, person.zone, now=now)
    await refresh_homes(session, ws, {draft.author}, now=now)


async def _tell_editor(session: AsyncSession, ws: str, user: str, zone: str, *, now: datetime) -> None:
    """Where one is on its way it tells of this as well; where today's has gone out, tomorrow's does."""
    if await store.is_owed(session, ws, NEW, user):
        return
    for ahead in range(DAYS_AHEAD):
        when = await members.when_to_write(session, ws, user, now=now + ahead * DAY)
        if when is None:
            return
        key = f"{NEW}:{user}:{local_day(when, zone).isoformat()}"
        found = await queue.find(session, workspace_id=ws, key=key)
        if found is None:
            await queue.enqueue(
                session,
                now=now,
                workspace_id=ws,
                kind=NEW,
                key=key,
                method="post",
                target=user,
                ref={"user": user},
                due=when,
            )
            return


async def verdict(session: AsyncSession, draft: Draft, plan: Plan, *, by: str, now: datetime) -> None:
    """To its author, unless they decided it themselves: an answer to what they offered, so it takes nobody's turn."""
    if draft.author == by:
        return
    author = await members.get(session, draft.workspace_id, draft.author)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=draft.workspace_id,
        kind=VERDICT,
        key=verdict_key(draft.id),
        method="post",
        target=draft.author,
        ref={"draft": draft.id, "at": plan.at.isoformat() if plan.at and plan.channel_ids else None},
        due=members.next_waking(author, now),
    )


def verdict_key(draft_id: str) -> str:
    return f"draft:{draft_id}:verdict"


async def posted(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """A `stories.Posted`."""
    await came_to_stand(session, post.workspace_id, post.story_id, {"post": post.id}, now=now)


async def came_to_stand(
    session: AsyncSession, ws: str, published: str, place: Mapping[str, str], *, now: datetime
) -> None:
    """The author of what was published hears, below what they were told before, where it came to stand first. `place`:
    a story's `post`, or a `channel`."""
    draft = await store.of_published(session, ws, published)
    if draft is None:
        return
    await refresh_homes(session, ws, {draft.author}, now=now)
    before = await queue.find(session, workspace_id=ws, key=verdict_key(draft.id))
    key = posted_key(draft.id)
    if await queue.find(session, workspace_id=ws, key=key) is not None:
        return
    author = await members.get(session, ws, draft.author)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=POSTED,
        key=key,
        method="post",
        target=draft.author,
        ref={"draft": draft.id, **place},
        under=before.id if before is not None and before.state not in {"failed", "skipped"} else None,
        due=members.next_waking(author, now),
    )


def posted_key(draft_id: str) -> str:
    return f"draft:{draft_id}:posted"


async def came_back(session: AsyncSession, ws: str, published: str) -> None:
    """It was withdrawn: whoever has not heard yet where it stood does not."""
    draft = await store.of_published(session, ws, published)
    if draft is not None:
        await queue.cancel(session, workspace_id=ws, key=posted_key(draft.id), reason="recalled")


async def refresh_homes(session: AsyncSession, ws: str, users: Collection[str], *, now: datetime) -> None:
    """These people's and every editor's."""
    editors = {person.user_id for person in await members.with_role(session, ws, members.EDITOR)}
    await home.owe_if_open_today(session, now=now, ws=ws, users=editors | set(users))
