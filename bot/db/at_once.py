"""A transaction on SQLite in one step of a thread of its own.

With aiosqlite each statement is four or five steps between the event loop and the driver's thread. While the loop is
busy with hundreds of requests each step waits for all of them: a batch of votes took 90 ms in which the database
worked for 5. Here the whole transaction runs in the thread, and the loop waits once.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")
DONE_AT_ONCE = ("execute", "scalar", "scalars", "get", "flush")


class AtOnce:
    """Offers what is used of `AsyncSession`; whatever is awaited is done by then."""

    def __init__(self, session: Session) -> None:
        self.sync_session = session
        for name in DONE_AT_ONCE:
            setattr(self, name, _awaitable(getattr(session, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sync_session, name)


def _awaitable(call: Callable[..., T]) -> Callable[..., Awaitable[T]]:
    async def called(*arguments: Any, **named: Any) -> T:
        return call(*arguments, **named)

    return called


class OneStep:
    """Transactions of one database file, one after the other, in one thread."""

    def __init__(
        self, url: URL, prepare: Callable[[Engine], None], session_class: type[Session], *, lock_wait: timedelta
    ) -> None:
        self._engine = create_engine(
            url,
            connect_args={
                "timeout": lock_wait.total_seconds(),
                "isolation_level": None,
                "check_same_thread": False,  # closed by another thread than it was opened in
            },
            hide_parameters=True,
        )
        prepare(self._engine)
        self._make = sessionmaker(self._engine, class_=session_class, expire_on_commit=False)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")

    async def run(self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]], info: dict[Any, Any]) -> T:
        """`work` in a transaction, committed when it ends. It may await its session only."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transaction, work, info)

    def _transaction(self, work: Callable[[AsyncSession], Coroutine[Any, Any, T]], info: dict[Any, Any]) -> T:
        with self._make.begin() as session:
            session.info.update(info)
            return _driven(work(cast(AsyncSession, AtOnce(session))))

    def close(self) -> None:
        self._thread.shutdown()
        self._engine.dispose()


def _driven(work: Coroutine[Any, Any, T]) -> T:
    try:
        work.send(None)
    except StopIteration as end:
        return cast(T, end.value)
    work.close()
    raise RuntimeError("a transaction in one step waited for something that is not its database")
