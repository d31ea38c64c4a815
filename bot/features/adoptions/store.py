"""Every query about adoptions, first visits, swaps and hellos."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import adoptions as tables
from bot.db.tables.customers import Customer
from bot.db.tables.members import Member
from bot.db.upsert import insert_new, upsert
from bot.features.adoptions.rules import WITH_ADOPTER, WITH_MANAGER, Adoption, Swap, Visit


def as_adoption(row: tables.Adoption) -> Adoption:
    return Adoption(
        id=row.id,
        workspace_id=row.workspace_id,
        customer_id=row.customer_id,
        user_id=row.user_id,
        since=row.since,
        via=row.via,
        paused_until=row.paused_until,
        ended_at=row.ended_at,
        ended_why=row.ended_why,
        draw_id=row.draw_id,
        hello_at=row.hello_at,
    )


ACTIVE = tables.Adoption.ended_at.is_(None)


async def _some(session: AsyncSession, *where: ColumnElement[bool]) -> list[Adoption]:
    rows = await session.scalars(
        select(tables.Adoption)
        .where(*where)
        .order_by(tables.Adoption.since, tables.Adoption.id)
        .execution_options(populate_existing=True)
    )
    return [as_adoption(row) for row in rows]


async def lock_customer(session: AsyncSession, ws: str, customer_id: str) -> None:
    """What is decided about this customer's places goes one after the other (SQLite has one writer anyway)."""
    await session.execute(
        select(Customer.id).where(Customer.workspace_id == ws, Customer.id == customer_id).with_for_update()
    )


