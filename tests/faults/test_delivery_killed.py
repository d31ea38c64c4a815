"""A1: the process ends by SIGKILL: at every await of its way of sending, and at instants that nobody chose."""

import asyncio
import random
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from time import monotonic

import pytest

from tests.faults.delivering import all_sent_once, channels_ready, faults, lines, made, owe
from tests.faults.kill_points import ENDINGS, Lane, lane
from tests.faults.proof import Proof
from tests.flows import owing

LANES = 3


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "ending" in metafunc.fixturenames:
        metafunc.parametrize("ending", list(ENDINGS) if metafunc.config.getoption("--size") == "full" else ["reply"])


@pytest.mark.slow
@pytest.mark.row("A1", waits=True)
async def test_killed_at_every_await(tmp_path: Path, proof: Proof, ending: str) -> None:
    """At every await that is passed by a bot that nobody kills; what is the same before the call whatever is called
    (from the claim to the mark `sending`) only with plain posts. At the small size at a few of them."""
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(lane(tmp_path / "0", stories=120))
        await ENDINGS[ending](first)
        assert not await first.watched("")
        await first.judge()
        points = [one for one in _awaits(first.passed.read_text()) if ending == "post" or _of(ending, one)]
        chosen = proof.at(small=_few(points, 2), full=points)
        lanes = [first]
        for number in range(1, proof.at(small=1, full=LANES)):
            lanes.append(await stack.enter_async_context(lane(tmp_path / str(number), stories=120)))
        left = list(reversed(chosen))
        killed = sum(await asyncio.gather(*(_each(one, ending, left) for one in lanes)))
    assert killed >= 0.9 * len(chosen), "too many were not passed this time"
    proof.found(f"{ending}: killed at {killed} of {len(points)} awaits, each time everything there once")


def _awaits(passed: str) -> list[str]:
    """Each await as it goes on for the first and for the last time: between the two is only the library's own work."""
    times: dict[str, list[str]] = {}
    for place in passed.splitlines():
        times.setdefault(place.rpartition(" #")[0], []).append(place)
    return [place for places in times.values() for place in dict.fromkeys((places[0], places[-1]))]


def _of(ending: str, place: str) -> bool:
    return "Reconciler" in place if ending == "look-up" else "Sender._call" in place


def _few(points: Sequence[str], number: int) -> list[str]:
    return random.Random(len(points)).sample(points, number)


async def _each(lane: Lane, ending: str, left: list[str]) -> int:
    killed = 0
    while left:
        place = left.pop()
        await ENDINGS[ending](lane)
        killed += await lane.watched(place)
        await lane.recovered()
        try:
            await lane.judge()
        except AssertionError as error:
            raise AssertionError(f"killed at {place}") from error
    return killed


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.row("A1", waits=True)
async def test_killed_at_random_instants_while_answers_get_lost(tmp_path: Path, proof: Proof) -> None:
    """Some of it becomes due before each start, so that no kill finds a bot with nothing to do."""
    chance = random.Random(2026)
    kills, number, each = proof.at(small=(6, 8, 5), full=(200, 20, 50))
    places, total = lines(number), number * each
    async with channels_ready(tmp_path, number=number, each=each) as flow, flow.parts() as parts:
        lost = {"methods": ["chat.postMessage"], "what": "reset_after", "share": 0.2, "seed": 20}
        await faults(flow, lost)
        owed = 0
        for kill in range(kills):
            while owed < each and owed * kills <= kill * each:
                await owe(flow, places, batch=str(owed))
                owed += 1
            bot = await flow.start()
            await asyncio.sleep(chance.uniform(0.0, 1.6))  # not a wait: the instant is what is tried out
            assert await flow.stop(bot, signal.SIGKILL) == -signal.SIGKILL
        while owed < each:
            await owe(flow, places, batch=str(owed))
            owed += 1
        found = await owing.states(parts)
        assert found["sent"] < total, "all were sent before the last kill: nothing was tried"
        if proof.size == "small":
            await owing.look_again_at_once(flow)
        await faults(flow)
        began = monotonic()
        await flow.start()
        await all_sent_once(flow, parts, total, within=proof.at(small=60, full=400))
        took = monotonic() - began
        assert sum(made(flow).values()) == total
    left = total - found["sent"]
    said = f"{total} of {total} made, none twice, after {kills} kills; the {left} left over in {took:.0f} s"
    proof.found(
        said,
        injected=f"kill -9 at {kills} random instants of a network that loses every fifth answer, and at every await",
    )
    if took > 60:
        why = "what was under way at a kill is looked up in history, of which Slack allows fifty reads a minute"
        proof.falls_short(f"{left} drained in {took:.0f} s", why=why)
