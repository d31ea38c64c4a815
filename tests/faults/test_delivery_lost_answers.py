"""A2, A3, A4: the message was made, and we are not told. What is looked up is found, and nothing is made again."""

from pathlib import Path
from typing import Any

import pytest

from tests.faults.delivering import POST, all_sent_once, calls, channels_ready, faults, lines, made, moving, owe
from tests.faults.proof import Proof

PLACES = 20


async def _answers_lost(tmp_path: Path, proof: Proof, *ways: dict[str, Any], small: int) -> None:
    """Every post meets one of the `ways`, in turn."""
    places, each = proof.at(small=(small, 2), full=(PLACES, 50))
    total = places * each
    rules = [{"methods": POST, "times": 1, **way} for _ in range(total // len(ways)) for way in ways]
    async with channels_ready(tmp_path, number=places, each=each) as flow, flow.parts() as parts:
        await owe(flow, lines(places), each=each)
        await faults(flow, *rules)
        await flow.start()
        await all_sent_once(flow, parts, total, within=proof.at(small=60, full=600))
        assert len(calls(flow, "chat.postMessage")) == total
        assert all(one.fault is not None for one in calls(flow, "chat.postMessage"))
        proof.found(f"{sum(made(flow).values())} in the ledger of {total}, none twice")


@pytest.mark.row("A2", waits=True)
async def test_the_connection_is_reset_after_each(tmp_path: Path, proof: Proof) -> None:
    await _answers_lost(tmp_path, proof, {"what": "reset_after"}, small=4)


@pytest.mark.row("A4", waits=True)
async def test_each_answer_says_that_it_did_not_work(tmp_path: Path, proof: Proof) -> None:
    errors = ("internal_error", "fatal_error")
    ways = [{"what": "error_after", "status": status} for status in (500, 503)]
    ways += [{"what": "error_after", "error": error} for error in errors]
    await _answers_lost(tmp_path, proof, *ways, small=4)


@pytest.mark.row("A3", waits=True)
async def test_each_answer_comes_later_than_we_wait(tmp_path: Path, proof: Proof) -> None:
    """At the small size with a shorter time-out, in this process."""
    places, each, late = proof.at(small=(5, 2, 4.0), full=(PLACES, 50, 12.0))
    total = places * each
    async with channels_ready(tmp_path, number=places, each=each) as flow:
        await owe(flow, lines(places), each=each)
        await faults(flow, {"methods": POST, "what": "late_after", "seconds": late})
        if proof.size == "small":
            async with moving(flow, timeout=1.5) as parts:
                await all_sent_once(flow, parts, total, within=60)
        else:
            await flow.start()
            async with flow.parts() as parts:
                await all_sent_once(flow, parts, total, within=900)
        proof.found(
            f"{sum(made(flow).values())} in the ledger of {total}, none twice; each answered after {late:.0f} s"
        )
