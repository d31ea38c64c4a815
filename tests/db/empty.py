"""Databases with nothing in them, and what their schema is."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import make_engine
from bot.db.levels import config


@asynccontextmanager
async def empty_database(url: str, name: str = "migrated") -> AsyncIterator[AsyncEngine]:
    """On PostgreSQL one of its own, so that others' tables stay."""
    if not url.startswith("sqlite"):
        await _anew(url, name)
        url = url.rsplit("/", 1)[0] + f"/{name}"
    engine = make_engine(url)
    try:
        yield engine
    finally:
        await engine.dispose()


async def _anew(url: str, name: str) -> None:
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


PARTS = ("get_columns", "get_pk_constraint", "get_foreign_keys", "get_unique_constraints", "get_indexes")
VALID = "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid ORDER BY 1"


def read_schema(connection: Connection) -> str:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").all()
        found = [repr(tuple(row)) for row in rows]
    else:
        looked = inspect(connection)
        found = [
            f"{name} {part} {getattr(looked, part)(name)}"
            for name in sorted(looked.get_table_names())
            for part in PARTS
        ]
        found.append(repr(connection.exec_driver_sql(VALID).all()))
    if inspect(connection).has_table("alembic_version"):
        found.append(repr(connection.exec_driver_sql("SELECT version_num FROM alembic_version").all()))
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:16]
