"""The pulse in Slack: the questions, the results, asking at once, switching off, drawing."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.channels import Channel as ChannelRow
from bot.db.tables.members import AuditEntry
from bot.db.tables.pulse import PulseDraw, PulseRound
from bot.db.tables.workspaces import SeenEvent
from bot.features.channels import service as channels
from bot.features.edge import Edge
from bot.features.members import handlers as members_handlers
from bot.features.members import service as members
from bot.features.pulse import blocks, handlers, service
from bot.features.pulse.rules import QUESTIONS, Defaults
from tests.doubles import RecordingGateway
from tests.features.channels.act import press, submit, text_of, valid
from tests.features.channels.kinds import ADMIN, LINE2, WS, channel, company, wish
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, user

SECRET = b"out of the settings"
OWNER, OTHER = "U0OWEN", "C0OTHER"
PEOPLE = tuple(f"U0PERSON{number}" for number in range(6))


@pytest.fixture
async def asked(slack: Slack, edge: Edge, sessions: Sessions, new_id: NewId) -> str:
    """The id of a round that is open in #line2, which belongs to Owen; #other belongs to the admin."""
    words = handlers.register(slack.app, edge, defaults=Defaults(), secret=SECRET)
    members_handlers.register(slack.app, edge, commands=words)
    async with sessions.begin() as session:
        await company(session)
        people = [{**user(one, name=one, tz="UTC", locale="en-GB"), "team_id": WS} for one in (*PEOPLE, OWNER)]
        await members.save(session, WS, people, NOW)
        await members.change_role(session, WS, "U0EDITOR", "editor", give=True, by=ADMIN, now=NOW, new_id=new_id)
        await channel(session, new_id, wish(owners=frozenset({OWNER})), people=(*PEOPLE, "U0GUEST"))
        await channel(session, new_id, wish(OTHER))
        place = await channels.get(session, WS, LINE2)
        assert place is not None
        closes = await db_now(session) + timedelta(days=3)  # the database's own time decides
        found = await service.ask(session, place, closes_at=closes, before_posts=True, key="k", new_id=new_id, now=NOW)
    assert found is not None
    return found


def chosen(**answers: int) -> dict[str, Any]:
    def radio(value: int | None) -> dict[str, Any]:
        return {"type": "radio_buttons", "selected_option": None if value is None else {"value": str(value)}}

    return {question: {"a": radio(answers.get(question))} for question in QUESTIONS}


async def close(sessions: Sessions, round_id: str) -> None:
    async with sessions.begin() as session:
        assert await service.close(session, WS, round_id, now=NOW + timedelta(days=3))


async def everyone_answers(slack: Slack, round_id: str) -> None:
    for number, person in enumerate(PEOPLE):
        answer = await submit(
            slack, blocks.ANSWER, chosen(who=4, why=2), user=person, private=round_id, view_id=f"V{number}"
        )
        assert "Thank you" in text_of(answer)


async def refusals(sessions: Sessions) -> list[str]:
    async with sessions.begin() as session:
        return list(await session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "refused")))


# -- answering --------------------------------------------------------------------------------------------------------


async def test_one_window_with_three_questions_and_nothing_chosen(
    asked: str, slack: Slack, gateway: RecordingGateway
) -> None:
    await press(slack, blocks.OPEN, value=asked, user=PEOPLE[0], message=True)
    view = valid(gateway.views[0])
    assert view["private_metadata"] == asked
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["block_id"] for block in inputs] == list(QUESTIONS)
    assert all(block["optional"] and "initial_option" not in block["element"] for block in inputs)
    assert "Anonymous" in text_of(view)


async def test_a_second_submit_is_thanked_in_the_same_words_and_leaves_no_trace_of_itself(
    asked: str, slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    first = await submit(slack, blocks.ANSWER, chosen(who=1), user=PEOPLE[0], private=asked)
    again = await submit(slack, blocks.ANSWER, chosen(who=1), user=PEOPLE[0], private=asked)
    other = await submit(slack, blocks.ANSWER, chosen(who=5), user=PEOPLE[0], private=asked, view_id="V2")
    assert first == again == other
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(SeenEvent)) == 0
        assert await session.scalar(select(func.count()).where(AuditEntry.actor == PEOPLE[0])) == 0
    await press(slack, blocks.OPEN, value=asked, user=PEOPLE[0], message=True)
    assert "You have answered" in text_of(valid(gateway.views[-1]))


async def test_nothing_chosen_is_said_under_the_first_question_and_does_not_count(asked: str, slack: Slack) -> None:
    answer = await submit(slack, blocks.ANSWER, chosen(who=0), user=PEOPLE[0], private=asked)
    assert list(answer["errors"]) == ["who"]
    assert "Thank you" in text_of(await submit(slack, blocks.ANSWER, chosen(what=3), user=PEOPLE[0], private=asked))


