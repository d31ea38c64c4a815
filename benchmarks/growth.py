"""What everybody waits for, in a small database and in a large one: both in turns, so that what else goes on in the
machine meets both.

`tick`: a look at which slots fall due, with one that does, and the choice of its story. `idle tick`: with none.
`claim`: of 50 of 2,000 waiting messages, undone again. `vote`: one press, committed. `Home`: of an admin who looks
after customers, rendered. All through what `canteen run` is wired from, in this process.
"""

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import Row, growing
from benchmarks.growing import CHANNEL, POST, SIZES, SLOT, VIEWER, VOTERS, WS, Size
from bot.db.engine import Sessions, make_engine
from bot.db.moment import db_now
from bot.db.tables.channels import Slot
from bot.delivery.claim import claim, take_over
from bot.delivery.queue import Owed
from bot.features.home.service import KIND as HOME
from bot.features.quizzes.rules import Click, Told, button_value, option_id
from bot.settings import Settings
from bot.upkeep import KEEP_DELIVERIES
from bot.wiring import Machine, build, open_parts

CALLS, AT_A_TIME = 100, 50
BAR = 2.0
CLAIM_MS = 20.0
BYTES = 1_500  # of disk for each vote and each delivery, both databases together


class UndoneError(Exception):
    """So that all of them find the same table."""


@dataclass(kw_only=True)
class Grown:
    """One database, and the moment that its ticks have come to."""

    machine: Machine
    tick: Callable[[datetime], Awaitable[object]]
    at: datetime
    presses: int = 0

    async def idle_tick(self) -> float:
        self.at += timedelta(seconds=3)
        return await _timed(self.tick(self.at))

    async def busy_tick(self) -> float:
        """The one slot of the company is set to fall due now."""
        self.at += timedelta(seconds=3)
        local = self.at.astimezone(ZoneInfo(growing.ZONES[0]))
        async with self.machine.parts.sessions.begin() as session:
            when = {"weekday": local.weekday(), "local_time": local.time()}
            await session.execute(update(Slot).where(Slot.id == SLOT).values(**when))
        return await _timed(self.tick(self.at), gives=1)

    async def claim(self) -> float:
        """What a sender does once a second or after a commit, as it does it; rolled back."""

        async def work(session: AsyncSession) -> None:
            now = await db_now(session)
            await take_over(session, now=now)
            claims = await claim(session, now=now, lease="bench", limit=AT_A_TIME, doubt=None)
            await session.flush()
            raise UndoneError(len(claims.grants))

        start = time.perf_counter()
        try:
            await self.machine.parts.sessions.run_in_one_step(work)
        except UndoneError as undone:
            if undone.args == (0,):
                raise RuntimeError("nothing was claimed") from undone
        return time.perf_counter() - start

    async def vote(self) -> float:
        self.presses += 1
        click = Click(
            workspace_id=WS, user_id=f"U0VOTE{self.presses % VOTERS:06}", outsider=False, channel_id=CHANNEL,
            message_ts="1700000000.000100", value=button_value(POST, option_id("s", self.presses % 4)),
            acted_at=self.presses,
        )  # fmt: skip
        start = time.perf_counter()
        outcome = await self.machine.features.ballots.cast(click)
        seconds = time.perf_counter() - start
        if outcome.told is not Told.COUNTED:
            raise RuntimeError(f"a press was {outcome.told}")
        return seconds

    async def home(self) -> float:
        owed = Owed(
            id=0, workspace_id=WS, kind=HOME, key=f"home:{VIEWER}", method="publish", target=VIEWER, ref={},
            channel=None, ts=None, thread_ts=None, state="claimed", under_id=None, revision=1,
        )  # fmt: skip
        async with self.machine.parts.sessions.begin() as session:
            return await _timed(self.machine.features.renderers[HOME].render(session, owed))


WHAT: Mapping[str, Callable[[Grown], Awaitable[float]]] = {
    "tick": Grown.busy_tick,
    "idle tick": Grown.idle_tick,
    "claim": Grown.claim,
    "vote": Grown.vote,
    "Home": Grown.home,
}


async def _timed(work: Awaitable[Any], *, gives: object = None) -> float:
    start = time.perf_counter()
    given = await work
    seconds = time.perf_counter() - start
    if gives is not None and given != gives:
        raise RuntimeError(f"a tick posted {given}")
    return seconds


