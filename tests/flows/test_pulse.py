"""An admin sets up a channel with an owner, its people answer three questions, and nobody can tell who said what."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from bot.db.tables.pulse import PulseRound, PulseVoices
from bot.features.pulse import store
from bot.features.pulse.jobs import AskWhatIsDue
from bot.features.pulse.rules import Defaults
from tests.flows.company import ADMIN, EVERYBODY, MAKER, MANAGER, OTHER
from tests.flows.conftest import Flow


def newest(seen: dict[str, Any]) -> str:
    return json.dumps(seen["modals"][-1], ensure_ascii=False)


def in_days(days: int) -> str:
    return str((datetime.now(UTC) + timedelta(days=days)).weekday())


async def test_set_up_with_an_owner_asked_answered_and_closed_without_a_trace(flow: Flow) -> None:
    await flow.start()
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await store.set_off(session, "T0FLOW", False)
    await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer-admin add")
    seen = await flow.act(
        ADMIN,
        "submit",
        values={
            "Channel": "C0LINE0",
            "days-story": [in_days(5)],  # so far ahead that nobody is asked before the admin says so
            "days-quiz": [in_days(6)],
            "A quiz is open for": "8 hours",
            "Owners of the channel": [OTHER],
        },
    )
    assert "Saved" in newest(seen)
    # the owner, who is no admin, sees the channel and may not set up others
    seen = await flow.act(OTHER, "command", channel="C0LINE0", text="/customer-admin pulse")
    assert "C0LINE0" in newest(seen)
    assert "Start channels one by one" not in newest(seen)

    await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer-admin pulse line-0")
    await flow.act(ADMIN, "press", action="Ask now", confirm=True)
    (asked,) = await flow.until(lambda: flow.posts("C0LINE0"))
    assert "Anonymous" in asked["text"]
    for person in EVERYBODY:
        await flow.act(person, "press", action="pulse:open")
        seen = await flow.act(person, "submit", values={"who": "4: well", "what": "2: a little"})
        assert "Thank you" in newest(seen)
    seen = await flow.act(MAKER, "press", action="pulse:open")
    assert "You have answered" in newest(seen)

    async with flow.parts() as parts:
        async with parts.sessions.begin() as session:
            marks = await session.scalar(select(PulseVoices.marks))
            assert marks is not None
            assert len(marks) == 12 * len(EVERYBODY)
            assert not any(person.encode() in marks for person in EVERYBODY)
            now = parts.clock.now()
            await session.execute(update(PulseRound).values(closes_at=now - timedelta(seconds=1)))
        await AskWhatIsDue(parts.edge, Defaults())(now)

    async def closed() -> Any:
        return [post for post in await flow.posts("C0LINE0") if "closed" in post["text"]]

    (last,) = await flow.until(closed)
    assert last["ts"] == asked["ts"]
    seen = await flow.act(OTHER, "command", channel="C0LINE0", text="/customer-admin pulse line-0")
    assert "fewer than 5 people" in newest(seen)  # four answered: nothing was kept
    seen = await flow.act(MANAGER, "command", channel="C0LINE0", text="/customer-admin pulse line-0")
    assert "fewer than 5 people" in newest(seen)  # so it is for members: of public channels they see what owners see
    assert "Ask now" not in newest(seen)
