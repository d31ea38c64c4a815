"""Every query about channels, their slots, people and occurrences."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.db.groups import groups
from bot.db.tables import Base
from bot.db.tables.channels import Channel as ChannelRow
from bot.db.tables.channels import ChannelOwner, ChannelTeam, QuietDate, WeeklyTotal
from bot.db.tables.channels import Slot as SlotRow
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new, upsert
from bot.features.channels.rules import NEVER, QUIZ_WINDOW, Channel, Setup, Slot

NOT_ENDED = ("pending", "claimed", "sending", "unresolved", "uncertain")


async def channels(
    session: AsyncSession, workspace_id: str, only: Collection[str] | None = None, *, removed: bool = False
) -> list[Channel]:
    """With slots and teams, by name; the removed ones only when asked for."""
    query = select(ChannelRow).where(ChannelRow.workspace_id == workspace_id)
    if only is not None:
        query = query.where(ChannelRow.channel_id.in_(sorted(only)))
    if not removed:
        query = query.where(ChannelRow.state != "removed")
    rows = (await session.scalars(query.order_by(ChannelRow.name, ChannelRow.channel_id))).all()
    ids = [row.channel_id for row in rows]
    slots = await _slots(session, workspace_id, ids)
    teams = await _named(session, ChannelTeam, ChannelTeam.team_id, workspace_id, ids)
    owners = await _named(session, ChannelOwner, ChannelOwner.user_id, workspace_id, ids)
    return [
        _channel(
            row,
            slots=tuple(slots.get(row.channel_id, ())),
            team_ids=frozenset(teams.get(row.channel_id, ())),
            owners=frozenset(owners.get(row.channel_id, ())),
        )
        for row in rows
    ]


async def _slots(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> Mapping[str, list[Slot]]:
    found: dict[str, list[Slot]] = defaultdict(list)
    for group in groups(ids):
        rows = await session.scalars(
            select(SlotRow)
            .where(SlotRow.workspace_id == workspace_id, SlotRow.channel_id.in_(group), SlotRow.removed_at.is_(None))
            .order_by(SlotRow.weekday, SlotRow.local_time, SlotRow.kind)
        )
        for row in rows:
            slot = Slot(id=row.id, kind=row.kind, weekday=row.weekday, at=row.local_time, starts_at=row.starts_at)
            found[row.channel_id].append(slot)
    return found


async def _named(
    session: AsyncSession,
    table: type[ChannelTeam] | type[ChannelOwner],
    what: InstrumentedAttribute[str],
    workspace_id: str,
    ids: Sequence[str],
) -> Mapping[str, set[str]]:
    """By channel: the ids of its teams, or of its owners."""
    found: dict[str, set[str]] = defaultdict(set)
    for group in groups(ids):
        rows = await session.execute(
            select(table.channel_id, what).where(table.workspace_id == workspace_id, table.channel_id.in_(group))
        )
        for channel_id, one in rows:
            found[channel_id].add(one)
    return found


def _channel(row: ChannelRow, *, slots: tuple[Slot, ...], team_ids: frozenset[str], owners: frozenset[str]) -> Channel:
    return Channel(
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        name=row.name,
        zone=row.zone,
        locale=row.locale,
        holidays_of=row.holidays_of,
        state=row.state,
        state_reason=row.state_reason,
        private=row.private,
        outsiders=row.outsiders,
        guests_see_internal=row.guests_see_internal,
        added_by=row.added_by,
        refreshed_at=row.refreshed_at,
        quiz_window=QUIZ_WINDOW if row.quiz_minutes is None else timedelta(minutes=row.quiz_minutes),
        guests_answer=row.guests_answer,
        pulse_off=row.pulse_off,
        starts_at=row.starts_at,
        owners=owners,
        team_ids=team_ids,
        slots=slots,
    )


async def save(
    session: AsyncSession, workspace_id: str, setup: Setup, slots: Sequence[Slot], *, by: str, now: datetime
) -> None:
    """Add the channel or change it: slots not among `slots` end now; one that comes back starts anew. So does every
    slot when the zone changes: its past due times would be others, and might be posted a second time. No slot starts
    before the channel does."""
    before = (
        await session.execute(
            select(ChannelRow.zone, ChannelRow.starts_at).where(
                ChannelRow.workspace_id == workspace_id, ChannelRow.channel_id == setup.channel_id
            )
        )
    ).first()
    same = {
        "name": setup.name,
        "zone": setup.zone,
        "locale": setup.locale,
        "holidays_of": setup.holidays_of,
        "private": setup.private,
        "outsiders": setup.outsiders,
        "guests_see_internal": setup.guests_see_internal,
        "guests_answer": setup.guests_answer,
        "quiz_minutes": None if setup.quiz_window == QUIZ_WINDOW else int(setup.quiz_window.total_seconds() // 60),
        "pulse_off": setup.pulse_off,
    }
    new = {
        "workspace_id": workspace_id,
        "channel_id": setup.channel_id,
        **same,
        "state": "active",
        "state_reason": None,
        "added_by": by,
        "added_at": now,
        "refreshed_at": NEVER,
    }
    await upsert(session, ChannelRow, [new], key=("workspace_id", "channel_id"), update=list(same))
    await _save_named(session, ChannelTeam, ChannelTeam.team_id, workspace_id, setup.channel_id, setup.team_ids)
    await _save_named(session, ChannelOwner, ChannelOwner.user_id, workspace_id, setup.channel_id, setup.owners)
    if before is not None and before.zone != setup.zone:
        await end_slots(session, workspace_id, setup.channel_id, now=now)
    starts_at = max(now, before.starts_at) if before is not None and before.starts_at else now
    await _save_slots(session, workspace_id, setup.channel_id, slots, now=now, starts_at=starts_at)


async def _save_named(
    session: AsyncSession,
    table: type[ChannelTeam] | type[ChannelOwner],
    what: InstrumentedAttribute[str],
    workspace_id: str,
    channel_id: str,
    wanted: Collection[str],
) -> None:
    """Exactly these are the channel's teams, or its owners."""
    here = (table.workspace_id == workspace_id, table.channel_id == channel_id)
    await session.execute(delete(table).where(*here, what.not_in(sorted(wanted))))
    rows = [{"workspace_id": workspace_id, "channel_id": channel_id, what.key: one} for one in sorted(wanted)]
    await upsert(session, table, rows, key=("workspace_id", "channel_id", what.key))


