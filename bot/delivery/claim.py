"""Taking what is due: fenced leases, slots by pace, and what crashed processes left behind.

Claims use FOR UPDATE SKIP LOCKED on PostgreSQL. SQLite drops FOR UPDATE, but its one writer (BEGIN IMMEDIATE) makes the
same statements safe there.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    String,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import pace

HORIZON = timedelta(seconds=1)  # what falls due before the next look is granted now and sent at its slot
LEASE = timedelta(seconds=15)  # from the claim to the mark `sending`
READ_AHEAD = 2  # rows looked at for each that may be granted, so that a busy channel is soon past
ENDED = ("sent", "failed", "skipped")


@dataclass(frozen=True, kw_only=True)
class Grant:
    """`at` (the database's time) is when the call may be made; the lease ends 15 s after the claim."""

    id: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Claims:
    """`orphans`: their parent has ended without being sent. `more`: what was read was not all that is due."""

    grants: list[Grant]
    orphans: list[int]
    more: bool


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A stretch without any process ended at `until`: it may have been a restore from a backup, and then whatever was
    wanted before may have been sent, even what was wanted long before the backup and had to wait."""

    until: datetime


async def claim(session: AsyncSession, *, now: datetime, lease: str, limit: int, doubt: Doubt | None) -> Claims:
    """What this process may send within the next second.

    What has to wait for its pace is moved to its slot, so that one busy channel never fills the head of the queue.
    """
    rows = await _due(session, now=now, limit=limit * READ_AHEAD)
    more = len(rows) == limit * READ_AHEAD
    orphans = [row.id for row in rows if row.parent_state in {"failed", "skipped"}]
    able = [row for row in rows if row.parent_state in {None, "sent"}]
    if doubt is not None:
        doubted = {row.id for row in able if _in_doubt(row, doubt)}
        await _look_up(session, doubted, now=now)
        able = [row for row in able if row.id not in doubted]
    keys = [key for row in able for key in pace.keys_of(row.workspace_id, row.method, row.target)]
    if not keys:
        return Claims(grants=[], orphans=orphans, more=more)
    lanes = await pace.lock(session, keys, now=now)
    # By turns. By when they are due, what was moved falls behind, and the last channels begin as the first end.
    able.sort(key=lambda row: (row.rank, lanes.free(row.workspace_id, row.method, row.target), row.due_at, row.id))
    grants: list[Grant] = []
    moved: list[dict[str, Any]] = []
    for row in able:
        within = now + HORIZON if len(grants) < limit else now - HORIZON
        at = lanes.slot(row.workspace_id, row.method, row.target, earliest=max(row.due_at, now), within=within)
        if at <= within:
            grants.append(Grant(id=row.id, at=at))
        elif at > row.due_at:
            moved.append({"the_id": row.id, "later": at})
    await _write(session, grants, moved, lease=lease, until=now + LEASE)
    await pace.write_back(session, lanes)
    return Claims(grants=grants, orphans=orphans, more=more or len(grants) >= limit)


PARENT = aliased(Delivery)
# Not bound: SQLite sees only from the value that an index holds what is asked for.
PENDING = literal_column("'pending'", String)
LEASED = ("claimed", "sending")
# Statements are made once: putting them together takes longer than asking.
DUE = (
    select(
        Delivery.id,
        Delivery.workspace_id,
        Delivery.method,
        Delivery.target,
        Delivery.due_at,
        Delivery.wanted_at,
        Delivery.looked_at,
        Delivery.rank,
        PARENT.state.label("parent_state"),
    )
    .join(Workspace, Workspace.id == Delivery.workspace_id)
    .outerjoin(PARENT, PARENT.id == Delivery.under_id)
    .where(
        Delivery.due_at <= bindparam("until", type_=Delivery.due_at.type),
        Workspace.state == "active",
        or_(Delivery.under_id.is_(None), PARENT.state.in_(ENDED)),
    )
    .order_by(Delivery.due_at, Delivery.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=Delivery, skip_locked=True)
)
DUE_BY_DIALECT = {
    "postgresql": DUE.where(Delivery.state == PENDING),
    # Else it takes all that is pending by its state and sorts it, in each claim.
    "sqlite": DUE.where(func.likelihood(Delivery.state == PENDING, literal_column("0.99"))),
}
deliveries: Any = Delivery.__table__
MOVED = update(deliveries).where(deliveries.c.id == bindparam("the_id")).values(due_at=bindparam("later"))
# PostgreSQL takes long to be asked 150 times.
_moved = (
    func.unnest(bindparam("ids", type_=ARRAY(Delivery.id.type)), bindparam("laters", type_=ARRAY(Delivery.due_at.type)))
    .table_valued(column("id", BigInteger), column("later", Delivery.due_at.type))
    .render_derived(name="moved")
)
MOVED_AT_ONCE = update(deliveries).where(deliveries.c.id == _moved.c.id).values(due_at=_moved.c.later)


async def _due(session: AsyncSession, *, now: datetime, limit: int) -> Sequence[Any]:
    due = DUE_BY_DIALECT[session.get_bind().dialect.name]
    return (await session.execute(due, {"until": now + HORIZON, "most": limit})).all()


async def _write(
    session: AsyncSession, grants: Sequence[Grant], moved: Sequence[dict[str, Any]], *, lease: str, until: datetime
) -> None:
    if grants:
        claimed = update(deliveries).where(deliveries.c.id.in_([grant.id for grant in grants]))
        await session.execute(claimed.values(state="claimed", lease=lease, lease_until=until))
    if moved and session.get_bind().dialect.name == "postgresql":
        ids, laters = [one["the_id"] for one in moved], [one["later"] for one in moved]
        await session.execute(MOVED_AT_ONCE, {"ids": ids, "laters": laters})
    elif moved:
        await session.execute(MOVED, moved)


async def next_message(session: AsyncSession, *, dead: bool = False) -> datetime | None:
    """As `first_waiting`, or since when one is under way."""
    under_way = await session.scalar(
        select(func.min(Delivery.due_at))
        .join(Workspace, Workspace.id == Delivery.workspace_id)
        .where(Delivery.state.in_(("claimed", "sending", "unresolved")), _whose(dead))
    )
    return min(filter(None, (await first_waiting(session, dead=dead), under_way)), default=None)


async def first_waiting(session: AsyncSession, *, dead: bool = False) -> datetime | None:
    """When the first message is due that waits for nothing but its time. `dead`: of workspaces whose token Slack
    refuses."""
    parent = aliased(Delivery)
    found: datetime | None = await session.scalar(
        select(Delivery.due_at)
        .join(Workspace, Workspace.id == Delivery.workspace_id)
        .outerjoin(parent, parent.id == Delivery.under_id)
        .where(Delivery.state == "pending", _whose(dead), or_(Delivery.under_id.is_(None), parent.state.in_(ENDED)))
        .order_by(Delivery.due_at, Delivery.id)
        .limit(1)
    )
    return found


def _whose(dead: bool) -> ColumnElement[bool]:
    return Workspace.state != "active" if dead else Workspace.state == "active"


def _in_doubt(row: Any, doubt: Doubt) -> bool:
    return row.method == "post" and row.looked_at is None and bool(row.wanted_at < doubt.until)


async def _look_up(session: AsyncSession, ids: Collection[int], *, now: datetime) -> None:
    """In history before the first send, as if the outcome of a send were unknown."""
    if ids:
        await session.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(sorted(ids)))
            .values(state="unresolved", unknown_at=now, sending_at=deliveries.c.wanted_at)
        )


UNDER_LEASE = deliveries.c.state.in_([literal_column(f"'{state}'", String) for state in LEASED])
OVER = deliveries.c.lease_until < bindparam("now", type_=Delivery.lease_until.type)
AGAIN = (
    update(deliveries)
    .where(UNDER_LEASE, or_(deliveries.c.state == "claimed", deliveries.c.method != "post"))
    .values(state="pending", lease=None, lease_until=None)
)
UNKNOWN = (
    update(deliveries)
    .where(UNDER_LEASE, deliveries.c.state == "sending")
    .values(
        state="unresolved", unknown_at=bindparam("now", type_=Delivery.unknown_at.type), lease=None, lease_until=None
    )
)
AGAIN_IF_OVER, UNKNOWN_IF_OVER = AGAIN.where(OVER), UNKNOWN.where(OVER)


async def take_over(session: AsyncSession, *, now: datetime, all_of_them: bool = False) -> None:
    """Leases that ran out: their process is gone. What was only claimed goes back, and so does what may be repeated (an
    edit, Home, a deletion, an upload); a post that was being sent is unknown. `all_of_them`: on SQLite a process that
    starts is the only one, so every lease is a dead one's."""
    again, unknown = (AGAIN, UNKNOWN) if all_of_them else (AGAIN_IF_OVER, UNKNOWN_IF_OVER)
    await session.execute(again, {} if all_of_them else {"now": now})
    await session.execute(unknown, {"now": now})


async def release(session: AsyncSession, *, lease: str, ids: list[int]) -> None:
    """At a quiet end: what was claimed and not begun goes back at once."""
    await session.execute(
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.lease == lease, Delivery.state == "claimed")
        .values(state="pending", lease=None, lease_until=None)
    )
