"""Paying what is owed, against the most that Slack's pace allows; and claiming from a table that has grown.

The sender is the real one, over real HTTP, to a Slack of this process that answers at once and knows no limits.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import Row
from bot.core.ids import new_id
from bot.db.engine import Sessions, make_engine
from bot.db.moment import db_now
from bot.db.tables import Base
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import pace
from bot.delivery.claim import claim
from bot.delivery.installations import Installations
from bot.delivery.queue import Owed, enqueue, opaque_key
from bot.delivery.rendering import Rendered
from bot.delivery.sender import Sender
from bot.metrics import Metrics
from bot.slack.gateway import Gateway
from bot.slack.kit import Message

WORKSPACES, POSTS = 3, 60
SENT, PENDING = 200_000, 2_000
CLAIMS, AT_A_TIME = 100, 50
WITHIN = 1.05
KIND = "bench"


@dataclass
class Stub:
    """chat.postMessage only; `at` is when each call came, by token."""

    url: str = ""
    at: dict[str, list[float]] = field(default_factory=dict)
    all_came: asyncio.Event = field(default_factory=asyncio.Event)

    async def post_message(self, request: web.Request) -> web.Response:
        form = await request.post()
        calls = self.at.setdefault(request.headers["authorization"], [])
        calls.append(time.monotonic())
        if sum(map(len, self.at.values())) >= WORKSPACES * POSTS:
            self.all_came.set()
        ts = f"{1_700_000_000 + len(calls)}.000100"
        return web.json_response({"ok": True, "channel": form["channel"], "ts": ts})


@asynccontextmanager
async def answering() -> AsyncIterator[Stub]:
    stub = Stub()
    app = web.Application()
    app.router.add_post("/api/chat.postMessage", stub.post_message)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stub.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    try:
        yield stub
    finally:
        await runner.cleanup()


class Says:
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Message(text=f"Message {owed.id}")

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None: ...

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None: ...

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None: ...


@contextmanager
def databases(folder: Path) -> Iterator[Mapping[str, tuple[str, str]]]:
    """Two of SQLite, and two of PostgreSQL where a server can be had."""
    from tests import postgres

    urls = {"SQLite": (f"sqlite:///{folder / 'one.db'}", f"sqlite:///{folder / 'other.db'}")}
    if postgres.binaries() is None:
        yield urls
        return
    with postgres.running() as one, postgres.running() as other:
        yield {**urls, "PostgreSQL": (one.url, other.url)}


async def measure() -> list[Row]:
    """About two minutes. Raises when not everything was sent once."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-bench-") as name, databases(Path(name)) as urls:
        for database, (first, second) in urls.items():
            async with _opened(first) as one, _opened(second) as other:
                rows.append(await _pace(database, one))
                rows.append(await _claims(database, one, other))
    return rows


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Sessions]:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = Sessions(engine)
    await _workspaces(sessions)
    try:
        yield sessions
    finally:
        await engine.dispose()


def _ws(number: int) -> str:
    return f"T0BENCH{number}"


