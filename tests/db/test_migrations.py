import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import UserMistakeError
from bot.db.engine import make_engine
from bot.db.migrate import LOCK, current, differences, head, upgrade


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A database with nothing in it. On PostgreSQL one of its own, so that others' tables stay."""
    if database_url.startswith("sqlite"):
        engine = make_engine(database_url)
        yield engine
        await engine.dispose()
        return
    keeper = make_engine(database_url)
    async with keeper.connect() as connection:
        own = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await own.execute(text("DROP DATABASE IF EXISTS migrated"))
        await own.execute(text("CREATE DATABASE migrated"))
    engine = make_engine(database_url.rsplit("/", 1)[0] + "/migrated")
    yield engine
    await engine.dispose()
    await keeper.dispose()


async def test_from_nothing_to_the_models(empty: AsyncEngine) -> None:
    assert await current(empty) is None
    await upgrade(empty)
    assert await current(empty) == head()
    assert await differences(empty) == []


async def test_migrating_twice_changes_nothing(empty: AsyncEngine) -> None:
    await upgrade(empty)
    await upgrade(empty)
    assert await differences(empty) == []


async def test_foreign_keys_are_on_again_afterwards(empty: AsyncEngine) -> None:
    await upgrade(empty)
    if empty.dialect.name == "sqlite":
        async with empty.connect() as connection:
            assert (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar_one() == 1


async def test_what_a_newer_version_has_used_is_refused(empty: AsyncEngine) -> None:
    await upgrade(empty)
    async with empty.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(UserMistakeError, match="9999_later, which this version does not know"):
        await upgrade(empty)


WAITS_LONGER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"
    " AND clock_timestamp() - query_start > interval '400 ms'"
)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_migration_may_take_longer_than_any_other_statement(empty: AsyncEngine) -> None:
    """Here it waits for another process that migrates."""
    hasty = make_engine(
        empty.url.render_as_string(hide_password=False), pool_size=1, longest=timedelta(milliseconds=200)
    )
    async with empty.connect() as other, empty.connect() as watching:
        await other.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        migrating = asyncio.create_task(upgrade(hasty))
        while not migrating.done() and not (await watching.execute(WAITS_LONGER)).scalar_one():
            await watching.rollback()
        await other.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
    await migrating
    await hasty.dispose()
    assert await current(empty) == head()
