"""A post that editors set down for a time of their own, outside the weekly slots."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.features.channels import occurrences, store
from bot.features.channels.seams import Due
from bot.features.members import service as members


async def plan(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    kind: str,
    due_at: datetime,
    *,
    request: str,
    by: str,
    about: str | None = None,
    new_id: NewId,
    now: datetime,
) -> Due | None:
    """The occurrence to owe a post for; None where `request` has had its own already, or the channel is not
    configured. Whether the channel takes posts is asked again at send. `about`: the customer, unless that is a
    secret."""
    found = await store.channels(session, workspace_id, {channel_id})
    if not found:
        return None
    the_id = new_id()
    values = {
        "id": the_id,
        "workspace_id": workspace_id,
        "slot_id": None,
        "channel_id": channel_id,
        "kind": kind,
        "due_at": due_at,
        "local_day": local_day(due_at, found[0].zone),
        "state": "filled",
        "reason": None,
        "decided_at": now,
        "request": request[:128],
    }
    if not await occurrences.new_request(session, values):
        return None
    await members.audit(
        session,
        new_id=new_id,
        now=now,
        ws=workspace_id,
        actor=by,
        action="channel.plan",
        subject=channel_id,
        detail={"kind": kind, "at": due_at.isoformat()},
        about=[about],
    )
    return Due(occurrence_id=the_id, kind=kind, due_at=due_at)
