"""PostgreSQL away, crashed, slow, and put back from an old backup, while replicas post and people press."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.commands import channel_setup
from bot.features.channels.rules import Setup
from tests import postgres
from tests.faults.crowd import NOWHERE, Crowd, hearing
from tests.faults.ground import Ground, Replica, ground
from tests.faults.proof import Proof
from tests.flows import owing, voting
from tests.flows.company import ADMIN, MANAGER
from tests.postgres import Server

pytestmark = pytest.mark.postgres
READY_WITHIN = 10.0
AHEAD = 10.0  # to set up what falls due, on a busy machine
WAYS = ("stopped", "crashed")


def slots(first: datetime, number: int, *, every: timedelta) -> list[str]:
    """Weekly times of stories, one after the other."""
    moments = [(first + every * n).astimezone(ZoneInfo("Europe/Lisbon")) for n in range(number)]
    return [f"story:{moment:%a}@{moment:%H:%M:%S}".lower() for moment in moments]


async def trickle(it: Ground, places: Sequence[str], *, each: int, every: float, ahead: float) -> int:
    """A post every `every` seconds from `ahead` seconds on, each in the next channel. How many."""
    first = datetime.now(UTC) + timedelta(seconds=ahead + len(places) / 4)
    step = timedelta(seconds=every)
    async with it.parts() as parts:
        for position, place in enumerate(places):
            times = slots(first + step * position, each, every=step * len(places))
            weekly = tuple(map(channel_setup.read_slot, times))
            wanted = Setup(channel_id=place, name=place, zone="Europe/Lisbon", locale="en", weekly=weekly)
            await channel_setup.set_up(parts, owing.WORKSPACE, wanted, teams=["Line 2"], by="test")
    assert datetime.now(UTC) < first, "the first time had passed before it was set up"
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
    each, up = proof.at(small=(1, 10), full=(12, 40))
    with postgres.running(durable=True) as server:
        async with ground(tmp_path, server=server, channels=places + 1) as it:
            await voting.set_up(it, people=people, stories=each + 2)
            replicas = await it.replicas(2)
            crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
            more = owing.lines(places + 1)[1:]
            posts = await trickle(it, more, each=each, every=proof.at(small=2.5, full=4.8), ahead=AHEAD)
            ready: list[float] = []
            async with crowd.pressing(rate=5):
                await becomes(partial(grew, crowd, 5), within=30)
                for outage in range(outages):
                    await away(server, WAYS[outage % 2], length)
                    assert await all_say(replicas, "/readyz", 503)
                    assert await all_say(replicas, "/healthz", 200), "starting it again would help nobody"
                    await asyncio.to_thread(server.start)
                    ready.append(await becomes(lambda: all_say(replicas, "/readyz", 200), within=30))
                    await becomes(partial(grew, crowd, len(crowd.acknowledged) + up), within=60)
            async with it.parts() as parts:
                await owing.all_sent_once(it, parts, posts, within=600)
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


@pytest.mark.row("D5")
@pytest.mark.timeout(180)
async def test_a_database_that_stands_still_for_five_seconds(tmp_path: Path, proof: Proof) -> None:
    """Every process of PostgreSQL is frozen while people press, type commands and ask for a window."""
    times, people, length = proof.at(small=(1, 10, 5.0), full=(10, 100, 5.0))
    with postgres.running(durable=True) as server:
        async with hearing() as (to, heard), ground(tmp_path, server=server, channels=1) as it:
            await voting.set_up(it, people=times * people)
            await it.replicas(2)
            crowd = Crowd(it.port, await voting.open_quiz(it, people=times * people, respond_to=to))
            warned: list[bool] = []
            for turn in range(times):
                server.signal_all(signal.SIGSTOP)
                thawing = asyncio.create_task(thaws(server, length))
                pressing = crowd.at_once(range(turn * people, (turn + 1) * people), beside=people)
                _, found, window = await asyncio.gather(pressing, typed(it, ADMIN, FIND), typed(it, MANAGER, WINDOW))
                warned += [told(found), told(window)]
                await thawing
                await becomes(partial(works_again, it), within=20)
            stored = await crowd.none_lost(it)
            await becomes(partial(all_told, heard, stored), within=30)
            expired = [one for one in await owing.calls(it, "views.open") if one["error"] == "expired_trigger_id"]
    early = [one.seconds for one in crowd.pressed if one.status == 200]
    late = [one.seconds for one in crowd.pressed if one.status == 503] or [0.0]
    unanswered = times * people - len(late)
    assert early == [], "a press was acknowledged while nothing could be committed"
    if unanswered:
        proof.falls_short(
            f"{unanswered} of {times * people} not answered within 3 s", why="the machine was busy with more"
        )
    assert all(warned), "somebody was told nothing"
    assert sum("You chose" in words for words in heard) == stored
    proof.found(
        f"{times} times {length:.0f} s, {len(late)} presses: each answered 503 after {min(late):.1f} to {max(late):.1f} s; "
        f"{stored} committed later, each told so; {len(warned)} commands and windows, none silent "
        f"({len(expired)} triggers had expired)"
    )


FIND, WINDOW = "/customer find orion", "/customer-update"


async def thaws(server: Server, seconds: float) -> None:
    await asyncio.sleep(seconds)  # not a wait: the length is what is tried out
    server.signal_all(signal.SIGCONT)


async def typed(it: Ground, who: str, words: str) -> dict[str, Any]:
    seen: dict[str, Any] = await it.act(who, "command", channel="C0LINE0", text=words)
    return seen


def told(seen: Mapping[str, Any]) -> bool:
    """A window, an answer, or Slack's own warning."""
    return bool(seen["notices"] or seen["modals"] or "Orion" in str(seen["messages"]))


