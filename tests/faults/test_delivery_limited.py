"""A7, A8: Slack says 429, and how long to wait, or something that is no length of time."""

import asyncio
import contextlib
import itertools
from collections import defaultdict
from pathlib import Path
from time import time

import pytest

from sandbox.ledger import CallRecord
from tests.faults import second_workspace
from tests.faults.delivering import (
    POST,
    WORKSPACE,
    all_sent_once,
    calls,
    channels_ready,
    faults,
    lateness,
    lines,
    owe,
    percentile,
)
from tests.faults.proof import Proof
from tests.faults.second_workspace import SECOND
from tests.flows import owing
from tests.flows.company import MAKER
from tests.flows.conftest import Flow

OTHERS = 5


@pytest.mark.row("A7", waits=True)
async def test_a_storm_in_one_workspace_and_none_in_the_other(tmp_path: Path, proof: Proof) -> None:
    """People open Home and ask for windows meanwhile, so that more than posts is refused."""
    places, each, seconds, told = proof.at(small=(4, 2, 6, 3), full=(10, 50, 600, 30))
    more = second_workspace.world(OTHERS)
    async with channels_ready(tmp_path, number=places, each=each, more=more) as flow, flow.parts() as parts:
        await second_workspace.install(flow, channels=OTHERS, stories=seconds // OTHERS + 3)
        await owe(flow, lines(places), each=each)
        await faults(flow, {"methods": "*", "what": "rate_limited", "retry_after": str(told), "team": WORKSPACE})
        await flow.start()
        since = time()
        for second in range(seconds):
            await second_workspace.owe_one(parts, second_workspace.places(OTHERS)[second % OTHERS], str(second))
            if second % 5 == 0:
                await _look_around(flow)
            await asyncio.sleep(max(0.0, since + second + 1 - time()))  # not a wait: how long the storm lasts
        await faults(flow)
        await all_sent_once(flow, parts, places * each + seconds, within=proof.at(small=40, full=300))
        late = lateness(flow, await owing.wanted(parts, SECOND))
    refused = [one for one in calls(flow, team=WORKSPACE) if one.status == 429]
    early = _early(calls(flow, team=WORKSPACE), told)
    methods = sorted({one.method for one in refused})
    worst = percentile(late, 0.99)
    proof.found(
        f"{places * each + seconds} of {places * each + seconds} made; {len(refused)} refused calls of "
        f"{', '.join(methods)}; early calls: {len(early)}; the other workspace's p99 {worst:.2f} s"
    )
    assert "chat.postMessage" in methods
    assert early == []
    assert worst < 2.0, [(number, round(one, 1)) for number, one in enumerate(late) if one > 2.0]


async def _look_around(flow: Flow) -> None:
    """Whatever comes of it: Slack does not let the bot answer."""
    with contextlib.suppress(AssertionError):
        await flow.act(MAKER, "home")
        await flow.act(MAKER, "command", channel="C0LINE0", text="/customer Orion")


def _early(made: list[CallRecord], seconds: float) -> list[tuple[str, float]]:
    """Calls that began after a 429 to the same method had been answered, and before it allowed."""
    found, waits = [], defaultdict[str, list[CallRecord]](list)
    for call in made:
        for told in waits[call.method]:
            answered = told.at + told.ms / 1000
            if answered < call.at < answered + seconds - 0.01:
                found.append((call.method, call.at - answered))
        if call.status == 429:
            waits[call.method].append(call)
    return found


@pytest.mark.row("A8", waits=True)
async def test_a_strange_retry_after_is_a_second_and_a_day_is_an_hour(tmp_path: Path, proof: Proof) -> None:
    times = proof.at(small=2, full=30)
    strange = (None, "0", "-1", "soon")
    async with channels_ready(tmp_path, number=4, each=len(strange) + 1) as flow, flow.parts() as parts:
        await flow.start()
        for number, given in enumerate(strange, start=1):
            since = len(calls(flow, "chat.postMessage"))
            await faults(flow, {"methods": POST, "what": "rate_limited", "times": times, "retry_after": given})
            await owe(flow, lines(4), batch=str(number))
            await all_sent_once(flow, parts, number * 4, within=40 + 3 * times)
            refused = [one.at for one in calls(flow, "chat.postMessage")[since:] if one.status == 429]
            assert len(refused) == times
            gaps = [later - earlier for earlier, later in itertools.pairwise(refused)]
            assert min(gaps) >= 0.95, given
            proof.found(f"Retry-After {given or 'missing'}: {times} calls, at least {min(gaps):.2f} s apart")
        await faults(flow, {"methods": POST, "what": "rate_limited", "retry_after": "86400"})
        before = len(calls(flow, "chat.postMessage"))
        await owe(flow, lines(4), batch="day")
        await owing.until(flow, lambda: _shown(flow))
        waiting = "error = 'ratelimited' OR due_at > datetime('now', '+3000 seconds')"

        async def all_wait() -> bool:
            return await owing.count(parts, "deliveries", f"state = 'pending' AND ({waiting})") == 4

        await owing.until(flow, all_wait)
        await asyncio.sleep(proof.at(small=0, full=60))  # not a wait: how long nothing happens
        further = len(calls(flow, "chat.postMessage")) - before
        proof.found(f"86400: {further} call, then an hour's wait, which /metrics shows")
        assert further <= 1


async def _shown(flow: Flow) -> bool:
    """An hour, where the operator looks."""
    async with flow.http.get(f"http://{flow.env['CANTEEN_HTTP']}/metrics") as answer:
        figures = (await answer.text()).splitlines()
    waits = [
        line for line in figures if line.startswith("canteen_rate_limit_wait_seconds") and "chat.postMessage" in line
    ]
    return any(float(line.rpartition(" ")[2]) >= 3600 for line in waits)
