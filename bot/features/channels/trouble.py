"""When a channel takes nothing any more, or a time got no post: who is told. Inside the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery.queue import enqueue
from bot.features.channels import occurrences, store
from bot.features.members import service as members

TROUBLE, MISSED = "channels.trouble", "channels.missed"


async def owners_of(session: AsyncSession, workspace_id: str, channel_id: str) -> list[str]:
    """Who is told about the channel: its owners, else whoever added it; where those have gone, every admin."""
    found = await store.channels(session, workspace_id, {channel_id}, removed=True)
    if found:
        for those in (found[0].owners, {found[0].added_by}):
            known = await members.people(session, workspace_id, those)
            here = sorted(user for user, person in known.items() if could_own(person))
            if here:
                return here
    return [person.user_id for person in await members.with_role(session, workspace_id, members.ADMIN)]


def could_own(person: members.Person) -> bool:
    """Guests cannot own a channel, though they did before they became one."""
    return members.able(person, members.Action.CHANGE_SLOT, owns_channel=True)


async def place_failed(
    session: AsyncSession, workspace_id: str, channel_id: str, error: str, *, new_id: NewId, now: datetime
) -> bool:
    """The channel takes nothing any more (archived, left, deleted, read-only): it is paused and its owner told, once.
    Call it from a renderer's `on_failed` with Slack's code; False where it was paused already."""
    if not await store.pause_if_active(session, workspace_id, channel_id, error[:200]):
        return False
    await members.audit(
        session,
        new_id=new_id,
        now=now,
        ws=workspace_id,
        actor="slack",
        action="channel.trouble",
        subject=channel_id,
        detail={"error": error[:100]},
    )
    await tell_trouble(session, workspace_id, channel_id, error, now=now)
    return True


async def tell_trouble(session: AsyncSession, workspace_id: str, channel_id: str, error: str, *, now: datetime) -> None:
    """Owe the channel's owner a message about `error`."""
    for owner in await owners_of(session, workspace_id, channel_id):
        await enqueue(
            session,
            now=now,
            workspace_id=workspace_id,
            kind=TROUBLE,
            key=f"{TROUBLE}:{channel_id}:{owner}:{int(now.timestamp())}",
            method="post",
            target=owner,
            ref={"channel": channel_id, "error": error[:100]},
        )


async def came_too_late(
    session: AsyncSession, workspace_id: str, channel_id: str, kind: str, due_at: datetime, *, now: datetime
) -> None:
    """A post was owed in time and could not be sent in time: left out, and told like every other miss."""
    await occurrences.left_out(session, workspace_id, channel_id, kind, due_at, reason="late", now=now)
    await tell_missed(session, workspace_id, channel_id, now=now)


async def left_out(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    kind: str,
    due_at: datetime,
    *,
    reason: str,
    now: datetime,
) -> None:
    """What was owed for that time is not posted after all; `reason` is a code, shown like every other miss."""
    await occurrences.left_out(session, workspace_id, channel_id, kind, due_at, reason=reason, now=now)


async def tell_missed(session: AsyncSession, workspace_id: str, channel_id: str, *, now: datetime) -> None:
    """Owe the owner one message a day. `channel_id` is any channel of theirs: the message lists them all."""
    for owner in await owners_of(session, workspace_id, channel_id):
        await enqueue(
            session,
            now=now,
            workspace_id=workspace_id,
            kind=MISSED,
            key=f"{MISSED}:{owner}:{now.date().isoformat()}",
            method="post",
            target=owner,
            ref={"day": now.date().isoformat()},
        )