async def _workspaces(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        now = await db_now(session)
        for number in range(WORKSPACES):
            session.add(
                Workspace(
                    id=_ws(number),
                    name="Bench",
                    bot_token=f"xoxb-bench-{number}",
                    bot_id="B0",
                    bot_user_id="U0",
                    scopes=[],
                    state="active",
                    locale="en",
                    added_at=now,
                )
            )


async def _pace(database: str, sessions: Sessions) -> Row:
    """From the first call to the last, of every workspace, against as many intervals of its pace."""
    async with answering() as stub, aiohttp.ClientSession() as http:
        gateway = Gateway(api_url=stub.url, session=http, find=Installations(sessions=sessions).find)
        sender = Sender(
            sessions=sessions, gateway=gateway, renderers={KIND: Says()}, new_id=new_id, metrics=Metrics()
        )  # fmt: skip
        async with sessions.begin() as session:
            now = await db_now(session)
            for number in range(WORKSPACES * POSTS):
                ws, target = _ws(number % WORKSPACES), f"C{number // WORKSPACES:08}"
                await enqueue(
                    session, now=now, workspace_id=ws, kind=KIND, key=f"bench:{target}", method="post", target=target,
                    ref={},
                )  # fmt: skip
        running = asyncio.create_task(sender.run())
        async with asyncio.timeout(120):
            await stub.all_came.wait()
        await sender.stop(10)
        await running
    if any(len(calls) != POSTS for calls in stub.at.values()):
        raise RuntimeError(f"{database}: {[len(calls) for calls in stub.at.values()]} calls")
    seconds = max(max(calls) for calls in stub.at.values()) - min(min(calls) for calls in stub.at.values())
    optimum = (POSTS - 1) * pace.SPEEDS["post"].workspace.total_seconds()
    return Row(
        what=f"{database}: {WORKSPACES} workspaces with {POSTS} posts each, against the pace",
        value=WORKSPACES * (POSTS - 1) / seconds,
        unit="messages/s",
        against=WORKSPACES * (POSTS - 1) / optimum,
        ratio=optimum / seconds,
        bar="within 5% of what the pace allows",
        passed=seconds <= optimum * WITHIN,
    )


async def _claims(database: str, none_sent: Sessions, many_sent: Sessions) -> Row:
    """p99 of one claim among many rows that were sent, against the same claim without them. In turns, so that what else
    goes on in the machine meets both."""
    for sessions in (none_sent, many_sent):
        async with sessions.begin() as session:
            await session.execute(delete(Delivery))
        await _fill(sessions, "pending", PENDING)
    await _fill(many_sent, "sent", SENT)
    taken: dict[Sessions, list[float]] = {none_sent: [], many_sent: []}
    for _ in range(CLAIMS):
        for sessions, seconds in taken.items():
            seconds.append(await _claim(sessions))
    small, large = (statistics.quantiles(seconds, n=100)[98] for seconds in taken.values())
    return Row(
        what=f"{database}: p99 of a claim of {AT_A_TIME} of {PENDING:,} beside {SENT:,} sent, against none sent",
        value=large * 1000,
        unit="ms",
        against=small * 1000,
        ratio=large / small,
        bar="at most twice",
        passed=large <= 2 * small,
    )


async def _claim(sessions: Sessions) -> float:
    """Undone again, so that all of them find the same table."""
    async with AsyncSession(sessions.engine) as session:
        start = time.perf_counter()
        now = await db_now(session)
        grants, _orphans = await claim(session, now=now, lease="bench", limit=AT_A_TIME, doubt=None)
        await session.flush()
        seconds = time.perf_counter() - start
        await session.rollback()
    if not grants:
        raise RuntimeError("nothing was claimed")
    return seconds


async def _fill(sessions: Sessions, state: str, number: int) -> None:
    async with sessions.begin() as session:
        now = await db_now(session)
        for start in range(0, number, 5000):
            rows = [_row(state, start + n, now) for n in range(min(5000, number - start))]
            await session.execute(insert(Delivery), rows)
    async with sessions.engine.connect() as connection:
        # What PostgreSQL does by itself after a while; without it the first minutes would be measured.
        if sessions.engine.dialect.name == "postgresql":
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")


def _row(state: str, number: int, now: datetime) -> dict[str, Any]:
    ws, key = _ws(number % WORKSPACES), f"{state}:{number}"
    return {
        "workspace_id": ws, "kind": KIND, "key": key, "method": "post", "target": f"C{number % 997:08}", "ref": {},
        "due_at": now - timedelta(hours=1), "wanted_at": now - timedelta(hours=1), "state": state,
        "opaque": opaque_key(ws, key), "created_at": now, "revision": 1, "attempts": 0, "owner_told": False,
        "channel": "C1" if state == "sent" else None, "ts": f"17{number:08}.000100" if state == "sent" else None,
    }  # fmt: skip
