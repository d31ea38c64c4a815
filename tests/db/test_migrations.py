from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import UserMistakeError
from bot.db.levels import FIRST_SERVED, head, scripts, serves, standing
from bot.db.migrate import current, differences, upgrade
from tests.db.empty import empty_database


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[AsyncEngine]:
    async with empty_database(database_url) as engine:
        yield engine


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


async def _as_of_a_newer_version(engine: AsyncEngine, *, serves: str) -> None:
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
        await connection.execute(
            text("UPDATE schema_facts SET value = :serves WHERE key = 'serves'"), {"serves": serves}
        )


async def test_a_newer_one_that_serves_this_version_is_used_and_left_as_it_is(empty: AsyncEngine) -> None:
    await _as_of_a_newer_version(empty, serves=head())
    found = await standing(empty)
    assert (found.newer, found.mistake(), found.outdated()) == (True, None, None)
    await upgrade(empty)
    assert await current(empty) == "9999_later"


async def test_a_newer_one_that_has_taken_away_what_this_version_uses_is_refused(empty: AsyncEngine) -> None:
    await _as_of_a_newer_version(empty, serves="9998")
    with pytest.raises(UserMistakeError, match="9999_later, which this version does not know"):
        await upgrade(empty)


async def test_an_older_one_is_outdated_and_an_empty_one_is_not(empty: AsyncEngine) -> None:
    assert (await standing(empty)).outdated() is None
    await upgrade(empty)
    async with empty.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    outdated = (await standing(empty)).outdated()
    assert outdated is not None
    assert outdated.cure == "run `canteen migrate`"


async def test_a_half_copied_one_is_refused_whatever_its_level(empty: AsyncEngine) -> None:
    await upgrade(empty)
    async with empty.begin() as connection:
        await connection.execute(text("INSERT INTO schema_facts (key, value) VALUES ('copying', 'canteen.db')"))
    assert "half copied" in str((await standing(empty)).mistake())


def test_a_contract_moves_the_oldest_level_that_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    assert serves(head()) == FIRST_SERVED
    found, newest = scripts(), head()
    monkeypatch.setattr("bot.db.levels.scripts", lambda: found)
    monkeypatch.setattr(found.get_revision(newest).module, "contract_of", newest, raising=False)
    assert serves(newest) == newest
