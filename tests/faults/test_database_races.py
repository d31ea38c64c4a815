"""PostgreSQL ends transactions in the middle: they are done again where they began, and nobody notices."""

from pathlib import Path

import pytest

from tests.faults.crowd import NOWHERE, Crowd
from tests.faults.ground import ground
from tests.faults.proof import Proof
from tests.flows import owing, voting
from tests.postgres import Server

pytestmark = pytest.mark.postgres
SHARE = 0.05


@pytest.mark.row("E3")
async def test_one_statement_in_twenty_loses_a_race(tmp_path: Path, postgres_server: Server, proof: Proof) -> None:
    channels, each = proof.at(small=3, full=20), proof.at(small=2, full=20)
    people, posts = proof.at(small=60, full=2_000), channels * each
    async with ground(tmp_path, server=postgres_server, channels=channels + 1) as it:
        await voting.set_up(it, people=people, stories=each + 2)
        begin, struck = tmp_path / "begin", tmp_path / "struck"
        given = {"when": str(begin), "share": str(SHARE), "struck": str(struck)}
        for _ in range(2):
            await it.replica().start(prelude=("tests.faults.lost_races:install", given))
        crowd = Crowd(it.port, await voting.open_quiz(it, people=people, respond_to=NOWHERE))
        more = owing.lines(channels + 1)[1:]
        await owing.set_up(it, more)
        await owing.owe(it, more, each=each)
        begin.touch()
        await crowd.steadily(range(people), rate=40)
        async with it.parts() as parts:
            await owing.all_sent_once(it, parts, posts, within=proof.at(small=60, full=240))
        stored = await crowd.none_lost(it)
    refused = len(crowd.pressed) - len(crowd.acknowledged)
    ended = struck.stat().st_size
    assert ended > proof.at(small=5, full=200), "too few were struck to try anything"
    assert refused <= people * SHARE**3, "a press that lost a race was not tried again"
    proof.found(
        f"{ended} statements ended; {people} presses: {refused} refused, {stored} stored, none acknowledged and lost; "
        f"{posts} posts, each made once"
    )