async def end_slots(session: AsyncSession, workspace_id: str, channel_id: str, *, now: datetime) -> None:
    await _save_slots(session, workspace_id, channel_id, (), now=now, starts_at=now)


async def start_at(session: AsyncSession, workspace_id: str, channel_id: str, at: datetime) -> None:
    """Nothing falls due in the channel before `at`."""
    await set_channel(session, workspace_id, channel_id, starts_at=at)
    await session.execute(
        update(SlotRow)
        .where(SlotRow.workspace_id == workspace_id, SlotRow.channel_id == channel_id, SlotRow.removed_at.is_(None))
        .values(starts_at=at)
    )


async def _save_slots(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    slots: Sequence[Slot],
    *,
    now: datetime,
    starts_at: datetime,
) -> None:
    here = (SlotRow.workspace_id == workspace_id, SlotRow.channel_id == channel_id)
    wanted = {(slot.kind, slot.weekday, slot.at) for slot in slots}
    rows = await session.scalars(select(SlotRow).where(*here))
    known = {(row.kind, row.weekday, row.local_time): row for row in rows}
    for gone in known.keys() - wanted:
        if known[gone].removed_at is None:
            known[gone].removed_at = now
    for slot in slots:
        row = known.get((slot.kind, slot.weekday, slot.at))
        if row is None:
            session.add(
                SlotRow(
                    id=slot.id,
                    workspace_id=workspace_id,
                    channel_id=channel_id,
                    kind=slot.kind,
                    weekday=slot.weekday,
                    local_time=slot.at,
                    starts_at=starts_at,
                )
            )
        elif row.removed_at is not None:
            row.removed_at, row.starts_at = None, starts_at
    await session.flush()


async def set_channel(session: AsyncSession, workspace_id: str, channel_id: str, **values: Any) -> bool:
    """False where no such channel is configured."""
    changed = await session.execute(
        update(ChannelRow)
        .where(ChannelRow.workspace_id == workspace_id, ChannelRow.channel_id == channel_id)
        .values(**values)
        .returning(ChannelRow.channel_id)
    )
    return changed.first() is not None


async def pause_if_active(session: AsyncSession, workspace_id: str, channel_id: str, reason: str) -> bool:
    """True for the one caller whose pause it is."""
    changed = await session.execute(
        update(ChannelRow)
        .where(
            ChannelRow.workspace_id == workspace_id,
            ChannelRow.channel_id == channel_id,
            ChannelRow.state == "active",
        )
        .values(state="paused", state_reason=reason)
        .returning(ChannelRow.channel_id)
    )
    return changed.first() is not None


async def stopped_since(session: AsyncSession, workspace_id: str) -> datetime | None:
    return await session.scalar(select(Workspace.posting_stopped_at).where(Workspace.id == workspace_id))


