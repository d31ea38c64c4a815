"""Owing in bulk for the rows about delivery, and judging by the messages that the local Slack really made."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import time
from pathlib import Path
from typing import Any

from sqlalchemy import update

from bot.db.tables.members import Member
from bot.features.stories import service as stories
from bot.settings import Settings
from bot.wiring import Parts, build, open_parts
from sandbox.ledger import CallRecord
from sandbox.store import Message
from tests.flows import owing
from tests.flows.conftest import Flow, flowing
from tests.flows.owing import WORKSPACE, all_sent_once, faults, lines, owe, set_up

__all__ = ["WORKSPACE", "all_sent_once", "faults", "lines", "owe", "set_up"]
POST = ["chat.postMessage"]
AT_ONCE = 20  # channels whose facts Slack tells in a minute
PACE = 5.0  # posts a second of one workspace, as `bot.delivery.pace` keeps them


@asynccontextmanager
async def channels_ready(
    folder: Path, *, number: int, each: int = 1, database: str = "", **how: Any
) -> AsyncIterator[Flow]:
    """`number` channels with a schedule of next Monday, and stories enough for `each` posts to every one."""
    async with flowing(folder, database or f"sqlite:///{folder / 'canteen.db'}", channels=number, **how) as flow:
        await flow.install(stories=each + 2)
        for start in range(0, number, AT_ONCE):
            await set_up(flow, lines(number)[start : start + AT_ONCE])
            flow.slack.limits.clear()  # as if a minute had passed
        yield flow


def key_of(message: Message) -> str | None:
    """Of the delivery that the message was made for."""
    metadata = message.metadata or {}
    if metadata.get("event_type") != "canteen_delivery":
        return None
    return str(metadata["event_payload"]["key"])


def made(flow: Flow) -> Counter[str]:
    """As `owing.made`, of a local Slack in this process: cheap enough to look often."""
    return Counter(filter(None, map(key_of, flow.slack.ledger.messages())))


def calls(flow: Flow, method: str | None = None, *, team: str | None = None) -> list[CallRecord]:
    """In the order in which they came in."""
    found = [one for one in flow.slack.ledger.calls() if method in {None, one.method} and team in {None, one.team}]
    return sorted(found, key=lambda call: call.n)


def lateness(flow: Flow, wanted: Mapping[str, float]) -> list[float]:
    """Seconds from when each was wanted, by key, to when it was made."""
    at = {key_of(message): message.at for message in flow.slack.ledger.messages()}
    return [at[key] - moment for key, moment in wanted.items()]


async def everybody_awake(parts: Parts) -> None:
    """Nobody has quiet hours, whatever the time is where the tests run, nor a do-not-disturb to be read first."""
    async with parts.sessions.begin() as session:
        now = parts.clock.now()
        await session.execute(update(Member).values(quiet_from=time(0), quiet_until=time(0), dnd_read_at=now))


async def ended(flow: Flow, parts: Parts, *, within: float, kind: str = stories.POST, **expected: int) -> None:
    """Until `kind` has exactly so many in each state."""

    async def look() -> Counter[str] | None:
        found = await owing.states(parts, kind)
        return found if +found == Counter(expected) else None

    await owing.until(flow, look, within)


async def until(look: Callable[[], bool | Awaitable[bool]], seconds: float, *, every: float = 0.05) -> None:
    """Cheap looks, often."""
    async with asyncio.timeout(seconds):
        while True:
            found = look()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(every)


def percentile(values: Iterable[float], share: float) -> float:
    """The nearest rank: a value that was measured."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@asynccontextmanager
async def moving(flow: Flow, *, timeout: float) -> AsyncIterator[Parts]:
    """Sender and reconciler of this process, with a time-out of the test's own."""
    async with open_parts(Settings.model_validate(flow.env)) as parts:
        parts.gateway.timeout = timeout
        machine = build(parts)
        tasks = [asyncio.create_task(machine.sender.run()), asyncio.create_task(machine.reconciler.keep_going())]
        try:
            yield parts
        finally:
            await machine.sender.stop(5)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
