"""Paying what is owed, against the most that Slack's pace allows; what a message costs, against a bare loop that posts;
and claiming from a table that has grown.

The sender is the real one, over real HTTP, to a Slack of its own process that answers at once and knows no limits.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import Row
from bot.core.ids import new_id
from bot.db.engine import Sessions, make_engine
from bot.db.moment import db_now
from bot.db.tables import Base
from bot.db.tables.delivery import Delivery, Pace
from bot.db.tables.workspaces import Workspace
from bot.delivery import pace
from bot.delivery.claim import claim
from bot.delivery.installations import Installations
from bot.delivery.queue import Owed, opaque_key
from bot.delivery.rendering import Rendered
from bot.delivery.sender import Sender
from bot.metrics import Metrics
from bot.slack.gateway import Gateway
from bot.slack.kit import Message
from tests.flows.conftest import free_port

WORKSPACES = 200
SENT, PENDING = 200_000, 2_000
CLAIMS, AT_A_TIME = 100, 50
COUNTED = 1_000
WITHIN, TWICE = 1.05, 2.0
KIND = "bench"


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """`posts` to as many places in each of `workspaces`; `counted` of all of them are waited for."""

    name: str
    workspaces: int
    posts: int
    to: str
    counted: int


CROWDS = (
    Crowd(name="500 channels of one workspace at once", workspaces=1, posts=500, to="C", counted=500),
    Crowd(name="10,000 DMs of one workspace, the first 300", workspaces=1, posts=10_000, to="U", counted=300),
    Crowd(name="200 workspaces at once, 5 posts each", workspaces=200, posts=5, to="C", counted=1_000),
)


class Says:
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Message(text=f"Message {owed.id}")

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None: ...

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None: ...

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Slack:
    base: str
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"{self.base}/api/"

    async def forget(self) -> None:
        await self.http.delete(f"{self.base}/seen")

    async def seen(self) -> Mapping[str, Sequence[float]]:
        async with self.http.get(f"{self.base}/seen") as answer:
            found: Mapping[str, Sequence[float]] = await answer.json()
            return found


@asynccontextmanager
async def answering() -> AsyncIterator[Slack]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "benchmarks.answering", str(port))
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(30):
            slack = Slack(base=f"http://127.0.0.1:{port}", http=http)
            while True:
                with suppress(aiohttp.ClientError):
                    await slack.seen()
                    break
                await asyncio.sleep(0.05)
        async with aiohttp.ClientSession() as http:
            yield Slack(base=slack.base, http=http)
    finally:
        process.terminate()
        await process.wait()


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
    """About eight minutes. Raises when not everything was sent once."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-bench-") as name, databases(Path(name)) as urls:
        async with answering() as slack:
            for database, (first, second) in urls.items():
                async with _opened(first) as one, _opened(second) as other:
                    rows += [await _paced(database, one, slack, crowd) for crowd in CROWDS]
                    rows.append(await _cost(database, one, slack))
                    rows.append(await _claims(database, one, other))
    return rows


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Sessions]:
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = Sessions(engine)
    async with sessions.begin() as session:
        now = await db_now(session)
        session.add_all(_workspace(number, now) for number in range(WORKSPACES))
    try:
        yield sessions
    finally:
        await engine.dispose()


def _ws(number: int) -> str:
    return f"T0BENCH{number}"


def _workspace(number: int, now: datetime) -> Workspace:
    return Workspace(
        id=_ws(number), name="Bench", bot_token=f"xoxb-bench-{number}", bot_id="B0", bot_user_id="U0", scopes=[],
        state="active", locale="en", added_at=now,
    )  # fmt: skip


@asynccontextmanager
async def _sending(sessions: Sessions, slack: Slack) -> AsyncIterator[Sender]:
    gateway = Gateway(api_url=slack.url, session=slack.http, find=Installations(sessions=sessions).find)
    sender = Sender(sessions=sessions, gateway=gateway, renderers={KIND: Says()}, new_id=new_id, metrics=Metrics())
    running = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        await sender.stop(10)
        await running


async def _owe(sessions: Sessions, crowd: Crowd) -> None:
    async with sessions.begin() as session:
        await session.execute(delete(Delivery))
        await session.execute(delete(Pace))
        now = await db_now(session)
        rows = [
            _row("pending", f"{place}", now, ws=_ws(ws), target=f"{crowd.to}{place:08}")
            for place in range(crowd.posts)
            for ws in range(crowd.workspaces)
        ]
        await session.execute(insert(Delivery), rows)