@pytest.mark.parametrize(
    ("who", "team", "says"),
    [("U0AMARA", WS, "people who are in this channel"), ("U0GUEST", WS, "in this channel"), (PEOPLE[0], "T0ELSE", "")],
)
async def test_only_the_channels_own_people_are_asked(
    asked: str, slack: Slack, gateway: RecordingGateway, sessions: Sessions, who: str, team: str, says: str
) -> None:
    await press(slack, blocks.OPEN, value=asked, user=who, team=team, message=True)
    view = valid(gateway.views[-1])
    assert "submit" not in view
    assert says in text_of(view)
    answer = await submit(slack, blocks.ANSWER, chosen(who=5), user=who, team=team, private=asked)
    assert "Thank you" not in text_of(answer)


@pytest.mark.parametrize("value", ["", "no such round"])
async def test_a_round_that_is_over_or_unknown_says_so(
    asked: str, slack: Slack, gateway: RecordingGateway, sessions: Sessions, value: str
) -> None:
    await close(sessions, asked)
    for one in (value, asked):
        await press(slack, blocks.OPEN, value=one, user=PEOPLE[0], message=True)
        assert "closed" in text_of(valid(gateway.views[-1]))
        answer = await submit(slack, blocks.ANSWER, chosen(who=5), user=PEOPLE[0], private=one)
        assert "closed" in text_of(answer)


# -- results ----------------------------------------------------------------------------------------------------------


async def look(slack: Slack, who: str, channel_id: str = LINE2) -> str:
    before = len(slack.edge.gateway.views)  # type: ignore[attr-defined]
    await press(slack, blocks.RESULTS, value=channel_id, user=who, at=f"{before}.7")
    return text_of(valid(slack.edge.gateway.views[-1]))  # type: ignore[attr-defined]


async def test_owners_editors_and_admins_see_averages_when_it_has_closed(
    asked: str, slack: Slack, sessions: Sessions
) -> None:
    await everyone_answers(slack, asked)
    assert "of 5" not in await look(slack, ADMIN)
    await close(sessions, asked)
    for someone in (OWNER, "U0EDITOR", ADMIN):
        shown = await look(slack, someone)
        assert "*4 of 5* (6 answers) ●●●●○" in shown
        assert "*2 of 5*" in shown
        assert "what your work does" not in shown  # nobody answered that
        assert ("Ask now" in shown) is (someone == ADMIN)
    guests = await look(slack, "U0GUEST")
    assert "of 5" not in guests
    assert "people of this workspace" in guests
    assert await refusals(sessions) == ["see_pulse"]


async def test_members_see_averages_of_public_channels_and_of_private_ones_they_are_in(
    asked: str, slack: Slack, sessions: Sessions
) -> None:
    await everyone_answers(slack, asked)
    assert "of 5" not in await look(slack, PEOPLE[0]), "not before it has closed"
    await close(sessions, asked)
    assert "*4 of 5* (6 answers)" in await look(slack, "U0AMARA")
    async with sessions.begin() as session:
        await session.execute(update(ChannelRow).values(private=True))
    assert "of 5" not in await look(slack, "U0AMARA")
    assert "*4 of 5* (6 answers)" in await look(slack, PEOPLE[0])


async def test_of_fewer_than_five_answers_members_see_nothing(asked: str, slack: Slack, sessions: Sessions) -> None:
    for number, person in enumerate(PEOPLE[:4]):
        await submit(slack, blocks.ANSWER, chosen(who=4), user=person, private=asked, view_id=f"V{number}")
    await close(sessions, asked)
    assert "of 5" not in await look(slack, PEOPLE[0])


