"""*Add a channel*, *Edit* and their preview, through Bolt."""

from dataclasses import replace
from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.members import AuditEntry
from bot.features.channels import form, handlers, people, service
from bot.features.channels.rules import Defaults, Weekly
from bot.features.edge import Edge
from bot.slack.errors import Fault, SlackFault
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.channels.act import filled, menu, offered, press, submit, text_of, valid
from tests.features.channels.kinds import ADMIN, LINE2, WS, FakeKind, channel, company, wish
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, team

KINDS = {"story": FakeKind(), "news": FakeKind(name="news")}
PUBLIC = {"channel": {"id": LINE2, "name": "line-2", "is_member": False}}


@pytest.fixture
async def ready(slack: Slack, edge: Edge, sessions: Sessions, gateway: RecordingGateway) -> list[str]:
    """Everything registered; whose Home became out of date is collected."""
    stale: list[str] = []

    async def refresh_home(session: Any, ws: str, user: str) -> None:
        stale.append(user)

    handlers.register(slack.app, edge, kinds=KINDS, defaults=Defaults(), refresh_home=refresh_home)
    gateway.answers["conversations.info"] = PUBLIC
    gateway.answers["conversations.members"] = {"members": ["U0AMARA", "U0CANTEEN"]}
    async with sessions.begin() as session:
        await company(session)
        await team(session)
    return stale


async def saved(sessions: Sessions, channel_id: str = LINE2) -> service.Channel | None:
    async with sessions.begin() as session:
        return await service.get(session, WS, channel_id)


async def test_an_admin_gets_the_modal_with_their_own_zone(
    ready: list[str], slack: Slack, gateway: RecordingGateway
) -> None:
    await press(slack, "channels:add")
    view = valid(gateway.views[0])
    assert view["title"]["text"] == "Add a channel"
    assert '"initial_option": {"text": {"type": "plain_text", "text": "UTC"' in text_of(view)


@pytest.mark.parametrize("user", ["U0AMARA", "U0EDITOR", "U0GUEST"])
async def test_nobody_else_does(
    ready: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions, user: str
) -> None:
    await press(slack, "channels:add", user=user)
    view = valid(gateway.views[0])
    assert "submit" not in view
    answer = await submit(slack, form.SAVE, filled(), user=user)
    assert answer["response_action"] == "update"
    assert await saved(sessions) is None
    async with sessions.begin() as session:
        assert set(await session.scalars(select(AuditEntry.action))) <= {"refused"}


async def test_saving_stores_joins_and_reads_who_is_there(
    ready: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions
) -> None:
    answer = await submit(slack, form.SAVE, filled(teams=("team-line2", "team-made-up"), news=(4,), guests=True))
    assert answer["response_action"] == "update"
    assert "Saved" in text_of(answer["view"])
    found = await saved(sessions)
    assert found is not None
    assert found.name == "line-2"
    assert (found.zone, found.locale, found.holidays_of) == ("Europe/Lisbon", "pt-PT", "PT")
    assert found.team_ids == {"team-line2"}
    assert found.guests_see_internal
    assert [(slot.kind, slot.weekday, slot.at) for slot in found.slots] == [
        ("story", 1, time(10)),
        ("story", 3, time(10)),
        ("news", 4, time(15, 30)),
    ]
    assert [method for _, method, _ in gateway.calls] == [
        "conversations.info",
        "conversations.info",
        "conversations.join",
        "conversations.members",
    ]
    assert ready == [ADMIN]
    async with sessions.begin() as session:
        assert await people.people(session, WS, LINE2) == {"U0AMARA"}  # not the bot itself
        assert list(await session.scalars(select(AuditEntry.action))) == ["channel.add"]


@pytest.mark.row("D10")
async def test_pressed_twice_it_is_saved_once_and_says_the_same(
    ready: list[str], slack: Slack, sessions: Sessions
) -> None:
    first = await submit(slack, form.SAVE, filled())
    again = await submit(slack, form.SAVE, filled())
    assert text_of(first["view"]) == text_of(again["view"])
    assert ready == [ADMIN]
    async with sessions.begin() as session:
        assert list(await session.scalars(select(AuditEntry.action))) == ["channel.add"]


