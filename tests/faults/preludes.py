"""What a fork does before it becomes `canteen run`: faults that cannot be had from outside. Nothing of `bot` knows."""

import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any


def be_slack() -> None:
    """Not Canteen at all, but the local Slack."""
    from sandbox.__main__ import main

    sys.exit(main())


def _limited(limit: str) -> None:
    """In how many seconds a ticker that stands still is noticed; "": as it is."""
    from bot.schedule.ticker import Ticker

    if limit:
        (Ticker.__init__.__kwdefaults__ or {}).update(unhealthy_after=timedelta(seconds=float(limit)))


def broken_ticks(after: str, limit: str) -> None:
    """Every job raises once it has run `after` times: a fault in the code, not in what it needs."""
    from bot.schedule.ticker import TickJob

    _limited(limit)

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


def dead_scheduler(after: str, limit: str) -> None:
    """The scheduler stops by itself after `after` ticks, without a word."""
    from bot.schedule.ticker import Ticker, TickJob

    _limited(limit)

    ticks = 0
    really = Ticker.tick

    async def counted(self: Ticker, job: TickJob) -> None:
        nonlocal ticks
        ticks += 1
        if ticks == int(after) and self._scheduler is not None:
            self._scheduler.remove_all_jobs()
        await really(self, job)

    Ticker.tick = counted  # type: ignore[method-assign]


def short_leases(short: str) -> None:
    """Leases run out after two and three seconds, and history is looked at after one and three; "": as they are."""
    from bot.delivery import claim, marking
    from bot.delivery.reconcile import Reconciler

    if short:
        claim.LEASE = timedelta(seconds=2)
        marking.SENDING_LEASE, marking.CALL = timedelta(seconds=3), timedelta(seconds=1)
        shorter = {"first": timedelta(seconds=1), "second": timedelta(seconds=3)}
        (Reconciler.__init__.__kwdefaults__ or {}).update(shorter)


def sleeps_before_a_call(call: str, short: str) -> None:
    """SIGSTOP to itself with the n-th post marked as being sent and Slack not called yet."""
    from bot.delivery.marking import Ready
    from bot.delivery.sender import Sender

    short_leases(short)
    marked = 0
    really = Sender._prepare

    async def sleeping(self: Sender, delivery_id: int, lease: str) -> Ready | None:
        nonlocal marked
        ready = await really(self, delivery_id, lease)
        marked += ready is not None
        if marked == int(call):
            marked += 1
            os.kill(os.getpid(), signal.SIGSTOP)
        return ready

    Sender._prepare = sleeping  # type: ignore[method-assign]


# The server itself raises it, so that the transaction is really over.
RAISE = "DO $$ BEGIN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '{}'; END $$"
LOST = ("40001", "40P01")


def loses_races(when: str, share: str, struck: str) -> None:
    """From when the file `when` is there PostgreSQL ends so many statements as deadlocked or not serialisable. `struck`:
    a file that grows by a byte for each."""
    import random

    from sqlalchemy import Engine, event

    chance, begun = random.Random(os.getpid()), Path(when)

    def strike(cursor: Any, statement: str, _parameters: Any, _context: Any) -> None:
        if statement and begun.exists() and chance.random() < float(share):
            with Path(struck).open("ab") as file:
                file.write(b".")
            cursor.execute(RAISE.format(chance.choice(LOST)), ())

    event.listen(Engine, "do_execute", strike)
    event.listen(Engine, "do_executemany", strike)


def dies_before_the_commit(words: str) -> None:
    """SIGKILL where the transaction begun for an event with these words would be committed."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from bot.slack.intake import Intake

    really, begun = Intake.dispatch, False

    async def dispatch(self: Intake, body: Mapping[str, Any], headers: Mapping[str, Any]) -> object:
        nonlocal begun
        begun = begun or words in str(body.get("event"))
        return await really(self, body, headers)

    def die(_connection: object) -> None:
        if begun:
            os.kill(os.getpid(), signal.SIGKILL)

    Intake.dispatch = dispatch  # type: ignore[assignment,method-assign]
    event.listen(Engine, "commit", die)
