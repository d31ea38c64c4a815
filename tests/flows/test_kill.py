"""`kill -9` at random instants, on a network that loses answers: every message is made, and none twice."""

import asyncio
import random
import signal
from pathlib import Path

import pytest

from tests.flows import owing
from tests.flows.conftest import flowing

KILLS, CHANNELS, EACH = 20, 20, 10


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_killed_twenty_times_while_answers_get_lost(tmp_path: Path) -> None:
    chance = random.Random(2026)
    places = owing.lines(CHANNELS)
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}", channels=CHANNELS) as flow:
        await flow.install(stories=EACH + 2)
        await owing.set_up(flow, places)
        await owing.owe(flow, places, each=EACH)
        lost = {"methods": ["chat.postMessage"], "what": "reset_after", "share": 0.2, "seed": 20}
        await owing.faults(flow, lost)
        async with flow.parts() as parts:
            for _ in range(KILLS):
                bot = await flow.start()
                await asyncio.sleep(chance.uniform(0.0, 1.6))  # not a wait: the instant is what is tried out
                assert await flow.stop(bot, signal.SIGKILL) == -signal.SIGKILL
            found = await owing.states(parts)
            assert found["sent"] < CHANNELS * EACH, "all were sent before the last kill: nothing was tried"
            await owing.look_again_at_once(flow)
            await flow.start()
            await owing.all_sent_once(flow, parts, CHANNELS * EACH, within=180)
            assert sum((await owing.made(flow)).values()) == CHANNELS * EACH