async def lock_customers(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> None:
    """In one order, so that two who want several never wait for each other."""
    await session.execute(
        select(Customer.id)
        .where(Customer.workspace_id == ws, Customer.id.in_(customer_ids))
        .order_by(Customer.id)
        .with_for_update()
    )


async def add(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """False for a repeat of its `request`."""
    return await insert_new(session, tables.Adoption, values, key=("workspace_id", "request"))


async def add_all(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """In a few statements; those whose `request` was written before are left."""
    await upsert(session, tables.Adoption, rows, key=("workspace_id", "request"), update=())


async def adoption(session: AsyncSession, ws: str, adoption_id: str) -> Adoption | None:
    found = await _some(session, tables.Adoption.workspace_id == ws, tables.Adoption.id == adoption_id)
    return found[0] if found else None


async def by_request(session: AsyncSession, ws: str, request: str) -> Adoption | None:
    found = await _some(session, tables.Adoption.workspace_id == ws, tables.Adoption.request == request)
    return found[0] if found else None


async def adopters(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> list[Adoption]:
    return await _some(
        session, tables.Adoption.workspace_id == ws, tables.Adoption.customer_id.in_(customer_ids), ACTIVE
    )


async def of_member(session: AsyncSession, ws: str, user: str) -> list[Adoption]:
    return await _some(session, tables.Adoption.workspace_id == ws, tables.Adoption.user_id == user, ACTIVE)


async def of_members(session: AsyncSession, ws: str, users: Collection[str]) -> list[Adoption]:
    return await _some(session, tables.Adoption.workspace_id == ws, tables.Adoption.user_id.in_(users), ACTIVE)


async def of_draw(session: AsyncSession, ws: str, draw_id: str) -> list[Adoption]:
    """Also those that have ended since."""
    return await _some(session, tables.Adoption.workspace_id == ws, tables.Adoption.draw_id == draw_id)


async def begun_between(
    session: AsyncSession, ws: str, customer_ids: Collection[str], since: datetime, until: datetime
) -> list[Adoption]:
    """By the people themselves or by a swap, and not ended: what an account manager hears of by the day."""
    return await _some(
        session,
        tables.Adoption.workspace_id == ws,
        tables.Adoption.customer_id.in_(customer_ids),
        tables.Adoption.since >= since,
        tables.Adoption.since < until,
        tables.Adoption.draw_id.is_(None),
        ACTIVE,
    )


async def last_end(session: AsyncSession, ws: str, user: str, customer_id: str) -> Adoption | None:
    row = await session.scalar(
        select(tables.Adoption)
        .where(
            tables.Adoption.workspace_id == ws,
            tables.Adoption.user_id == user,
            tables.Adoption.customer_id == customer_id,
            tables.Adoption.ended_at.is_not(None),
        )
        .order_by(tables.Adoption.ended_at.desc())
        .limit(1)
    )
    return None if row is None else as_adoption(row)


async def ended_since(session: AsyncSession, ws: str, users: Collection[str], since: datetime) -> list[Adoption]:
    return await _some(
        session,
        tables.Adoption.workspace_id == ws,
        tables.Adoption.user_id.in_(users),
        tables.Adoption.ended_at >= since,
    )


async def change(session: AsyncSession, ws: str, adoption_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.Adoption)
        .where(tables.Adoption.workspace_id == ws, tables.Adoption.id == adoption_id)
        .values(**values)
    )


async def end(session: AsyncSession, ws: str, adoption_id: str, *, why: str, now: datetime) -> bool:
    """False where it had ended before."""
    changed = await session.execute(
        update(tables.Adoption)
        .where(tables.Adoption.workspace_id == ws, tables.Adoption.id == adoption_id, ACTIVE)
        .values(ended_at=now, ended_why=why, paused_until=None)
        .returning(tables.Adoption.id)
    )
    return changed.first() is not None


async def of_people_gone(session: AsyncSession, ws: str, limit: int) -> list[Adoption]:
    """Active ones of people who are no members any more: deactivated, guests now, of another company."""
    rows = await session.scalars(
        select(tables.Adoption)
        .join(
            Member,
            (Member.workspace_id == tables.Adoption.workspace_id) & (Member.user_id == tables.Adoption.user_id),
        )
        .where(tables.Adoption.workspace_id == ws, ACTIVE, Member.kind != "member")
        .order_by(tables.Adoption.id)
        .limit(limit)
    )
    return [as_adoption(row) for row in rows]


async def counts(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> dict[str, int]:
    """How many have each; customers without adopters are left out."""
    rows = await session.execute(
        select(tables.Adoption.customer_id, func.count())
        .where(tables.Adoption.workspace_id == ws, tables.Adoption.customer_id.in_(customer_ids), ACTIVE)
        .group_by(tables.Adoption.customer_id)
    )
    return dict(rows.tuples().all())


# -- first visits -----------------------------------------------------------------------------------------------------


def _visit(row: tables.FirstVisit) -> Visit:
    return Visit(
        id=row.id,
        workspace_id=row.workspace_id,
        adoption_id=row.adoption_id,
        manager=row.manager,
        dates=tuple(date.fromisoformat(day) for day in row.dates),
        note=row.note,
        state=row.state,
        turn=row.turn,
        agreed_on=row.agreed_on,
    )


async def add_visit(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    return await insert_new(session, tables.FirstVisit, values, key=("workspace_id", "request"))


async def visit(session: AsyncSession, ws: str, visit_id: str, *, lock: bool = False) -> Visit | None:
    wanted = select(tables.FirstVisit).where(tables.FirstVisit.workspace_id == ws, tables.FirstVisit.id == visit_id)
    row = await session.scalar((wanted.with_for_update() if lock else wanted).execution_options(populate_existing=True))
    return None if row is None else _visit(row)


async def visit_of(session: AsyncSession, ws: str, adoption_id: str) -> Visit | None:
    """The newest of this adoption."""
    row = await session.scalar(
        select(tables.FirstVisit)
        .where(tables.FirstVisit.workspace_id == ws, tables.FirstVisit.adoption_id == adoption_id)
        .order_by(tables.FirstVisit.at.desc(), tables.FirstVisit.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return None if row is None else _visit(row)


async def visits_of(session: AsyncSession, ws: str, adoption_ids: Collection[str]) -> dict[str, Visit]:
    """The newest of each adoption that has any."""
    rows = await session.scalars(
        select(tables.FirstVisit)
        .where(tables.FirstVisit.workspace_id == ws, tables.FirstVisit.adoption_id.in_(sorted(adoption_ids)))
        .order_by(tables.FirstVisit.at, tables.FirstVisit.id)
        .execution_options(populate_existing=True)
    )
    return {row.adoption_id: _visit(row) for row in rows}


async def change_visit(session: AsyncSession, ws: str, visit_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.FirstVisit)
        .where(tables.FirstVisit.workspace_id == ws, tables.FirstVisit.id == visit_id)
        .values(**values)
    )


async def open_visits(session: AsyncSession, ws: str, adoption_ids: Collection[str]) -> list[Visit]:
    rows = await session.scalars(
        select(tables.FirstVisit)
        .where(
            tables.FirstVisit.workspace_id == ws,
            tables.FirstVisit.adoption_id.in_(sorted(adoption_ids)),
            tables.FirstVisit.state.in_((WITH_MANAGER, WITH_ADOPTER)),
        )
        .order_by(tables.FirstVisit.at, tables.FirstVisit.id)
    )
    return [_visit(row) for row in rows]


# -- swaps ------------------------------------------------------------------------------------------------------------


def _swap(row: tables.Swap) -> Swap:
    return Swap(id=row.id, workspace_id=row.workspace_id, adoption_id=row.adoption_id, asked=row.asked, state=row.state)


async def add_swap(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    return await insert_new(session, tables.Swap, values, key=("workspace_id", "request"))


async def swap(session: AsyncSession, ws: str, swap_id: str, *, lock: bool = False) -> Swap | None:
    wanted = select(tables.Swap).where(tables.Swap.workspace_id == ws, tables.Swap.id == swap_id)
    row = await session.scalar((wanted.with_for_update() if lock else wanted).execution_options(populate_existing=True))
    return None if row is None else _swap(row)


async def change_swap(session: AsyncSession, ws: str, swap_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.Swap).where(tables.Swap.workspace_id == ws, tables.Swap.id == swap_id).values(**values)
    )


async def asked_swaps(session: AsyncSession, ws: str, adoption_id: str) -> list[Swap]:
    rows = await session.scalars(
        select(tables.Swap).where(
            tables.Swap.workspace_id == ws, tables.Swap.adoption_id == adoption_id, tables.Swap.state == "asked"
        )
    )
    return [_swap(row) for row in rows]


# -- hellos -----------------------------------------------------------------------------------------------------------


async def add_hello(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    return await insert_new(session, tables.Hello, values, key=("workspace_id", "request"))


async def hello(session: AsyncSession, ws: str, hello_id: str) -> tuple[str, str] | None:
    """Its author and text."""
    row = await session.scalar(select(tables.Hello).where(tables.Hello.workspace_id == ws, tables.Hello.id == hello_id))
    return None if row is None else (row.author, row.text)


def day_of(moment: datetime) -> tuple[datetime, datetime]:
    """The UTC day around `moment`."""
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)
