"""Every query about hats, and about the customers that may be adopted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import adoptions as tables
from bot.db.tables.customers import Customer, Product, ProductCustomer
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new
from bot.features.adoptions.rules import DRAWN, OPEN, Entry, Filters, Hat, filters_of


@dataclass(frozen=True, kw_only=True)
class Adoptable:
    """A customer with room. `limit` None: any number of adopters."""

    customer_id: str
    name: str
    industry: str | None
    country: str | None
    managers: frozenset[str]
    adopters: int
    limit: int | None


def _counted() -> Any:
    return (
        select(tables.Adoption.customer_id.label("customer_id"), func.count().label("adopters"))
        .where(tables.Adoption.ended_at.is_(None))
        .group_by(tables.Adoption.customer_id)
        .subquery()
    )


def _with_room(ws: str, filters: Filters, *more: ColumnElement[bool]) -> Select[Any]:
    """Adoptable, not confidential, and below their limit. A confidential customer is named to nobody in a channel and
    is not handed out."""
    counted = _counted()
    adopters = func.coalesce(counted.c.adopters, 0)
    where: list[ColumnElement[bool]] = [
        Customer.workspace_id == ws,
        Customer.adoptable.is_(True),
        Customer.confidential.is_(False),
        or_(Customer.max_adopters.is_(None), adopters < Customer.max_adopters),
        *more,
    ]
    if filters.industry is not None:
        where.append(Customer.industry == filters.industry)
    if filters.country is not None:
        where.append(Customer.country == filters.country)
    if filters.product is not None:
        uses = select(ProductCustomer.customer_id).where(ProductCustomer.product_id == filters.product)
        where.append(Customer.id.in_(uses))
    return select(Customer, adopters).outerjoin(counted, counted.c.customer_id == Customer.id).where(and_(*where))


async def in_hat(session: AsyncSession, ws: str, filters: Filters) -> list[Adoptable]:
    rows = await session.execute(
        _with_room(ws, filters).order_by(Customer.name_key, Customer.id).execution_options(populate_existing=True)
    )
    return [_adoptable(customer, adopters) for customer, adopters in rows.all()]


def _adoptable(customer: Customer, adopters: int) -> Adoptable:
    return Adoptable(
        customer_id=customer.id,
        name=customer.name,
        industry=customer.industry,
        country=customer.country,
        managers=frozenset(user for user in (customer.account_manager, customer.deputy) if user),
        adopters=adopters,
        limit=customer.max_adopters,
    )


async def count_in_hat(session: AsyncSession, ws: str, filters: Filters) -> int:
    return await session.scalar(select(func.count()).select_from(_with_room(ws, filters).subquery())) or 0


async def for_person(
    session: AsyncSession, ws: str, user: str, key: str, *, nameable_only: bool, limit: int
) -> list[Adoptable]:
    """What this person could adopt and whose name contains `key`. `nameable_only`: they see no more than a guest."""
    held = select(tables.Adoption.customer_id).where(
        tables.Adoption.workspace_id == ws, tables.Adoption.user_id == user, tables.Adoption.ended_at.is_(None)
    )
    fitting = Customer.name_key.contains(key, autoescape=True)
    not_theirs = and_(
        Customer.id.not_in(held),
        or_(Customer.account_manager.is_(None), Customer.account_manager != user),
        or_(Customer.deputy.is_(None), Customer.deputy != user),
    )
    more = [fitting, not_theirs, *([Customer.may_be_named.is_(True)] if nameable_only else [])]
    begins = Customer.name_key.startswith(key, autoescape=True)
    rows = await session.execute(
        _with_room(ws, Filters(), *more).order_by(begins.desc(), Customer.name_key, Customer.id).limit(limit)
    )
    return [_adoptable(customer, adopters) for customer, adopters in rows.all()]


async def choices(session: AsyncSession, ws: str) -> tuple[list[str], list[str]]:
    """Industries and countries of adoptable customers, each sorted."""
    industries = await session.scalars(_with_room(ws, Filters()).with_only_columns(Customer.industry).distinct())
    countries = await session.scalars(_with_room(ws, Filters()).with_only_columns(Customer.country).distinct())
    return sorted(one for one in industries if one), sorted(one for one in countries if one)


async def products_used(session: AsyncSession, ws: str, key: str, limit: int) -> list[tuple[str, str]]:
    """Id and name of products that a customer uses and whose name contains `key`."""
    used = select(ProductCustomer.product_id).where(ProductCustomer.workspace_id == ws)
    rows = await session.execute(
        select(Product.id, Product.name)
        .where(Product.workspace_id == ws, Product.id.in_(used), Product.name_key.contains(key, autoescape=True))
        .order_by(Product.name_key, Product.id)
        .limit(limit)
    )
    return [(product, name) for product, name in rows.all()]


# -- hats -------------------------------------------------------------------------------------------------------------


def _hat(row: tables.HatDraw) -> Hat:
    return Hat(
        id=row.id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        filters=filters_of(row.filters),
        draw_at=row.draw_at,
        state=row.state,
        ended_at=row.ended_at,
        seed=row.seed,
        inputs=row.inputs,
        result=row.result,
    )


async def add(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    return await insert_new(session, tables.HatDraw, values, key=("workspace_id", "request"))


async def hat(session: AsyncSession, ws: str | None, hat_id: str, *, lock: bool = False) -> Hat | None:
    """`ws` None: of any workspace (for whoever runs Canteen)."""
    wanted = select(tables.HatDraw).where(tables.HatDraw.id == hat_id)
    if ws is not None:
        wanted = wanted.where(tables.HatDraw.workspace_id == ws)
    row = await session.scalar((wanted.with_for_update() if lock else wanted).execution_options(populate_existing=True))
    return None if row is None else _hat(row)


async def lock_opening(session: AsyncSession, ws: str) -> None:
    """One hat is opened at a time in a workspace: two at once in one channel would both find it free."""
    await session.execute(select(Workspace.id).where(Workspace.id == ws).with_for_update(key_share=True))


async def by_request(session: AsyncSession, ws: str, request: str) -> Hat | None:
    row = await session.scalar(
        select(tables.HatDraw).where(tables.HatDraw.workspace_id == ws, tables.HatDraw.request == request)
    )
    return None if row is None else _hat(row)


async def hats(session: AsyncSession, ws: str, *, state: str | None = None, limit: int = 100) -> list[Hat]:
    """The newest first."""
    wanted = select(tables.HatDraw).where(tables.HatDraw.workspace_id == ws)
    if state is not None:
        wanted = wanted.where(tables.HatDraw.state == state)
    rows = await session.scalars(wanted.order_by(tables.HatDraw.opened_at.desc(), tables.HatDraw.id).limit(limit))
    return [_hat(row) for row in rows]


async def open_in(session: AsyncSession, ws: str, channel_id: str) -> Hat | None:
    row = await session.scalar(
        select(tables.HatDraw).where(
            tables.HatDraw.workspace_id == ws,
            tables.HatDraw.channel_id == channel_id,
            tables.HatDraw.state == OPEN,
        )
    )
    return None if row is None else _hat(row)


async def due(session: AsyncSession, now: datetime) -> list[tuple[str, str]]:
    """Workspace and id of open hats whose time has come, the longest waiting first."""
    rows = await session.execute(
        select(tables.HatDraw.workspace_id, tables.HatDraw.id)
        .where(tables.HatDraw.state == OPEN, tables.HatDraw.draw_at <= now)
        .order_by(tables.HatDraw.draw_at, tables.HatDraw.id)
        .limit(20)
    )
    return [(ws, hat_id) for ws, hat_id in rows.all()]


async def untold(session: AsyncSession) -> list[tuple[str, str]]:
    """Workspace and id of hats that are drawn and of which not everybody has been owed their message."""
    rows = await session.execute(
        select(tables.HatDraw.workspace_id, tables.HatDraw.id)
        .where(tables.HatDraw.state == DRAWN, tables.HatDraw.told_at.is_(None))
        .order_by(tables.HatDraw.draw_at, tables.HatDraw.id)
        .limit(20)
    )
    return [(ws, hat_id) for ws, hat_id in rows.all()]


async def change(session: AsyncSession, hat_id: str, **values: Any) -> None:
    await session.execute(update(tables.HatDraw).where(tables.HatDraw.id == hat_id).values(**values))


# -- who is in --------------------------------------------------------------------------------------------------------


async def entry(session: AsyncSession, hat_id: str, user: str) -> tuple[Entry, str] | None:
    """With the action_ts of the press that made it so."""
    row = await session.get(tables.HatEntry, (hat_id, user), populate_existing=True)
    return None if row is None else (Entry(user_id=row.user_id, is_in=row.is_in, named=row.named), row.acted_at)


async def put_entry(session: AsyncSession, values: Mapping[str, Any]) -> None:
    key = ("draw_id", "user_id")
    if not await insert_new(session, tables.HatEntry, values, key=key):
        same = (tables.HatEntry.draw_id == values["draw_id"], tables.HatEntry.user_id == values["user_id"])
        changed = {name: value for name, value in values.items() if name not in {*key, "workspace_id"}}
        await session.execute(update(tables.HatEntry).where(*same).values(**changed))


async def entries(session: AsyncSession, hat_id: str) -> Sequence[Entry]:
    """Those who are in, by id."""
    rows = await session.scalars(
        select(tables.HatEntry)
        .where(tables.HatEntry.draw_id == hat_id, tables.HatEntry.is_in.is_(True))
        .order_by(tables.HatEntry.user_id)
    )
    return [Entry(user_id=row.user_id, is_in=row.is_in, named=row.named) for row in rows]


async def unname(session: AsyncSession, ws: str, user: str) -> None:
    entry = tables.HatEntry
    await session.execute(
        update(entry).where(entry.workspace_id == ws, entry.user_id == user, entry.named.is_(True)).values(named=False)
    )


async def named_in(session: AsyncSession, hat_id: str) -> set[str]:
    """Who lets the result name them at this moment."""
    entry = tables.HatEntry
    return set(await session.scalars(select(entry.user_id).where(entry.draw_id == hat_id, entry.named.is_(True))))


async def count_in(session: AsyncSession, hat_id: str) -> int:
    return (
        await session.scalar(
            select(func.count()).where(tables.HatEntry.draw_id == hat_id, tables.HatEntry.is_in.is_(True))
        )
        or 0
    )
