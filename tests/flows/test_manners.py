"""Direct messages wait for do-not-disturb and are dropped when somebody stops; an admin changes who looks after whom:
by the people concerned, over real HTTP and WebSocket."""

import json
from datetime import timedelta

from sqlalchemy import select

from bot.db.moment import db_now
from bot.db.tables.customers import Customer
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member
from tests.flows.company import ADMIN, MAKER, MANAGER, OTHER
from tests.flows.conftest import Flow, over_http
from tests.flows.test_questions import awake, heard, to

__all__ = ["awake"]
NEWS = "They doubled the spring order"


async def test_news_waits_for_do_not_disturb_and_stop_drops_it(awake: Flow) -> None:
    await awake.act(MAKER, "command", channel="C0LINE0", text="/customer adopt Orion")
    await heard(awake, MAKER, "Orion")
    await awake.act(MAKER, "disturb", minutes=600)
    await awake.act(MANAGER, "command", channel="C0LINE0", text=f"/customer-update Orion {NEWS}")
    await awake.act(MANAGER, "submit")

    async def put_off() -> bool:
        """Read from Slack, and the message waits for longer than the reading took."""
        async with awake.parts() as parts, parts.sessions.begin() as session:
            read = await session.scalar(select(Member.dnd_until).where(Member.user_id == MAKER))
            later = await db_now(session) + timedelta(minutes=10)
            waits = select(Delivery.id).where(
                Delivery.target == MAKER, Delivery.state == "pending", Delivery.due_at > later
            )
            return read is not None and await session.scalar(waits) is not None

    await awake.until(put_off)
    assert await to(awake, MAKER, NEWS) is None

    await awake.act(MAKER, "command", channel="C0LINE0", text="/customer quiet stop")

    async def dropped() -> bool:
        async with awake.parts() as parts, parts.sessions.begin() as session:
            left = select(Delivery.id).where(Delivery.target == MAKER, Delivery.state == "pending")
            return await session.scalar(left) is None

    await awake.until(dropped)
    assert await to(awake, MAKER, NEWS) is None


@over_http
async def test_the_window_keeps_what_somebody_wants_and_an_admin_changes_a_customer(awake: Flow) -> None:
    async with awake.parts() as parts, parts.sessions.begin() as session:
        far = str(((await db_now(session)).weekday() + 3) % 7)  # no day that it is anywhere now
    await awake.act(OTHER, "command", channel="C0LINE0", text="/customer quiet")
    often = {"How often may I write to you unasked?": "At most once a week"}
    seen = await awake.act(OTHER, "submit", values={**often, "Quiet days": [far]})
    assert seen["modals"] == []

    await awake.act(ADMIN, "command", channel="C0LINE0", text="/customer-admin customer Orion")
    seen = await awake.act(ADMIN, "submit", values={"Account manager": "Otto Berg", "Deputy": "Sam Ortega"})
    assert "is saved" in json.dumps(seen["modals"][-1])
    async with awake.parts() as parts, parts.sessions.begin() as session:
        otto = await session.get(Member, ("T0FLOW", OTHER))
        assert otto is not None
        assert (otto.dm_every, otto.quiet_days) == ("weekly", far)
        orion = (await session.scalars(select(Customer).where(Customer.name == "Orion"))).one()
        assert (orion.account_manager, orion.deputy) == (OTHER, MANAGER)

    await awake.act(MAKER, "command", channel="C0LINE0", text="/customer ask Orion Which board is it?")
    await awake.act(MAKER, "submit")
    await heard(awake, OTHER, "Which board is it?")
