"""Bringing a database to the newest schema, on both databases, each migration in a transaction of its own.

SQLite migrates with foreign keys OFF: Alembic's batch mode copies and drops tables, and with them ON that was seen to
cascade-delete the rows of child tables.
"""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import UserMistakeError
from bot.db.engine import make_engine
from bot.db.tables import Base

FOLDER = Path(__file__).parent.parent.parent / "migrations"
LOCK = 4_242_001  # PostgreSQL's advisory lock: two processes that start together migrate once


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def head() -> str:
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def too_new(revision: str | None) -> UserMistakeError | None:
    """What to say of a database that a newer version has used: there are no downgrades."""
    if revision is None or revision in {
        one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()
    }:
        return None
    return UserMistakeError(
        f"the database is at {revision}, which this version does not know: a newer one has used it",
        "run that version again, or restore the backup made before it",
    )


async def current(engine: AsyncEngine) -> str | None:
    """The database's revision; None for one that was never migrated."""
    async with engine.connect() as connection:
        return await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())


async def upgrade(engine: AsyncEngine) -> None:
    """To head. Killed in between, it goes on where it was when run again. Raises `UserMistakeError` where a newer
    version has used the database."""
    mistake = too_new(await current(engine))
    if mistake is not None:
        raise mistake
    if engine.dialect.name == "sqlite":
        await _upgrade(engine)
        return
    # A grown table, or another process that migrates, takes longer than any statement of a running bot may.
    patient = make_engine(engine.url.render_as_string(hide_password=False), pool_size=1, longest=None)
    try:
        await _upgrade(patient)
    finally:
        await patient.dispose()


async def _upgrade(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            await connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            await connection.rollback()
            raw = await connection.get_raw_connection()
            await raw.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        else:
            async with connection.begin():
                await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        try:
            async with connection.begin():
                await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
        finally:
            if engine.dialect.name != "sqlite":
                async with connection.begin():
                    await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        await connection.invalidate()


async def differences(engine: AsyncEngine) -> list[object]:
    """What the models say that the migrated database does not; empty where they agree."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: list(compare_metadata(MigrationContext.configure(sync), Base.metadata))
        )
