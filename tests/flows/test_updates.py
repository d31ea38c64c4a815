"""From `/customer-update` to the adopter, their thanks, what they type, and the answer: over real HTTP and WebSocket."""

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import Sequence
from datetime import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from bot.db.tables.adoptions import Adoption
from bot.db.tables.members import Member
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.updates import writing
from bot.features.updates.rules import Form
from bot.wiring import Parts
from tests.faults.proof import Proof
from tests.flows import company, owing
from tests.flows.company import MAKER, MANAGER
from tests.flows.conftest import Flow, flowing
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


RELAYS = "updates.relays"


@pytest.mark.row("A1")
@pytest.mark.timeout(400)
async def test_killed_again_and_again_each_adopter_gets_the_update_exactly_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    kills, adopters = proof.at(small=(5, 60), full=(20, 200))
    chance = random.Random(2028)
    users = [f"U0ADOPT{number:03}" for number in range(adopters)]
    small = company.world

    def world(**how: Any) -> dict[str, Any]:
        made = small(**how)
        more = [{"id": user, "name": user.casefold(), "real_name": f"Adopter {user[-3:]}"} for user in users]
        return {**made, "people": [*made["people"], *more]}

    monkeypatch.setattr(company, "world", world)
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}") as flow:
        await flow.install(stories=1)
        async with flow.parts() as parts:
            await write_to(parts, users)
            for _ in range(kills):
                bot = await flow.start()
                await asyncio.sleep(chance.uniform(0.0, 1.6))  # not a wait: the instant is what is tried out
                assert await flow.stop(bot, signal.SIGKILL) == -signal.SIGKILL
            assert (await owing.states(parts, RELAYS))["sent"] < adopters, "all were sent before the last kill"
            await owing.look_again_at_once(flow)
            await flow.start()
            await owing.until(flow, lambda: all_sent(parts, adopters), 180)
        got = Counter(one["channel"] for one in await flow.posts() if "They doubled the order" in one["text"])
        assert len([channel for channel, times in got.items() if times == 1]) == adopters
        assert max(got.values()) == 1
    proof.found(f"an update to {adopters} adopters through {kills} kills: each got it once")


async def write_to(parts: Parts, users: Sequence[str]) -> None:
    """Everybody has Orion, and Sam writes one update: in one transaction, as the window does it. Nobody's
    do-not-disturb has to be read first, which takes Slack's pace twice."""
    now, new_id = parts.clock.now(), parts.edge.new_id
    async with parts.sessions.begin() as session:
        await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0), dnd_read_at=now))
        found = (await customers.find_by_name(session, "T0FLOW", "Orion")).customer
        assert found is not None
        for user in users:
            session.add(
                Adoption(
                    id=new_id(), workspace_id="T0FLOW", request=user, customer_id=found.id, user_id=user, via="press",
                    since=now,
                )
            )  # fmt: skip
        await session.flush()
    async with parts.sessions.begin() as session:
        author = await members.get(session, "T0FLOW", MANAGER)
        form = Form(customer_id=found.id, text="They doubled the order")
        written = await writing.write(
            session, author, form, outsider=False, request="view:1", for_nobody=False, now=now, new_id=new_id
        )
    assert written.update is not None


async def all_sent(parts: Parts, adopters: int) -> bool:
    return (await owing.states(parts, RELAYS))["sent"] == adopters
