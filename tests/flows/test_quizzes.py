"""A quiz from a bank's file to the answer in the channel, with a crowd pressing at the whole program."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.db.tables.quizzes import Quiz, QuizAnswer, QuizPost
from tests.flows.company import MAKER, OTHER
from tests.flows.conftest import Flow
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
