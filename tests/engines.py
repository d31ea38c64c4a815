"""Engines that outlive a test.

An engine of its own for each test compiles every statement anew: a third of the work of the suite. So each process has
one for each kind of database, and lends it; no connection is kept from one test to the next.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import aiosqlite
from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import make_engine


@asynccontextmanager
async def lent(url: str) -> AsyncIterator[AsyncEngine]:
    """`url` may be another file each time; one server of PostgreSQL is the same for all."""
    engine = _sqlite() if url.startswith("sqlite") else _postgres(url)
    if engine.dialect.name == "sqlite":
        engine.sync_engine.url = engine.url.set(database=make_url(url).database)
    try:
        yield engine
    finally:
        await engine.dispose()


@cache
def _postgres(url: str) -> AsyncEngine:
    return make_engine(url)


@cache
def _sqlite() -> AsyncEngine:
    engine = make_engine("sqlite://")

    @event.listens_for(engine.sync_engine, "do_connect")
    def _to_the_file_of_the_test(_dialect: Any, _record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        arguments[0] = engine.url.database
        named["async_creator_fn"] = _without_thread

    @event.listens_for(engine.sync_engine, "connect")
    def _no_test_pulls_the_plug(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA synchronous=OFF")
        cursor.close()

    return engine


def _without_thread(database: str, **named: Any) -> "InLoop":
    return InLoop(lambda: sqlite3.connect(database, **named), iter_chunk_size=64)


class InLoop(aiosqlite.Connection):
    """The driver without its thread: the same calls in the same order, each done when it is asked for.

    The way through the thread and back is half of what a statement costs. Whole programs (`tests/flows`) keep it.
    """

    async def _execute(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        return fn(*arguments, **named)

    async def _connect(self) -> "InLoop":
        self._connection = self._connector()
        return self

    def __await__(self) -> Generator[Any, None, "InLoop"]:
        return self._connect().__await__()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def close(self) -> None:
        self.stop()
