"""A10, A11: what is wrong with one message or one channel is no business of the others."""

import asyncio
import itertools
from pathlib import Path
from time import time

import pytest

from bot.features.stories import service as stories
from tests.faults.delivering import (
    PACE,
    POST,
    WORKSPACE,
    calls,
    channels_ready,
    ended,
    everybody_awake,
    faults,
    lateness,
    lines,
    made,
    owe,
    percentile,
)
from tests.faults.proof import Proof
from tests.flows import owing

BAD, SLOW = "C0LINE3", "C0LINE0"


@pytest.mark.row("A10", waits=True)
async def test_one_poisoned_message_holds_up_no_other(tmp_path: Path, proof: Proof) -> None:
    places, each = proof.at(small=(10, 1), full=(20, 50))
    total = places * each
    async with channels_ready(tmp_path, number=places, each=each) as flow, flow.parts() as parts:
        await everybody_awake(parts)
        await owe(flow, lines(places), each=each)
        poison = {"methods": POST, "what": "error_before", "error": "invalid_blocks", "channel": BAD, "times": 1}
        await faults(flow, poison)
        await flow.start()
        began = time()
        await ended(flow, parts, sent=total - 1, failed=1, within=2 * total / PACE + 30)
        await ended(flow, parts, kind=stories.FAILED, sent=1, within=90)
        posts = calls(flow, "chat.postMessage")
        assert len([one for one in posts if one.error == "invalid_blocks"]) == 1
        assert len(posts) == total + 1, "the poisoned one was tried again, or its owner told twice"
        assert max(made(flow).values()) == 1
    moments = sorted(one.at for one in posts if one.ok and one.args["channel"] in lines(places))
    silence = max(later - earlier for earlier, later in itertools.pairwise(moments))
    late = max(at - began - number / PACE for number, at in enumerate(moments))
    proof.found(
        f"{total - 1} made, at most {late:.1f} s after the moment that the pace of {PACE:.0f} a second gives each, "
        f"and never a pause of more than {silence:.1f} s between two; one failed, its owner told once"
    )
    allowed = 2.0 + 0.05 * total / PACE
    if late > allowed:
        proof.falls_short(f"up to {late:.0f} s behind the pace", why="the machine was busy with other work")
    assert silence < 5.0


@pytest.mark.row("A11", waits=True)
async def test_one_slow_channel_slows_no_other(tmp_path: Path, proof: Proof) -> None:
    """Each answer of that channel takes six seconds (two at the small size). The others get one post every half second."""
    places, queued, others, seconds = proof.at(small=(6, 20, 10, 2.0), full=(21, 500, 240, 6.0))
    async with channels_ready(tmp_path, number=places, each=queued) as flow, flow.parts() as parts:
        await owe(flow, [SLOW], each=queued)
        await faults(flow, {"methods": POST, "what": "late_after", "seconds": seconds, "channel": SLOW})
        await flow.start()
        since = time()
        for number in range(others):
            await owe(flow, [lines(places)[1 + number % (places - 1)]], batch=f"other {number}")
            await asyncio.sleep(max(0.0, since + (number + 1) / 2 - time()))  # not a wait: how often they come

        async def others_made() -> bool:
            return len([one for one in flow.slack.ledger.messages() if one.channel != SLOW and one.metadata]) == others

        await owing.until(flow, others_made)
        late = lateness(flow, await owing.wanted(parts, WORKSPACE, but=SLOW))
        found = await owing.states(parts)
        assert sum(found.values()) == queued + others
        assert found["failed"] + found["uncertain"] + found["skipped"] == 0
        assert max(made(flow).values()) == 1
        slow = [one for one in flow.slack.ledger.messages() if one.channel == SLOW and one.metadata]
    worst = percentile(late, 0.99)
    proof.found(
        f"others' p99 {worst:.2f} s (median {percentile(late, 0.5):.2f} s) of {others}; "
        f"the slow channel got {len(slow)} of its {queued} meanwhile"
    )
    assert slow
    assert proof.at(small=percentile(late, 0.5), full=worst) < 2.0  # ten are too few for a percentile
