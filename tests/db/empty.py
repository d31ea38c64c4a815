"""Databases with nothing in them, and what their schema is."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import make_engine
from bot.db.levels import config


@asynccontextmanager
async def empty_database(url: str, name: str = "migrated") -> AsyncIterator[AsyncEngine]:
    """On PostgreSQL one of its own, so that others' tables stay."""
    if not url.startswith("sqlite"):
        await anew(url, name)
        url = url.rsplit("/", 1)[0] + f"/{name}"
    engine = make_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def anew(url: str, name: str) -> None:
    keeper = make_engine(url)
    async with keeper.connect() as connection:
        own = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await own.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        await own.execute(text(f"CREATE DATABASE {name}"))
    await keeper.dispose()


async def upgrade_to(engine: AsyncEngine, level: str) -> None:
    """As the version of that level left it."""
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(config(sync), level))


async def schema_of(engine: AsyncEngine) -> str:
    """Equal for equal schemas: tables, columns in their order, keys, constraints, indexes, and the level."""
    async with engine.connect() as connection:
        return await connection.run_sync(read_schema)


PARTS = ("columns", "pk_constraint", "foreign_keys", "unique_constraints", "indexes")
VALID = (
    "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1"
)


def read_schema(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").all()
        found = [repr(tuple(row)) for row in rows]
    else:
        found = [line for part in PARTS for line in _of(inspect(connection), part)]
        found.append(repr(connection.exec_driver_sql(VALID).all()))
    if inspect(connection).has_table("alembic_version"):
        found.append(repr(connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()))
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]


def _of(looked: Inspector, part: str) -> list[str]:
    """Columns are in an order; other things come in any."""
    every = getattr(looked, f"get_multi_{part}")().items()
    ordered = part in {"columns", "pk_constraint"}
    return sorted(f"{table} {part} {found if ordered else sorted(map(repr, found))}" for (_, table), found in every)
