from datetime import UTC, datetime, timedelta

import pytest

from bot.db.engine import Sessions, wal_is_safe
from bot.db.moment import db_now
from bot.db.seen import first_time, outcome_of, remember_outcome
from bot.db.tables.channels import WeeklyTotal
from bot.db.upsert import insert_new, upsert

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


async def test_the_databases_time_is_aware_and_close_to_ours(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        found = await db_now(session)
    assert found.tzinfo is UTC
    assert abs(found - datetime.now(UTC)) < timedelta(seconds=10)


async def test_an_offset_shifts_the_databases_time(sessions: Sessions) -> None:
    drill = Sessions(sessions.engine, clock_offset=timedelta(days=3))
    async with drill.begin() as session:
        found = await db_now(session)
    assert timedelta(days=2, hours=23) < found - datetime.now(UTC) < timedelta(days=3, hours=1)


async def test_an_event_counts_once_and_a_repeat_is_told_the_first_outcome(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        assert await first_time(session, workspace_id="T1", key="event:1", now=NOW)
        await remember_outcome(session, workspace_id="T1", key="event:1", outcome="stored")
    async with sessions.begin() as session:
        assert not await first_time(session, workspace_id="T1", key="event:1", now=NOW)
        assert await first_time(session, workspace_id="T2", key="event:1", now=NOW)
        assert await outcome_of(session, workspace_id="T1", key="event:1") == "stored"


async def test_an_event_whose_transaction_failed_counts_again(sessions: Sessions) -> None:
    with pytest.raises(RuntimeError):
        async with sessions.begin() as session:
            assert await first_time(session, workspace_id="T1", key="event:1", now=NOW)
            raise RuntimeError
    async with sessions.begin() as session:
        assert await first_time(session, workspace_id="T1", key="event:1", now=NOW)


async def test_upsert_writes_and_overwrites_in_groups(sessions: Sessions) -> None:
    key = ("workspace_id", "channel_id", "week", "what")
    rows = [
        {"workspace_id": "T1", "channel_id": f"C{n}", "week": NOW.date(), "what": "open", "count": n}
        for n in range(7000)
    ]
    async with sessions.begin() as session:
        await upsert(session, WeeklyTotal, rows, key=key)
        await upsert(session, WeeklyTotal, [{**rows[5], "count": 99}], key=key)
        assert not await insert_new(session, WeeklyTotal, {**rows[5], "count": 1}, key=key)
    async with sessions.begin() as session:
        total = await session.get(WeeklyTotal, ("T1", "C5", NOW.date(), "open"))
    assert total is not None
    assert total.count == 99


@pytest.mark.row("E7")
@pytest.mark.parametrize(
    ("version", "safe"),
    [((3, 40, 1), False), ((3, 44, 6), True), ((3, 50, 6), False), ((3, 51, 3), True), ((3, 52, 0), True)],
)
def test_write_ahead_logging_is_used_only_where_its_corruption_race_is_mended(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe
