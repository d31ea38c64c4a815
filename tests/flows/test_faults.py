"""What Slack and the network do to the real program, judged by the messages that were really made."""

import asyncio
import itertools
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.db.tables.workspaces import Heartbeat
from bot.defaults import load_defaults
from bot.delivery.installations import check_token, store_workspace
from bot.features.channels import service as channels
from bot.features.stories import service as stories
from bot.registry import content_kinds
from bot.settings import Settings
from bot.wiring import build, open_parts
from tests.flows import owing
from tests.flows.company import ADMIN, MAKER, MANAGER, OTHER
from tests.flows.conftest import Flow, flowing
from tests.flows.owing import WORKSPACE, all_sent_once, calls, faults, lines, owe, set_up, until
from tests.postgres import Server

POST = ["chat.postMessage"]


@asynccontextmanager
async def channels_ready(folder: Path, *, number: int, each: int = 1, database: str = "") -> AsyncIterator[Flow]:
    """`number` channels with a schedule of next Monday, and stories enough for `each` posts to every one."""
    async with flowing(folder, database or f"sqlite:///{folder / 'canteen.db'}", channels=number) as flow:
        await flow.install(stories=each + 2)
        await set_up(flow, lines(number))
        yield flow


# Made, and the answer lost --------------------------------------------------------------------------------------------


@pytest.mark.row("A2", "A4")
async def test_made_and_the_answer_lost_in_every_way_there_is(tmp_path: Path) -> None:
    """Each of the first calls ends in another way; what is looked up is found, and nothing is made again."""
    ways: list[dict[str, Any]] = [
        {"what": "reset_after"}, {"what": "error_after", "status": 500}, {"what": "error_after", "status": 503},
        {"what": "error_after", "error": "internal_error"}, {"what": "error_after", "error": "fatal_error"},
    ]  # fmt: skip
    async with channels_ready(tmp_path, number=10, each=2) as flow, flow.parts() as parts:
        await owe(flow, lines(10), each=2)
        await faults(flow, *({"methods": POST, "times": 4, **way} for way in ways))
        await flow.start()
        await all_sent_once(flow, parts, 20, within=60)
        struck = [one["fault"] for one in await calls(flow, "chat.postMessage")]
        assert struck == ["reset_after"] * 4 + ["error_after"] * 16


