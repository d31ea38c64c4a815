"""Every query about slots falling due and what became of each time."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import Stretch, on_the_wall
from bot.db.groups import groups
from bot.db.tables.channels import Channel as ChannelRow
from bot.db.tables.channels import Occurrence
from bot.db.tables.channels import Slot as SlotRow
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_all_new, insert_new
from bot.features.channels.rules import Coming, Miss

Shape = tuple[int, ...]  # how many stretches of the wall clock there are for each group of zones


@dataclass(frozen=True, kw_only=True)
class Ticking:
    """A slot as the tick needs it, with what its channel and workspace say. `dead`: Slack refuses the token."""

    workspace_id: str
    channel_id: str
    zone: str
    holidays_of: str | None
    state: str
    outsiders: bool
    stopped: bool
    dead: bool
    slot_id: str
    kind: str
    weekday: int
    at: time
    starts_at: datetime


async def ticking(session: AsyncSession, since: datetime, until: datetime) -> list[Ticking]:
    """The live slots of all workspaces that may fall due in [since, until]: by index, however many others there are."""
    shape, asked = await falling_due(session, since, until)
    return await _read(session, _slots(shape), asked) if shape else []


async def falling_due(session: AsyncSession, since: datetime, until: datetime) -> tuple[Shape, dict[str, Any]]:
    """What `set_for` is to be asked, and the values it takes; an empty shape where there are no channels."""
    zones: dict[tuple[Stretch, ...], list[str]] = defaultdict(list)
    for zone in await _zones(session):
        zones[on_the_wall(since, until, zone)].append(zone)
    asked: dict[str, Any] = {}
    for group, (stretches, names) in enumerate(zones.items()):
        asked[f"zones{group}"] = names
        for number, one in enumerate(stretches):
            at = f"{group}_{number}"
            asked |= {f"weekday{at}": one.weekday, f"first{at}": one.first, f"last{at}": one.last}
    return tuple(map(len, zones)), asked


async def ticking_of(session: AsyncSession, slots: Collection[str]) -> list[Ticking]:
    found = [await _read(session, SLOTS.where(SlotRow.id.in_(group)), {}) for group in groups(sorted(slots))]
    return [slot for group in found for slot in group]


async def _zones(session: AsyncSession) -> list[str]:
    """Those of channels, each found by one look into the index: DISTINCT would read every channel."""
    return list(await session.scalars(ZONES))


def _zones_one_by_one() -> Select[str]:
    first = select(func.min(ChannelRow.zone).label("zone")).cte("zones_in_use", recursive=True)
    after = select(func.min(ChannelRow.zone)).where(ChannelRow.zone > first.c.zone).scalar_subquery()
    every = first.union_all(select(after).where(first.c.zone.is_not(None)))
    return select(every.c.zone).where(every.c.zone.is_not(None))


# Statements are made once: putting them together takes longer than asking.
ZONES = _zones_one_by_one()
SLOTS: Any = (
    select(
        SlotRow.workspace_id,
        SlotRow.channel_id,
        ChannelRow.zone,
        ChannelRow.holidays_of,
        ChannelRow.state,
        ChannelRow.outsiders,
        Workspace.posting_stopped_at.is_not(None),
        Workspace.state != "active",
        SlotRow.id,
        SlotRow.kind,
        SlotRow.weekday,
        SlotRow.local_time,
        SlotRow.starts_at,
    )
    .join(
        ChannelRow,
        (ChannelRow.workspace_id == SlotRow.workspace_id) & (ChannelRow.channel_id == SlotRow.channel_id),
    )
    .join(Workspace, Workspace.id == SlotRow.workspace_id)
    .where(SlotRow.removed_at.is_(None), ChannelRow.state != "removed")
)


@lru_cache(maxsize=128)
def _slots(shape: Shape) -> Any:
    return SLOTS.where(*set_for(shape))


def set_for(shape: Shape) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of slots and their channels: those set for what wall clocks show. The first is of one table, which lets its index
    be used."""
    at_any, in_its_zone = [], []
    for group, count in enumerate(shape):
        times = [
            (SlotRow.weekday == bindparam(f"weekday{group}_{number}"))
            & SlotRow.local_time.between(bindparam(f"first{group}_{number}"), bindparam(f"last{group}_{number}"))
            for number in range(count)
        ]
        at_any += times
        in_its_zone.append(ChannelRow.zone.in_(bindparam(f"zones{group}", expanding=True)) & or_(*times))
    return or_(*at_any), or_(*in_its_zone)