async def measure(size: str) -> list[Row]:
    """Minutes for `middle`, about half an hour and 15 GB below the temporary folder for `full`."""
    largest = SIZES[size]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-growth-") as name, databases(Path(name)) as urls:
        free = shutil.disk_usage(name).free
        if free < BYTES * (largest.votes + largest.sent):
            raise RuntimeError(f"{free / 1e9:.0f} GB are free in {name}: too few for the size {size}")
        for database, pair in urls.items():
            async with AsyncExitStack() as stack:
                small = await stack.enter_async_context(grown(pair[0], SIZES["smallest"]))
                large = await stack.enter_async_context(grown(pair[1], largest))
                await _settled(small, large)
                rows += [row async for row in _compared(database, small, large, size)]
                rows.append(_kept_up(database, await an_hours_upkeep(large)))
    return rows


@contextmanager
def databases(folder: Path) -> Iterator[Mapping[str, tuple[str, str]]]:
    """Two of SQLite, and two of PostgreSQL where a server can be had."""
    from tests import postgres

    urls = {"SQLite": (f"sqlite:///{folder / 'small.db'}", f"sqlite:///{folder / 'large.db'}")}
    if postgres.binaries() is None:
        yield urls
        return
    with postgres.running() as one, postgres.running() as other:
        yield {**urls, "PostgreSQL": (one.url, other.url)}


@asynccontextmanager
async def grown(url: str, size: Size) -> AsyncIterator[Grown]:
    """An empty database, filled."""
    filling = make_engine(url, longest=None)
    sessions = Sessions(filling)
    async with sessions.begin() as session:
        now = await db_now(session)
    start = time.monotonic()
    await growing.grow(sessions, size, now)
    print(f"{filling.dialect.name}: {size} filled in {time.monotonic() - start:.0f} s", flush=True)
    async with open_parts(Settings(DATABASE_URL=url)) as parts:  # type: ignore[call-arg]
        machine = build(parts)
        tick = next(job.run for job in machine.features.jobs if job.name == "posts")
        # A moment at which none of the slots that were made falls due anywhere: they are from Wednesday to Sunday.
        yield Grown(machine=machine, tick=tick, at=growing.next_monday(now) + timedelta(hours=15))


async def _settled(*every: Grown) -> None:
    """What a program does once: the first looks, compiled statements, and garbage."""
    for one in every:
        for call in WHAT.values():
            for _ in range(20):
                await call(one)
    gc.collect()
    gc.freeze()


async def _compared(database: str, small: Grown, large: Grown, size: str) -> AsyncIterator[Row]:
    for what, call in WHAT.items():
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(CALLS):
            for seconds, grown in zip(taken, (small, large), strict=True):
                seconds.append(await call(grown) * 1000)
        few, many = (statistics.quantiles(seconds, n=100) for seconds in taken)
        for name, at in (("p50", 49), ("p99", 98)):
            ratio = many[at] / few[at]
            judged = name == "p99"
            yield Row(
                what=f"{database}: {what}, {name}, {size} against smallest",
                value=many[at],
                unit="ms",
                against=few[at],
                ratio=ratio,
                bar="" if not judged else "at most twice" + (" and below 20 ms" if what == "claim" else ""),
                passed=None if not judged else ratio <= BAR and (what != "claim" or many[at] < CLAIM_MS),
            )


@dataclass(frozen=True, kw_only=True)
class Hour:
    """What upkeep threw away in one run, as it has one an hour, and how much comes in where so much is kept."""

    thrown_away: int
    came_in: float
    seconds: float


async def an_hours_upkeep(large: Grown) -> Hour:
    """When all of it has grown old, as far as one run goes."""
    sessions = large.machine.parts.sessions
    async with sessions.begin() as session:
        # Made first here and said to be new: as nowhere else, where numbers rise with time.
        await session.execute(text("DELETE FROM deliveries WHERE state = 'pending'"))
        kept, oldest = (await session.execute(text("SELECT count(*), min(created_at) FROM deliveries"))).one()
    later = _moment(oldest) + KEEP_DELIVERIES + timedelta(days=60)
    start = time.perf_counter()
    await large.machine.upkeep.tidy(later)
    seconds = time.perf_counter() - start
    async with sessions.begin() as session:
        left = (await session.execute(text("SELECT count(*) FROM deliveries"))).scalar_one()
    return Hour(thrown_away=kept - left, came_in=kept / KEEP_DELIVERIES.days / 24, seconds=seconds)


def _kept_up(database: str, hour: Hour) -> Row:
    return Row(
        what=f"{database}: old deliveries thrown away an hour ({hour.seconds:.2f} s), against as many as come in",
        value=hour.thrown_away,
        unit="rows/h",
        against=hour.came_in,
        ratio=hour.thrown_away / hour.came_in,
        bar="at least as many",
        passed=hour.thrown_away >= hour.came_in,
    )


def _moment(stored: datetime | str) -> datetime:
    """SQLite gives what is written there."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC) if isinstance(stored, str) else stored
