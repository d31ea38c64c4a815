"""A quiz from a bank's file to the answer in the channel, with a crowd pressing at the whole program."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from sqlalchemy import func, select, update

from bot.db.tables.quizzes import Quiz, QuizAnswer, QuizPost
from tests.flows import company
from tests.flows.company import MAKER, OTHER
from tests.flows.conftest import Flow, flowing
from tests.flows.test_stories import buttons, set_up

BANK = """questions:
  - id: longest
    question: Which of these has been with us longest?
    options: [Orion, Hälden, Somebody else]
    right: Orion
    why: Orion came in 2009.
    customer: C-1
"""


async def asked(flow: Flow) -> dict[str, Any]:
    path = flow.folder / "bank.yaml"
    path.write_text(BANK, encoding="utf-8")
    code, printed = await flow.canteen("import", "quizzes", str(path))
    assert code == 0, printed
    await set_up(flow, "C0LINE0", "quiz:mon@10:00")
    code, printed = await flow.canteen("post-now", "C0LINE0", "quiz")
    assert code == 0, printed
    post: dict[str, Any] = (await flow.until(lambda: flow.posts("C0LINE0")))[0]
    return post


async def test_a_quiz_is_asked_answered_closed_and_revealed(flow: Flow) -> None:
    await flow.start()
    post = await asked(flow)
    assert sorted(buttons(post)) == ["Hälden", "Orion", "Somebody else"]
    await flow.act(MAKER, "press", action="Hälden", ts=post["ts"])
    await flow.act(OTHER, "press", action="Orion", ts=post["ts"])

    async def told() -> bool:
        made = (await flow.ledger())["messages"]
        private = {one["ephemeral_to"]: one["text"] for one in made if one.get("ephemeral_to")}
        return "You chose Hälden" in private.get(MAKER, "") and "You chose Orion" in private.get(OTHER, "")

    await flow.until(told)

    async def counted() -> bool:
        return "2 have answered" in str((await flow.posts("C0LINE0"))[0]["blocks"])

    await flow.until(counted)
    await close(flow)

    async def revealed() -> bool:
        posts = await flow.posts("C0LINE0")
        return len(posts) >= 3 and "The right answer: Orion" in str(posts[0]["blocks"])

    await flow.until(revealed)
    result, out, table = (await flow.posts("C0LINE0"))[:3]
    assert "Read the story" in buttons(result)
    assert "Adopt Orion" in buttons(result)
    assert out["text"].startswith("The answer is out:")
    assert table["thread_ts"] == out["ts"]


async def close(flow: Flow) -> None:
    """Its day is over."""
    async with flow.parts() as parts, parts.sessions.begin() as session:
        for table in (Quiz, QuizPost):
            await session.execute(update(table).values(closes_at=datetime.now(UTC)))


async def test_everything_acknowledged_is_stored_when_the_process_ends_in_the_crowd(flow: Flow) -> None:
    """C1 and C15 in small: presses while the process is asked to end; whoever was told 200 is in the database."""
    process = await flow.start()
    post = await asked(flow)
    chosen = ["Hälden", "Orion", "Somebody else"]

    async def press(number: int) -> bool:
        body = {"as": (MAKER, OTHER)[number % 2], "do": "press", "action": chosen[number % 3], "ts": post["ts"]}
        return bool((await flow.send("act", body)).get("ok"))

    presses = [asyncio.create_task(press(number)) for number in range(60)]
    await asyncio.wait(presses, return_when=asyncio.FIRST_COMPLETED)
    ending = asyncio.create_task(flow.stop(process))
    told = await asyncio.gather(*presses)
    assert await ending == 0
    assert any(told)
    async with flow.parts() as parts, parts.sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(QuizAnswer)) in {1, 2}


# -- crowds -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def crowded(tmp_path: Path) -> AsyncIterator[Flow]:
    """Over HTTP, so that thousands whom the local Slack does not know can press."""
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}", transport="http") as made:
        await made.install()
        yield made


def signed(user: str, post: dict[str, Any], value: str, number: int) -> tuple[bytes, dict[str, str]]:
    """One press as Slack sends it."""
    body = {
        "type": "block_actions", "team": {"id": "T0FLOW"}, "user": {"id": user, "team_id": "T0FLOW"},
        "container": {"type": "message", "message_ts": post["ts"], "channel_id": post["channel"]},
        "channel": {"id": post["channel"]}, "trigger_id": f"1.{number}",
        "actions": [{"type": "button", "action_id": "quizzes:answer", "block_id": "b", "value": value,
                     "action_ts": f"1700000000.{number:06}"}],
    }  # fmt: skip
    raw, now = urlencode({"payload": json.dumps(body)}).encode(), str(int(time.time()))
    made = hmac.new(company.SECRET.encode(), f"v0:{now}:".encode() + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": now}
    return raw, {**headers, "X-Slack-Signature": f"v0={made}"}


class Crowd:
    """People who press one after the other, many at once; who was told 200, and how long each waited."""

    def __init__(self, flow: Flow, post: dict[str, Any]) -> None:
        self.url = f"http://{flow.env['CANTEEN_HTTP']}/slack/events"
        self.post, self.told, self.waits = post, dict[str, str](), list[float]()
        rows = [block for block in post["blocks"] if block["type"] == "actions"]
        self.values = [row["elements"][0]["value"] for row in rows]

    async def press(self, http: aiohttp.ClientSession, number: int) -> None:
        user, value = f"U0CROWD{number:05}", self.values[number % len(self.values)]
        raw, headers = signed(user, self.post, value, number)
        began = time.monotonic()
        try:
            async with http.post(self.url, data=raw, headers=headers) as answer:
                if answer.status == 200:
                    self.told[user] = value
        except (aiohttp.ClientError, ConnectionError):
            return  # killed: Slack shows its warning
        self.waits.append(time.monotonic() - began)

    async def all(self, numbers: Sequence[int], *, at_once: int) -> None:
        waiting = list(numbers)[::-1]

        async def one_after_the_other(http: aiohttp.ClientSession) -> None:
            while waiting:
                await self.press(http, waiting.pop())

        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(one_after_the_other(http) for _ in range(at_once)))


async def stored(flow: Flow) -> set[str]:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        return set(await session.scalars(select(QuizAnswer.user_id)))


async def test_a_burst_is_counted_and_slack_hears_little_of_it(crowded: Flow) -> None:
    """C1 on SQLite: 2,000 presses, none lost, edits within the budget, the last tally equal to the rows."""
    await crowded.start()
    post = await asked(crowded)
    crowd = Crowd(crowded, post)
    began = time.monotonic()
    await crowd.all(range(2000), at_once=40)
    assert len(crowd.told) == 2000
    assert await stored(crowded) == set(crowd.told)
    assert max(crowd.waits) < 3

    async def counted() -> bool:
        return "2,000 have answered" in str((await crowded.posts("C0LINE0"))[0]["blocks"])

    await crowded.until(counted)
    edits = [one for one in (await crowded.ledger())["calls"] if one["method"] == "chat.update"]
    assert len(edits) <= (time.monotonic() - began) / 2.4 + 1
