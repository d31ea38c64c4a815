"""Indexes on tables in use, on PostgreSQL: built while others write, so that no press waits for one.

A plain CREATE INDEX holds up every writer of its table until it is done: seconds with millions of rows, and people see
Slack's warning after three. So a migration leaves out indexes on tables that were there before it, and afterwards
whatever the models have and the database lacks is built CONCURRENTLY. That cannot be part of a transaction. Killed in
between it leaves an index that is not valid; the next `canteen migrate` makes it anew.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Index, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex

from bot.db.tables import Base

VALID = text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE i.indisvalid AND pg_table_is_visible(c.oid)"
)


def leave_for_later(connection: Connection, impl: Any) -> None:
    """Makes a migration leave out the indexes on tables that others are using. `impl`: Alembic's, of this run."""
    if connection.dialect.name != "postgresql":
        return
    in_use = set(inspect(connection).get_table_names())
    create = impl.create_index

    def create_index(index: Index, **how: Any) -> None:
        if index.table is None or index.table.name not in in_use:
            create(index, **how)

    impl.create_index = create_index


async def missing(engine: AsyncEngine) -> Sequence[str]:
    """Indexes that the models have and PostgreSQL lacks; SQLite gets them with the migration."""
    if engine.dialect.name != "postgresql":
        return []
    async with engine.connect() as connection:
        return [str(index.name) for index in await _missing(connection)]


async def build(connection: AsyncConnection) -> None:
    """On a connection without transactions."""
    for index in await _missing(connection):
        name = connection.dialect.identifier_preparer.quote(str(index.name))
        statement = str(CreateIndex(index).compile(dialect=connection.dialect))
        await connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        await connection.exec_driver_sql(statement.replace(" INDEX ", " INDEX CONCURRENTLY ", 1))


async def _missing(connection: AsyncConnection) -> list[Index]:
    there = set((await connection.execute(VALID)).scalars())
    wanted = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    return sorted((index for index in wanted if index.name not in there), key=lambda index: str(index.name))
