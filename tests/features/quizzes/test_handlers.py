"""Presses through Bolt: what people are told, and that nothing is acknowledged that was not stored."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.adoptions import Adoption
from bot.db.tables.members import AuditEntry, Member
from bot.features.adoptions import handlers as adoptions_handlers
from bot.features.customers import blocks as customers_blocks
from bot.features.home.seams import Viewer
from bot.features.quizzes import answers, blocks, counting, handlers, rules
from bot.features.quizzes.owed import MyQuizRecord, RecentQuizzes
from bot.features.quizzes.rules import Limits
from bot.slack.words import Words
from sandbox.kit import check_blocks
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.quizzes.conftest import DAY, SECOND, Works, question, users
from tests.features.stories.given import ADMIN, AMARA, CHANNEL, EDITOR, GUEST, SAM, WS, bring_in, folder, story


@pytest.fixture
async def room(works: Works, slack: Slack) -> Slack:
    """A quiz is open; the listeners are registered."""
    handlers.register(slack.app, slack.edge, ballots=works.ballots, limits=works.limits)
    async with works.sessions.begin() as session:
        await session.execute(update(Member).values(locale="en-US"))
    await works.bank(question("a"), question("b"))
    await works.ask()
    await works.send()
    return slack


def pressed(works: Works, user: str, action: str, value: str, **changes: Any) -> dict[str, Any]:
    message = works.posted()[0]
    return {
        "type": "block_actions",
        "team": {"id": WS},
        "user": {"id": user, "team_id": changes.get("team", WS)},
        "container": {
            "type": "message",
            "message_ts": changes.get("ts", message["ts"]),
            "channel_id": changes.get("channel", CHANNEL),
        },
        "channel": {"id": changes.get("channel", CHANNEL)},
        "trigger_id": "1.2.c",
        "response_url": "https://hooks.example/1",
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b",
                "value": value,
                "action_ts": changes.get("at", "1700000000.000001"),
            }
        ],
    }


def values(works: Works) -> dict[str, str]:
    """What each option's button carries, by its words."""
    rows = [block for block in works.posted()[0]["blocks"] if block["type"] == "actions"]
    return {row["elements"][0]["text"]["text"]: row["elements"][0]["value"] for row in rows}


def told(gateway: RecordingGateway) -> str:
    return gateway.responses[-1][1].text


async def test_a_press_is_answered_at_once_and_privately(works: Works, room: Slack, gateway: RecordingGateway) -> None:
    answer = await room.send(pressed(works, AMARA, blocks.ANSWER, values(works)["Halden"]))
    assert answer.status == 200
    assert told(gateway) == "You chose Halden. You can change it until Wed 25 Nov 2026, 09:00."
    await room.send(pressed(works, AMARA, blocks.ANSWER, values(works)["Orion"], at="1700000005.000001"))
    assert told(gateway).startswith("You chose Orion.")
    assert await works.answers() == {AMARA: 0}


async def test_the_same_press_again_has_one_effect(works: Works, room: Slack, gateway: RecordingGateway) -> None:
    body = pressed(works, AMARA, blocks.ANSWER, values(works)["Halden"])
    for _ in range(3):
        assert (await room.send(body)).status == 200
    assert await works.answers() == {AMARA: 1}
    assert {message.text for _, message in gateway.responses} == {told(gateway)}


async def test_everybody_is_told_in_their_own_language_and_zone(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    async with works.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == SAM).values(zone="Asia/Kolkata"))
    await room.send(pressed(works, SAM, blocks.ANSWER, values(works)["Halden"]))
    assert "14:30" in told(gateway)


async def test_a_press_that_could_not_be_stored_is_not_acknowledged(
    works: Works, room: Slack, gateway: RecordingGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_session: AsyncSession, _rows: Sequence[counting.Row]) -> None:
        raise OperationalError("INSERT", {}, Exception("the database is away"))

    monkeypatch.setattr(counting, "write", away)
    answer = await room.send(pressed(works, AMARA, blocks.ANSWER, values(works)["Halden"]))
    assert answer.status >= 500
    assert gateway.responses == []
    assert await works.answers() == {}


@pytest.mark.parametrize(
    ("who", "changes", "said"),
    [
        (GUEST, {}, "the answers of guests are not counted"),
        (SAM, {"team": "T0OTHER"}, "is for people of the company it was asked in"),
        (SAM, {"channel": "C0COPY"}, "This is a copy of the quiz"),
        (SAM, {"ts": "1600000000.000100"}, "This is a copy of the quiz"),
    ],
)
async def test_who_does_not_count_is_told_kindly(
    works: Works, room: Slack, gateway: RecordingGateway, who: str, changes: dict[str, Any], said: str
) -> None:
    answer = await room.send(pressed(works, who, blocks.ANSWER, values(works)["Halden"], **changes))
    assert answer.status == 200
    assert said in told(gateway)
    assert await works.answers() == {}