async def _read(session: AsyncSession, slots: Any, asked: Mapping[str, Any]) -> list[Ticking]:
    rows = await session.execute(slots, asked)
    names = tuple(Ticking.__dataclass_fields__)
    return [Ticking(**dict(zip(names, row, strict=True))) for row in rows]


async def decided(session: AsyncSession, slots: Collection[str], since: datetime) -> set[tuple[str, datetime]]:
    """Which (slot, due time) already have their occurrence."""
    found: set[tuple[str, datetime]] = set()
    for group in groups(sorted(slots)):
        rows = await session.execute(
            select(Occurrence.slot_id, Occurrence.due_at).where(
                Occurrence.slot_id.in_(group), Occurrence.due_at >= since
            )
        )
        found.update((str(slot), due) for slot, due in rows)
    return found


async def new_occurrence(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """True for exactly one caller per (slot, due time), over any number of processes."""
    return await insert_new(session, Occurrence, values, key=("slot_id", "due_at"))


async def new_occurrences(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Like `new_occurrence` for many at once (a few hundred): the ids of those that were new."""
    if not rows:
        return set()
    return set(await insert_all_new(session, Occurrence, rows, key=("slot_id", "due_at"), give="id"))


async def new_request(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """True for exactly one caller per post-now request."""
    return await insert_new(session, Occurrence, values, key=("workspace_id", "request"))


async def decide(session: AsyncSession, occurrence_id: str, *, state: str, reason: str | None) -> None:
    await session.execute(
        update(Occurrence).where(Occurrence.id == occurrence_id).values(state=state, reason=reason and reason[:64])
    )


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
    """What was filled gets no post after all."""
    await session.execute(
        update(Occurrence)
        .where(
            Occurrence.workspace_id == workspace_id,
            Occurrence.channel_id == channel_id,
            Occurrence.kind == kind,
            Occurrence.due_at == due_at,
            Occurrence.state == "filled",
        )
        .values(state="skipped", reason=reason[:64], decided_at=now)
    )


async def planned(
    session: AsyncSession, workspace_id: str, channel_ids: Collection[str], *, after: datetime
) -> dict[str, list[Coming]]:
    """What editors set down for times of their own, by channel, the next first."""
    found: dict[str, list[Coming]] = defaultdict(list)
    for group in groups(sorted(channel_ids)):
        rows = await session.scalars(
            select(Occurrence)
            .where(
                Occurrence.workspace_id == workspace_id,
                Occurrence.channel_id.in_(group),
                Occurrence.due_at > after,
                Occurrence.slot_id.is_(None),
                Occurrence.state == "filled",
            )
            .order_by(Occurrence.due_at, Occurrence.id)
        )
        for row in rows:
            coming = Coming(slot_id="", kind=row.kind, due_at=row.due_at, local_day=row.local_day, planned=row.id)
            found[row.channel_id].append(coming)
    return found


async def outcome_of_request(session: AsyncSession, workspace_id: str, request: str) -> str | None:
    """The reason why a post-now was skipped, or None where it was filled."""
    return await session.scalar(
        select(Occurrence.reason).where(Occurrence.workspace_id == workspace_id, Occurrence.request == request)
    )


async def misses(
    session: AsyncSession,
    workspace_id: str,
    channel_ids: Collection[str],
    *,
    since: datetime | None = None,
    decided_since: datetime | None = None,
) -> dict[str, list[Miss]]:
    """Due times without a post, by channel, the newest first: due `since` then, or found out about since then."""
    recent = [Occurrence.due_at >= since] if since else []
    recent += [Occurrence.decided_at >= decided_since] if decided_since else []
    found: dict[str, list[Miss]] = defaultdict(list)
    for group in groups(sorted(channel_ids)):
        rows = await session.execute(
            select(Occurrence.channel_id, Occurrence.kind, Occurrence.due_at, Occurrence.reason)
            .where(
                Occurrence.workspace_id == workspace_id,
                Occurrence.channel_id.in_(group),
                Occurrence.state == "skipped",
                *recent,
            )
            .order_by(Occurrence.due_at.desc())
        )
        for channel_id, kind, due_at, reason in rows:
            found[channel_id].append(Miss(kind=kind, due_at=due_at, reason=reason or ""))
    return found