async def set_stopped(session: AsyncSession, workspace_id: str, *, at: datetime | None, by: str | None) -> bool:
    """True where this changed something."""
    was = Workspace.posting_stopped_at.is_(None) if at else Workspace.posting_stopped_at.is_not(None)
    changed = await session.execute(
        update(Workspace)
        .where(Workspace.id == workspace_id, was)
        .values(posting_stopped_at=at, posting_stopped_by=by)
        .returning(Workspace.id)
    )
    return changed.first() is not None


async def quiet_dates(session: AsyncSession, workspace_id: str) -> dict[date, str]:
    rows = await session.execute(select(QuietDate.day, QuietDate.name).where(QuietDate.workspace_id == workspace_id))
    return {row.day: row.name for row in rows}


async def all_quiet_dates(session: AsyncSession, days: Collection[date]) -> dict[tuple[str, date], str]:
    rows = await session.execute(
        select(QuietDate.workspace_id, QuietDate.day, QuietDate.name).where(QuietDate.day.in_(sorted(days)))
    )
    return {(workspace, day): name for workspace, day, name in rows}


async def set_quiet_dates(session: AsyncSession, workspace_id: str, dates: Mapping[date, str]) -> None:
    await session.execute(delete(QuietDate).where(QuietDate.workspace_id == workspace_id))
    rows = [{"workspace_id": workspace_id, "day": day, "name": name} for day, name in sorted(dates.items())]
    await upsert(session, QuietDate, rows, key=("workspace_id", "day"))


async def count(session: AsyncSession, workspace_id: str, channel_id: str, *, week: date, what: str) -> None:
    row = {"workspace_id": workspace_id, "channel_id": channel_id, "week": week, "what": what, "count": 1}
    key = ("workspace_id", "channel_id", "week", "what")
    if not await insert_new(session, WeeklyTotal, row, key=key):
        await session.execute(
            update(WeeklyTotal)
            .where(
                WeeklyTotal.workspace_id == workspace_id,
                WeeklyTotal.channel_id == channel_id,
                WeeklyTotal.week == week,
                WeeklyTotal.what == what,
            )
            .values(count=WeeklyTotal.count + 1)
        )


async def totals(session: AsyncSession, workspace_id: str, channel_id: str) -> dict[tuple[date, str], int]:
    rows = await session.execute(
        select(WeeklyTotal.week, WeeklyTotal.what, WeeklyTotal.count).where(
            WeeklyTotal.workspace_id == workspace_id, WeeklyTotal.channel_id == channel_id
        )
    )
    return {(week, what): number for week, what, number in rows}


async def stale(session: AsyncSession, *, before: datetime, limit: int) -> list[tuple[str, str]]:
    """Channels (workspace, id) whose facts were last read before that, the oldest first."""
    rows = await session.execute(
        select(ChannelRow.workspace_id, ChannelRow.channel_id)
        .join(Workspace, Workspace.id == ChannelRow.workspace_id)
        .where(ChannelRow.state == "active", ChannelRow.refreshed_at < before, Workspace.state == "active")
        .order_by(ChannelRow.refreshed_at, ChannelRow.workspace_id, ChannelRow.channel_id)
        .limit(limit)
    )
    return [(workspace, channel) for workspace, channel in rows]


async def change_id(session: AsyncSession, workspace_id: str, old: str, new: str) -> bool:
    """Slack gave the channel another id; False where it was not configured (or this has been done). What any feature
    keeps of the channel and what is owed move with it: a recall must find them."""
    row = await session.get(ChannelRow, (workspace_id, old))
    if row is None or await session.get(ChannelRow, (workspace_id, new)) is not None:
        return False
    values = {column.name: getattr(row, column.key) for column in ChannelRow.__table__.columns}
    session.add(ChannelRow(**{**values, "channel_id": new}))
    await session.flush()
    for table in Base.metadata.sorted_tables:
        if table.name != ChannelRow.__tablename__ and {"workspace_id", "channel_id"} <= set(table.columns.keys()):
            await session.execute(
                update(table)
                .where(table.c.workspace_id == workspace_id, table.c.channel_id == old)
                .values(channel_id=new)
            )
    await session.execute(
        update(Delivery)
        .where(Delivery.workspace_id == workspace_id, Delivery.target == old, Delivery.state.in_(NOT_ENDED))
        .values(target=new)
    )
    await session.execute(
        update(Delivery).where(Delivery.workspace_id == workspace_id, Delivery.channel == old).values(channel=new)
    )
    await session.delete(row)
    await session.flush()
    return True


async def bot_user(session: AsyncSession, workspace_id: str) -> str | None:
    return await session.scalar(select(Workspace.bot_user_id).where(Workspace.id == workspace_id))
