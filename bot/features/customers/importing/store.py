"""Queries of imports: many rows at a time, within the limits of both databases."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, String, Table, any_, bindparam, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.groups import groups
from bot.db.tables.base import Base
from bot.db.tables.customers import Customer, CustomerName, GivenTeam, Product, ProductCustomer, Team
from bot.db.tables.members import Member
from bot.features.customers.seams import Moved

T = TypeVar("T")


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: these are all plain tables
    return table


def _among(session: AsyncSession, column: ColumnElement[str], values: Sequence[str]) -> ColumnElement[bool]:
    """One array on PostgreSQL: with a thousand values of their own its planner reads the whole table, each time."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(bindparam(None, list(values), type_=ARRAY(String)))
    return column.in_(values)


async def one_import_at_a_time(session: AsyncSession, workspace_id: str) -> None:
    """Until the transaction ends. On SQLite there is one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"import:{workspace_id}"}
        )
        # A plan made for any array compares it with every row; one made for this array looks the rows up.
        await session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


async def _existing(
    session: AsyncSession, model: type[Base], workspace_id: str, column: str, keys: Collection[str]
) -> dict[str, dict[str, Any]]:
    table = _table(model)
    found: dict[str, dict[str, Any]] = {}
    for group in groups(keys):
        statement = select(table).where(table.c.workspace_id == workspace_id, _among(session, table.c[column], group))
        for row in (await session.execute(statement)).mappings():
            found[row[column]] = dict(row)
    return found


async def customers(session: AsyncSession, workspace_id: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """By external id."""
    return await _existing(session, Customer, workspace_id, "external_id", ids)


async def products(session: AsyncSession, workspace_id: str, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """By external id."""
    return await _existing(session, Product, workspace_id, "external_id", ids)


async def teams(session: AsyncSession, workspace_id: str) -> dict[str, tuple[str, str]]:
    """Id and name by name key."""
    found = await session.execute(select(Team.name_key, Team.id, Team.name).where(Team.workspace_id == workspace_id))
    return {key: (team_id, name) for key, team_id, name in found}


async def given_teams(session: AsyncSession, workspace_id: str, people: Collection[str]) -> dict[str, str]:
    found = await _existing(session, GivenTeam, workspace_id, "person", people)
    return {person: row["team_id"] for person, row in found.items()}


async def with_other_manager(session: AsyncSession, staged: Table) -> list[Moved]:
    """Customers that get another account manager from the rows in `staged`."""
    now, soon = _table(Customer).c, staged.c
    was = case((now.manager_left.is_not_distinct_from(now.account_manager), None), else_=now.account_manager)
    statement = (
        select(now.id, was, soon.account_manager)
        .join(staged, soon.id == now.id)
        .where(soon.account_manager.is_distinct_from(now.account_manager))
    )
    found = await session.execute(statement.order_by(now.id))
    return [Moved(customer_id=one, before=before, after=after) for one, before, after in found]


async def teams_of_known(session: AsyncSession, workspace_id: str, staged: Table) -> dict[str, str]:
    """Of people in `staged` whom Slack knows, by their Slack id."""
    found: dict[str, str] = {}
    for is_they in (Member.email == staged.c.person, Member.user_id == func.upper(staged.c.person)):
        known = select(Member.user_id, staged.c.team_id).join(staged, is_they)
        for user, team_id in await session.execute(known.where(Member.workspace_id == workspace_id)):
            found[user] = team_id
    return found


async def customers_called(
    session: AsyncSession, workspace_id: str, texts: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, set[str]]]:
    """`texts`: what the file says, with its name key. Customer ids by external id, and by name key."""
    by_external: dict[str, str] = {}
    by_key: dict[str, set[str]] = {}
    for group in groups(texts):
        found = await session.execute(
            select(Customer.external_id, Customer.id).where(
                Customer.workspace_id == workspace_id, _among(session, _table(Customer).c.external_id, group)
            )
        )
        by_external.update((external_id, customer_id) for external_id, customer_id in found)
    for keys in groups(set(texts.values())):
        named = await session.execute(
            select(CustomerName.name_key, CustomerName.customer_id).where(
                CustomerName.workspace_id == workspace_id, _among(session, _table(CustomerName).c.name_key, keys)
            )
        )
        for key, customer_id in named:
            by_key.setdefault(key, set()).add(customer_id)
    return by_external, by_key


async def users_of(session: AsyncSession, workspace_id: str, product_ids: Collection[str]) -> dict[str, set[str]]:
    """Customer ids by product id."""
    found: dict[str, set[str]] = {product_id: set() for product_id in product_ids}
    for group in groups(product_ids):
        links = await session.execute(
            select(ProductCustomer.product_id, ProductCustomer.customer_id).where(
                ProductCustomer.workspace_id == workspace_id,
                _among(session, _table(ProductCustomer).c.product_id, group),
            )
        )
        for product_id, customer_id in links:
            found[product_id].add(customer_id)
    return found
