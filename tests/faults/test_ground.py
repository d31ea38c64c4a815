"""The proving ground itself: it passes nothing by not doing it."""

import signal
from pathlib import Path

import pytest

from tests.faults.crowd import NOWHERE, Crowd
from tests.faults.ground import ground
from tests.flows import voting
from tests.postgres import Server


@pytest.mark.postgres
async def test_replicas_share_presses_and_the_balancer_passes_over_the_dead(
    tmp_path: Path, postgres_server: Server
) -> None:
    async with ground(tmp_path, server=postgres_server, channels=1) as it:
        await voting.set_up(it, people=40)
        one, two = await it.replicas(2, skews=("5s",))
        crowd = Crowd(it.port, await voting.open_quiz(it, people=40, respond_to=NOWHERE))
        await crowd.at_once(range(20))
        taken = [await answered(it.http, each.port) for each in (one, two)]
        assert sum(taken) >= 20
        assert min(taken) >= 5
        assert await one.stop(signal.SIGKILL) == -signal.SIGKILL
        await crowd.at_once(range(20, 40))
        assert len(crowd.acknowledged) == 40
        assert await crowd.none_lost(it) == 40


async def answered(http: object, port: int) -> int:
    async with http.get(f"http://127.0.0.1:{port}/metrics") as answer:  # type: ignore[attr-defined]
        lines = (await answer.text()).splitlines()
    return int(sum(float(line.split()[-1]) for line in lines if line.startswith("canteen_ack_seconds_count{")))
