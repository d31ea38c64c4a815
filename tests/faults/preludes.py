"""What a fork does before it becomes `canteen run`: faults that cannot be had from outside. Nothing of `bot` knows."""

import sys
from datetime import datetime


def be_slack() -> None:
    """Not Canteen at all, but the local Slack."""
    from sandbox.__main__ import main

    sys.exit(main())


def broken_ticks(after: str) -> None:
    """Every job raises once it has run `after` times: a fault in the code, not in what it needs."""
    from bot.schedule.ticker import TickJob

    runs: dict[str, int] = {}
    really = TickJob.__init__

    def made(self: TickJob, **given: object) -> None:
        name, run = str(given["name"]), given["run"]

        async def broken(now: datetime) -> object:
            runs[name] = runs.get(name, 0) + 1
            if runs[name] > int(after):
                raise RuntimeError("broken by the proving ground")
            return await run(now)  # type: ignore[operator]

        really(self, **{**given, "run": broken})  # type: ignore[arg-type]

    TickJob.__init__ = made  # type: ignore[method-assign]


def dead_scheduler(after: str) -> None:
    """The scheduler stops by itself after `after` ticks, without a word."""
    from bot.schedule.ticker import Ticker, TickJob

    ticks = 0
    really = Ticker.tick

    async def counted(self: Ticker, job: TickJob) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == int(after) and self._scheduler is not None:
            self._scheduler.remove_all_jobs()
        await really(self, job)

    Ticker.tick = counted  # type: ignore[method-assign]
