"""Durable votes through the whole HTTP stack, against programs that only answer.

The real program (`canteen run`, HTTP) with a quiz open, in turns with (a) a stock Bolt app behind Bolt's own adapter
that only acks and (b) a bare route that only checks the signature: all three get the same presses on the message that
the bot really posted. Private answers go to a server of this machine that reads them and says nothing back but 200.
"""

import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks import Row
from benchmarks.pressing import Round
from tests.flows import company, voting
from tests.flows.conftest import Flow, flowing, free_port

PEOPLE, ROUNDS, PRESSES, CONNECTIONS = 2_000, 5, 3_000, 64
RATES, STEADY_SECONDS = (150, 400), 6
BAR = 0.7


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Presses a second of each round, by what was pressed."""

    by: Mapping[str, list[float]]

    def ratio(self, what: str, against: str) -> float:
        """Of the same round, so that what else goes on in the machine meets both."""
        return statistics.median(a / b for a, b in zip(self.by[what], self.by[against], strict=True))


async def measure() -> list[Row]:
    """About three minutes. Raises where a press was refused or an answer is missing from the database."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-votes-") as name, _databases(Path(name)) as urls:
        for database, url in urls.items():
            folder = Path(name) / database
            folder.mkdir()
            async with _answers() as respond_to, _canteen(folder, url, respond_to) as (port, told):
                async with _acking("stock") as stock, _acking("bare") as bare:
                    rates = await _turns({"canteen": port, "stock": stock, "bare": bare}, told)
                rows += _compared(database, rates)
                rows += [await _steady(database, port, told, rate) for rate in RATES]
    return rows


@contextmanager
def _databases(folder: Path) -> Iterator[Mapping[str, str]]:
    from tests import postgres

    urls = {"SQLite": f"sqlite:///{folder / 'votes.db'}"}
    if postgres.binaries() is None:
        yield urls
        return
    with postgres.running() as server:
        yield {**urls, "PostgreSQL": server.url}


@asynccontextmanager
async def _canteen(folder: Path, url: str, respond_to: str) -> AsyncIterator[tuple[int, Round]]:
    """The program with a quiz open in a channel; its port, and what to press."""
    async with flowing(folder, url, transport="http", channels=1) as flow:
        await voting.set_up(flow, people=PEOPLE)
        await flow.start()
        told = await voting.open_quiz(flow, people=PEOPLE, respond_to=respond_to)
        yield int(flow.env["CANTEEN_HTTP"].rpartition(":")[2]), told
        await _all_are_there(flow)


async def _all_are_there(flow: Flow) -> None:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        found = (await session.execute(text("SELECT count(*) FROM quiz_answers"))).scalar_one()
    if found != PEOPLE:
        raise RuntimeError(f"{PEOPLE} people answered, {found} answers are in the database")


class _Reads(asyncio.Protocol):
    """Any request gets 200 as soon as its body is here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._buffer = transport, bytearray()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._buffer[:end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            del self._buffer[: end + 4 + length]
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")  # type: ignore[attr-defined]


@asynccontextmanager
async def _answers() -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(_Reads, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/actions/1"
    finally:
        server.close()


@asynccontextmanager
async def _acking(which: str) -> AsyncIterator[int]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.acking", which, str(port), company.SECRET
    )
    try:
        async with asyncio.timeout(30):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _turns(ports: Mapping[str, int], told: Round) -> Rates:
    by: dict[str, list[float]] = {what: [] for what in ports}
    for turn in range(ROUNDS + 1):
        for what, port in ports.items():
            seen = await _pressed(port, told, number=PRESSES, first=turn * PRESSES, connections=CONNECTIONS)
            if turn:  # the first one warms up
                by[what].append(PRESSES / seen["took"])
    return Rates(by=by)


async def _pressed(port: int, told: Round, **plan: Any) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.pressing", str(port),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate(json.dumps({"round": asdict(told), **plan}).encode())
    seen: dict[str, Any] = json.loads(printed)
    if seen["refused"]:
        raise RuntimeError(f"{seen['refused']} presses were not answered with 200")
    return seen


def _compared(database: str, rates: Rates) -> Iterator[Row]:
    stock, bare = "a stock Bolt app that only acks", "a bare route that only checks the signature"
    for against, name, bar in (("stock", stock, BAR), ("bare", bare, None)):
        ratio = rates.ratio("canteen", against)
        yield Row(
            what=f"{database}: durable votes, {CONNECTIONS} at a time, against {name}",
            value=statistics.median(rates.by["canteen"]),
            unit="votes/s",
            against=statistics.median(rates.by[against]),
            ratio=ratio,
            bar="" if bar is None else f"at least {bar}",
            passed=None if bar is None else ratio >= bar,
        )


async def _steady(database: str, port: int, told: Round, rate: int) -> Row:
    seen = await _pressed(port, told, number=rate * STEADY_SECONDS, first=1_000_000 + rate * 1000, rate=rate)
    cuts = statistics.quantiles(seen["seconds"], n=100)
    return Row(
        what=f"{database}: {rate} votes a second, open loop: p99 of the answer, beside its p50",
        value=cuts[98] * 1000,
        unit="ms",
        against=cuts[49] * 1000,
        ratio=cuts[98] / cuts[49],
        bar="",
        passed=None,
    )
