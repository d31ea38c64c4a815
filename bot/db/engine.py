"""Engines and sessions for both databases.

SQLite: writers need BEGIN IMMEDIATE (the driver's default silently lost 172 of 240 read-then-write updates), so the
driver's own transaction handling is off and a `begin` event issues it. Journal: WAL only where SQLite has the fix for
the WAL-reset corruption (https://sqlite.org/wal.html: 3.51.3, 3.50.7, 3.44.6), else the rollback journal. Its file
stays (PERSIST): overwriting its head is synced and ends a commit, which deleting the file is not, and takes less.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from copy import copy
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from bot.db.at_once import OneStep
from bot.db.ciphers import PLAIN, Keyring, give, ring_of
from bot.db.moment import OFFSET
from bot.db.refusals import Refusals

T = TypeVar("T")
TRIES = 4
LOCK_WAIT = timedelta(seconds=2)
LONGEST = timedelta(minutes=1)
LONGEST_IDLE = 10  # s between two statements: a process that is frozen in a transaction would lock the others out
LONGEST_WHOLE = timedelta(seconds=30)
KNOWS_TRANSACTION_TIMEOUT = 17  # https://www.postgresql.org/docs/17/runtime-config-client.html
LARGEST_JOURNAL = 16 * 1024 * 1024  # bytes kept; an import's may grow beyond meanwhile


def wal_is_safe(version: tuple[int, int, int] = sqlite3.sqlite_version_info[:3]) -> bool:
    fixed = {(3, 44): 6, (3, 50): 7, (3, 51): 3}
    if version < (3, 7, 0) or version >= (3, 52, 0):
        return True
    patch = fixed.get(version[:2])
    return patch is not None and version[2] >= patch


def make_engine(
    url: str,
    *,
    pool_size: int = 10,
    lock_wait: timedelta = LOCK_WAIT,
    longest: timedelta | None = LONGEST,
    longest_whole: timedelta | None = None,
    keyring: Keyring = PLAIN,
) -> AsyncEngine:
    """`url` names the database without a driver (`sqlite:///var/canteen.db`, `postgresql://...`); ours is added.

    `lock_wait` is how long a statement waits for SQLite's one writer: below the 2.5 s after which an answer is late.
    `longest`: a statement of PostgreSQL that takes longer is given up; None for never. `longest_whole`: so is a whole
    transaction, from PostgreSQL 17 on. `keyring` enciphers what the tables say is to be enciphered.
    """
    engine = _engine(url, pool_size=pool_size, lock_wait=lock_wait, longest=longest)
    if longest_whole is not None and engine.dialect.name == "postgresql":
        _end_transactions_after(engine.sync_engine, longest_whole)
    give(engine.dialect, keyring)
    return engine


def _engine(url: str, *, pool_size: int, lock_wait: timedelta, longest: timedelta | None) -> AsyncEngine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(
            parsed.set(drivername="sqlite+aiosqlite"),
            connect_args={"timeout": lock_wait.total_seconds(), "isolation_level": None},
            hide_parameters=True,  # errors are logged, and bound values are people's and customers' text
        )
        _prepare_sqlite(engine.sync_engine)
        return engine
    return create_async_engine(
        parsed.set(drivername="postgresql+asyncpg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        pool_timeout=5,
        hide_parameters=True,
        connect_args={
            "timeout": 5,
            "command_timeout": longest.total_seconds() if longest else None,
            "server_settings": {"idle_in_transaction_session_timeout": f"{LONGEST_IDLE}s"} if longest else {},
        },
    )


def _end_transactions_after(engine: Engine, longest: timedelta) -> None:
    """Except of `Sessions.unhurried`. A process that freezes between telling PostgreSQL of a statement and asking for
    its rows does not look idle, so that neither of the other limits lets go of what it has locked."""

    def knows(version: tuple[int, ...] | None) -> bool:
        return version is not None and version[0] >= KNOWS_TRANSACTION_TIMEOUT

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        if knows(connection.driver_connection.get_server_version()):
            set_it = f"SET transaction_timeout = {int(longest / timedelta(milliseconds=1))}"
            connection.run_async(lambda driver: driver.execute(set_it))

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        if UNHURRIED in connection.get_execution_options() and knows(connection.dialect.server_version_info):
            connection.exec_driver_sql("SET LOCAL transaction_timeout = 0")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA journal_mode={'WAL' if wal_is_safe() else 'PERSIST'}")
        cursor.execute(f"PRAGMA journal_size_limit={LARGEST_JOURNAL}")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


UNHURRIED = "unhurried"
OWING = "owing"  # set on a session whose transaction owes Slack something


class _Session(Session):
    """Its own class, so that the listener below hears these sessions only."""


class Sessions:
    """Where transactions open: at the edge, and nowhere else."""

    def __init__(self, engine: AsyncEngine, *, clock_offset: timedelta = timedelta(0)) -> None:
        """`clock_offset` (drills) is added to the database's time by `db_now`."""
        self.engine = engine
        own = type("_OwnSession", (_Session,), {})
        event.listen(own, "after_commit", self._committed)
        self._own, self._info = own, {OFFSET: clock_offset}
        self._make = async_sessionmaker(engine, expire_on_commit=False, info=self._info, sync_session_class=own)
        self._one_step: OneStep | None = None
        self.refusals = Refusals()
        self.refusals.listen(engine.sync_engine)
        self.on_owing: Callable[[], None] | None = None
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    def _committed(self, session: Session) -> None:
        """Senders wake at once after a commit in their own process instead of at their next look."""
        if session.info.pop(OWING, False) and self.on_owing is not None:
            self.on_owing()

    def unhurried(self) -> "Sessions":
        """The same, for work whose transactions may take as long as they need."""
        other = copy(self)
        patient = self.engine.execution_options(**{UNHURRIED: True})
        other._make = async_sessionmaker(patient, expire_on_commit=False, info=self._info, sync_session_class=self._own)
        return other

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        return self._make.begin() if self._turn is None else self._begin_in_turn(self._turn)

    @asynccontextmanager
    async def _begin_in_turn(self, turn: asyncio.Lock) -> AsyncIterator[AsyncSession]:
        async with _in_turn(turn), self._make.begin() as session:
            yield session

    async def run(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """`work` in a transaction, done again when the database says that it lost a race (deadlock, serialisation).

        `work` must not have effects outside the session. It is not repeated for a lock time-out on SQLite: the caller's
        time is up by then.
        """

        async def once() -> T:
            async with self.begin() as session:
                return await work(session)

        return await _where_races_are_lost_again(once)

    async def run_in_one_step(self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        """As `run`, for the hot path: on SQLite all of it in one step of a thread. `work` awaits its session only, and
        owes nothing."""
        if self._turn is None:
            return await self.run(work)
        return await _where_races_are_lost_again(partial(self._step, self._turn, work))

    async def _step(self, turn: asyncio.Lock, work: Callable[[AsyncSession], Coroutine[Any, Any, T]]) -> T:
        if self._one_step is None:
            url = self.engine.url.set(drivername="sqlite")
            self._one_step = OneStep(url, self._prepare, self._own, lock_wait=LOCK_WAIT)
        async with _in_turn(turn):
            return await self._one_step.run(work, self._info)

    def _prepare(self, engine: Engine) -> None:
        _prepare_sqlite(engine)
        give(engine.dialect, self.keyring)
        self.refusals.listen(engine)

    @property
    def keyring(self) -> Keyring:
        return ring_of(self.engine.dialect)

    async def close(self) -> None:
        if self._one_step is not None:
            self._one_step.close()
        await self.engine.dispose()


@asynccontextmanager
async def _in_turn(turn: asyncio.Lock) -> AsyncIterator[None]:
    """SQLite has one writer. Its own way of waiting is to try again now and then, so that with many at once most of the
    time is slept away and whoever is unlucky gives up; here they stand in line. Raises `TimeoutError`."""
    async with asyncio.timeout(LOCK_WAIT.total_seconds()):
        await turn.acquire()
    try:
        yield
    finally:
        turn.release()


async def _where_races_are_lost_again(once: Callable[[], Awaitable[T]]) -> T:
    for left in range(TRIES - 1, -1, -1):
        try:
            return await once()
        except DBAPIError as error:
            if left == 0 or not lost_a_race(error):
                raise
    raise AssertionError("unreachable")


RACES = re.compile(r"deadlock detected|could not serialize", re.IGNORECASE)


def lost_a_race(error: DBAPIError) -> bool:
    """PostgreSQL's 40001 and 40P01 (https://www.postgresql.org/docs/current/mvcc-serialization-failure-handling.html)."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    return state in {"40001", "40P01"} or bool(RACES.search(str(error.orig)))
