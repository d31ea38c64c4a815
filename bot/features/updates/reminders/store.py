"""Every query about customers without news, and who was reminded of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import updates as tables
from bot.db.tables.adoptions import Adoption
from bot.db.tables.questions import Question
from bot.db.upsert import insert_new, upsert

R, C, Q = tables.NewsReminder, tables.RemindedCustomer, Question


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """`first`: since when somebody has the customer without a break."""

    first: datetime
    adopters: int


@dataclass(frozen=True, kw_only=True)
class Reminder:
    workspace_id: str
    id: str
    user_id: str
    at: datetime
    answered: bool
    customers: tuple[str, ...]


async def adopted(session: AsyncSession, ws: str) -> dict[str, Adopted]:
    """Every customer that somebody has."""
    rows = await session.execute(
        select(Adoption.customer_id, func.min(Adoption.since), func.count())
        .where(Adoption.workspace_id == ws, Adoption.ended_at.is_(None))
        .group_by(Adoption.customer_id)
    )
    return {row[0]: Adopted(first=row[1], adopters=row[2]) for row in rows}


async def nothing_new(session: AsyncSession, ws: str, customer_ids: Sequence[str], by: str, now: datetime) -> None:
    rows = [{"workspace_id": ws, "customer_id": one, "at": now, "by": by} for one in sorted(set(customer_ids))]
    await upsert(session, tables.NothingNew, rows, key=("workspace_id", "customer_id"))


async def reminded(session: AsyncSession, ws: str, customer_ids: Sequence[str]) -> dict[str, list[datetime]]:
    """When each was in a reminder."""
    rows = await session.execute(
        select(C.customer_id, C.at).where(C.workspace_id == ws, C.customer_id.in_(list(customer_ids)))
    )
    found: dict[str, list[datetime]] = {}
    for customer_id, at in rows:
        found.setdefault(customer_id, []).append(at)
    return found


async def last_to(session: AsyncSession, ws: str, user: str) -> datetime | None:
    return await session.scalar(select(func.max(R.at)).where(R.workspace_id == ws, R.user_id == user))


async def add(
    session: AsyncSession, ws: str, reminder_id: str, user: str, week: date, customer_ids: Sequence[str], now: datetime
) -> bool:
    """False where this person was reminded in that week already."""
    row = {"id": reminder_id, "workspace_id": ws, "user_id": user, "week": week, "at": now, "answered_at": None}
    if not await insert_new(session, R, row, key=("workspace_id", "user_id", "week")):
        return False
    named = [{"reminder_id": reminder_id, "customer_id": one, "workspace_id": ws, "at": now} for one in customer_ids]
    await upsert(session, C, named, key=("reminder_id", "customer_id"), update=())
    return True


async def reminder(session: AsyncSession, ws: str, reminder_id: str) -> Reminder | None:
    row = await session.scalar(
        select(R).where(R.workspace_id == ws, R.id == reminder_id).execution_options(populate_existing=True)
    )
    if row is None:
        return None
    named = await session.scalars(select(C.customer_id).where(C.reminder_id == reminder_id).order_by(C.customer_id))
    return Reminder(
        workspace_id=ws,
        id=row.id,
        user_id=row.user_id,
        at=row.at,
        answered=row.answered_at is not None,
        customers=tuple(named),
    )


async def naming(session: AsyncSession, ws: str, customer_id: str, limit: int) -> list[str]:
    """The last reminders that named this customer."""
    rows = await session.scalars(
        select(C.reminder_id)
        .where(C.workspace_id == ws, C.customer_id == customer_id)
        .order_by(C.at.desc())
        .limit(limit)
    )
    return list(rows)


async def answered(session: AsyncSession, ws: str, reminder_id: str, now: datetime) -> None:
    await session.execute(
        update(R).where(R.workspace_id == ws, R.id == reminder_id, R.answered_at.is_(None)).values(answered_at=now)
    )


async def open_questions(session: AsyncSession, ws: str, customer_ids: Sequence[str]) -> dict[str, int]:
    rows = await session.execute(
        select(Q.customer_id, func.count())
        .where(Q.workspace_id == ws, Q.customer_id.in_(list(customer_ids)), Q.state.in_(("open", "waiting")))
        .group_by(Q.customer_id)
    )
    return {row[0]: row[1] for row in rows}