async def test_the_command_shows_all_channels_or_ones_own(
    asked: str, slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await everyone_answers(slack, asked)
    await close(sessions, asked)
    await slack.command(ADMIN, "/customer-admin pulse", trigger="1")
    everything = text_of(valid(gateway.views[-1]))
    assert OTHER in everything
    assert blocks.STAGGER in everything
    await slack.command(OWNER, "/customer-admin pulse", trigger="2")
    mine = text_of(valid(gateway.views[-1]))
    assert LINE2 in mine
    assert "4 · 2 · –" in mine
    assert OTHER not in mine
    assert blocks.SWITCH not in mine
    await slack.command("U0EDITOR", "/customer-admin pulse #line2", trigger="3")
    assert "of 5" in text_of(valid(gateway.views[-1]))
    number = len(gateway.views)
    await slack.command("U0AMARA", "/customer-admin pulse", trigger="4")
    assert len(gateway.views) == number + 1, "a member in no channel sees none"
    assert LINE2 not in text_of(valid(gateway.views[-1]))
    await slack.command("U0AMARA", "/customer-admin pulse #line2", trigger="5")
    assert "of 5" in text_of(valid(gateway.views[-1]))
    await slack.command(PEOPLE[0], "/customer-admin pulse", trigger="6")
    assert "4 · 2 · –" in text_of(valid(gateway.views[-1]))
    await slack.command("U0GUEST", "/customer-admin pulse", trigger="7")
    assert len(gateway.views) == number + 3


async def test_an_admin_has_the_questions_asked_once_however_often_slack_repeats_it(
    asked: str, slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await press(slack, blocks.ASK_NOW, value=LINE2)
    assert "open already" in text_of(valid(gateway.views[-1]))
    for _ in range(2):
        await press(slack, blocks.ASK_NOW, value=OTHER, at="2.0")
        assert "on their way" in text_of(valid(gateway.views[-1]))
    await press(slack, blocks.ASK_NOW, value=OTHER, user=OWNER, at="3.0")
    async with sessions.begin() as session:
        assert await session.scalar(select(func.count()).select_from(PulseRound)) == 2
    assert await refusals(sessions) == ["set_up_channel"]


async def test_an_admin_switches_it_off_and_on_and_an_old_press_changes_nothing(
    asked: str, slack: Slack, sessions: Sessions
) -> None:
    async def is_off() -> bool:
        async with sessions.begin() as session:
            return await service.is_off(session, WS)

    await press(slack, blocks.SWITCH, value=blocks.OFF, at="1.0")
    assert await is_off()
    await press(slack, blocks.SWITCH, value=blocks.ON, at="2.0")
    await press(slack, blocks.SWITCH, value=blocks.OFF, at="1.0")
    await press(slack, blocks.SWITCH, value=blocks.OFF, user="U0EDITOR", at="3.0")
    assert not await is_off()
    assert await refusals(sessions) == ["change_settings"]


# -- one after the other ----------------------------------------------------------------------------------------------


def wanted(*ids: str, weeks: str = "8") -> dict[str, Any]:
    options = [{"value": one} for one in ids]
    return {
        blocks.CHANNELS_BLOCK: {"a": {"type": "multi_static_select", "selected_options": options}},
        blocks.WEEKS_BLOCK: {"a": {"type": "static_select", "selected_option": {"value": weeks} if weeks else None}},
    }


async def test_an_admin_draws_which_channel_starts_when_and_a_repeat_draws_no_second_time(
    asked: str, slack: Slack, sessions: Sessions, gateway: RecordingGateway
) -> None:
    await press(slack, blocks.STAGGER)
    assert text_of(valid(gateway.views[-1])).count('"value": "C0') == 2
    first = await submit(slack, blocks.DRAW, wanted(LINE2, OTHER))
    again = await submit(slack, blocks.DRAW, wanted(LINE2, OTHER))
    assert json.dumps(first) == json.dumps(again)
    async with sessions.begin() as session:
        (draw,) = await session.scalars(select(PulseDraw))
        begins = {one.channel_id: one.starts_at for one in await channels.all(session, WS)}
    assert draw.id in text_of(first)
    assert sorted(draw.drawn) == [LINE2, OTHER]
    assert {str(at.date()) for at in begins.values() if at} == set(draw.drawn.values())


@pytest.mark.parametrize(
    ("values", "block", "says"),
    [
        (wanted(LINE2), blocks.CHANNELS_BLOCK, "at least 2"),
        (wanted(LINE2, "C0NOWHERE"), blocks.CHANNELS_BLOCK, "gone"),
        (wanted(LINE2, OTHER, weeks=""), blocks.WEEKS_BLOCK, "how many weeks"),
        (wanted(LINE2, OTHER, weeks="900"), blocks.WEEKS_BLOCK, "how many weeks"),
    ],
)
async def test_what_cannot_be_drawn_is_said_under_its_field(
    asked: str, slack: Slack, sessions: Sessions, values: dict[str, Any], block: str, says: str
) -> None:
    answer = await submit(slack, blocks.DRAW, values)
    assert list(answer["errors"]) == [block]
    assert says in answer["errors"][block]
    async with sessions.begin() as session:
        assert list(await session.scalars(select(PulseDraw))) == []


async def test_nobody_else_draws(asked: str, slack: Slack, sessions: Sessions) -> None:
    for number, someone in enumerate((OWNER, "U0EDITOR", "U0AMARA")):
        await submit(slack, blocks.DRAW, wanted(LINE2, OTHER), user=someone, view_id=f"V{number}")
    async with sessions.begin() as session:
        assert list(await session.scalars(select(PulseDraw))) == []
    assert await refusals(sessions) == ["set_up_channel"] * 3


def test_without_a_secret_it_does_not_start(slack: Slack, edge: Edge) -> None:
    with pytest.raises(ValueError, match="secret"):
        handlers.register(slack.app, edge, defaults=Defaults(), secret=b"")
