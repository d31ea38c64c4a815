"""E11: a migration that is killed at any statement goes on when it is run again, and ends where one that was not does."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.levels import FIRST_SERVED, head
from bot.db.migrate import current, upgrade
from tests.db.empty import empty_database, schema_of, upgrade_to
from tests.db.killed import writes
from tests.faults.proof import Proof
from tests.flows.forking import Forked, fork

ROOT = Path(__file__).parents[2]
NOTHING = "nothing"
pytestmark = [pytest.mark.row("E11"), pytest.mark.slow]
from_each = pytest.mark.parametrize("level", [NOTHING, FIRST_SERVED])


@contextmanager
def counting(before: Callable[[int], None] = lambda _number: None) -> Iterator[list[int]]:
    """How many statements have written anything so far; `before` is called with each one's number."""
    seen = [0]

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if writes(statement):
            seen[0] += 1
            before(seen[0])

    event.listen(Engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", count)


async def begin(engine: AsyncEngine, level: str) -> None:
    if level != NOTHING:
        await upgrade_to(engine, level)


async def migrating(engine: AsyncEngine, *, killed_before: int | None = None) -> Forked:
    """`canteen migrate`, a process of its own."""
    url = engine.url.set(drivername=engine.url.get_backend_name()).render_as_string(hide_password=False)
    prelude = None if killed_before is None else ("tests.db.killed:before_statement", {"number": str(killed_before)})
    return await fork(["migrate"], env={**os.environ, "DATABASE_URL": url}, folder=ROOT, prelude=prelude)


def anew(url: str, number: int) -> str:
    """Another file each time; of PostgreSQL's databases one is made anew by its name."""
    return f"{url}.{number}" if url.startswith("sqlite") else url


def some(total: int, most: int) -> list[int]:
    """From the first to the last, evenly."""
    return (
        sorted({1 + round(step * (total - 1) / (most - 1)) for step in range(most)})
        if total > most
        else [*range(1, total + 1)]
    )


@from_each
async def test_killed_by_the_system_and_run_again(database_url: str, level: str, proof: Proof) -> None:
    """`kill -9` of a real process."""
    async with empty_database(anew(database_url, 0)) as engine:
        await begin(engine, level)
        with counting() as seen:
            await upgrade(engine)
        wanted, total = await schema_of(engine), seen[0]
    points = some(total, proof.at(small=2 if level == NOTHING else 3, full=total))
    for number in points:
        async with empty_database(anew(database_url, number)) as engine:
            await begin(engine, level)
            killed = await migrating(engine, killed_before=number)
            assert await killed.wait() == -signal.SIGKILL, f"statement {number} of {total}"
            await upgrade(engine)
            assert await schema_of(engine) == wanted, f"statement {number} of {total}"
    name = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
    proof.found(f"{name} from {level}: {len(points)} of {total} statements, each completed when run again")


@from_each
async def test_what_a_kill_at_any_statement_leaves_of_a_file_goes_on(tmp_path: Path, level: str, proof: Proof) -> None:
    """The file and its journal as they are on the disk at every statement, opened as after a kill."""
    file = tmp_path / "canteen.db"

    def keep(number: int) -> None:
        for path in tmp_path.glob("canteen.db*"):
            shutil.copyfile(path, tmp_path / path.name.replace("canteen", f"at-{number}"))

    async with empty_database(f"sqlite:///{file}") as engine:
        await begin(engine, level)
        with counting(keep) as seen:
            await upgrade(engine)
        wanted = await schema_of(engine)
    states: set[str] = set()
    for number in range(1, seen[0] + 1):
        async with empty_database(f"sqlite:///{tmp_path / f'at-{number}.db'}") as left:
            state = await schema_of(left)
            if state not in states:  # what is left is all that a migration goes by
                states.add(state)
                await upgrade(left)
                assert await schema_of(left) == wanted, f"statement {number} of {seen[0]}"
    assert seen[0] > 3
    proof.found(f"SQLite from {level}: what {seen[0]} of {seen[0]} statements leave on the disk is completed")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_two_that_migrate_at_once_do_it_once(database_url: str) -> None:
    async with empty_database(database_url) as engine:
        await upgrade(engine)
        wanted = await schema_of(engine)
    async with empty_database(database_url) as engine:
        await upgrade_to(engine, FIRST_SERVED)
        async with engine.connect() as slow:  # so that both are at it for a while
            await slow.execute(text("SELECT count(*) FROM heartbeats"))
            both = [await migrating(engine), await migrating(engine)]
            async with engine.connect() as watching:
                while (await watching.execute(CONNECTED)).scalar_one() < len(both):
                    await watching.rollback()
        assert [await one.wait() for one in both] == [0, 0], [await one.out.read() for one in both]
        assert await schema_of(engine) == wanted


CONNECTED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%advisory_lock%'"
)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_bot_beside_goes_on_during_a_migration(database_url: str) -> None:
    """It writes all the time, with the statements of the level before."""
    beat = text(
        "INSERT INTO heartbeats (process, started_at, ticked_at) VALUES ('old', now(), now())"
        " ON CONFLICT (process) DO UPDATE SET ticked_at = now()"
    )
    async with empty_database(database_url) as engine:
        await upgrade_to(engine, FIRST_SERVED)
        task, beats = asyncio.create_task(upgrade(engine)), 0
        while not task.done():
            async with asyncio.timeout(3), engine.begin() as connection:
                await connection.execute(beat)
            beats += 1
        await task
        assert beats > 0
        assert await current(engine) == head()
