from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import make_engine
from bot.db.migrate import current, differences, head, upgrade


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
