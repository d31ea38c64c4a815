"""What Home shows to whom: nothing is left out for want of room, admins hear of trouble, `/customer mine` shows a part."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member
from bot.delivery import queue
from bot.features.edge import Edge
from bot.features.home import owed, rules
from bot.features.home.commands import MineCommand
from bot.features.home.seams import Viewer
from bot.features.members import handlers as members_handlers
from bot.features.members import service as members
from bot.features.members.owed import WishesSection
from bot.slack import kit
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace

AMARA, GRETA = "U0AMARA", "U0GRETA"


@given(
    frame=st.integers(1, 4),
    sizes=st.lists(st.integers(0, 60), max_size=24),
)
def test_every_section_has_its_place_within_slacks_limit(frame: int, sizes: list[int]) -> None:
    sections = [[f"{number}.{nth}" for nth in range(size)] for number, size in enumerate(sizes)]
    shown = rules.fitting(["frame"] * frame, sections, "divider", "more")
    assert len(shown) <= rules.VIEW_LIMIT
    for number, size in enumerate(sizes):
        assert (f"{number}.0" in shown) is (size > 0)
    if sum(min(size, rules.SECTION_LIMIT) + 1 for size in sizes if size) + frame <= rules.VIEW_LIMIT:
        assert "more" not in shown
        assert sum(one not in {"frame", "divider"} for one in shown) == sum(min(size, 30) for size in sizes)
    else:
        assert shown[-1] == "more"


@pytest.fixture
async def company(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await workspace(session)
        await members.save(session, WS, [user(AMARA), user(GRETA, is_restricted=True)], NOW)


async def rendered(sessions: Sessions, section: Any, who: str, *roles: str) -> str:
    viewer = Viewer(workspace_id=WS, user_id=who, team_id=None, roles=frozenset(roles))
    async with sessions.begin() as session:
        return json.dumps(await section.render(session, viewer, Words(locale="en-GB")), ensure_ascii=False)


@pytest.mark.usefixtures("company")
async def test_admins_hear_of_this_weeks_messages_in_trouble(sessions: Sessions) -> None:
    assert await rendered(sessions, owed.TroubleSection(), AMARA, "admin") == "[]"
    async with sessions.begin() as session:
        now = await db_now(session)
        for key, state, age in (("a", "failed", 1), ("b", "failed", 2), ("c", "uncertain", 3), ("d", "failed", 8)):
            common: dict[str, Any] = {"workspace_id": WS, "kind": "k", "method": "post", "target": "C1", "ref": {}}
            await queue.enqueue(session, now=now - timedelta(days=age), key=key, **common)
            await session.execute(update(Delivery).where(Delivery.key == key).values(state=state))
    shown = await rendered(sessions, owed.TroubleSection(), AMARA, "admin")
    for part in ("2 messages failed for good", "1 message may or may not have arrived", "`canteen deliveries settle`"):
        assert part in shown
    assert await rendered(sessions, owed.TroubleSection(), AMARA, "editor") == "[]"


@pytest.mark.usefixtures("company")
async def test_everybody_reads_what_they_get_and_how_often(sessions: Sessions) -> None:
    shown = await rendered(sessions, WishesSection(), AMARA)
    for part in (
        "At most one message a day",
        "20:00",
        "English (United Kingdom), as in Slack",
        "no standings",
        "Pause for two weeks",
    ):
        assert part in shown
    async with sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == AMARA).values(locale="sv-SE"))
    assert "Language: English, as I do not speak Svenska" in await rendered(sessions, WishesSection(), AMARA)
    assert await rendered(sessions, WishesSection(), "U0UNKNOWN") == "[]"


@dataclass
class Mine:
    async def render(self, session: Any, viewer: Viewer, words: Words) -> Sequence[kit.Block]:
        if viewer.guest:
            return ()
        said = "*Orion* <!date^1^{date}|24 Nov 2026>"
        return [kit.header("My customers"), kit.section(said), kit.divider(), *[kit.section("more")] * 60]


async def test_mine_shows_a_part_of_home_and_reads_well_aloud(
    slack: Slack, edge: Edge, gateway: RecordingGateway, company: None
) -> None:
    members_handlers.register(slack.app, edge, commands=[MineCommand(edge=edge, sections=[Mine()])])
    await slack.command(AMARA, "/customer mine")
    await slack.command(GRETA, "/customer mine", trigger="2")
    message, none = (message for _, message in gateway.responses)
    assert message.text.startswith("My customers\nOrion 24 Nov 2026\nmore")
    assert len(message.blocks) == 50
    assert "You have no customer of your own yet. /customer adopt" in none.text
