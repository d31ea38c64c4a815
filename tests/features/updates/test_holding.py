"""An update that waited, whose author may not write about the customer any more when its time comes."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.ids import new_id as fresh_id
from bot.db.tables.inbox import Draft
from bot.db.tables.members import AuditEntry
from bot.features.members import service as members
from bot.features.updates import jobs, writing
from bot.features.updates.rules import Form
from tests.features.questions.people import ADMIN
from tests.features.stories.given import CHANNEL
from tests.features.updates.conftest import AMARA, KIM, ORION, SAM, WS, Desk

TEXT = "They doubled the order"


async def wait_for_it(desk: Desk) -> None:
    """Sam's update about Orion, for Amara, a channel and the editors in two hours."""
    await desk.adopt(AMARA)
    now = desk.clock.now()
    form = Form(
        customer_id=ORION, text=TEXT, channels=(CHANNEL,), offer=True, tick=True, embargo=now + timedelta(hours=2)
    )
    async with desk.sessions.begin() as session:
        sam = await members.get(session, WS, SAM, now=now)
        await writing.write(
            session, sam, form, outsider=False, request="r1", for_nobody=False, now=now, new_id=fresh_id
        )
    await desk.rounds(wait=False)


async def its_time_comes(desk: Desk, *, post_first: bool = False) -> None:
    desk.pass_time(timedelta(hours=3))
    if post_first:
        await desk.rounds()
    for _ in range(2):
        await jobs.GoOn(edge=desk.app.edge)(desk.clock.now())
        await desk.rounds()


async def assert_nobody_has_it(desk: Desk) -> None:
    assert TEXT not in desk.shown(AMARA)
    assert desk.slack.made(CHANNEL) == []
    assert await desk.relays() == []
    async with desk.sessions.begin() as session:
        assert list(await session.scalars(select(Draft))) == []
    (kept,) = await desk.updates()
    assert (kept.text, kept.withdrawn_at) == (TEXT, None)


@pytest.mark.parametrize("changes", [{"kind": "deactivated"}, {"kind": "guest"}, {}], ids=["left", "guest", "moved"])
@pytest.mark.parametrize("post_first", [True, False])
async def test_it_does_not_go_out_and_whoever_looks_after_the_customer_now_is_told_once(
    desk: Desk, changes: Mapping[str, Any], post_first: bool
) -> None:
    await wait_for_it(desk)
    await desk.give(ORION, KIM)
    if changes:
        await desk.change_person(SAM, **changes)
    before = desk.shown(SAM)
    await its_time_comes(desk, post_first=post_first)
    await assert_nobody_has_it(desk)
    (told,) = [one for one in desk.seen(KIM) if "has not gone out" in one["text"]]
    assert TEXT in desk.shown(KIM)
    assert "updates:write" in str(told)
    assert ("has not gone out" in desk.shown(SAM)) is not bool(changes), "only who can be reached"
    assert (desk.shown(SAM) == before) is bool(changes)
    async with desk.sessions.begin() as session:
        kept = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "update.held_back")))
    assert [one.actor for one in kept] == [SAM]


async def test_where_nobody_looks_after_the_customer_the_admins_are_told(desk: Desk) -> None:
    await wait_for_it(desk)
    await desk.change_person(SAM, kind="deactivated")
    await its_time_comes(desk)
    await assert_nobody_has_it(desk)
    assert TEXT in desk.shown(ADMIN)


async def test_an_author_who_still_looks_after_the_customer_as_deputy_keeps_it(desk: Desk) -> None:
    await wait_for_it(desk)
    await desk.change_customer(ORION, account_manager=KIM, deputy=SAM)
    await its_time_comes(desk)
    assert TEXT in desk.shown(AMARA)
    assert TEXT in str(desk.slack.made(CHANNEL))
    assert "has not gone out" not in desk.shown(KIM)