async def _sent(slack: Slack, number: int) -> Mapping[str, Sequence[float]]:
    async with asyncio.timeout(300):
        while True:
            found = await slack.seen()
            if sum(map(len, found.values())) >= number:
                return found
            await asyncio.sleep(0.25)


async def _paced(database: str, sessions: Sessions, slack: Slack, crowd: Crowd) -> Row:
    """From the first call of all to the last that counts, against as many intervals of the pace."""
    await slack.forget()
    await _owe(sessions, crowd)
    async with _sending(sessions, slack):
        calls = await _sent(slack, crowd.counted)
    each = crowd.counted // crowd.workspaces
    if crowd.counted == crowd.workspaces * crowd.posts and any(
        len(one) != each for one in (await slack.seen()).values()
    ):
        raise RuntimeError(f"{database}: not everything was sent once")
    seconds = max(one[each - 1] for one in calls.values()) - min(one[0] for one in calls.values())
    optimum = (each - 1) * pace.SPEEDS["post"].workspace.total_seconds()
    return Row(
        what=f"{database}: {crowd.name}",
        value=seconds,
        unit="s",
        against=optimum,
        ratio=seconds / optimum,
        bar="within 5% of the pace",
        passed=seconds <= optimum * WITHIN,
    )


async def _cost(database: str, sessions: Sessions, slack: Slack) -> Row:
    """CPU time of this process for a message that is owed, claimed, rendered, sent and noted, against one that the SDK
    just posts, 50 at a time. Without pauses: no pace is kept to between so many workspaces."""
    crowd = Crowd(name="", workspaces=WORKSPACES, posts=COUNTED // WORKSPACES, to="C", counted=COUNTED)
    await slack.forget()
    await _owe(sessions, crowd)
    start = time.process_time()
    async with _sending(sessions, slack) as sender:
        await _sent(slack, COUNTED)
        await sender.settle()
    owed = (time.process_time() - start) / COUNTED
    bare = await _bare(slack)
    return Row(
        what=f"{database}: CPU of a message, against a loop of chat_postMessage",
        value=owed * 1000,
        unit="ms",
        against=bare * 1000,
        ratio=owed / bare,
        bar="below twice",
        passed=owed < TWICE * bare,
    )


async def _bare(slack: Slack) -> float:
    client = AsyncWebClient(token="xoxb-bench-bare", base_url=slack.url, session=slack.http, retry_handlers=[])
    left = iter(range(COUNTED))

    async def loop() -> None:
        for number in left:
            await client.chat_postMessage(channel=f"C{number:08}", text=f"Message {number}", unfurl_links=False)

    start = time.process_time()
    await asyncio.gather(*(loop() for _ in range(50)))
    return (time.process_time() - start) / COUNTED


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
        claims = await claim(session, now=now, lease="bench", limit=AT_A_TIME, doubt=None)
        await session.flush()
        seconds = time.perf_counter() - start
        await session.rollback()
    if not claims.grants:
        raise RuntimeError("nothing was claimed")
    return seconds


async def _fill(sessions: Sessions, state: str, number: int) -> None:
    async with sessions.begin() as session:
        now = await db_now(session)
        for start in range(0, number, 5000):
            rows = [
                _row(state, f"{n:08}", now, ws=_ws(n % WORKSPACES), target=f"C{n % 997:08}")
                for n in range(start, min(start + 5000, number))
            ]
            await session.execute(insert(Delivery), rows)
    async with sessions.engine.connect() as connection:
        # What PostgreSQL does by itself after a while; without it the first minutes would be measured.
        if sessions.engine.dialect.name == "postgresql":
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("VACUUM ANALYZE")


def _row(state: str, key: str, now: datetime, *, ws: str, target: str) -> dict[str, Any]:
    due, natural = now - timedelta(hours=1), f"{state}:{key}"
    return {
        "workspace_id": ws, "kind": KIND, "key": natural, "method": "post", "target": target, "ref": {},
        "due_at": due, "wanted_at": due, "state": state, "opaque": opaque_key(ws, natural), "created_at": now,
        "revision": 1, "attempts": 0, "owner_told": False, "channel": "C1" if state == "sent" else None,
        "ts": f"17{key}.000100" if state == "sent" else None,
    }  # fmt: skip