async def works_again(it: Ground) -> bool:
    return "Sam Ortega" in str((await typed(it, ADMIN, FIND))["messages"])


async def all_told(heard: Sequence[str], number: int) -> bool:
    return sum("You chose" in words for words in heard) >= number


@pytest.mark.row("E3")
@pytest.mark.timeout(180)
async def test_one_statement_in_twenty_loses_a_race(tmp_path: Path, postgres_server: Server, proof: Proof) -> None:
    """In both replicas, whatever the statement is for: presses, posts, ticks. A press loses four times in a row, and is
    refused, about once in two hundred."""
    presses, places, each = proof.at(small=(100, 5, 2), full=(5_000, 20, 25))
    begin, struck = tmp_path / "begin", tmp_path / "struck"
    races = {"when": str(begin), "share": "0.05", "struck": str(struck)}
    async with ground(tmp_path, server=postgres_server, channels=places + 1) as it, it.parts() as parts:
        await voting.set_up(it, people=presses, stories=each + 2)
        more = owing.lines(places + 1)[1:]
        await owing.set_up(it, more)
        replicas = [it.replica(), it.replica()]
        for one in replicas:
            await one.start(("tests.faults.preludes:loses_races", races))
        crowd = Crowd(it.port, await voting.open_quiz(it, people=presses, respond_to=NOWHERE))
        await owing.owe(it, more, each=each)
        begin.touch()
        await crowd.steadily(range(presses), rate=50)
        stored = await crowd.none_lost(it)
        await owing.all_sent_once(it, parts, places * each, within=600)
    assert all(one.starts == 1 and one.process is not None for one in replicas)
    lost = struck.stat().st_size
    assert lost > proof.at(small=5, full=200), "too few were struck to try anything"
    assert len(crowd.acknowledged) >= 0.97 * presses, "races are lost, and not run again"
    proof.found(
        f"{lost} statements ended; {presses} presses: {len(crowd.acknowledged)} acknowledged, {stored} stored, none lost, "
        f"{presses - len(crowd.acknowledged)} refused after four tries; {places * each} posts made once"
    )