@pytest.mark.parametrize(
    ("values", "block", "says"),
    [
        (filled(""), form.CHANNEL_BLOCK, "choose a channel"),
        (filled(days=()), "days-story", "at least one day"),
        (filled(at=""), "time-story", "choose a time"),
        (filled(zone="Europe/Atlantis"), form.ZONE_BLOCK, "time zone"),
        (filled(locale=""), form.LOCALE_BLOCK, "language"),
        (filled(holidays="XX-YY"), form.HOLIDAYS_BLOCK, "holidays"),
    ],
)
async def test_what_is_missing_is_said_under_its_field(
    ready: list[str], slack: Slack, sessions: Sessions, values: dict[str, Any], block: str, says: str
) -> None:
    answer = await submit(slack, form.SAVE, values)
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == [block]
    assert says in answer["errors"][block]
    assert await saved(sessions) is None
    mended = await submit(slack, form.SAVE, filled())  # the same window: an error is no outcome
    assert mended["response_action"] == "update"


@pytest.mark.parametrize(
    ("info", "says"),
    [
        ({"channel": {"id": LINE2, "name": "x", "is_ext_shared": True}}, "another company"),
        ({"channel": {"id": LINE2, "name": "x", "is_pending_ext_shared": True}}, "another company"),
        ({"channel": {"id": LINE2, "name": "x", "is_archived": True}}, "archived"),
        ({"channel": {"id": LINE2, "is_im": True}}, "direct messages"),
        ({"channel": {"id": LINE2, "name": "x", "is_private": True}}, "/invite @Canteen"),
        (SlackFault("channel_not_found", Fault.PLACE), "/invite @Canteen"),
        (SlackFault("timeout", Fault.AMBIGUOUS), "press Save again"),
    ],
)
async def test_channels_that_cannot_be_set_up_say_why(
    ready: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway, info: Any, says: str
) -> None:
    gateway.answers["conversations.info"] = info
    answer = await submit(slack, form.SAVE, filled())
    assert says in answer["errors"][form.CHANNEL_BLOCK]
    assert await saved(sessions) is None


