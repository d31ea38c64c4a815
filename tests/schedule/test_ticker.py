"""A14: what a tick does when its job fails, and what /healthz hears of it."""

import asyncio
from datetime import datetime, timedelta

import pytest

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
    assert ticker.healthy(clock.advance(30 * SECOND))
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
