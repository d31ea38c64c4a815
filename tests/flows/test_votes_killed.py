"""`kill -9` while people press: what was acknowledged is in the database."""

import asyncio
import random
import signal
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from benchmarks.pressing import Round, requests
from tests.flows import voting
from tests.flows.conftest import Flow, flowing

KILLS, PEOPLE = 20, 2_000
NOWHERE = "http://127.0.0.1:9/actions"  # private answers are lost, which changes nothing


async def _press(http: aiohttp.ClientSession, port: int, request: bytes) -> bool:
    """Whether it was acknowledged. Slack would show its own warning where not."""
    head, _, body = request.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[2:])
    try:
        async with http.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def _stored(flow: Flow) -> dict[str, int]:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        rows = (await session.execute(text("SELECT user_id, option FROM quiz_answers"))).all()
    return {row[0]: row[1] for row in rows}


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_twenty_times_every_acknowledged_vote_is_there(tmp_path: Path) -> None:
    chance = random.Random(2027)
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}", transport="http", channels=1) as flow:
        await voting.set_up(flow, people=PEOPLE)
        port = int(flow.env["CANTEEN_HTTP"].rpartition(":")[2])
        acknowledged: set[int] = set()
        async with aiohttp.ClientSession() as http:
            bot = await flow.start()
            told = await voting.open_quiz(flow, people=PEOPLE, respond_to=NOWHERE)
            for kill in range(KILLS):
                batch = range(kill * PEOPLE // KILLS, (kill + 1) * PEOPLE // KILLS)
                pressing = asyncio.create_task(_all(http, port, told, batch, acknowledged))
                await asyncio.sleep(chance.uniform(0.0, 0.8))  # not a wait: the instant is what is tried out
                assert await flow.stop(bot, signal.SIGKILL) == -signal.SIGKILL
                await pressing
                bot = await flow.start()
            stored = await _stored(flow)
    assert 0 < len(acknowledged) < PEOPLE, "every kill came before or after all the presses: nothing was tried"
    assert {f"U0{n:07}" for n in acknowledged} <= stored.keys()
    chosen: dict[int, set[int]] = {}
    for n in acknowledged:
        chosen.setdefault(n % len(told.buttons), set()).add(stored[f"U0{n:07}"])
    assert sorted(next(iter(options)) for options in chosen.values()) == list(range(len(told.buttons)))
    assert all(len(options) == 1 for options in chosen.values())


async def _all(http: aiohttp.ClientSession, port: int, told: Round, numbers: range, acknowledged: set[int]) -> None:
    gate = asyncio.Semaphore(8)

    async def one(n: int) -> None:
        (request,) = requests(told, number=1, first=n)
        async with gate:
            if await _press(http, port, request):
                acknowledged.add(n)

    await asyncio.gather(*map(one, numbers))
