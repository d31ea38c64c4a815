"""Opening Home, what it shows to whom, and choosing a team; on both databases."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.customers import Team
from bot.db.tables.delivery import Delivery
from bot.delivery import queue
from bot.delivery.rendering import Skip
from bot.features.edge import Edge
from bot.features.home import blocks, handlers, owed, service
from bot.features.home.seams import Viewer
from bot.features.members import service as members
from bot.slack import kit
from bot.slack.kit import Block, View
from bot.slack.words import Words
from sandbox.kit.check import check_view
from tests.doubles import FixedClock
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, team, user, workspace
from tests.races import first_one_loses


@dataclass(frozen=True)
class Card:
    id: str
    name: str


async def teams(session: AsyncSession, ws: str) -> Sequence[Card]:
    rows = await session.scalars(select(Team).where(Team.workspace_id == ws).order_by(Team.name_key))
    return [Card(row.id, row.name) for row in rows]


@dataclass(frozen=True)
class Lines:
    """A section of `count` blocks that says what it was told about the viewer."""

    count: int = 1

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        shown = f"{viewer.team_id} {sorted(viewer.roles)} {viewer.guest} {words.locale}"
        return [kit.section(f"{number}: {shown}") for number in range(self.count)]


@pytest.fixture
async def there(slack: Slack, edge: Edge) -> Slack:
    people = [
        user("U0CLARA", name="Clara"),
        user("U0AMARA", name="Amara <!here>"),
        user("U0GRETA", is_restricted=True),
        user("U0OSKAR", team_id="T0ORION"),
        user("U0BRUNO", deleted=True),
        user("U0ROTA", is_bot=True),
    ]
    async with edge.sessions.begin() as session:
        await workspace(session)
        await team(session)
        await team(session, "team-finance", "Finance & <Co>")
        await members.save(session, WS, people, NOW)
        await members.bootstrap_admins(session, WS, ["U0CLARA"], NOW)
    handlers.register(slack.app, edge, teams=teams)
    return slack


async def rows(sessions: Sessions) -> list[tuple[str, str, str, int]]:
    async with sessions.begin() as session:
        found = await session.scalars(select(Delivery).order_by(Delivery.target))
        return [(row.kind, row.method, row.target, row.revision) for row in found]


async def open_home(there: Slack, who: str, *, tab: str = "home", event_id: str = "Ev1") -> int:
    response = await there.event({"type": "app_home_opened", "user": who, "tab": tab}, event_id=event_id)
    return int(response.status)


async def shown(there: Slack, who: str, *sections: Any, sent: bool = True) -> View | Skip:
    """What is published for this person now, as the sender does it."""
    renderer = owed.renderers(sections=sections, teams=teams)["home.view"]
    async with there.edge.sessions.begin() as session:
        await service.owe(session, now=NOW, ws=WS, user=who)
        found = await queue.find(session, workspace_id=WS, key=f"home:{who}")
        assert found is not None
        view = await renderer.render(session, found)
        if sent:
            await renderer.on_sent(session, found, now=NOW)
    assert isinstance(view, View | Skip)
    if isinstance(view, View):
        assert check_view(view.payload()) == []
    return view


def text_of(view: View | Skip) -> str:
    assert isinstance(view, View)
    return json.dumps(view.payload(), ensure_ascii=False)


async def test_opening_owes_one_publishing(there: Slack) -> None:
    for _ in range(3):
        assert await open_home(there, "U0AMARA") == 200
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0AMARA", 1)]
    await open_home(there, "U0AMARA", event_id="Ev2")
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0AMARA", 2)]


@pytest.mark.parametrize("who", ["U0OSKAR", "U0BRUNO", "U0ROTA"])
async def test_nothing_is_published_for_outsiders_leavers_and_bots(there: Slack, who: str) -> None:
    assert await open_home(there, who) == 200
    assert await rows(there.edge.sessions) == []
    assert isinstance(await shown(there, who, Lines()), Skip)


async def test_the_messages_tab_is_not_home(there: Slack) -> None:
    assert await open_home(there, "U0AMARA", tab="messages") == 200
    assert await rows(there.edge.sessions) == []


@pytest.mark.parametrize("event", [{}, {"user": None, "tab": "home"}, {"user": ["U1"], "tab": "home"}])
async def test_broken_events_are_left_alone(there: Slack, event: dict[str, Any]) -> None:
    assert (await there.event({"type": "app_home_opened", **event})).status == 200
    assert await rows(there.edge.sessions) == []


async def test_a_change_goes_only_to_who_has_it_open_today(there: Slack, clock: FixedClock) -> None:
    await open_home(there, "U0AMARA")
    await open_home(there, "U0CLARA", event_id="Ev2")
    everybody = ["U0AMARA", "U0CLARA", "U0GRETA", "U0NOBODY"]
    clock.advance(timedelta(hours=2))
    async with there.edge.sessions.begin() as session:
        await service.owe_if_open_today(session, now=clock.now(), ws=WS, users=everybody)
    assert [(target, revision) for _, _, target, revision in await rows(there.edge.sessions)] == [
        ("U0AMARA", 2),
        ("U0CLARA", 2),
    ]
    clock.advance(timedelta(hours=24))
    async with there.edge.sessions.begin() as session:
        await service.owe_if_open_today(session, now=clock.now(), ws=WS, users=everybody)
    assert {revision for _, _, _, revision in await rows(there.edge.sessions)} == {2}


async def test_a_change_does_not_go_to_who_has_left_since(there: Slack, clock: FixedClock) -> None:
    await open_home(there, "U0AMARA")
    async with there.edge.sessions.begin() as session:
        await members.save(session, WS, [user("U0AMARA", deleted=True)], NOW)
        await service.owe_if_open_today(session, now=clock.now(), ws=WS, users=["U0AMARA"])
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0AMARA", 1)]


async def test_today_is_the_readers_own_day(there: Slack, clock: FixedClock) -> None:
    async with there.edge.sessions.begin() as session:
        await members.save(session, WS, [user("U0SUNIL", tz="Asia/Kolkata")], NOW)
    clock.set(datetime(2026, 11, 24, 18, 0, tzinfo=UTC))  # 23:30 in Pune
    await open_home(there, "U0SUNIL")
    async with there.edge.sessions.begin() as session:
        await service.owe_if_open_today(session, now=clock.advance(timedelta(hours=1)), ws=WS, users=["U0SUNIL"])
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0SUNIL", 1)]


async def test_each_section_is_told_who_looks(there: Slack) -> None:
    admin = text_of(await shown(there, "U0CLARA", Lines()))
    guest = text_of(await shown(there, "U0GRETA", Lines()))
    unknown = text_of(await shown(there, "U0NOBODY", Lines()))
    assert "None ['admin'] False en-GB" in admin
    assert "None [] True en-GB" in guest
    assert "None [] True en-GB" in unknown


async def test_a_name_with_a_mention_stays_plain_text(there: Slack) -> None:
    view = await shown(there, "U0AMARA")
    assert isinstance(view, View)
    assert view.blocks[0] == kit.header("Hello Amara <!here>")
    assert "<!" not in json.dumps(list(view.blocks[1:]))


@pytest.mark.parametrize("counts", [(), (1,), (30, 30, 30), (31, 31, 31, 31), (200,)])
@pytest.mark.row("A21")
async def test_it_always_fits_in_slacks_limits(there: Slack, counts: tuple[int, ...]) -> None:
    view = await shown(there, "U0AMARA", *(Lines(count) for count in counts))
    assert isinstance(view, View)
    assert len(view.payload()["blocks"]) <= 100
    assert ("more than fits" in text_of(view)) is (sum(min(count, 30) for count in counts) > 90)


async def test_with_nothing_to_show_it_says_so(there: Slack) -> None:
    assert "Nothing here yet" in text_of(await shown(there, "U0AMARA", Lines(0)))
    assert "Nothing here yet" not in text_of(await shown(there, "U0AMARA", Lines(0), Lines(1)))


async def test_someone_without_a_team_is_asked_once(there: Slack) -> None:
    assert "Which team are you in?" in text_of(await shown(there, "U0AMARA", sent=False))
    assert "Which team are you in?" in text_of(await shown(there, "U0AMARA"))
    later = text_of(await shown(there, "U0AMARA"))
    assert "Which team are you in?" not in later
    assert blocks.CHOOSE_TEAM in later


async def test_guests_are_not_asked(there: Slack) -> None:
    assert blocks.CHOOSE_TEAM not in text_of(await shown(there, "U0GRETA"))


async def test_choosing_a_team_shows_it(there: Slack) -> None:
    for _ in range(2):
        assert (await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-finance")).status == 200
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0AMARA", 1)]
    text = text_of(await shown(there, "U0AMARA", Lines()))
    assert "Your team: *Finance &amp; &lt;Co&gt;*" in text
    assert "team-finance [] False" in text


async def test_what_loses_a_race_in_the_database_is_done_again(there: Slack) -> None:
    with first_one_loses() as ends:
        assert await open_home(there, "U0AMARA") == 200
    assert ends == ["lost", "committed"]
    assert await rows(there.edge.sessions) == [("home.view", "publish", "U0AMARA", 1)]
    with first_one_loses() as ends:
        assert (await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-finance")).status == 200
    assert ends == ["lost", "committed"]
    assert "Your team: *Finance" in text_of(await shown(there, "U0AMARA"))


async def test_the_teams_are_read_once_and_the_sections_are_told_mine(there: Slack) -> None:
    await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-line2")
    read: list[str] = []
    told: list[Viewer] = []

    async def counted(session: AsyncSession, ws: str) -> Sequence[Card]:
        read.append(ws)
        return await teams(session, ws)

    class Told:
        async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
            told.append(viewer)
            return ()

    renderer = owed.renderers(sections=[Told()], teams=counted)["home.view"]
    async with there.edge.sessions.begin() as session:
        found = await queue.find(session, workspace_id=WS, key="home:U0AMARA")
        assert found is not None
        await renderer.render(session, found)
    assert read == [WS]
    assert [viewer.team for viewer in told] == [Card("team-line2", "Line 2")]


async def test_an_old_press_that_comes_again_changes_nothing_back(there: Slack) -> None:
    await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-finance", at="1.0")
    await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-line2", at="2.0")
    await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-finance", at="1.0")
    assert "Your team: *Line 2*" in text_of(await shown(there, "U0AMARA"))


async def test_not_now_is_obeyed(there: Slack) -> None:
    await there.press("U0AMARA", blocks.NOT_NOW)
    assert "Which team are you in?" not in text_of(await shown(there, "U0AMARA"))


async def test_a_team_that_is_not_there_changes_nothing(there: Slack) -> None:
    async with there.edge.sessions.begin() as session:
        await team(session, "team-theirs", "Theirs", ws="T0OTHER")
    for number, option in enumerate(("team-theirs", "nothing", "x" * 75)):
        await there.press("U0AMARA", blocks.CHOOSE_TEAM, option=option, at=f"{number}.0")
    async with there.edge.sessions.begin() as session:
        assert (await members.get(session, WS, "U0AMARA", now=NOW)).team_id is None


async def test_outsiders_choose_nothing(there: Slack) -> None:
    await there.press("U0OSKAR", blocks.CHOOSE_TEAM, option="team-line2")
    await there.press("U0AMARA", blocks.CHOOSE_TEAM, option="team-line2", team="T0ORION")
    async with there.edge.sessions.begin() as session:
        found = await members.people(session, WS, ["U0OSKAR", "U0AMARA"])
    assert {person.team_id for person in found.values()} == {None}
    assert await rows(there.edge.sessions) == []


async def suggested(there: Slack, who: str, typed: str) -> list[str]:
    body = {
        "type": "block_suggestion",
        "team": {"id": WS},
        "user": {"id": who, "team_id": WS},
        "action_id": blocks.CHOOSE_TEAM,
        "block_id": "b",
        "value": typed,
    }
    response = await there.send(body)
    return [option["value"] for option in json.loads(response.body)["options"]]


async def test_with_many_teams_the_person_types(there: Slack) -> None:
    async with there.edge.sessions.begin() as session:
        for number in range(120):
            await team(session, f"team-{number}", f"Shift {number:03}")
    view = await shown(there, "U0AMARA")
    assert '"external_select"' in text_of(view)
    assert await suggested(there, "U0AMARA", "LINE") == ["team-line2"]
    assert await suggested(there, "U0AMARA", "shift 11") == [f"team-{number}" for number in range(110, 120)]
    assert len(await suggested(there, "U0AMARA", "")) == 100
    assert await suggested(there, "U0OSKAR", "line") == []


async def test_admins_see_who_looks_after_canteen(there: Slack) -> None:
    section = owed.PeopleSection()
    before = text_of(await shown(there, "U0CLARA", section))
    assert "Admins: <@U0CLARA>" in before
    assert "There are no editors yet" in before
    async with there.edge.sessions.begin() as session:
        await members.save(session, WS, [user(f"U{number:05}") for number in range(7)], NOW)
        everybody = ["U0CLARA", *(f"U{number:05}" for number in range(7))]
        wanted = {"admin": everybody, "editor": ["U0AMARA"]}
        assert await members.set_roles(session, WS, wanted, by="U0CLARA", now=NOW, new_id=there.edge.new_id) == {}
    after = text_of(await shown(there, "U0CLARA", section))
    assert "3 more" in after
    assert "Editors: <@U0AMARA>" in after
    assert "Admins" not in text_of(await shown(there, "U0AMARA", section))
