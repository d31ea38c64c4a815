"""From *Adopt* to a thread of one's own, and from a hat to its draw, over real HTTP and WebSocket."""

import json
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.adoptions import Adoption, HatDraw
from bot.db.tables.members import Member
from tests.flows.company import ADMIN, MAKER, MANAGER, OTHER
from tests.flows.conftest import Flow, over_http
from tests.flows.test_questions import heard
from tests.flows.test_stories import buttons, set_up


@pytest.fixture
async def awake(flow: Flow) -> Flow:
    """Nobody has quiet hours, whatever the time is where the tests run; one channel is set up."""
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0)))
    await flow.start()
    await set_up(flow, "C0LINE0", "story:mon@10:00")
    return flow


async def held(flow: Flow) -> list[Adoption]:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        return list(await session.scalars(select(Adoption).order_by(Adoption.user_id)))


async def sees(flow: Flow, who: str, words: str) -> bool:
    return words in json.dumps(await flow.seen(who), ensure_ascii=False)


async def on_home(flow: Flow, who: str, words: str) -> bool:
    return words in json.dumps((await flow.seen(who))["home"])


async def post(flow: Flow, words: str) -> dict[str, Any] | None:
    return next((one for one in await flow.posts("C0LINE0") if words in json.dumps(one, ensure_ascii=False)), None)


async def test_adopted_from_a_story_greeted_and_a_first_visit_agreed_on(awake: Flow) -> None:
    code, printed = await awake.canteen("post-now", "C0LINE0", "story")
    assert code == 0, printed
    story = (await awake.until(lambda: awake.posts("C0LINE0")))[0]
    label = next(one for one in buttons(story) if one.startswith("Adopt "))
    name = label.removeprefix("Adopt ")
    place = {"channel": "C0LINE0", "ts": story["ts"]}
    await awake.act(MAKER, "press", action=label, **{"in": place})
    await awake.until(lambda: sees(awake, MAKER, "is yours now"))
    intro = await heard(awake, MAKER, f"{name} is your customer now")

    listed = await heard(awake, MANAGER, "1 new adopter")
    await awake.act(
        MANAGER, "press", action="adoptions:hello", **{"in": {"channel": listed["channel"], "ts": listed["ts"]}}
    )
    await awake.act(MANAGER, "submit", values={"Your hello": "Welcome, Max!"})
    await awake.act(MANAGER, "close", all=True)
    assert (await heard(awake, MAKER, "Welcome, Max!"))["thread_ts"] == intro["ts"]

    day = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    await awake.act(
        MAKER, "press", action="adoptions:visit", **{"in": {"channel": intro["channel"], "ts": intro["ts"]}}
    )
    seen = await awake.act(MAKER, "submit", values={"date0": day})
    assert "on their way" in json.dumps(seen["modals"][-1])
    await awake.act(MAKER, "close", all=True)
    asked = await heard(awake, MANAGER, "would like to come along")
    place = {"channel": asked["channel"], "ts": asked["ts"]}
    await awake.act(MANAGER, "press", action="adoptions:visit_accept_0", **{"in": place})
    await heard(awake, MAKER, "It is agreed")

    await awake.act(MAKER, "home")
    await awake.until(lambda: on_home(awake, MAKER, "adoptions:mine"))
    await awake.act(MAKER, "pick", action="adoptions:mine", option="Stop", **{"in": "home"})
    await heard(awake, MAKER, "You have stopped")


@over_http
async def test_a_hat_is_opened_joined_drawn_and_verified(awake: Flow) -> None:
    seen = await awake.act(ADMIN, "command", channel="C0LINE0", text="/customer hat")
    assert "2 customers are in the hat" in json.dumps(seen["modals"][-1])
    seen = await awake.act(ADMIN, "submit")
    assert "The hat is open" in json.dumps(seen["modals"][-1])
    await awake.act(ADMIN, "close", all=True)
    opened = await awake.until(lambda: post(awake, "customers are in the hat"))
    place = {"channel": "C0LINE0", "ts": opened["ts"]}
    for who in (MAKER, OTHER, MANAGER):
        await awake.act(who, "press", action="I'm in", **{"in": place})
        await awake.until(partial(sees, awake, who, "You are in"))
    await awake.act(OTHER, "press", action="Not me", **{"in": place})
    async with awake.parts() as parts, parts.sessions.begin() as session:
        hat = (await session.scalars(select(HatDraw))).one()
        hat.draw_at = datetime.now(UTC)

    result = await awake.until(lambda: post(awake, "1 person drew a customer"))
    assert "Max" not in json.dumps(result)
    await heard(awake, MAKER, "is your customer now")
    (adoption,) = await held(awake)  # Sam looks after both customers, Otto changed his mind
    assert (adoption.user_id, adoption.via) == (MAKER, "hat")
    await heard(awake, MANAGER, "no customer that you could draw")
    await heard(awake, MANAGER, "1 new adopter")
    code, printed = await awake.canteen("hat", "verify", hat.id)
    assert code == 0, printed
    assert "The same as recorded." in printed
