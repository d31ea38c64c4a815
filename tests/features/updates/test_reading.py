"""Who may read an update at which moment, and what is the latest news of a customer."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.tables.channels import ChannelPerson
from bot.db.tables.members import AuditEntry
from bot.features.updates import service, store
from bot.slack.errors import Fault, SlackFault
from tests.features.questions.people import ADMIN, EDITOR, GUEST
from tests.features.stories.given import CHANNEL
from tests.features.updates.conftest import AMARA, HALDEN, KIM, ORION, SAM, TOM, WS, Desk, as_opened


async def written(desk: Desk, **typed: Any) -> str:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion " + "They doubled the order. " * 40)
    if typed:
        view = desk.last_view()
        pressed = {"id": "V9", "type": "modal", "hash": "h", "private_metadata": view["private_metadata"]}
        await desk.press(SAM, "updates:more", "", view=pressed | {"state": {"values": as_opened(view)}})
    await desk.send(SAM, **typed)
    await desk.rounds()
    return (await desk.updates())[-1].id


@pytest.mark.parametrize(
    ("user", "reads"), [(AMARA, True), (SAM, True), (EDITOR, True), (TOM, False), (ADMIN, False), (GUEST, False)]
)
async def test_adopters_the_account_manager_and_editors_read_it_and_nobody_else(
    desk: Desk, user: str, reads: bool
) -> None:
    update = await written(desk)
    before = len(desk.gateway.views)
    await desk.press(user, "updates:read", update)
    assert (len(desk.gateway.views) > before) is reads
    async with desk.sessions.begin() as session:
        refused = list(await session.scalars(select(AuditEntry).where(AuditEntry.subject == "read_update")))
    assert bool(refused) is not reads


async def test_outsiders_and_other_workspaces_find_nothing(desk: Desk) -> None:
    update = await written(desk)
    before = len(desk.gateway.views)
    await desk.press(AMARA, "updates:read", update, team="T0OTHER")
    await desk.press(AMARA, "updates:read", "somewhere-else")
    await desk.press(AMARA, "updates:ask", update, team="T0OTHER")
    assert len(desk.gateway.views) == before


async def test_people_in_a_channel_that_got_it_may_read_all_of_it(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        session.add(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=TOM))
    update = await written(desk, channels=[CHANNEL], tick=True)
    assert "Read all of it" in json.dumps(desk.slack.made(CHANNEL))
    await desk.press(TOM, "updates:read", update)
    assert "They doubled the order." in json.dumps(desk.last_view())


async def test_the_latest_news_is_the_last_that_may_be_read(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion The first")
    desk.pass_time(timedelta(hours=1))
    await desk.update(SAM, "Orion The second")
    newest = (await desk.updates())[-1].id
    async with desk.sessions.begin() as session:
        found = await service.latest(session, WS, [ORION, HALDEN])
    assert {customer: news.headline for customer, news in found.items()} == {ORION: "The second"}
    async with desk.sessions.begin() as session:
        await store.change(session, WS, newest, embargo_until=desk.clock.now() + timedelta(hours=1))
        assert (await service.latest(session, WS, [ORION]))[ORION].headline == "The first"
    await desk.press(SAM, "updates:withdraw", newest)
    async with desk.sessions.begin() as session:
        assert (await service.latest(session, WS, [ORION]))[ORION].headline == "The first"


async def test_where_the_threads_head_cannot_be_sent_the_update_comes_by_itself(desk: Desk) -> None:
    def before(method: str, arguments: dict[str, object]) -> SlackFault | None:
        head = method == "chat.postMessage" and "They doubled" not in str(arguments.get("text"))
        return SlackFault("invalid_blocks", Fault.CONTENT) if head and arguments["channel"] == KIM else None

    desk.slack.before = before
    await desk.adopt(KIM)
    await desk.update(SAM, "Orion They doubled")
    await desk.rounds()
    got = desk.about(KIM, "They doubled")
    assert not got.get("thread_ts")
