"""Posts of updates in channels, taken back by others than their author: who may, how far it reaches, who is told."""

import json
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.commands import channels as commands
from bot.core.ids import new_id as fresh_id
from bot.db.tables.channels import Channel
from bot.db.tables.members import AuditEntry
from bot.features.home.seams import Viewer
from bot.features.updates.sections import RecentUpdates
from bot.slack.words import Words
from tests.features.questions.people import ADMIN, EDITOR, GUEST
from tests.features.stories.given import CHANNEL
from tests.features.trail import trail_of
from tests.features.updates.conftest import AMARA, KIM, ORION, SAM, TOM, WS, Desk
from tests.features.updates.test_writing import grown

OTHER = "C0OTHER"
SAID = "They doubled the order"


@pytest.fixture
async def posted(desk: Desk) -> str:
    """Sam's update: with its adopter, and in two channels, of which Tom owns one."""
    async with desk.sessions.begin() as session:
        line2 = await session.get(Channel, (WS, CHANNEL))
        assert line2 is not None
        same = {one.name: getattr(line2, one.name) for one in Channel.__table__.columns}
        session.add(Channel(**{**same, "channel_id": OTHER, "name": "other", "added_by": ADMIN}))
        await session.execute(update(Channel).where(Channel.channel_id == CHANNEL).values(added_by=TOM))
    await desk.adopt(AMARA)
    await desk.send(SAM, view=await grown(desk), channels=[CHANNEL, OTHER], tick=True)
    await desk.rounds()
    (written,) = await desk.updates()
    assert [len(desk.slack.made(place)) for place in (CHANNEL, OTHER)] == [1, 1]
    return written.id


async def home(desk: Desk, user: str, *roles: str) -> list[Any]:
    viewer = Viewer(workspace_id=WS, user_id=user, team_id=None, guest=user == GUEST, roles=frozenset(roles))
    async with desk.sessions.begin() as session:
        return list(await RecentUpdates().render(session, viewer, Words()))


async def audited(desk: Desk, action: str) -> list[tuple[str, str | None]]:
    async with desk.sessions.begin() as session:
        kept = await session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return [(one.actor, one.subject) for one in kept]


async def test_an_editor_takes_it_back_everywhere_and_its_author_reads_who_did(desk: Desk, posted: str) -> None:
    assert posted in json.dumps(await home(desk, EDITOR, "editor"))
    await desk.press(EDITOR, "updates:recall", posted)
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == desk.slack.made(OTHER) == []
    assert SAID not in desk.shown(AMARA)
    assert "An update about Orion was taken back." in desk.shown(AMARA)
    assert "Taken back by Edith Lang." in desk.shown(SAM)
    assert await audited(desk, "update.recall") == [(EDITOR, posted)]
    assert await home(desk, EDITOR, "editor") == []
    await desk.press(EDITOR, "updates:recall", posted)
    assert "This update was taken back." in json.dumps(desk.last_view()) + desk.told()
    assert len(await audited(desk, "update.recall")) == 1


async def test_the_customers_new_account_manager_may_too(desk: Desk, posted: str) -> None:
    await desk.change_customer(ORION, account_manager=KIM)
    assert posted in json.dumps(await home(desk, KIM))
    await desk.press(KIM, "updates:recall", posted)
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == []
    assert "Taken back by Kim Duarte." in desk.shown(SAM)


async def test_an_owner_takes_it_out_of_their_own_channels_alone(desk: Desk, posted: str) -> None:
    assert posted in json.dumps(await home(desk, TOM))
    await desk.press(TOM, "updates:recall", posted)
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == []
    assert len(desk.slack.made(OTHER)) == 1
    assert SAID in desk.shown(AMARA)
    assert f"In <#{CHANNEL}> an owner of the channel took it back." in desk.shown(SAM)
    assert await audited(desk, "update.recall") == [(TOM, posted)]
    assert await home(desk, TOM) == []
    await desk.press(TOM, "updates:recall", posted)
    assert len(await audited(desk, "update.recall")) == 1
    assert await audited(desk, "refused") == []


async def test_a_correction_does_not_bring_it_back_where_an_owner_took_it_out(desk: Desk, posted: str) -> None:
    await desk.press(TOM, "updates:recall", posted)
    await desk.press(SAM, "updates:edit", posted)
    await desk.send(SAM, text="They tripled the order", tick=True)
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == []
    assert "They tripled the order" in json.dumps(desk.slack.made(OTHER))


@pytest.mark.parametrize("user", [AMARA, KIM, GUEST])
async def test_nobody_else_may_and_that_is_audited(desk: Desk, posted: str, user: str) -> None:
    assert await home(desk, user) == []
    await desk.press(user, "updates:recall", posted)
    await desk.rounds()
    assert len(desk.slack.made(CHANNEL)) == 1
    assert await audited(desk, "refused") == [(user, "recall")]


async def test_it_is_read_by_whoever_looks_after_the_customer_and_owns_the_channel(desk: Desk, posted: str) -> None:
    assert (await trail_of(desk.sessions, SAM))[0] == ("update.sent", (ORION,))
    assert await trail_of(desk.sessions, TOM) == [("update.sent", (CHANNEL,))]
    await desk.press(KIM, "updates:recall", posted)
    await desk.press(TOM, "updates:recall", posted)
    await desk.press(SAM, "updates:withdraw", posted)
    done = [what for what, _ in await trail_of(desk.sessions, SAM)]
    assert Counter(done) == {"update.recall": 2, "refused": 1, "update.sent": 1, "adoption.begun": 1}
    done = [what for what, _ in await trail_of(desk.sessions, TOM)]
    assert Counter(done) == {"update.recall": 1, "refused": 1, "update.sent": 1}  # not what became of it elsewhere
    assert await trail_of(desk.sessions, KIM) == []
    await desk.change_customer(ORION, account_manager=KIM)
    assert await trail_of(desk.sessions, SAM) == []
    assert len(await trail_of(desk.sessions, KIM)) == 5


async def test_an_admin_at_the_receipt_is_named_as_well(desk: Desk, posted: str) -> None:
    await desk.press(ADMIN, "updates:withdraw", posted)
    await desk.rounds()
    assert "Taken back by Ada Minh." in desk.shown(SAM)


async def test_from_the_command_line_by_the_place_of_one_of_its_posts(desk: Desk, posted: str) -> None:
    (made,) = desk.slack.made(OTHER)
    async with desk.sessions.begin() as session:
        reference, now = f"{OTHER}:{made['ts']}", desk.clock.now()
        assert await commands.take_back(session, WS, f"{OTHER}:1.1", now=now, new_id=fresh_id) is None
        assert await commands.take_back(session, WS, reference, now=now, new_id=fresh_id) == 2
        assert await commands.take_back(session, WS, posted, now=now, new_id=fresh_id) == 0
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == desk.slack.made(OTHER) == []
    assert "It was taken back." in desk.shown(SAM)
    assert await audited(desk, "update.recall") == [("command line", posted)]
