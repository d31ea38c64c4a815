"""An occurrence is made and filled, or recorded with the code why it gets no post. In the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.features.channels import occurrences, service
from bot.features.channels.occurrences import Ticking
from bot.features.channels.rules import MISSES, occurrence_id, why_not
from bot.features.channels.seams import Due
from bot.features.channels.service import Kinds

UNKNOWN_KIND = "unknown_kind"


async def fill_slot(
    session: AsyncSession, kinds: Kinds, due: Ticking, due_at: datetime, *, now: datetime
) -> str | None:
    """Make the occurrence and let its kind fill it: None where a post is owed now, else the code why not (`taken`:
    another process has done it). What `ticking` said is read again here: a stop pressed a moment ago counts."""
    the_id = occurrence_id(due.slot_id, due_at)
    values = occurrence_values(due, due_at, state="filled", reason=None, now=now)
    if not await occurrences.new_occurrence(session, values):
        return "taken"
    return await _fill(
        session,
        kinds,
        (due.workspace_id, due.channel_id),
        Due(occurrence_id=the_id, kind=due.kind, due_at=due_at),
        now=now,
    )


async def _fill(session: AsyncSession, kinds: Kinds, place: tuple[str, str], due: Due, *, now: datetime) -> str | None:
    workspace_id, channel_id = place
    channel = await service.get(session, workspace_id, channel_id)
    reason = why_not(channel=channel, stopped=await service.is_stopped(session, workspace_id))
    if reason is None and due.kind not in kinds:
        reason = UNKNOWN_KIND
    if reason is None and channel is not None:
        reason = await kinds[due.kind].fill(session, await service.audience_of(session, channel), due, now=now)
    if reason is not None:
        await occurrences.decide(session, due.occurrence_id, state="skipped", reason=reason)
    return reason


def occurrence_values(
    due: Ticking, due_at: datetime, *, state: str, reason: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "id": occurrence_id(due.slot_id, due_at),
        "workspace_id": due.workspace_id,
        "slot_id": due.slot_id,
        "channel_id": due.channel_id,
        "kind": due.kind,
        "due_at": due_at,
        "local_day": local_day(due_at, due.zone),
        "state": state,
        "reason": reason,
        "decided_at": now,
        "request": None,
    }


async def skip_slots(session: AsyncSession, skips: Sequence[tuple[Ticking, datetime, str]], *, now: datetime) -> int:
    """Record occurrences that get no post; how many were new. Owners of what was missed are owed one DM a day."""
    rows = [occurrence_values(due, due_at, state="skipped", reason=reason, now=now) for due, due_at, reason in skips]
    new = await occurrences.new_occurrences(session, rows)
    missed: dict[str, set[str]] = {}
    for due, due_at, reason in skips:
        if reason in MISSES and occurrence_id(due.slot_id, due_at) in new:
            missed.setdefault(due.workspace_id, set()).add(due.channel_id)
    for workspace_id, channel_ids in sorted(missed.items()):
        owned = {
            tuple(sorted(one.owners)) or (one.added_by,): one.channel_id
            for one in await service.some(session, workspace_id, channel_ids)
        }
        for channel_id in sorted(owned.values()):  # one channel of each: the message lists all of theirs
            await service.tell_missed(session, workspace_id, channel_id, now=now)
    return len(new)


async def post_now(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    kind: str,
    *,
    request: str,
    by: str,
    kinds: Kinds,
    new_id: NewId,
    now: datetime,
) -> str | None:
    """Post one `kind` at once: None where it is owed, else the code why not. The same `request` again gets the first
    outcome and posts nothing."""
    channel = await service.get(session, workspace_id, channel_id)
    if channel is None:
        return "removed"
    the_id = new_id()
    values = {
        "id": the_id,
        "workspace_id": workspace_id,
        "slot_id": None,
        "channel_id": channel_id,
        "kind": kind,
        "due_at": now,
        "local_day": local_day(now, channel.zone),
        "state": "filled",
        "reason": None,
        "decided_at": now,
        "request": request[:128],
    }
    if not await occurrences.new_request(session, values):
        return await occurrences.outcome_of_request(session, workspace_id, request[:128])
    await service.record(session, new_id, now, workspace_id, by, "channel.post_now", channel_id, {"kind": kind})
    due = Due(occurrence_id=the_id, kind=kind, due_at=now)
    return await _fill(session, kinds, (workspace_id, channel_id), due, now=now)
