"""From `/customer-update` to the adopter, their thanks, what they type, and the answer: over real HTTP and WebSocket."""

import json
from typing import Any

from tests.flows.company import MAKER, MANAGER
from tests.flows.conftest import Flow
from tests.flows.test_questions import awake, heard, own_reply, to

__all__ = ["awake"]


def action(message: dict[str, Any], begins: str) -> str:
    """The id of the first button of a message that begins so."""
    found = [
        element["action_id"]
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["action_id"].startswith(begins)
    ]
    assert found, message
    return str(found[0])


def place(message: dict[str, Any]) -> dict[str, str]:
    return {"channel": message["channel"], "ts": message["ts"]}


async def test_written_thanked_sent_on_answered_and_changed(awake: Flow) -> None:
    await awake.act(MAKER, "command", channel="C0LINE0", text="/customer adopt Orion")
    head = await heard(awake, MAKER, "Orion")

    seen = await awake.act(MANAGER, "command", channel="C0LINE0", text="/customer-update Orion They doubled the order")
    opened = json.dumps(seen["modals"][-1])
    assert "They doubled the order" in opened
    seen = await awake.act(MANAGER, "submit")
    assert "On its way to 1 adopter" in json.dumps(seen["modals"][-1])
    await awake.act(MANAGER, "close", all=True)

    got = await heard(awake, MAKER, "They doubled the order")
    assert got["thread_ts"] == head["ts"]
    receipt = await heard(awake, MANAGER, "Your update about")
    await awake.act(MAKER, "press", action="updates:thank", **{"in": place(got)})

    thread = {"channel": head["channel"], "thread_ts": head["ts"]}
    await awake.act(MAKER, "type", text="Is it for the big ones?", **thread)
    hold = await heard(awake, MAKER, "Shall this be sent on?")
    assert await to(awake, MANAGER, "Is it for the big ones?") is None
    await awake.act(MAKER, "press", action=action(hold, "updates:send_on"), **{"in": place(hold)})
    asked = await heard(awake, MANAGER, "Is it for the big ones?")
    await awake.act(MANAGER, "type", text="For the 55 inch ones.", channel=asked["channel"], thread_ts=asked["ts"])
    answer = await heard(awake, MAKER, "For the 55 inch ones.")
    assert answer["thread_ts"] == head["ts"]

    own = await own_reply(awake, MANAGER, "For the 55 inch ones.")

    async def confirmed() -> bool:
        return "white_check_mark" in json.dumps(await awake.seen(MANAGER))

    await awake.until(confirmed)
    await awake.act(MANAGER, "edit", text="For the 65 inch ones.", **{"in": own})
    await heard(awake, MAKER, "For the 65 inch ones.")

    await awake.act(MANAGER, "press", action="updates:edit", **{"in": place(receipt)})
    await awake.act(MANAGER, "submit", values={"What is new?": "They tripled the order"})
    changed = await heard(awake, MAKER, "They tripled the order")
    assert changed["ts"] == got["ts"]
