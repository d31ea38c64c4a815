"""Queries of imports: many rows at a time, within the limits of both databases."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, String, Table, any_, bindparam, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.base import Base
from bot.db.tables.customers import (
    Customer,
    CustomerName,
    GivenTeam,
    ImportRecord,
    Product,
    ProductCustomer,
    Team,
)
from bot.db.upsert import upsert

T = TypeVar("T")
GROUP = 10_000  # bound values in one statement; SQLite allows 32,766


def _groups(items: Collection[T], size: int = GROUP) -> Iterator[list[T]]:
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group


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
    for group in _groups(keys):
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


async def add(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await session.execute(insert(_table(model)), [dict(row) for row in rows])


async def change(session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Each row with its `id` and the same columns."""
    if not rows:
        return
    table = _table(model)
    columns = [name for name in rows[0] if name not in {"id", "workspace_id"}]
    statement = (
        update(table).where(table.c.id == bindparam("key")).values({name: bindparam(f"to_{name}") for name in columns})
    )
    given = [{"key": row["id"], **{f"to_{name}": row[name] for name in columns}} for row in rows]
    await (await session.connection()).execute(statement, given)


async def add_customers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await add(session, Customer, rows)


async def change_customers(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await change(session, Customer, rows)


async def replace_names(
    session: AsyncSession, workspace_id: str, names: Mapping[str, Collection[str]], *, fresh: Collection[str]
) -> None:
    """`names`: keys by customer id. `fresh`: customers that have none yet."""
    old = [customer_id for customer_id in names if customer_id not in fresh]
    for group in _groups(old):
        await session.execute(delete(CustomerName).where(_among(session, _table(CustomerName).c.customer_id, group)))
    rows = [
        {"workspace_id": workspace_id, "customer_id": customer_id, "name_key": key}
        for customer_id, keys in names.items()
        for key in sorted(set(keys))
    ]
    await add(session, CustomerName, rows)


async def customers_called(
    session: AsyncSession, workspace_id: str, texts: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, set[str]]]:
    """`texts`: what the file says, with its name key. Customer ids by external id, and by name key."""
    by_external: dict[str, str] = {}
    by_key: dict[str, set[str]] = {}
    for group in _groups(texts):
        found = await session.execute(
            select(Customer.external_id, Customer.id).where(
                Customer.workspace_id == workspace_id, _among(session, _table(Customer).c.external_id, group)
            )
        )
        by_external.update((external_id, customer_id) for external_id, customer_id in found)
    for keys in _groups(set(texts.values())):
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
    for group in _groups(product_ids):
        links = await session.execute(
            select(ProductCustomer.product_id, ProductCustomer.customer_id).where(
                ProductCustomer.workspace_id == workspace_id,
                _among(session, _table(ProductCustomer).c.product_id, group),
            )
        )
        for product_id, customer_id in links:
            found[product_id].add(customer_id)
    return found


async def replace_users(session: AsyncSession, workspace_id: str, users: Mapping[str, Collection[str]]) -> None:
    for group in _groups(users):
        await session.execute(
            delete(ProductCustomer).where(_among(session, _table(ProductCustomer).c.product_id, group))
        )
    rows = [
        {"workspace_id": workspace_id, "product_id": product_id, "customer_id": customer_id}
        for product_id, customer_ids in users.items()
        for customer_id in sorted(customer_ids)
    ]
    await add(session, ProductCustomer, rows)


async def give_teams(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    await upsert(session, GivenTeam, rows, key=("workspace_id", "person"))


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """An import that is being written, or was interrupted: what it has come to so far."""

    id: str
    added: int
    changed: int
    unchanged: int


async def unfinished(session: AsyncSession, ws: str, what: str, by: str, file_hash: str) -> Unfinished | None:
    """What the same person's import of the very same file had written when it was interrupted."""
    found = await session.execute(
        select(ImportRecord.id, ImportRecord.added, ImportRecord.changed, ImportRecord.unchanged)
        .where(
            ImportRecord.workspace_id == ws,
            ImportRecord.what == what,
            ImportRecord.by == by,
            ImportRecord.file_hash == file_hash,
            ImportRecord.unfinished.is_(True),
        )
        .order_by(ImportRecord.at.desc())
        .limit(1)
    )
    row = found.first()
    return None if row is None else Unfinished(id=row.id, added=row.added, changed=row.changed, unchanged=row.unchanged)


async def record(session: AsyncSession, row: Mapping[str, Any]) -> None:
    """By its id: an import that goes on changes its own."""
    await upsert(session, ImportRecord, [row], key=("id",))
