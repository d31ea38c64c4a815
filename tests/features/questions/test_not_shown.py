"""Windows that Slack does not open, answers that do not arrive, texts that are too long: somebody is told."""

import pytest
from sqlalchemy import update

from bot.db.tables.members import Member
from bot.slack.errors import Fault, SlackFault
from tests.delivery.pretend_slack import refusal
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, SAM

SLOW = [("expired_trigger_id", Fault.CONTENT, 1), ("timeout", Fault.AMBIGUOUS, 1)]
SLOW.append(("exchanged_trigger_id", Fault.CONTENT, 0))


@pytest.mark.parametrize(("code", "fault", "told"), SLOW)
async def test_who_asks_or_answers_is_told_that_the_window_did_not_open(
    desk: Desk, code: str, fault: Fault, told: int
) -> None:
    await desk.ask(AMARA, "Which board?")
    (question,) = await desk.questions()
    desk.gateway.answers["views.open"] = SlackFault(code, fault)
    for number, (user, action, value) in enumerate(
        [(AMARA, "questions:ask", "cust1:"), (SAM, "questions:answer", question.id)], start=1
    ):
        assert (await desk.press(user, action, value)).status == 200
        assert len(desk.gateway.responses) == told * number
    assert all("did not open the window" in message.text for _, message in desk.gateway.responses)


async def answered(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    await desk.write(SAM, "The PB-7.", thread=desk.about(SAM, "Which board?")["ts"])


@pytest.mark.parametrize("why", ["refused by Slack", "deactivated"])
async def test_who_answered_sees_that_the_asker_was_not_reached(desk: Desk, why: str) -> None:
    await answered(desk)
    if why == "deactivated":
        async with desk.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == AMARA).values(kind="deactivated"))
    else:
        desk.slack.before = lambda _method, arguments: (
            refusal("user_disabled") if arguments.get("channel") == AMARA else None
        )
    await desk.rounds(6)
    assert desk.seen(AMARA) == []
    (asked,) = desk.seen(SAM)
    assert "could not be delivered" in words_in(asked)
    assert "You answered this." not in words_in(asked)
    (again,) = [row for row in await desk.deliveries("questions.to_manager") if row.method == "update"]
    revision = again.revision
    await desk.rounds()
    (again,) = [row for row in await desk.deliveries("questions.to_manager") if row.method == "update"]
    assert (again.revision, again.state) == (revision, "sent")


async def test_who_asks_further_hears_that_nobody_was_reached(desk: Desk) -> None:
    await answered(desk)
    await desk.rounds(6)
    desk.slack.before = lambda _method, arguments: (
        refusal("user_disabled") if str(arguments.get("channel")) in {SAM, f"D{SAM[1:]}"} else None
    )
    thread = desk.about(AMARA, "The PB-7.")["ts"]
    await desk.write(AMARA, "And which firmware?", thread=thread)
    await desk.rounds(6)
    told = desk.about(AMARA, "did not reach anybody")
    assert told["thread_ts"] == thread


async def test_a_later_answer_that_arrives_is_shown_as_answered(desk: Desk) -> None:
    await answered(desk)
    desk.slack.before = lambda _method, arguments: (
        refusal("user_disabled") if arguments.get("channel") == AMARA else None
    )
    await desk.rounds(6)
    desk.slack.before = lambda _method, _arguments: None
    await desk.write(SAM, "The PB-7, I said.", thread=desk.about(SAM, "Which board?")["ts"])
    await desk.rounds(6)
    assert "The PB-7, I said." in desk.shown(AMARA)
    assert "You answered this." in desk.shown(SAM)


@pytest.mark.row("A21")
async def test_an_answer_that_is_too_long_is_not_cut_but_refused_with_the_count(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    thread = desk.about(SAM, "Which board?")["ts"]
    ts = await desk.write(SAM, "x" * 3001, thread=thread)
    await desk.rounds()
    assert desk.seen(AMARA) == []
    told = desk.about(SAM, "3,001")
    assert "3,000" in words_in(told)
    assert told["thread_ts"] == thread
    await desk.edit(SAM, ts, "y" * 3000, thread=thread)
    await desk.rounds(6)
    assert "y" * 200 in desk.shown(AMARA)
    assert "3,001" not in desk.shown(SAM)
    await desk.edit(SAM, ts, "z" * 3002, thread=thread)
    await desk.rounds(6)
    assert "3,002" in desk.shown(SAM)
    assert "zzz" not in desk.shown(AMARA)
    assert "y" * 200 in desk.shown(AMARA)


async def test_what_the_asker_says_further_has_the_same_limit(desk: Desk) -> None:
    await answered(desk)
    await desk.rounds()
    await desk.write(AMARA, "w" * 3001, thread=desk.about(AMARA, "The PB-7.")["ts"])
    await desk.rounds()
    assert "www" not in desk.shown(SAM)
    assert "3,001" in desk.shown(AMARA)
