"""A14: what a tick does when its job fails, and what /healthz hears of it."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError

from bot.db.away import is_away
from bot.schedule.ticker import Ticker, TickJob
from tests.doubles import FixedClock

SECOND = timedelta(seconds=1)


def job(name: str, every: timedelta, ran: list[datetime], *, fails: bool = False) -> TickJob:
    async def run(now: datetime) -> None:
        ran.append(now)
        if fails:
            raise RuntimeError("no database")

    return TickJob(name=name, every=every, run=run)


async def test_a_job_that_fails_is_logged_counted_and_turns_health_red(
    clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[datetime] = []
    counted: list[tuple[str, bool]] = []
    broken = job("due", 3 * SECOND, ran, fails=True)
    ticker = Ticker([broken], clock=clock, on_tick=lambda name, ok: counted.append((name, ok)))
    await ticker.tick(broken)
    assert counted == [("due", False)]
    assert "job due failed" in caplog.text
    assert ticker.healthy(clock.advance(25 * SECOND))
    assert not ticker.healthy(clock.advance(SECOND))


async def test_a_completed_tick_turns_health_green_again(clock: FixedClock) -> None:
    ran: list[datetime] = []
    fine = job("due", 3 * SECOND, ran)
    ticker = Ticker([fine], clock=clock)
    clock.advance(60 * SECOND)
    assert not ticker.healthy(clock.now())
    await ticker.tick(fine)
    assert ticker.healthy(clock.now())
    assert ticker.last_ticked == clock.now()
    assert ran == [clock.now()]


async def test_one_failing_job_turns_health_red_although_the_others_move(clock: FixedClock) -> None:
    ran: list[datetime] = []
    fine, broken = job("due", 3 * SECOND, ran), job("heartbeat", 5 * SECOND, ran, fails=True)
    ticker = Ticker([fine, broken], clock=clock)
    clock.advance(31 * SECOND)
    await ticker.tick(fine)
    await ticker.tick(broken)
    assert not ticker.healthy(clock.now())


async def test_a_database_that_is_away_is_no_reason_to_start_the_process_again(clock: FixedClock) -> None:
    """E1: the ticker moves, whatever its jobs find; only a fault of ours turns health red."""
    ran: list[datetime] = []
    counted: list[bool] = []
    lost, broken = ConnectionRefusedError(), job("broken", 3 * SECOND, ran, fails=True)

    async def away(_now: datetime) -> None:
        raise lost

    job_away = TickJob(name="heartbeat", every=5 * SECOND, run=away)
    ticker = Ticker([job_away], clock=clock, on_tick=lambda _, ok: counted.append(ok))
    for _ in range(10):
        clock.advance(5 * SECOND)
        await ticker.tick(job_away)
        assert ticker.healthy(clock.now())
    assert counted == [False] * 10
    both = Ticker([job_away, broken], clock=clock)
    clock.advance(26 * SECOND)
    await both.tick(job_away)
    await both.tick(broken)
    assert not both.healthy(clock.now())


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("", {}, Exception("database or disk is full")), True),
        (DBAPIError("", {}, Exception("the database system is starting up")), True),
        (InterfaceError("", {}, Exception("connection is closed")), True),
        (TimeoutError(), True),
        (ProgrammingError("", {}, Exception("no such column")), False),
        (IntegrityError("", {}, Exception("duplicate key")), False),
        (KeyError("slot"), False),
    ],
)
def test_what_says_that_the_database_is_away(error: Exception, away: bool) -> None:
    assert is_away(error) is away


async def test_a_daily_job_says_nothing_about_health(clock: FixedClock) -> None:
    ran: list[datetime] = []
    often, daily = job("due", 3 * SECOND, ran), job("people", timedelta(days=1), ran, fails=True)
    ticker = Ticker([often, daily], clock=clock)
    clock.advance(31 * SECOND)
    await ticker.tick(often)
    assert ticker.healthy(clock.now())


async def test_started_it_ticks_by_itself_and_stop_waits_for_what_is_under_way(clock: FixedClock) -> None:
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(now: datetime) -> None:
        begun.set()
        await may_end.wait()
        ended.set()

    ticker = Ticker([TickJob(name="slow", every=timedelta(milliseconds=20), run=slow)], clock=clock)
    ticker.start()
    await asyncio.wait_for(begun.wait(), 5)
    stopping = asyncio.create_task(ticker.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    may_end.set()
    await asyncio.wait_for(stopping, 5)
    assert ended.is_set()


async def test_jobs_tick_again_and_again_at_their_interval(clock: FixedClock) -> None:
    ran: list[datetime] = []
    thrice = asyncio.Event()

    async def run(now: datetime) -> None:
        ran.append(now)
        if len(ran) == 3:
            thrice.set()

    ticker = Ticker([TickJob(name="often", every=timedelta(milliseconds=20), run=run)], clock=clock)
    ticker.start()
    await asyncio.wait_for(thrice.wait(), 5)
    await ticker.stop()
    count = len(ran)
    await asyncio.sleep(0)
    assert len(ran) == count
