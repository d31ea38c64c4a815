"""The menu's buttons and `/customer-admin`, through Bolt."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry, Member
from bot.features.channels import blocks, handlers, service
from bot.features.channels.menu import read_dates
from bot.features.channels.rules import Defaults
from bot.features.edge import Edge
from bot.features.members import handlers as members_handlers
from bot.slack.errors import Fault, SlackFault
from bot.slack.words import Words
from tests.doubles import RecordingGateway
from tests.features.channels.act import menu, offered, press, submit, text_of, valid, valid_message
from tests.features.channels.kinds import ADMIN, LINE2, WS, FakeKind, channel, company, wish
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW
from tests.races import first_one_loses


@pytest.fixture
def kind() -> FakeKind:
    return FakeKind()


@pytest.fixture
async def stale(
    slack: Slack, edge: Edge, sessions: Sessions, gateway: RecordingGateway, new_id: NewId, kind: FakeKind
) -> list[str]:
    homes: list[str] = []

    async def refresh_home(session: Any, ws: str, user: str) -> None:
        homes.append(user)

    words = handlers.register(slack.app, edge, kinds={"story": kind}, defaults=Defaults(), refresh_home=refresh_home)
    members_handlers.register(slack.app, edge, commands=words)
    gateway.answers["conversations.info"] = {"channel": {"id": LINE2, "name": "line-2", "is_member": True}}
    gateway.answers["conversations.members"] = {"members": ["U0AMARA"]}
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id)
    return homes


async def state(sessions: Sessions) -> tuple[str | None, bool]:
    async with sessions.begin() as session:
        found = await service.get(session, WS, LINE2)
        return found.state if found else None, await service.is_stopped(session, WS)


async def actions(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        return sorted(await session.scalars(select(AuditEntry.action).where(AuditEntry.action != "channel.add")))


async def test_pause_and_resume_from_home(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "pause", at="1.0")
    assert await state(sessions) == ("paused", False)
    await menu(slack, "resume", at="2.0")
    assert await state(sessions) == ("active", False)
    assert await actions(sessions) == ["channel.pause", "channel.resume"]
    assert stale == [ADMIN, ADMIN]
    assert [method for _, method, _ in gateway.calls] == ["conversations.info", "conversations.members"]


async def test_pause_from_a_message_is_answered_privately(
    stale: list[str], slack: Slack, gateway: RecordingGateway
) -> None:
    await menu(slack, "pause", message=True)
    (url, message), *_ = gateway.responses
    assert url
    assert "Paused" in valid_message(message)


@pytest.mark.parametrize("action", ["show", "channels:add", "channels:quiet"])
async def test_a_window_that_did_not_open_is_said_in_the_persons_own_language(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway, action: str
) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == ADMIN).values(locale="pt-PT"))
    gateway.answers["views.open"] = SlackFault("expired_trigger_id", Fault.CONTENT)
    await (press(slack, action, message=True) if ":" in action else menu(slack, action, message=True))
    ((_, message),) = gateway.responses
    assert "Demorou demasiado" in message.text


@pytest.mark.row("D3", "D10")
async def test_a_repeat_of_an_old_press_does_not_undo_what_was_decided_since(
    stale: list[str], slack: Slack, sessions: Sessions, new_id: NewId
) -> None:
    """D3, D10."""
    await menu(slack, "pause", at="7.1")
    await menu(slack, "resume", at="7.2")
    await menu(slack, "pause", at="7.1")
    assert await state(sessions) == ("active", False)
    assert await submit(slack, blocks.REMOVE, {}, private=LINE2, view_id="V7") == {"response_action": "clear"}
    async with sessions.begin() as session:
        await channel(session, new_id)
    assert await submit(slack, blocks.REMOVE, {}, private=LINE2, view_id="V7") == {"response_action": "clear"}
    assert await state(sessions) == ("active", False)


async def test_remove_asks_first_and_forgets_who_was_there(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "more")
    assert '"action_id": "channels:remove_ask", "value": "C0LINE2"' in text_of(valid(gateway.views[0]))
    await press(slack, blocks.ASK_REMOVE, value=LINE2, view={"id": "V1", "type": "modal"})
    view = valid(gateway.views[1])
    assert await state(sessions) == ("active", False)
    answer = await submit(slack, blocks.REMOVE, {}, private=str(view["private_metadata"]))
    assert answer == {"response_action": "clear"}
    async with sessions.begin() as session:
        assert await service.get(session, WS, LINE2) is None
        assert await service.my_channels(session, WS, "U0AMARA") == []


async def test_a_test_goes_to_the_admin_once_however_often_slack_repeats_the_press(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "test")
    await menu(slack, "test")
    assert "on its way to your messages" in text_of(valid(gateway.views[0]))
    async with sessions.begin() as session:
        found = list(await session.scalars(select(Delivery.target).where(Delivery.kind == "stories.test")))
    assert found == [ADMIN]


async def test_a_test_of_an_empty_library_says_so(
    stale: list[str], slack: Slack, gateway: RecordingGateway, kind: FakeKind
) -> None:
    kind.items = 0
    await menu(slack, "test")
    assert "nothing left" in text_of(valid(gateway.views[0]))


async def test_stop_and_start_everything(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await press(slack, blocks.STOP, message=True, at="1.0")
    assert await state(sessions) == ("active", True)
    await press(slack, blocks.START, message=True, at="2.0")
    assert await state(sessions) == ("active", False)
    await press(slack, blocks.STOP, message=True, at="1.0")  # an old press, delivered once more
    assert await state(sessions) == ("active", False)
    assert await actions(sessions) == ["posting.start", "posting.stop"]
    assert "stopped" in valid_message(gateway.responses[0][1])


@pytest.mark.parametrize(("verb", "expected"), [("stop", ("active", True)), ("pause", ("paused", False))])
async def test_a_press_that_loses_a_race_in_the_database_is_done_again(
    stale: list[str], slack: Slack, sessions: Sessions, verb: str, expected: tuple[str, bool]
) -> None:
    with first_one_loses() as ends:
        if verb == "stop":
            await press(slack, blocks.STOP, message=True)
        else:
            await press(slack, blocks.MENU, option=f"{verb}:{LINE2}", kind="overflow")
    assert ends == ["lost", "committed"]
    assert await state(sessions) == expected
    assert len(await actions(sessions)) == 1


@pytest.mark.parametrize("user", ["U0AMARA", "U0GUEST", "U0NOBODY"])
@pytest.mark.parametrize("verb", [*blocks.VERBS, "stop", "start", "quiet", "add"])
async def test_others_are_refused_kindly_and_nothing_changes(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway, user: str, verb: str
) -> None:
    """G1: by direct payload."""
    if verb in blocks.VERBS:
        await menu(slack, verb, user=user)
    else:
        await press(slack, f"channels:{verb}", user=user)
    assert len(gateway.views) == 1
    assert "submit" not in valid(gateway.views[0])
    assert await state(sessions) == ("active", False)
    assert await actions(sessions) == ["refused"]
    assert "Ada" not in text_of(gateway.views[0].payload())  # a mention, not a name
    assert stale == []


async def test_people_of_another_company_are_refused(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await menu(slack, "pause", user=ADMIN, team="T0OTHER")
    assert await state(sessions) == ("active", False)


@pytest.mark.parametrize("option", ["pause:C0OTHER", "explode:C0OTHER", ":", "", "pause"])
async def test_unknown_channels_and_verbs_are_answered_like_removed(
    stale: list[str], slack: Slack, gateway: RecordingGateway, option: str
) -> None:
    """G2, D9."""
    await press(slack, blocks.MENU, option=option, kind="overflow")
    assert "not set up any more" in text_of(valid(gateway.views[0]))


async def test_a_press_without_a_user_is_ignored(stale: list[str], slack: Slack) -> None:
    body = {"type": "block_actions", "team": {"id": WS}, "actions": [{"type": "button", "action_id": blocks.STOP}]}
    assert (await slack.send(body)).status == 200


async def test_a_channel_found_by_search_opens_with_its_menu(
    stale: list[str], slack: Slack, gateway: RecordingGateway
) -> None:
    assert [one["value"] for one in await offered(slack, blocks.FIND, "line")] == [LINE2]
    await press(slack, blocks.FIND, option=LINE2, kind="external_select")
    shown = text_of(valid(gateway.views[0]))
    assert "Next: Stories, Tue 24 Nov 2026, 10:00 (UTC)" in shown
    assert "40 weeks of content left" in shown


async def test_a_press_in_a_modal_pushes_onto_it(stale: list[str], slack: Slack, gateway: RecordingGateway) -> None:
    await menu(slack, "next", view={"id": "V1", "type": "modal", "state": {"values": {}}})
    assert [method for _, method, _ in gateway.calls] == ["views.push"]


async def test_quiet_dates_are_edited_as_lines(
    stale: list[str], slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    def lines(text: str) -> dict[str, Any]:
        return {blocks.QUIET_BLOCK: {"a": {"type": "plain_text_input", "value": text}}}

    answer = await submit(slack, blocks.QUIET_SAVE, lines("2026-12-24 Christmas Eve\n24.12.2026 again"))
    assert "Line 2" in answer["errors"][blocks.QUIET_BLOCK]
    assert await submit(slack, blocks.QUIET_SAVE, lines("2026-12-24 Christmas Eve\n\n 2026-12-31 ")) == {}
    async with sessions.begin() as session:
        assert await service.quiet_dates(session, WS) == {date(2026, 12, 24): "Christmas Eve", date(2026, 12, 31): ""}
    await press(slack, blocks.QUIET)
    assert "2026-12-24 Christmas Eve\\n2026-12-31" in text_of(valid(gateway.views[0]))
    assert await submit(slack, blocks.QUIET_SAVE, lines(""), user="U0AMARA", view_id="V2") != {}
    async with sessions.begin() as session:
        assert len(await service.quiet_dates(session, WS)) == 2


def test_too_many_quiet_dates_are_refused() -> None:
    many = "\n".join(date.fromordinal(739_000 + n).isoformat() for n in range(201))
    assert read_dates(many, Words())[1] == "At most 200 dates, please."


@pytest.mark.parametrize("word", ["", "channels", "stop", "start"])
async def test_the_command_shows_a_message(
    stale: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions, word: str
) -> None:
    await slack.command(ADMIN, f"/customer-admin {word}")
    shown = valid_message(gateway.responses[0][1])
    assert {"": "line2", "channels": LINE2, "stop": "danger", "start": "not stopped"}[
        word
    ].casefold() in shown.casefold()
    assert await state(sessions) == ("active", False)  # typing is only the first of two presses


@pytest.mark.parametrize(
    ("word", "title"), [("add", "Add a channel"), ("next", "Next five posts"), ("quiet-dates", "Quiet dates")]
)
async def test_the_command_opens_a_window(
    stale: list[str], slack: Slack, gateway: RecordingGateway, word: str, title: str
) -> None:
    await slack.command(ADMIN, f"/customer-admin {word}")
    assert valid(gateway.views[0])["title"]["text"] == title


@pytest.mark.parametrize("word", ["", "channels", "add", "next", "stop", "start", "quiet-dates"])
async def test_the_command_refuses_others_naming_the_admins(
    stale: list[str], slack: Slack, gateway: RecordingGateway, word: str
) -> None:
    await slack.command("U0AMARA", f"/customer-admin {word}")
    assert "Ada" in gateway.responses[0][1].text
    assert gateway.views == []


async def test_next_names_a_channel_or_says_that_there_is_none(
    stale: list[str], slack: Slack, gateway: RecordingGateway
) -> None:
    await slack.command(ADMIN, "/customer-admin next #line2", trigger="1")
    assert LINE2 in text_of(valid(gateway.views[0]))
    await slack.command(ADMIN, f"/customer-admin next <#{LINE2}|line2>", trigger="3")
    assert LINE2 in text_of(valid(gateway.views[1]))
    await slack.command(ADMIN, "/customer-admin next #nowhere", trigger="2")
    assert "gets nothing" in valid_message(gateway.responses[-1][1])


async def test_many_channels_show_the_troubled_first_and_a_search_for_the_rest(
    stale: list[str], slack: Slack, gateway: RecordingGateway, sessions: Sessions, new_id: NewId
) -> None:
    async with sessions.begin() as session:
        for number in range(20):
            await channel(session, new_id, wish(f"C0N{number:03d}"), people=["U0GUEST"], now=NOW)
        await service.place_failed(session, WS, "C0N019", "is_archived", new_id=new_id, now=NOW)
    await slack.command(ADMIN, "/customer-admin")
    message = gateway.responses[0][1]
    shown = valid_message(message)
    assert "archived in Slack" in str(message.blocks[1])
    assert "21 channels in all" in shown
    assert "Guests are in it" in shown
    assert len(message.blocks) <= 30
    async with sessions.begin() as session:
        told = await session.scalar(
            select(func.count()).select_from(Delivery).where(Delivery.kind == "channels.trouble")
        )
    assert told == 1
