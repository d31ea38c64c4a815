"""Bringing a database to the newest schema. Killed in between, the next run goes on where it was.

SQLite's foreign keys are OFF meanwhile: Alembic's batch mode copies tables, and with them ON that was seen to
cascade-delete the rows of child tables. On PostgreSQL others are at work meanwhile: no lock is waited for for long
(whoever wants the table stands in line behind a migration that waits), and indexes are built beside (`beside`).
"""

import asyncio
from datetime import timedelta

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.clock import ticks
from bot.core.errors import UserMistakeError
from bot.db import beside
from bot.db.engine import make_engine
from bot.db.levels import config, standing
from bot.db.tables import Base

LOCK = 4_242_001  # PostgreSQL's advisory lock: of several that start together one migrates
LOOKS_EVERY = 0.1  # s. Waiting for it inside a statement would hold up the indexes, and they the lock
HELD_UP = timedelta(seconds=1)  # how long people's presses may stand behind a migration that waits for a table
AGAIN_AFTER = timedelta(seconds=2)
PATIENCE = timedelta(minutes=10)
NO_LOCK = "55P03"


async def current(engine: AsyncEngine) -> str | None:
    """The database's revision; None for one that was never migrated."""
    return (await standing(engine)).level


async def upgrade(engine: AsyncEngine, *, patience: timedelta = PATIENCE) -> None:
    """To head; a newer level that serves this version stays. Raises `UserMistakeError` where a newer one does not.

    `patience`: how long it is tried on PostgreSQL while others hold a table.
    """
    found = await standing(engine)
    if found.newer:
        mistake = found.mistake()
        if mistake is not None:
            raise mistake
        return
    if engine.dialect.name == "sqlite":
        await _upgrade_file(engine)
        return
    # A grown table takes longer than any statement of a running bot may.
    patient = make_engine(engine.url.render_as_string(hide_password=False), pool_size=1, longest=None)
    try:
        await _upgrade_server(patient, patience)
    finally:
        await patient.dispose()


async def _upgrade_file(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        await connection.rollback()
        raw = await connection.get_raw_connection()
        await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        async with connection.begin():
            await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))
        await connection.invalidate()


async def _upgrade_server(engine: AsyncEngine, patience: timedelta) -> None:
    async with engine.connect() as plain:
        keeper = await plain.execution_options(isolation_level="AUTOCOMMIT")
        await _wait_for_turn(keeper)
        try:
            await _in_short_steps(engine, patience)
            await beside.build(keeper)
        finally:
            await keeper.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})


async def _wait_for_turn(connection: AsyncConnection) -> None:
    asked = text("SELECT pg_try_advisory_lock(:lock)")
    while True:
        if (await connection.execute(asked, {"lock": LOCK})).scalar_one():
            return
        await asyncio.sleep(LOOKS_EVERY)


async def _in_short_steps(engine: AsyncEngine, patience: timedelta) -> None:
    """All or nothing each time, until nobody holds a table that it needs."""
    end = ticks() + patience.total_seconds()
    while True:
        try:
            async with engine.begin() as connection:
                await connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(HELD_UP.total_seconds() * 1000)}")
                await connection.run_sync(lambda sync: command.upgrade(config(sync), "head"))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != NO_LOCK:
                raise
            if ticks() > end:
                raise UserMistakeError(
                    "the database was not migrated: another connection has held a table all the time",
                    "find it in pg_stat_activity (a dump, an open transaction), and run `canteen migrate` again",
                ) from None
            await asyncio.sleep(AGAIN_AFTER.total_seconds())
        else:
            return


async def differences(engine: AsyncEngine) -> list[object]:
    """What the models say that the migrated database does not; empty where they agree."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: list(compare_metadata(MigrationContext.configure(sync), Base.metadata))
        )