@pytest.mark.parametrize("value", ["", "x", ":", "a:b:c", "\u00e9:1", "x" * 1900, "test:1", "a\x00:b"])
async def test_values_made_up_by_somebody_have_no_effect(works: Works, room: Slack, value: str) -> None:
    assert (await room.send(pressed(works, AMARA, blocks.ANSWER, value))).status == 200
    for at in ("", "soon", "-1", "1.x"):
        body = pressed(works, AMARA, blocks.ANSWER, values(works)["Halden"], at=at)
        assert (await room.send(body)).status == 200
    assert await works.answers() == {}


async def test_after_closing_everybody_is_told_so(works: Works, room: Slack, gateway: RecordingGateway) -> None:
    carried = values(works)["Halden"]
    works.pass_time(DAY)
    await room.send(pressed(works, AMARA, blocks.ANSWER, carried))
    assert told(gateway).startswith("This quiz has closed here, so this press does not count. The answer comes")
    await works.reveal()
    await room.send(pressed(works, AMARA, blocks.ANSWER, carried))
    assert told(gateway) == "This quiz is over, so this press does not count. Its message shows the answer."


async def test_how_did_i_do_is_told_to_the_person_alone(works: Works, room: Slack, gateway: RecordingGateway) -> None:
    _, post = await works.round()
    await works.press(AMARA, 0)
    await works.press(SAM, 1)
    await room.send(pressed(works, AMARA, blocks.MINE, post.id))
    assert "no longer there" in told(gateway)
    works.pass_time(DAY + SECOND)
    await works.reveal()
    await room.send(pressed(works, AMARA, blocks.MINE, post.id))
    assert told(gateway).startswith("You were right: Orion. Orion came in 2009.")
    await room.send(pressed(works, SAM, blocks.MINE, post.id))
    assert told(gateway).startswith("You chose Halden; it was Orion.")
    assert "This quarter: 0 right of 1." in told(gateway)
    await works.people(*users(1))
    await room.send(pressed(works, users(1)[0], blocks.MINE, post.id))
    assert told(gateway).startswith("You did not answer this one.")
    await room.send(pressed(works, SAM, blocks.MINE, post.id, team="T0OTHER"))
    assert "people of the company" in told(gateway)
    async with works.sessions.begin() as session:
        refused = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "refused")))
    assert [(one.actor, one.subject) for one in refused] == [(SAM, "see_own_record")]


async def test_naming_oneself_takes_one_press_and_so_does_stopping(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    async def named() -> list[str]:
        async with works.sessions.begin() as session:
            return list(await session.scalars(select(Member.user_id).where(Member.shows_name)))

    await room.send(pressed(works, AMARA, blocks.NAME_ME, "yes"))
    assert await named() == [AMARA]
    await room.send(pressed(works, GUEST, blocks.NAME_ME, "yes"))
    assert await named() == [AMARA]
    await room.send(pressed(works, AMARA, blocks.NAME_ME, "no", at="1700000009.000001"))
    assert await named() == []
    assert "no longer named" in told(gateway)


async def test_only_an_admin_turns_scores_off_and_refusals_are_audited(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    tried = pressed(works, AMARA, answers.SCORES, "off")
    for _ in range(2):
        await room.send(tried)
        assert told(gateway) == "Only admins can change this.", "a repeat is told the same"
    await room.send(pressed(works, ADMIN, answers.SCORES, "off"))
    assert told(gateway).startswith("Scores are off")
    async with works.sessions.begin() as session:
        entries = await session.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.action))
        assert [tuple(row) for row in entries] == [(ADMIN, "quiz.scores"), (AMARA, "refused")]
    await room.send(pressed(works, AMARA, blocks.ANSWER, values(works)["Halden"]))
    assert told(gateway).startswith("Your answer counts.")


async def test_home_shows_the_record_to_its_owner(works: Works, room: Slack) -> None:
    viewer = Viewer(workspace_id=WS, user_id=AMARA, team_id=None, roles=frozenset())
    section = MyQuizRecord(limits=Limits())
    async with works.sessions.begin() as session:
        assert await section.render(session, viewer, Words()) == []
    await works.press(AMARA, 1)
    async with works.sessions.begin() as session:
        assert await section.render(session, viewer, Words()) == []
    works.pass_time(DAY + SECOND)
    await works.reveal()
    async with works.sessions.begin() as session:
        shown = await section.render(session, viewer, Words())
    assert check_blocks(list(shown), "home") == []
    assert "This quarter: 0 right of 1." in json.dumps(shown)
    assert "Halden: it was Orion" in json.dumps(shown)
    assert room.edge is works.edge
    assert rules.KIND == "quiz"


