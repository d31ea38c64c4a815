"""From a question to its answer and on, by the people concerned, over real HTTP and WebSocket."""

import base64
import json
from datetime import time
from typing import Any

import aiohttp
import pytest
from sqlalchemy import update

from bot.db.tables.members import Member
from tests.features.stories.given import png
from tests.flows.company import MAKER, MANAGER
from tests.flows.conftest import Flow, over_socket

BOT = "U0CANTEEN"


@pytest.fixture
async def awake(flow: Flow) -> Flow:
    """Nobody has quiet hours, whatever the time is where the tests run."""
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0)))
    await flow.start()

    async def connected() -> bool:
        if flow.env["SLACK_APP_TOKEN"]:
            return bool((await flow.get("people"))["apps"][0]["connected"])
        try:
            async with flow.http.get(f"http://{flow.env['CANTEEN_HTTP']}/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    await flow.until(connected)
    return flow


async def to(flow: Flow, who: str, words: str) -> dict[str, Any] | None:
    """The bot's direct message to this person that shows these words now."""
    seen = await flow.seen(who)
    for one in seen["conversations"]:
        if one["kind"] == "dm" and one["with"] == BOT:
            for top in seen["messages"][one["id"]]:
                for message in [{**top, "replies": []}, *top["replies"]]:
                    if message["bot_id"] and words in json.dumps(message, ensure_ascii=False):
                        return {**message, "channel": one["id"]}
    return None


async def heard(flow: Flow, who: str, words: str) -> dict[str, Any]:
    found: dict[str, Any] = await flow.until(lambda: to(flow, who, words))
    return found


async def test_asked_answered_with_a_picture_followed_up_and_corrected(awake: Flow) -> None:
    seen = await awake.act(MAKER, "command", channel="C0LINE0", text="/customer ask Orion Which board is it?")
    assert "Which board is it?" in json.dumps(seen["modals"][-1])
    seen = await awake.act(MAKER, "submit")
    assert "Sam Ortega" in json.dumps(seen["modals"][-1])
    await awake.act(MAKER, "close", all=True)

    asked = await heard(awake, MANAGER, "Which board is it?")
    photo = {"name": "board.png", "base64": base64.b64encode(png()).decode()}
    thread = {"channel": asked["channel"], "thread_ts": asked["ts"]}
    await awake.act(MANAGER, "drop", text="The PB-6.", files=[photo], **thread)
    back = await heard(awake, MAKER, "The PB-6.")
    await heard(awake, MAKER, "slack_file")
    await heard(awake, MANAGER, "You answered this.")

    said = await own_reply(awake, MANAGER, "The PB-6.")
    await awake.act(MANAGER, "edit", text="The PB-7.", **{"in": said})
    assert (await heard(awake, MAKER, "The PB-7."))["ts"] == back["ts"]

    await awake.act(MAKER, "type", channel=back["channel"], thread_ts=back["ts"], text="And in the big ones?")
    further = await heard(awake, MANAGER, "And in the big ones?")
    assert further["thread_ts"] == asked["ts"]


async def own_reply(flow: Flow, who: str, words: str) -> dict[str, str]:
    messages = (await flow.ledger())["messages"]
    (found,) = [one for one in messages if one["user"] == who and one["text"] == words]
    return {"channel": found["channel"], "ts": found["ts"]}


@over_socket
async def test_written_to_canteen_outside_any_thread(awake: Flow) -> None:
    await awake.act(MAKER, "type", channel=BOT, text="Do they like it?")
    which = await heard(awake, MAKER, "Which customer is this about?")
    place = {"channel": which["channel"], "ts": which["ts"]}
    offered = await awake.act(MAKER, "options", action="questions:which", query="Ori", **{"in": place})
    assert "Orion" in json.dumps(offered)
    await awake.act(MAKER, "pick", action="questions:which", option="Orion", **{"in": place})
    await awake.act(MAKER, "press", action="questions:chosen", **{"in": place})
    await heard(awake, MAKER, "You asked about *Orion*.")
    asked = await heard(awake, MANAGER, "Do they like it?")

    await awake.act(
        MANAGER, "press", action="questions:answer", **{"in": {"channel": asked["channel"], "ts": asked["ts"]}}
    )
    seen = await awake.act(MANAGER, "submit", values={"Your answer": "They love it."})
    assert "on its way" in json.dumps(seen["modals"][-1])
    await heard(awake, MAKER, "They love it.")
