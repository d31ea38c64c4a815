"""A6: no connection to Slack is made at all."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from urllib.parse import urlsplit

import pytest

from tests.faults.delivering import all_sent_once, calls, channels_ready, lines, made, owe, until
from tests.faults.door import Door, door
from tests.faults.proof import Proof
from tests.flows import owing
from tests.flows.conftest import Flow, free_port

AGAIN_WITHIN = 5.0
LASTING = 15.0  # s
REMEMBERED = 10.0  # s that aiohttp trusts the last answer of a name server


@pytest.mark.row("A6", waits=True)
async def test_refused_not_resolved_not_trusted(tmp_path: Path, proof: Proof) -> None:
    places, each = proof.at(small=(5, 3), full=(20, 50))
    total = places * each
    async with channels_ready(tmp_path, number=places, each=each) as flow, flow.parts() as parts:
        behind = urlsplit(flow.url).port or 0
        async with door(tmp_path, port=free_port(), behind=behind) as slack:
            flow.env["SLACK_API_URL"], flow.prelude = slack.url, slack.prelude
            await slack.lose_name()  # at the start nothing is remembered
            again = await (_between_batches(flow, slack, places) if proof.size == "small" else _amid_all(flow, slack))
            await all_sent_once(flow, parts, total, within=proof.at(small=30, full=300))
    worst = {name: max(found) for name, found in again.items()}
    said = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in worst.items())
    proof.found(f"{sum(made(flow).values())} of {total} made, none twice; going again after {said} at the latest")
    assert max(worst.values()) <= AGAIN_WITHIN


async def _amid_all(flow: Flow, slack: Door) -> dict[str, list[float]]:
    """A thousand are owed, and now and then there is no way."""
    await owe(flow, lines(20), each=50)
    await flow.start()
    again = {"DNS": [await _mended(flow, slack, LASTING)], "refused": [], "TLS": []}
    for _ in range(4):
        again["refused"].append(await _away(flow, slack, slack.shut, LASTING))
        again["TLS"].append(await _away(flow, slack, slack.lose_certificate, LASTING))
        again["DNS"].append(await _away(flow, slack, slack.lose_name, LASTING + REMEMBERED))
    return again


async def _between_batches(flow: Flow, slack: Door, places: int) -> dict[str, list[float]]:
    """Nothing is on its way that would have to be looked up."""
    again: dict[str, list[float]] = {}
    await flow.start()
    async with flow.parts() as parts:
        for number, (name, fault) in enumerate(
            {"DNS": slack.lose_name, "refused": slack.shut, "TLS": slack.lose_certificate}.items()
        ):
            await fault()
            await owe(flow, lines(places), batch=name)
            again[name] = [await _mended(flow, slack, 0.5)]
            await all_sent_once(flow, parts, places * (number + 1), within=30)
    return again


async def _away(flow: Flow, slack: Door, fault: Callable[[], Awaitable[None]], lasting: float) -> float:
    """Once something is on its way through an open door."""
    before = _posts(flow)
    await until(lambda: _posts(flow) > before, 30)
    await fault()
    return await _mended(flow, slack, lasting)


async def _mended(flow: Flow, slack: Door, lasting: float) -> float:
    """How long after it was mended the next post came in."""
    async with flow.parts() as parts:

        async def tried() -> bool:
            return await owing.count(parts, "deliveries", "error = 'unreachable'") > 0

        await until(tried, 40, every=0.2)
    await asyncio.sleep(lasting)  # not a wait: how long it is away
    before = _posts(flow)
    began = monotonic()
    await slack.mend()
    await until(lambda: _posts(flow) > before, 40, every=0.01)
    return monotonic() - began


def _posts(flow: Flow) -> int:
    return len(calls(flow, "chat.postMessage"))
