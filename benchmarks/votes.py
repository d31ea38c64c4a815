"""Durable votes through the whole HTTP stack, against programs that only answer.

The real program (`canteen run`, HTTP) with a quiz open, in turns with (a) a stock Bolt app behind Bolt's own adapter
that only acks and (b) a bare route that only checks the signature: all three get the same presses on the message that
the bot really posted. Private answers go to a server of this machine that reads them and says nothing back but 200;
what they cost the program is part of the vote. At the end it is killed while people press.
"""

import asyncio
import contextlib
import json
import signal
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
from benchmarks.weighing import processor
from tests.flows import company, voting
from tests.flows.conftest import Flow, flowing, free_port
from tests.flows.forking import Forked

PEOPLE, ROUNDS, PRESSES, CONNECTIONS = 2_000, 5, 3_000, 64
RATES, STEADY_SECONDS = (150, 400), 6
AGAINST = {
    "stock": ("a stock Bolt app that only acks", 1.0),
    "bare": ("a bare route that only checks the signature", 0.3),
}
LONGEST_P99 = 0.05  # s, at the highest of `RATES`
KILL_AFTER, LAST = 0.3, 900_000  # s; the number of the first press of the last round, which no other has


@dataclass(frozen=True, kw_only=True)
class Pressable:
    """A program that takes presses: its process and its port."""

    port: int
    pid: int

    def processor(self) -> float:
        return processor(self.pid)


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Of one program in one round: presses a second, and milliseconds of a processor for each."""

    rate: float
    cost: float


async def measure() -> list[Row]:
    """About three minutes. Raises where a press was refused or an answer is missing from the database."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-votes-") as name, databases(Path(name)) as urls:
        for database, url in urls.items():
            folder = Path(name) / database
            folder.mkdir()
            async with answers() as respond_to, flowing(folder, url, transport="http", channels=1) as flow:
                rows += [row async for row in _on(database, flow, respond_to)]
    return rows


async def _on(database: str, flow: Flow, respond_to: str) -> AsyncIterator[Row]:
    await voting.set_up(flow, people=PEOPLE)
    process = await flow.start()
    told = await voting.open_quiz(flow, people=PEOPLE, respond_to=respond_to)
    canteen = pressable(flow, process)
    async with _acking("stock") as stock, _acking("bare") as bare:
        turns = await _turns({"canteen": canteen, "stock": stock, "bare": bare}, told)
    for against, (what, bar) in AGAINST.items():
        for row in _compared(
            f"{database}: durable votes, {CONNECTIONS} at a time, against {what}", turns, against, bar
        ):
            yield row
    for rate in RATES:
        yield await _steady(database, canteen.port, told, rate)
    if len(await stored(flow)) != PEOPLE:
        raise RuntimeError(f"{PEOPLE} people answered, {len(await stored(flow))} answers are in the database")
    yield await _killed(database, flow, process, told)


@contextmanager
def databases(folder: Path) -> Iterator[Mapping[str, str]]:
    from tests import postgres

    urls = {"SQLite": f"sqlite:///{folder / 'votes.db'}"}
    if postgres.binaries() is None:
        yield urls
        return
    with postgres.running() as server:
        yield {**urls, "PostgreSQL": server.url}


def pressable(flow: Flow, process: Forked) -> Pressable:
    return Pressable(port=int(flow.env["CANTEEN_HTTP"].rpartition(":")[2]), pid=process.pid)


