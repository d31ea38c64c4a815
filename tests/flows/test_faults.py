"""Processes that come and go, judged by the messages that were really made."""

import shutil
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.db.tables.workspaces import Heartbeat
from tests.faults.delivering import channels_ready
from tests.flows import owing
from tests.flows.conftest import flowing
from tests.flows.owing import all_sent_once, lines, owe, set_up, until
from tests.postgres import Server


async def test_rolling_restarts_under_load(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=10, each=6) as flow, flow.parts() as parts:
        await owe(flow, lines(10), each=6)
        for restart in range(1, 6):
            bot = await flow.start()

            async def more(expected: int = restart * 4) -> bool:
                return len(await flow.posts()) >= expected

            await until(flow, more)
            assert await flow.stop(bot, signal.SIGTERM) == 0
            found = await owing.states(parts)
            assert found["claimed"] + found["sending"] + found["unresolved"] == 0, "SIGTERM left something in flight"
        await flow.start()
        await all_sent_once(flow, parts, 60, within=60)


@pytest.mark.postgres
@pytest.mark.parametrize("processes", [2, 3])
async def test_several_processes_post_each_occurrence_once(
    tmp_path: Path, postgres_server: Server, processes: int
) -> None:
    """60 slots that fall due within three seconds, on one PostgreSQL."""
    url = await postgres_database(postgres_server, f"flows{processes}")
    async with flowing(tmp_path, url, channels=20) as flow, flow.parts() as parts:
        flow.env["CANTEEN_HTTP"] = ""  # one port cannot be had by several; Socket Mode needs none
        await flow.install(stories=5)
        for _ in range(processes):
            await flow.start()
        await set_up(flow, lines(20), *(in_seconds(10 + after) for after in range(3)))
        await all_sent_once(flow, parts, 60, within=90)
        assert await owing.count(parts, "heartbeats", "true") == processes


async def postgres_database(server: Server, name: str) -> str:
    import asyncpg  # type: ignore[import-untyped]

    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(f"DROP DATABASE IF EXISTS {name}")
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return server.url.rpartition("/")[0] + f"/{name}"


def in_seconds(seconds: int) -> str:
    moment = (datetime.now(UTC) + timedelta(seconds=seconds)).astimezone(ZoneInfo("Europe/Lisbon"))
    return f"story:{moment:%a}@{moment:%H:%M:%S}".lower()


def restore(backup: Path, database: Path) -> None:
    """As `docs/operations.md` says: the file back in its place, and no journal of the newer one beside it."""
    shutil.copy(backup, database)
    for left in database.parent.glob(f"{database.name}-*"):
        left.unlink()


async def test_a_restored_backup_posts_nothing_twice(tmp_path: Path) -> None:
    """The backup was made while everything was still owed, and all of it was sent afterwards."""
    database, backup = tmp_path / "canteen.db", tmp_path / "backup.db"
    async with channels_ready(tmp_path, number=5, each=2) as flow:
        assert await flow.stop(await flow.start(), signal.SIGTERM) == 0
        await owe(flow, lines(5), each=2)
        shutil.copy(database, backup)
        bot = await flow.start()
        async with flow.parts() as parts:
            await all_sent_once(flow, parts, 10, within=60)
        await flow.stop(bot, signal.SIGTERM)
        restore(backup, database)
        async with flow.parts() as parts:
            async with parts.sessions.begin() as session:
                long_ago = datetime.now(UTC) - timedelta(hours=6)
                await session.execute(update(Heartbeat).values(started_at=long_ago, ticked_at=long_ago))
            assert (await owing.states(parts))["pending"] == 10
            bot = await flow.start()
            await flow.stop(bot, signal.SIGKILL)  # and the first process after the restore does not get far
            await flow.start()
            await all_sent_once(flow, parts, 10, within=60)
            assert sum((await owing.made(flow)).values()) == 10