async def test_a_channel_that_is_set_up_already_is_not_overwritten(
    ready: list[str], slack: Slack, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        await channel(session, new_id)
    answer = await submit(slack, form.SAVE, filled())
    assert "Edit" in answer["errors"][form.CHANNEL_BLOCK]


async def test_a_join_that_fails_pauses_the_channel_and_tells_its_admin(
    ready: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    gateway.answers["conversations.join"] = SlackFault("restricted_action", Fault.PLACE)
    await submit(slack, form.SAVE, filled())
    found = await saved(sessions)
    assert found is not None
    assert (found.state, found.state_reason) == ("paused", "restricted_action")


async def test_edit_shows_what_is_set_and_keeps_what_the_modal_cannot_show(
    ready: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway, new_id: NewId
) -> None:
    weekly = tuple(Weekly(kind="story", weekday=1, at=time(9, 0, second)) for second in (5, 25))
    kept = (*weekly, Weekly(kind="news", weekday=2, at=time(15, 30, 10)), Weekly(kind="quiz", weekday=3, at=time(14)))
    async with sessions.begin() as session:
        set_up = replace(wish(), weekly=kept, team_ids=frozenset({"team-line2"}), holidays_of="BR-SP")
        await channel(session, new_id, set_up)
    await menu(slack, "edit")
    view = valid(gateway.views[-1])
    assert view["private_metadata"] == LINE2
    assert "Brazil, SP" in text_of(view)
    assert "Line 2" in text_of(view)
    answer = await submit(slack, form.SAVE, filled("", days=(), at="", news=(2,), zone="Asia/Tokyo"), private=LINE2)
    assert answer["response_action"] == "update"
    found = await saved(sessions)
    assert found is not None
    assert found.zone == "Asia/Tokyo"
    assert {(slot.kind, slot.weekday, slot.at) for slot in found.slots} == {
        (one.kind, one.weekday, one.at) for one in kept
    }


async def test_edit_can_change_times_and_a_slot_that_comes_back_starts_anew(
    ready: list[str], slack: Slack, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        await channel(session, new_id)
    await submit(slack, form.SAVE, filled("", days=(0,), at="08:15"), private=LINE2, view_id="V1")
    found = await saved(sessions)
    assert found is not None
    assert [(slot.weekday, slot.at) for slot in found.slots] == [(0, time(8, 15))]
    await submit(slack, form.SAVE, filled("", days=(1,), at="10:00"), private=LINE2, view_id="V2")
    found = await saved(sessions)
    assert found is not None
    assert [(slot.weekday, slot.at, slot.starts_at) for slot in found.slots] == [(1, time(10), NOW)]


async def test_the_preview_inside_the_modal_shows_exact_times_of_what_is_filled_in(
    ready: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions
) -> None:
    view = {"id": "V1", "type": "modal", "state": {"values": filled(days=(0, 1, 2, 3, 4), zone="Europe/Lisbon")}}
    await press(slack, form.NEXT, view=view)
    assert [method for _, method, _ in gateway.calls] == ["conversations.members", "views.push"]
    shown = text_of(valid(gateway.views[0]))
    assert "Tue 24 Nov 2026, 10:00 (Europe/Lisbon)" in shown
    assert "because Line 2 makes it" in shown
    assert "Item &lt;1&gt;" in shown
    assert "only what is cleared for the public" not in shown  # Slack says who is there: one member and the bot
    assert await saved(sessions) is None


@pytest.mark.parametrize(
    "people",
    [
        {"members": ["U0AMARA", "U0GUEST"]},
        {"members": ["U0AMARA"], "response_metadata": {"next_cursor": "more"}},
        SlackFault("timeout", Fault.AMBIGUOUS),
    ],
)
async def test_the_preview_is_on_the_safe_side_about_guests(
    ready: list[str], slack: Slack, gateway: RecordingGateway, people: Any
) -> None:
    gateway.answers["conversations.members"] = people
    view = {"id": "V1", "type": "modal", "state": {"values": filled()}}
    await press(slack, form.NEXT, view=view)
    assert "only what is cleared for the public" in text_of(valid(gateway.views[0]))


async def test_the_preview_says_what_a_quiet_date_leaves_out(
    ready: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        await channel(session, new_id, wish(holidays_of="PT", weekly=wish(LINE2, (1, time(10))).weekly))
    await menu(slack, "next")
    shown = text_of(valid(gateway.views[0]))
    assert "Tue 1 Dec 2026, 10:00 (UTC)" in shown
    assert "is a quiet date" in shown
    assert shown.count("because Line 2 makes it") == 3  # 1 and 8 December are holidays


async def test_the_preview_says_what_is_missing(ready: list[str], slack: Slack, gateway: RecordingGateway) -> None:
    view = {"id": "V1", "type": "modal", "state": {"values": filled(days=(), zone="")}}
    await press(slack, form.NEXT, view=view)
    assert "time zone" in text_of(valid(gateway.views[0]))


async def test_menus_offer_zones_teams_and_holidays(ready: list[str], slack: Slack) -> None:
    assert {"Europe/Lisbon"} == {one["value"] for one in await offered(slack, form.ZONE, "lisbon")}
    assert "America/New_York" in {one["value"] for one in await offered(slack, form.ZONE, "new york")}
    assert len(await offered(slack, form.ZONE, "")) == 100
    assert [one["value"] for one in await offered(slack, form.TEAMS, "line")] == ["team-line2"]
    assert "BR-SP" in {one["value"] for one in await offered(slack, form.HOLIDAYS, "brazil")}
    assert await offered(slack, form.TEAMS, "line", user="U0AMARA") == []
    assert await offered(slack, form.TEAMS, "line", team="T0OTHER") == []


def test_every_language_has_a_name_of_its_own() -> None:
    names = [form.locale_name(tag) for tag in form.LOCALES]
    assert len(set(names)) == len(names)
    assert "Português (Brasil)" in names


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "xx-YY", "de"])
def test_the_empty_modal_is_valid_in_every_language(locale: str) -> None:
    kinds = [form.Kind(name="story", label="Stories"), form.Kind(name="news", label="News")]
    valid(form.view(Words(locale=locale, zone="America/Argentina/Buenos_Aires"), kinds))