async def stored(flow: Flow) -> dict[str, int]:
    """Of each person the action_ts, in microseconds, of the press that counts."""
    async with flow.parts() as parts, parts.sessions.begin() as session:
        rows = (await session.execute(text("SELECT user_id, acted_at FROM quiz_answers"))).all()
    return {row[0]: row[1] for row in rows}


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
async def answers() -> AsyncIterator[str]:
    """Where private answers go."""
    server = await asyncio.get_running_loop().create_server(_Reads, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/actions/1"
    finally:
        server.close()


@asynccontextmanager
async def _acking(which: str) -> AsyncIterator[Pressable]:
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
        yield Pressable(port=port, pid=process.pid)
    finally:
        process.terminate()
        await process.wait()


async def _turns(programs: Mapping[str, Pressable], told: Round) -> Mapping[str, list[Turn]]:
    """Of the same round, so that what else goes on in the machine meets all."""
    turns: dict[str, list[Turn]] = {what: [] for what in programs}
    for turn in range(ROUNDS + 1):
        for what, program in programs.items():
            before = program.processor()
            seen = await pressed(program.port, told, number=PRESSES, first=turn * PRESSES, connections=CONNECTIONS)
            if turn:  # the first one warms up
                cost = (program.processor() - before) / PRESSES * 1000
                turns[what].append(Turn(rate=PRESSES / seen["took"], cost=cost))
    return turns


async def pressing(port: int, told: Round, **plan: Any) -> asyncio.subprocess.Process:
    """A crowd that has begun to press."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.pressing", str(port),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1024 * 1024,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"round": asdict(told), **plan}).encode())
    process.stdin.close()
    await process.stdout.readline()
    return process


async def pressed(port: int, told: Round, **plan: Any) -> dict[str, Any]:
    seen = await seen_by(await pressing(port, told, **plan))
    if seen["refused"]:
        raise RuntimeError(f"{seen['refused']} presses were not answered with 200")
    return seen


async def seen_by(crowd: asyncio.subprocess.Process) -> dict[str, Any]:
    printed, _ = await crowd.communicate()
    seen: dict[str, Any] = json.loads(printed)
    return seen


def _compared(what: str, turns: Mapping[str, list[Turn]], against: str, bar: float) -> Iterator[Row]:
    ours, theirs = turns["canteen"], turns[against]
    rate = statistics.median(one.rate / other.rate for one, other in zip(ours, theirs, strict=True))
    yield Row(
        what=what,
        value=statistics.median(one.rate for one in ours),
        unit="votes/s",
        against=statistics.median(one.rate for one in theirs),
        ratio=rate,
        bar=f"at least {bar}",
        passed=rate >= bar,
    )
    yield Row(
        what="  the processor's time for each; ratio: theirs to ours",
        value=statistics.median(one.cost for one in ours),
        unit="ms",
        against=statistics.median(one.cost for one in theirs),
        ratio=statistics.median(other.cost / one.cost for one, other in zip(ours, theirs, strict=True)),
        bar="",
        passed=None,
    )


async def _steady(database: str, port: int, told: Round, rate: int) -> Row:
    seen = await pressed(port, told, number=rate * STEADY_SECONDS, first=1_000_000 + rate * 1000, rate=rate)
    cuts, judged = statistics.quantiles(seen["seconds"], n=100), rate == max(RATES)
    return Row(
        what=f"{database}: {rate} votes a second, open loop: p99 of the answer, beside its p50",
        value=cuts[98] * 1000,
        unit="ms",
        against=cuts[49] * 1000,
        ratio=cuts[98] / cuts[49],
        bar=f"under {LONGEST_P99 * 1000:.0f} ms" if judged else "",
        passed=cuts[98] < LONGEST_P99 if judged else None,
    )


async def _killed(database: str, flow: Flow, process: Forked, told: Round) -> Row:
    """Everybody presses once more, and each press carries its own number in its action_ts."""
    port = pressable(flow, process).port
    crowd = await pressing(port, told, number=PEOPLE, first=LAST, connections=CONNECTIONS)
    await asyncio.sleep(KILL_AFTER)
    await flow.stop(process, signal.SIGKILL)
    acknowledged = (await seen_by(crowd))["acknowledged"]
    if not 0 < len(acknowledged) < PEOPLE:
        raise RuntimeError(f"{len(acknowledged)} of {PEOPLE} presses were acknowledged: the kill came beside them")
    there = await stored(flow)
    lost = [n for n in acknowledged if there.get(f"U0{(LAST + n) % PEOPLE:07}", 0) % 1_000_000 != LAST + n]
    return Row(
        what=f"{database}: acknowledged before kill -9 in mid-crowd and not in the database, of so many acknowledged",
        value=len(lost),
        unit="votes",
        against=len(acknowledged),
        ratio=None,
        bar="0",
        passed=not lost,
    )