@asynccontextmanager
async def moving(flow: Flow, *, timeout: float) -> AsyncIterator[Any]:
    """Sender and reconciler of this process, with a time-out of the test's own."""
    async with open_parts(Settings.model_validate(flow.env)) as parts:
        parts.gateway.timeout = timeout
        machine = build(parts)
        tasks = [asyncio.create_task(machine.sender.run()), asyncio.create_task(machine.reconciler.keep_going())]
        try:
            yield parts
        finally:
            await machine.sender.stop(5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_made_and_the_answer_later_than_we_wait(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=5, each=2) as flow:
        await owe(flow, lines(5), each=2)
        await faults(flow, {"methods": POST, "what": "late_after", "seconds": 4})
        async with moving(flow, timeout=1.5) as parts:
            await all_sent_once(flow, parts, 10, within=60)


# Not made -------------------------------------------------------------------------------------------------------------


async def test_refused_for_a_while_nothing_is_lost(tmp_path: Path) -> None:
    """503 to everything, and connections reset before anything was carried out. Every post meets one or the other, so
    that all of them are looked up in the same half minute."""
    async with channels_ready(tmp_path, number=5) as flow, flow.parts() as parts:
        await owe(flow, lines(5))
        await flow.start()
        await all_sent_once(flow, parts, 5, within=30)
        await faults(flow, {"methods": POST, "what": "reset_before", "times": 3}, {"what": "refuse", "times": 6})
        await owe(flow, lines(5), batch="2")
        await all_sent_once(flow, parts, 10, within=90)


@pytest.mark.parametrize("given", [None, "0", "-1", "soon"])
async def test_a_strange_retry_after_is_a_second(tmp_path: Path, given: str | None) -> None:
    async with channels_ready(tmp_path, number=4) as flow:
        await owe(flow, lines(4))
        await faults(flow, {"methods": POST, "what": "rate_limited", "times": 3, "retry_after": given})
        async with moving(flow, timeout=10) as parts:
            await all_sent_once(flow, parts, 4, within=40)
        refused = [one["at"] for one in await calls(flow, "chat.postMessage") if one["status"] == 429]
        assert len(refused) == 3
        assert all(later - earlier >= 0.95 for earlier, later in itertools.pairwise(refused))


async def test_told_to_wait_nobody_calls_early_and_the_operator_sees_it(tmp_path: Path) -> None:
    """A storm of 429 with `Retry-After: 3`; then one with a day, which is cut to an hour."""
    async with channels_ready(tmp_path, number=8) as flow, flow.parts() as parts:
        await owe(flow, lines(8))
        await faults(flow, {"methods": POST, "what": "rate_limited", "times": 3, "retry_after": "3"})
        await flow.start()
        await all_sent_once(flow, parts, 8, within=60)
        moments = [(one["at"], one["status"]) for one in await calls(flow, "chat.postMessage")]
        waits = [later - at for (at, status), (later, _) in itertools.pairwise(moments) if status == 429]
        assert len(waits) == 3
        assert min(waits) >= 3.0
        await faults(flow, {"methods": POST, "what": "rate_limited", "retry_after": "86400"})
        before = len(moments)
        await owe(flow, lines(8), batch="2")

        async def shown() -> bool:
            async with flow.http.get(f"http://{flow.env['CANTEEN_HTTP']}/metrics") as answer:
                figures = await answer.text()
            lines = [line for line in figures.splitlines() if "rate_limit" in line and not line.startswith("#")]
            return any("chat.postMessage" in line for line in lines)

        await until(flow, shown)
        waiting = "error = 'ratelimited' OR due_at > datetime('now', '+3000 seconds')"

        async def all_wait() -> bool:
            return await owing.count(parts, "deliveries", f"state = 'pending' AND ({waiting})") == 8

        await until(flow, all_wait)
        assert len(await calls(flow, "chat.postMessage")) - before <= 1


# What a person or an admin has to mend --------------------------------------------------------------------------------


async def test_one_poisoned_message_holds_up_no_other(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=10) as flow, flow.parts() as parts:
        await owe(flow, lines(10))
        poison = {"methods": POST, "what": "error_before", "error": "invalid_blocks", "channel": "C0LINE3"}
        await faults(flow, poison)
        await flow.start()

        async def ended() -> bool:
            found = await owing.states(parts)
            return (found["sent"], found["failed"]) == (9, 1)

        await until(flow, ended)
        assert len([one for one in await calls(flow, "chat.postMessage") if one["error"] == "invalid_blocks"]) == 1
        assert sum((await owing.states(parts, stories.FAILED)).values()) == 1


async def test_an_archived_channel_is_paused_and_its_owner_told_once(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=3, each=3) as flow, flow.parts() as parts:
        await owe(flow, lines(3), each=3)
        refused = {"methods": POST, "what": "error_before", "error": "is_archived", "channel": "C0LINE0"}
        await faults(flow, refused)
        await flow.start()

        async def ended() -> bool:
            found = await owing.states(parts)
            return found["sent"] == 6 and found["pending"] + found["claimed"] + found["sending"] == 0

        await until(flow, ended)
        tried = [one for one in await calls(flow, "chat.postMessage") if one["args"]["channel"] == "C0LINE0"]
        assert len({str(one["args"]["metadata"]) for one in tried}) == len(tried), "one was tried again"
        async with parts.sessions.begin() as session:
            channel = await channels.get(session, WORKSPACE, "C0LINE0")
        assert channel is not None
        assert channel.state == "paused"
        assert sum((await owing.states(parts, channels.TROUBLE)).values()) == 1


async def test_somebody_who_has_left_keeps_nothing_from_the_others(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=1) as flow, flow.parts() as parts:
        kind = content_kinds(parts.settings, load_defaults())["story"]
        assert (await flow.send("admin", {"do": "deactivate", "user": MANAGER}))["ok"]
        async with parts.sessions.begin() as session:
            audience = await channels.audience(session, WORKSPACE, "C0LINE0")
            assert audience is not None
            for user in (ADMIN, MAKER, MANAGER, OTHER):
                now = parts.clock.now()
                assert await kind.test_post(session, audience, to_user=user, request=user, now=now)
        await flow.start()

        async def ended() -> bool:
            found = await owing.states(parts, stories.TEST)
            return (found["sent"], found["failed"]) == (3, 1)

        await until(flow, ended)
        assert len(await flow.posts()) == 3


async def test_a_revoked_token_stops_everything_and_a_new_one_goes_on(tmp_path: Path) -> None:
    async with channels_ready(tmp_path, number=10, each=3) as flow, flow.parts() as parts:
        await owe(flow, lines(10), each=3)
        await flow.start()

        async def some() -> bool:
            return len(await flow.posts()) >= 8

        async def dead() -> bool:
            return await owing.count(parts, "workspaces", "state = 'dead'") == 1

        await flow.until(some)
        assert (await flow.send("admin", {"do": "revoke_token"}))["ok"]
        await flow.until(dead)
        assert (await flow.send("admin", {"do": "reinstall", "token": "xoxb-flows-2"}))["ok"]
        # As `canteen workspace add` does it, but at once, while the running process still remembers the old token.
        checked = await check_token(parts.gateway, "xoxb-flows-2")
        async with parts.sessions.begin() as session:
            await store_workspace(session, token="xoxb-flows-2", checked=checked)
        await all_sent_once(flow, parts, 30, within=60)
        refused = [one for one in await calls(flow, "chat.postMessage") if not one["ok"]]
        assert len(refused) <= 2, refused  # the one that was told, and at most one further call


# Processes that come and go -------------------------------------------------------------------------------------------


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
