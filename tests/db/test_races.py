"""Who loses a race in the database tries again at the transaction's edge, and nobody notices."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import LONGEST_WHOLE, TRIES, Sessions, make_engine
from tests import postgres

pytestmark = pytest.mark.postgres


@pytest.fixture
async def sessions(postgres_server: postgres.Server) -> AsyncIterator[Sessions]:
    engine = make_engine(postgres_server.url)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE IF EXISTS races")
        await connection.exec_driver_sql("CREATE TABLE races (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
        await connection.exec_driver_sql("INSERT INTO races VALUES (1, 0), (2, 0)")
    yield Sessions(engine)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE races")
    await engine.dispose()


async def add(session: AsyncSession, row: int) -> None:
    await session.execute(text("UPDATE races SET n = n + 1 WHERE id = :row"), {"row": row})


async def counts(sessions: Sessions) -> list[int]:
    async with sessions.begin() as session:
        return list(await session.scalars(text("SELECT n FROM races ORDER BY id")))


@dataclass(kw_only=True)
class Crossing:
    """Adds to one row, then to the other, once the other side holds that one."""

    rows: tuple[int, int]
    holds: asyncio.Event = field(default_factory=asyncio.Event)
    tries: int = 0

    async def work(self, session: AsyncSession, other: "Crossing") -> int:
        self.tries += 1
        await add(session, self.rows[0])
        self.holds.set()
        await other.holds.wait()
        await add(session, self.rows[1])
        return self.rows[0]


async def test_both_sides_of_a_deadlock_end_committed(sessions: Sessions) -> None:
    here, there = Crossing(rows=(1, 2)), Crossing(rows=(2, 1))
    done = await asyncio.gather(
        sessions.run(lambda session: here.work(session, there)),
        sessions.run(lambda session: there.work(session, here)),
    )
    assert list(done) == [1, 2]
    assert {here.tries, there.tries} == {1, 2}, "PostgreSQL ends one side of a deadlock, and only that"
    assert await counts(sessions) == [2, 2], "what was rolled back must not count"


async def test_a_serialisation_failure_is_tried_again(sessions: Sessions) -> None:
    """The row changes after the snapshot was taken and before it is written: the first time only."""
    tries = 0

    async def work(session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await session.execute(text("SELECT n FROM races"))
        if tries == 1:
            async with sessions.begin() as faster:
                await add(faster, 1)
        await add(session, 1)

    await sessions.run(work)
    assert tries == 2
    assert await counts(sessions) == [2, 0]


async def test_who_always_loses_is_told_in_the_end(sessions: Sessions) -> None:
    tries = 0

    async def work(session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        await session.execute(text("SELECT n FROM races"))
        async with sessions.begin() as faster:
            await add(faster, 1)
        await add(session, 1)

    with pytest.raises(DBAPIError, match="could not serialize"):
        await sessions.run(work)
    assert tries == TRIES
    assert await counts(sessions) == [TRIES, 0]


@pytest.mark.parametrize(
    ("statement", "error"), [("INSERT INTO races VALUES (1, 9)", IntegrityError), ("SELECT 1/0", DBAPIError)]
)
async def test_what_is_no_race_is_not_tried_again(sessions: Sessions, statement: str, error: type[DBAPIError]) -> None:
    tries = 0

    async def work(session: AsyncSession) -> None:
        nonlocal tries
        tries += 1
        await add(session, 2)
        await session.execute(text(statement))

    with pytest.raises(error):
        await sessions.run(work)
    assert tries == 1
    assert await counts(sessions) == [0, 0]


ASKED_STATE = "SELECT state, wait_event FROM pg_stat_activity WHERE query LIKE 'SELECT n + 2 FROM races%'"
LOCKED = "SELECT n FROM races WHERE id = 1 FOR UPDATE"


async def test_a_process_that_freezes_in_mid_statement_lets_go_of_what_it_locked(
    sessions: Sessions, postgres_server: postgres.Server
) -> None:
    """It has told PostgreSQL of a statement and not yet asked for its rows: to PostgreSQL it works, and is not idle."""
    frozen = make_engine(postgres_server.url, longest_whole=timedelta(seconds=1))
    async with frozen.connect() as connection, sessions.begin() as session:
        if (await connection.exec_driver_sql("SHOW server_version_num")).scalar_one() < "170000":
            pytest.skip("this PostgreSQL has no transaction_timeout")
        await connection.exec_driver_sql(LOCKED)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.prepare("SELECT n + 2 FROM races")
        assert (await session.execute(text(ASKED_STATE))).one() == ("active", "ClientRead")
        assert await session.scalar(text(LOCKED)) == 0  # waits until it may
        with pytest.raises(DBAPIError):
            await connection.exec_driver_sql(LOCKED)
        await connection.invalidate()
    await frozen.dispose()


async def test_only_what_has_to_may_take_longer(postgres_server: postgres.Server) -> None:
    engine = make_engine(postgres_server.url, longest_whole=LONGEST_WHOLE)
    hurried = Sessions(engine)
    for sessions, limit in ((hurried, "30s"), (hurried.unhurried(), "0"), (hurried, "30s")):
        async with sessions.begin() as session:
            asked = "SELECT current_setting('transaction_timeout', true), current_setting('server_version_num')::int"
            found, version = tuple((await session.execute(text(asked))).one())
            assert found == (limit if version >= 170000 else None)
    await engine.dispose()