async def test_a_quiz_is_withdrawn_from_everywhere_and_its_answers_with_it(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    _, post = await works.round()
    carried = values(works)["Halden"]
    await works.press(AMARA, 0)
    await works.tally()
    await room.send(pressed(works, AMARA, answers.WITHDRAW, post.id))
    assert "only editors" in told(gateway)
    assert len(await works.answers()) == 1
    body = pressed(works, EDITOR, answers.WITHDRAW, post.id)
    await room.send(body)
    await room.send(body)
    assert told(gateway).startswith("Withdrawn: it is being deleted from the one channel")
    late = pressed(works, SAM, blocks.ANSWER, carried)
    await works.send(4)
    assert works.posted() == []
    assert await works.answers() == {}
    await room.send(late)
    assert "no longer there" in told(gateway)
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 0
    await works.send()
    assert works.posted() == []
    async with works.sessions.begin() as session:
        viewer = Viewer(workspace_id=WS, user_id=EDITOR, team_id=None, roles=frozenset({"editor"}))
        assert await RecentQuizzes().render(session, viewer, Words()) == []


async def test_editors_see_recent_quizzes_on_home(works: Works, room: Slack) -> None:
    async with works.sessions.begin() as session:
        viewer = Viewer(workspace_id=WS, user_id=EDITOR, team_id=None, roles=frozenset({"editor"}))
        shown = await RecentQuizzes().render(session, viewer, Words())
        other = Viewer(workspace_id=WS, user_id=AMARA, team_id=None, roles=frozenset())
        assert await RecentQuizzes().render(session, other, Words()) == []
    assert check_blocks(list(shown), "home") == []
    assert "#line-2" in json.dumps(shown)
    assert room.edge is works.edge


async def test_the_answer_offers_its_customer_and_a_press_there_adopts_it(
    works: Works, room: Slack, gateway: RecordingGateway
) -> None:
    adoptions_handlers.register(room.app, room.edge)
    works.pass_time(DAY + SECOND)
    assert await works.reveal() == 1
    await works.send(4)
    offered = [
        element
        for block in works.posted()[0]["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == customers_blocks.ADOPT
    ]
    assert [one["text"]["text"] for one in offered] == ["Adopt Orion"]
    body = pressed(works, AMARA, customers_blocks.ADOPT, offered[0]["value"])
    await room.send(body)
    await room.send(body)
    assert told(gateway).startswith("Orion is yours now.")
    async with works.sessions.begin() as session:
        (mine,) = await session.scalars(select(Adoption))
        assert (mine.user_id, mine.customer_id, mine.via) == (AMARA, "cust1", "press")


async def test_who_stops_being_named_is_taken_out_elsewhere_too(works: Works, slack: Slack) -> None:
    heard: list[str] = []

    async def unnamed(session: AsyncSession, ws: str, user: str, *, now: datetime) -> None:
        assert session.in_transaction()
        heard.append(f"{ws} {user} {now:%Y}")

    handlers.register(slack.app, slack.edge, ballots=works.ballots, limits=works.limits, on_unnamed=[unnamed])
    await works.bank()
    await works.ask()
    await works.send()
    await slack.send(pressed(works, AMARA, blocks.NAME_ME, "yes"))
    assert heard == []
    await slack.send(pressed(works, AMARA, blocks.NAME_ME, "no", at="1700000009.000001"))
    assert heard == [f"{WS} {AMARA} 2026"]


async def test_how_did_i_do_says_where_to_read_more(
    works: Works, slack: Slack, gateway: RecordingGateway, tmp_path: Path
) -> None:
    handlers.register(slack.app, slack.edge, ballots=works.ballots, limits=works.limits)
    await bring_in(works.sessions, folder(tmp_path / "shelf", {"orion.md": story()}), works.new_id)
    await works.bank(question("a", source="The yearly report"))
    await works.play("occ1", {AMARA: 1})
    _, post = await works.round()
    await slack.send(pressed(works, AMARA, blocks.MINE, post.id))
    assert "The yearly report" in told(gateway)
    assert [one["action_id"] for one in gateway.responses[-1][1].blocks[-1]["elements"]] == ["stories:read"]


def test_a_receipt_says_today_by_the_time_alone() -> None:
    until = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
    words = Words(locale="en-GB", zone="UTC")
    today = answers.receipt(words, "Halden", until, until - timedelta(hours=3))
    assert today.text == "You chose Halden. You can change it until 16:00."
    assert f"until <!date^{int(until.timestamp())}^{{time}}|16:00>." in json.dumps(today.blocks)
    tomorrow = answers.receipt(words, "Halden", until, until - timedelta(hours=20))
    assert "{date_short_pretty} {time}" in json.dumps(tomorrow.blocks)
