"""Insert-or-update for both databases, under a natural key."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.base import Base


def _insert(session: AsyncSession, table: Table) -> Any:
    dialect = session.get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _table(model: type[Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is not one table")
    return table


async def insert_new(
    session: AsyncSession, model: type[Base], values: Mapping[str, Any], *, key: Sequence[str]
) -> bool:
    """True where the row is new; False, and nothing changed, where `key` (a unique constraint's columns) was taken."""
    table = _table(model)
    statement = (
        _insert(session, table)
        .values(**values)
        .on_conflict_do_nothing(index_elements=list(key))
        .returning(*table.primary_key.columns)
    )
    return (await session.execute(statement)).first() is not None


async def insert_all_new(
    session: AsyncSession, model: type[Base], rows: Sequence[Mapping[str, Any]], *, key: Sequence[str], give: str
) -> list[Any]:
    """Insert those of `rows` (a few hundred at most, all with the same columns) whose `key` is free; their `give`."""
    table = _table(model)
    statement = (
        _insert(session, table)
        .values([dict(row) for row in rows])
        .on_conflict_do_nothing(index_elements=list(key))
        .returning(table.columns[give])
    )
    return list((await session.execute(statement)).scalars())


async def upsert(
    session: AsyncSession,
    model: type[Base],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: Sequence[str],
    update: Sequence[str] | None = None,
) -> None:
    """Write `rows` (all with the same columns, no key twice); on a taken key set `update` (default: all but the key).

    One statement, done again for each row: putting together and reading a statement of hundreds of rows takes many
    times longer than writing them.
    """
    if not rows:
        return
    columns = [name for name in rows[0] if name not in key] if update is None else list(update)
    statement = _insert(session, _table(model))
    changes = {name: statement.excluded[name] for name in columns}
    await session.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_=changes)
        if changes
        else statement.on_conflict_do_nothing(index_elements=list(key)),
        [dict(row) for row in rows],
    )
