"""Owing many posts at once, and counting what became of them: in the database, and in the local Slack's ledger."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import pytest
from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands import channel_setup
from bot.db.tables.delivery import Delivery
from bot.defaults import load_defaults
from bot.features.channels.posting import post_now
from bot.features.channels.rules import Setup
from bot.features.stories import service as stories
from bot.registry import content_kinds
from bot.wiring import Parts
from tests.flows.conftest import Flow

WORKSPACE = "T0FLOW"
T = TypeVar("T")


def lines(number: int) -> list[str]:
    return [f"C0LINE{n}" for n in range(number)]


async def set_up(flow: Flow, places: Sequence[str], *slots: str) -> None:
    """As `canteen channels add` does it, without the second that each new process takes."""
    weekly = tuple(map(channel_setup.read_slot, slots or ("story:mon@10:00",)))
    async with flow.parts() as parts:
        for place in places:
            wanted = Setup(channel_id=place, name=place, zone="Europe/Lisbon", locale="en", weekly=weekly)
            await channel_setup.set_up(parts, WORKSPACE, wanted, teams=["Line 2"], by="test")


async def owe(flow: Flow, places: Sequence[str], *, each: int = 1, batch: str = "1") -> None:
    """`each` stories owed to every place, in one transaction a place."""
    async with flow.parts() as parts:
        kinds = content_kinds(parts.settings, load_defaults())
        for place in places:

            async def work(session: AsyncSession, place: str = place) -> None:
                for number in range(each):
                    why = await post_now(
                        session, WORKSPACE, place, "story", request=f"{batch}:{place}:{number}", by="test",
                        kinds=kinds, new_id=parts.edge.new_id, now=parts.clock.now(),
                    )  # fmt: skip
                    assert why is None, why

            await let_in(parts, work)


async def states(parts: Parts, kind: str = stories.POST) -> Counter[str]:
    """How many deliveries of `kind` are in each state."""
    found = await rows(
        parts, select(Delivery.state, func.count()).where(Delivery.kind == kind).group_by(Delivery.state)
    )
    return Counter({row[0]: row[1] for row in found})


async def let_in(parts: Parts, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """On SQLite we are one more writer beside a busy bot, which may not let us in for a while. `work` is done again
    from its beginning then."""
    for left in range(9, -1, -1):
        try:
            async with parts.sessions.begin() as session:
                return await work(session)
        except OperationalError:
            if left == 0:
                raise
    raise AssertionError("unreachable")


async def rows(parts: Parts, query: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    async def work(session: AsyncSession) -> Sequence[Row[*tuple[Any, ...]]]:
        return (await session.execute(query)).all()

    return await let_in(parts, work)


async def opaque_keys(parts: Parts, kind: str = stories.POST) -> list[str]:
    return [row[0] for row in await rows(parts, select(Delivery.opaque).where(Delivery.kind == kind))]


async def made(flow: Flow) -> Counter[str]:
    """How often each delivery's key was made a message, whatever became of the message later."""
    found: Counter[str] = Counter()
    for message in (await flow.ledger())["messages"]:
        key = _key(message)
        if key is not None:
            found[key] += 1
    return found


def _key(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    return str(metadata["event_payload"]["key"]) if metadata.get("event_type") == "canteen_delivery" else None


async def all_sent_once(flow: Flow, parts: Parts, expected: int, *, within: float) -> None:
    """Waits until the database says sent, then compares with the messages that were really made."""

    async def sent() -> bool:
        return (await states(parts))["sent"] == expected

    await until(flow, sent, within)
    keys, messages = await opaque_keys(parts), await made(flow)
    twice = [key for key, times in messages.items() if times > 1]
    assert twice == []
    assert len(keys) == expected
    assert set(keys) <= set(messages), "the database says sent, and there is no message"


async def until(flow: Flow, look: Callable[[], Awaitable[Any]], seconds: float = 30.0) -> Any:
    """As `flow.until`, and seldom enough not to be a load itself."""
    last: Any = None
    try:
        async with asyncio.timeout(seconds):
            while not (last := await look()):
                await asyncio.sleep(0.5)
    except TimeoutError:
        pytest.fail(f"waited {seconds} s in vain; last: {last!r}\n{flow.log()[-3000:]}")
    return last


async def look_again_at_once(flow: Flow) -> None:
    """What kills have left in doubt is looked up twice, half a minute apart. One more start takes over what was under
    way; for the next one that half minute is over."""
    assert await flow.stop(await flow.start()) == 0
    flow.env["CANTEEN_CLOCK_OFFSET"] = "40s"


async def faults(flow: Flow, *rules: dict[str, Any]) -> None:
    answer = await flow.send("faults", {"faults": list(rules)}, method="PUT")
    assert "error" not in answer, answer


async def calls(flow: Flow, method: str) -> list[dict[str, Any]]:
    return [one for one in (await flow.ledger())["calls"] if one["method"] == method]


async def count(parts: Parts, table: str, where: str) -> int:
    """`where` is SQL of the test's own."""

    async def work(session: AsyncSession) -> int:
        return int((await session.execute(text(f"SELECT count(*) FROM {table} WHERE {where}"))).scalar_one())

    return await let_in(parts, work)


async def wanted(parts: Parts, workspace: str, kind: str = stories.POST, *, but: str = "") -> dict[str, float]:
    """When each of `kind` was wanted, by its key: seconds since 1970. `but`: not those to that channel."""
    chosen = (Delivery.workspace_id == workspace, Delivery.kind == kind, Delivery.target != but)
    found = await rows(parts, select(Delivery.opaque, Delivery.wanted_at).where(*chosen))
    return {row[0]: row[1].timestamp() for row in found}
