"""What the doctor finds of the states that faults leave in the database."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.commands import left_behind
from bot.commands.findings import Finding
from bot.db.migrate import upgrade
from bot.db.moment import db_now
from bot.db.tables.channels import Occurrence
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Heartbeat, Workspace
from bot.delivery.queue import enqueue
from bot.settings import Settings
from bot.wiring import Parts, open_parts
from tests.commands.conftest import say

LONG = timedelta(minutes=30)


@pytest.fixture
async def parts(nowhere: Path) -> AsyncIterator[Parts]:
    """A workspace that is owed one message, and a process that lives."""
    async with open_parts(Settings(DATABASE_URL=f"sqlite:///{nowhere / 'canteen.db'}")) as parts:  # type: ignore[call-arg]
        await upgrade(parts.sessions.engine)
        async with parts.sessions.begin() as session:
            now = await db_now(session)
            session.add(
                Workspace(
                    id="T1", name="One", bot_token="xoxb-1", bot_id="B1", bot_user_id="U0", scopes=[], added_at=now
                )
            )
            session.add(Heartbeat(process="one", started_at=now, ticked_at=now))
            await session.flush()
            await enqueue(
                session, now=now, workspace_id="T1", kind="story", key="1", method="post", target="C1", ref={}
            )
        yield parts


async def found(parts: Parts) -> list[Finding]:
    return [one async for one in left_behind.left_behind(parts)]


async def leave(parts: Parts, **values: Any) -> None:
    async with parts.sessions.begin() as session:
        await session.execute(update(Delivery).values(**values))


async def test_what_is_owed_now_is_nothing_to_tell(parts: Parts) -> None:
    assert [one.level for one in await found(parts)] == ["fine"]


@pytest.mark.parametrize(
    ("values", "level", "part"),
    [
        ({"state": "pending", "due_at": -LONG}, "serious", "has been due for 30 minutes"),
        ({"state": "sending", "lease_until": -LONG}, "serious", "left by a process that was killed"),
        ({"state": "claimed", "lease_until": -LONG}, "serious", "left by a process that was killed"),
        ({"state": "unresolved", "unknown_at": timedelta(0)}, "note", "are being looked up"),
        ({"state": "unresolved", "unknown_at": -LONG}, "serious", "could not be looked up in Slack's history for 30"),
        ({"state": "uncertain"}, "serious", "1 deliveries are uncertain"),
        ({"state": "failed"}, "note", "1 deliveries failed"),
    ],
)
async def test_a_message_in_trouble(parts: Parts, values: dict[str, Any], level: str, part: str) -> None:
    now = datetime.now(UTC)
    await leave(parts, **{name: now + one if isinstance(one, timedelta) else one for name, one in values.items()})
    (one,) = await found(parts)
    assert one.level == level
    assert part in one.what
    assert one.cure


async def test_what_waits_for_a_token_is_not_late(parts: Parts) -> None:
    await leave(parts, due_at=datetime.now(UTC) - LONG)
    async with parts.sessions.begin() as session:
        await session.execute(update(Workspace).values(state="dead"))
    assert [one.level for one in await found(parts)] == ["fine"]


async def test_posts_that_nobody_could_make_in_time(parts: Parts) -> None:
    now = datetime.now(UTC)
    async with parts.sessions.begin() as session:
        for number, (reason, days) in enumerate([("missed", 1), ("late", 2), ("quiet_date", 1), ("late", 20)]):
            session.add(
                Occurrence(
                    id=str(number),
                    workspace_id="T1",
                    channel_id="C1",
                    kind="story",
                    due_at=now - timedelta(days=days),
                    local_day=date(2026, 11, 1),
                    state="skipped",
                    reason=reason,
                    decided_at=now,
                )
            )
    (one,) = await found(parts)
    assert one.what == "2 posts of the last seven days were left out: nobody could post them in time"


async def test_a_disk_that_is_nearly_full(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_behind, "ROOM", 1 << 62)
    assert [one.level for one in left_behind.room(parts)] == ["serious"]


def doctor_says() -> list[tuple[str, str]]:
    return [(one["what"], one["cure"]) for one in say("doctor", "--json").json if one["level"] == "serious"]


def test_a_database_that_another_program_holds(nowhere: Path) -> None:
    assert say("migrate").code == 0
    with closing(sqlite3.connect(nowhere / "canteen.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ((what, cure),) = doctor_says()
    assert what == "the database does not answer (OperationalError)"
    assert "another program writes" in cure


def test_a_file_that_is_damaged(nowhere: Path) -> None:
    (nowhere / "canteen.db").write_bytes(b"not a database" * 200)
    ((_, cure),) = doctor_says()
    assert cure == "DATABASE_URL names another kind of file"


def test_a_database_that_a_newer_version_has_used_and_that_serves_this_one_no_more(nowhere: Path) -> None:
    assert say("migrate").code == 0
    with closing(sqlite3.connect(nowhere / "canteen.db")) as file:
        file.execute("UPDATE alembic_version SET version_num = '9999_later'")
        file.execute("UPDATE schema_facts SET value = '9998_late' WHERE key = 'serves'")
        file.commit()
    ((what, cure),) = doctor_says()
    assert "9999_later, which this version does not know" in what
    assert "run that version again" in cure


def test_settings_with_which_the_bot_would_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    assert say("migrate").code == 0
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    whats = [what for what, _ in doctor_says()]
    assert any("`canteen run` would not start: SLACK_APP_TOKEN and SLACK_SIGNING_SECRET" in what for what in whats)
