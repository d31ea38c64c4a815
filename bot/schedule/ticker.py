"""The only file that knows APScheduler: it ticks, nothing more. What is due is worked out in `core.times`.

Its cron trigger skips or doubles local days when clocks change, and a shared job store fires twice with two
processes; so jobs live in memory and run at plain intervals.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.core.clock import Clock, SystemClock
from bot.db.away import is_away

log = logging.getLogger(__name__)
# It warns of each tick that falls due while the one before still runs: that is as meant, and one that hangs is seen by
# `Ticker.healthy`.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)


@dataclass(frozen=True, kw_only=True)
class TickJob:
    """`run` is handed the clock's now. It is never started again while it runs. `watched`: /healthz goes red when it
    stands still; not for jobs that wait for Slack, since a slow Slack is no reason to restart this process."""

    name: str
    every: timedelta
    run: Callable[[datetime], Awaitable[object]]
    watched: bool = True


class Ticker:
    """`on_tick(name, ok)` counts. A job that raises is logged and tried again at its next time. Where it only says that
    the database is away, the ticker has moved all the same."""

    def __init__(
        self,
        jobs: Sequence[TickJob],
        *,
        clock: Clock,
        on_tick: Callable[[str, bool], None] = lambda _name, _ok: None,
        unhealthy_after: timedelta = timedelta(seconds=25),
    ) -> None:
        self._jobs = tuple(jobs)
        self._clock = clock
        self._on_tick = on_tick
        self._unhealthy_after = unhealthy_after
        self._scheduler: AsyncIOScheduler | None = None
        self._running: set[asyncio.Task[object]] = set()
        self._completed = {job.name: clock.now() for job in self._jobs}

    def start(self) -> None:
        """Every job runs at once, then at its interval. Needs a running loop."""
        self._completed = dict.fromkeys(self._completed, self._clock.now())
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        at_once = SystemClock().now()  # APScheduler compares with the process clock, whatever ours says
        for job in self._jobs:
            scheduler.add_job(
                self.tick,
                "interval",
                args=[job],
                seconds=job.every.total_seconds(),
                id=job.name,
                next_run_time=at_once,
            )
        scheduler.start()
        self._scheduler = scheduler

    async def stop(self, seconds: float = 10.0) -> None:
        """No new runs; those under way get `seconds` to end before they are cancelled (and rolled back)."""
        if self._scheduler is None:
            return
        self._scheduler.pause()
        if self._running:
            await asyncio.wait(set(self._running), timeout=seconds)
        self._scheduler.shutdown(wait=False)
        self._scheduler = None
        await asyncio.sleep(0)  # the shutdown itself is called by the loop

    async def tick(self, job: TickJob) -> None:
        """One run of `job`, whatever becomes of it."""
        task: asyncio.Task[object] | None = asyncio.current_task()
        if task is not None:
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        try:
            await job.run(self._clock.now())
        except Exception as error:
            if is_away(error):
                log.warning("job %s: the database did not answer: %s", job.name, type(error).__name__)
                self._completed[job.name] = self._clock.now()
            else:
                log.exception("job %s failed; it is tried again in %s", job.name, job.every)
            self._on_tick(job.name, False)
            return
        self._completed[job.name] = self._clock.now()
        self._on_tick(job.name, True)

    @property
    def last_ticked(self) -> datetime | None:
        """When the job that is furthest behind last came to an end, among those that /healthz watches."""
        return min((self._completed[job.name] for job in self._watched), default=None)

    @property
    def _watched(self) -> list[TickJob]:
        """Jobs that run often enough to say something within the limit; a daily one cannot."""
        return [job for job in self._jobs if job.watched and job.every * 2 <= self._unhealthy_after]

    def healthy(self, now: datetime) -> bool:
        """False when a watched job has not come to its end for the limit: it hangs, has a fault, or nothing ticks."""
        last = self.last_ticked
        return last is None or now - last <= self._unhealthy_after
