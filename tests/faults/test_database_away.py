"""PostgreSQL away, crashed, slow, and put back from an old backup, while replicas post and people press."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests import postgres
from tests.faults.crowd import NOWHERE, Crowd
from tests.faults.ground import Ground, Replica, ground
from tests.faults.proof import Proof
from tests.flows import owing, voting
from tests.postgres import Server

pytestmark = pytest.mark.postgres
READY_WITHIN = 10.0
WAYS = ("stopped", "crashed")


def slots(first: datetime, number: int, *, every: timedelta) -> list[str]:
    """Weekly times of stories, one after the other."""
    moments = [(first + every * n).astimezone(ZoneInfo("Europe/Lisbon")) for n in range(number)]
    return [f"story:{moment:%a}@{moment:%H:%M:%S}".lower() for moment in moments]


async def trickle(it: Ground, places: Sequence[str], *, each: int, every: float, ahead: float) -> int:
    """A post every `every` seconds from `ahead` seconds on, each in the next channel. How many."""
    first = datetime.now(UTC) + timedelta(seconds=ahead)
    step = timedelta(seconds=every)
    for position, place in enumerate(places):
        await owing.set_up(it, [place], *slots(first + step * position, each, every=step * len(places)))
    return each * len(places)


async def becomes(look: Callable[[], Awaitable[bool]], *, within: float) -> float:
    """Seconds until it is so."""
    started = time.monotonic()
    async with asyncio.timeout(within):
        while not await look():
            await asyncio.sleep(0.1)
    return time.monotonic() - started


async def away(server: Server, way: str, seconds: float) -> None:
    await asyncio.to_thread(server.stop if way == "stopped" else server.crash)
    await asyncio.sleep(seconds)  # not a wait: the length of the outage is what is tried out


async def all_say(replicas: Sequence[Replica], path: str, status: int) -> bool:
    return all([(await one.asks(path))[0] == status for one in replicas])


@pytest.mark.row("E1", waits=True)
@pytest.mark.timeout(240)
async def test_postgresql_away_under_load_again_and_again(tmp_path: Path, proof: Proof) -> None:
    """Two replicas, presses at five a second and a post every few seconds all the time. PostgreSQL is stopped as by its
    service manager, and killed, in turns."""
    outages, length = proof.at(small=(1, 3.0), full=(20, 60.0))
    places, people = proof.at(small=3, full=24), proof.at(small=500, full=9_000)
    each = proof.at(small=1, full=13)
    with postgres.running(durable=True) as server:
        async with ground(tmp_path, server=server, channels=places + 1) as it:
            await voting.set_up(it, people=people, stories=each + 2)
            replicas = await it.replicas(2)
            crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
            more = owing.lines(places + 1)[1:]
            posts = await trickle(it, more, each=each, every=proof.at(small=2.5, full=5.0), ahead=4)
            ready: list[float] = []
            async with crowd.pressing(rate=5):
                await becomes(partial(grew, crowd, 5), within=30)
                for outage in range(outages):
                    await away(server, WAYS[outage % 2], length)
                    assert await all_say(replicas, "/readyz", 503)
                    assert await all_say(replicas, "/healthz", 200), "starting it again would help nobody"
                    await asyncio.to_thread(server.start)
                    ready.append(await becomes(lambda: all_say(replicas, "/readyz", 200), within=30))
                    await becomes(partial(grew, crowd, len(crowd.acknowledged) + 10), within=30)
            async with it.parts() as parts:
                await owing.all_sent_once(it, parts, posts, within=180)
            stored = await crowd.none_lost(it)
    assert all(one.starts == 1 and one.process is not None for one in replicas)
    refused = len(crowd.pressed) - len(crowd.acknowledged)
    assert refused > 0, "nobody pressed while it was away"
    assert max(ready) <= READY_WITHIN
    proof.found(
        f"{outages} outages of {length:.0f} s: ready within {max(ready):.1f} s each time, no restart; "
        f"{len(crowd.acknowledged)} presses acknowledged, {stored} stored, none lost, {refused} refused; "
        f"{posts} posts due meanwhile, each made once"
    )


async def grew(crowd: Crowd, number: int) -> bool:
    return len(crowd.acknowledged) >= number
