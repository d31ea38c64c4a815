"""Whose a question is: at most five with an account manager, the rest with the editors; and when people go."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.db.moment import db_now
from bot.db.tables.members import AuditEntry, Member, Role
from bot.features.edge import Edge
from bot.features.questions.jobs import Reassign
from bot.slack.errors import Fault, SlackFault
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, KIM, SAM, TOM, WS


async def reassign(desk: Desk) -> None:
    edge: Edge = desk.app.edge
    await Reassign(edge=edge)(desk.clock.now())


async def leaves(desk: Desk, user: str) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == user).values(kind="deactivated"))


async def no_editor(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(delete(Role).where(Role.role == "editor"))


async def states(desk: Desk) -> list[tuple[str, str | None]]:
    return [(question.state, question.with_user) for question in await desk.questions()]


async def six(desk: Desk) -> None:
    for number in range(6):
        await desk.ask(AMARA, f"Question {number}?", view_id=f"VSIX{number}")
        desk.clock.advance(timedelta(seconds=1))
    await desk.rounds(8)


async def test_the_sixth_waits_with_the_editors_until_one_of_the_five_is_answered(desk: Desk) -> None:
    await six(desk)
    assert await states(desk) == [("open", SAM)] * 5 + [("waiting", SAM)]
    assert len(desk.seen(SAM)) == 5
    waiting = desk.about(EDITOR, "Question 5?")
    assert "waits with you" in words_in(waiting)
    assert "questions:answer" in words_in(waiting)
    await desk.write(SAM, "Yes.", thread=desk.about(SAM, "Question 0?")["ts"])
    await desk.rounds(8)
    assert (await states(desk))[5] == ("open", SAM)
    assert desk.about(SAM, "Question 5?")
    waiting = desk.about(EDITOR, "Question 5?")
    assert "Sam Reyes has it now." in words_in(waiting)
    assert "questions:answer" not in words_in(waiting)


async def test_an_editor_may_answer_what_waits_and_the_account_manager_never_hears_of_it(desk: Desk) -> None:
    await six(desk)
    await desk.press(
        EDITOR, "questions:answer", desk.about(EDITOR, "Question 5?")["blocks"][-1]["elements"][0]["value"]
    )
    answer = await desk.submit(EDITOR, "It is the PB-7.", view_id="VANS")
    assert "on its way" in words_in({"text": "", "blocks": answer["view"]})
    await desk.rounds(6)
    assert "It is the PB-7." in desk.shown(AMARA)
    assert "Edith Lang" in desk.shown(AMARA)
    await reassign(desk)
    await desk.rounds(6)
    assert "Question 5?" not in desk.shown(SAM)


async def test_answering_by_button_twice_makes_one_answer(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    question = (await desk.questions())[0].id
    await desk.press(SAM, "questions:answer", question)
    view = desk.last_view()
    first = await desk.submit(SAM, "The PB-7.", view=view, view_id="VANS")
    assert await desk.submit(SAM, "The PB-7.", view=view, view_id="VANS") == first
    await desk.rounds()
    assert len(desk.seen(AMARA)) == 1
    assert "You answered this." in desk.shown(SAM)


async def test_passed_on_it_is_the_editors_for_good(desk: Desk) -> None:
    await six(desk)
    question = (await desk.questions())[0].id
    await desk.press(SAM, "questions:pass_on", question, at="7.7")
    assert "Passed to the editors." in desk.told()
    await desk.press(SAM, "questions:pass_on", question, at="7.7")
    assert "Passed to the editors." in desk.told()
    await reassign(desk)
    await desk.rounds(8)
    found = await states(desk)
    assert found[0] == ("waiting", None)
    assert found[5] == ("open", SAM)
    assert "The editors have it now." in words_in(desk.about(SAM, "Question 0?"))
    assert "questions:answer" in words_in(desk.about(EDITOR, "Question 0?"))
    await desk.press(SAM, "questions:pass_on", question)
    assert "somebody else" in desk.told()


async def test_without_an_account_manager_the_editors_get_it(desk: Desk) -> None:
    answer = await desk.ask(AMARA, "Who are they?", customer="cust2")
    assert "with the editors" in words_in({"text": "", "blocks": answer["view"]})
    await desk.rounds()
    asked = desk.about(EDITOR, "Who are they?")
    await desk.write(EDITOR, "A maker of pumps.", thread=asked["ts"])
    await desk.rounds()
    assert "A maker of pumps." in desk.shown(AMARA)


async def test_without_editors_the_admins_are_asked_to_find_somebody(desk: Desk) -> None:
    await no_editor(desk)
    await desk.ask(AMARA, "Who are they?", customer="cust2")
    await desk.rounds()
    shown = words_in(desk.about(ADMIN, "Who are they?"))
    assert "make somebody an editor" in shown
    assert "questions:answer" not in shown
    async with desk.sessions.begin() as session:
        session.add(Role(workspace_id=WS, user_id=KIM, role="editor", given_at=desk.clock.now()))
    await reassign(desk)
    await desk.rounds()
    assert "questions:answer" in words_in(desk.about(KIM, "Who are they?"))


async def test_with_nobody_at_all_it_is_kept_until_there_is_somebody(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(delete(Role))
    answer = await desk.ask(AMARA, "Who are they?", customer="cust2")
    assert "is kept" in words_in({"text": "", "blocks": answer["view"]})
    await desk.give("cust2", SAM)
    await reassign(desk)
    await desk.rounds()
    assert "Who are they?" in desk.shown(SAM)


@pytest.mark.parametrize("gone", ["deactivated", "changed"])
async def test_open_questions_move_when_the_account_manager_goes(desk: Desk, gone: str) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    if gone == "deactivated":
        await leaves(desk, SAM)
    else:
        await desk.give("cust1", TOM)
    await reassign(desk)
    await reassign(desk)
    await desk.rounds(6)
    heir = EDITOR if gone == "deactivated" else TOM
    assert len(desk.seen(heir)) == 1
    assert "questions:answer" in desk.shown(heir)
    if gone == "changed":
        assert "Tom Bell has it now." in desk.shown(SAM)
        await desk.write(SAM, "Too late.", thread=desk.about(SAM, "Which board?")["ts"])
        await desk.rounds()
        assert "Too late." not in desk.shown(AMARA)
        assert "somebody else" in desk.shown(SAM)


async def test_a_manager_who_cannot_be_written_to_the_editors_get_it(desk: Desk) -> None:
    desk.slack.before = lambda method, sent: (
        SlackFault("user_disabled", Fault.PERSON) if sent.get("channel") == SAM else None
    )
    await desk.ask(AMARA, "Which board?")
    await desk.rounds(6)
    assert "Which board?" in desk.shown(EDITOR)
    assert desk.seen(AMARA) == []


async def test_the_asker_hears_of_it_only_when_nobody_can_be_written_to(desk: Desk) -> None:
    await no_editor(desk)
    desk.slack.before = lambda method, sent: (
        SlackFault("user_disabled", Fault.PERSON) if sent.get("channel") in {SAM, ADMIN} else None
    )
    await desk.ask(AMARA, "Which board?")
    await desk.rounds(8)
    assert "Nobody can answer" in desk.shown(AMARA)
    assert len(desk.seen(AMARA)) == 1


async def test_a_question_waits_for_quiet_hours_and_the_answer_does_not(desk: Desk) -> None:
    desk.clock.set(datetime(2026, 11, 24, 23, 0, tzinfo=UTC))
    await desk.ask(AMARA, "Which board?")
    (owed,) = await desk.deliveries("questions.to_manager")
    assert owed.due_at == datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    question = (await desk.questions())[0].id
    await desk.press(SAM, "questions:answer", question)
    await desk.submit(SAM, "The PB-7.", view_id="VANS")
    (back,) = await desk.deliveries("questions.answer")
    assert back.due_at == desk.clock.now()


async def test_at_send_quiet_hours_are_looked_at_again(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    async with desk.sessions.begin() as session:
        now = (await db_now(session)).time()
        quiet = {"quiet_from": (now.replace(hour=(now.hour - 1) % 24)), "quiet_until": now.replace(hour=now.hour + 2)}
        await session.execute(update(Member).where(Member.user_id == SAM).values(**quiet))
    await desk.rounds()
    assert desk.seen(SAM) == []


@pytest.mark.parametrize(
    ("user", "state", "may"),
    [
        (SAM, "open", True),
        (EDITOR, "open", False),
        (ADMIN, "open", False),
        (TOM, "open", False),
        (GUEST, "open", False),
        (AMARA, "open", False),
        (SAM, "passed", True),
        (EDITOR, "passed", True),
        (ADMIN, "passed", False),
        (TOM, "passed", False),
        (GUEST, "passed", False),
        (EDITOR, "unreachable", True),
        (ADMIN, "unreachable", False),
        (SAM, "unreachable", False),
    ],
)
async def test_who_may_answer(desk: Desk, user: str, state: str, may: bool) -> None:
    """As the table of rights says, by payload alone: at the press and at the submit."""
    await desk.ask(AMARA, "Which board?")
    question = (await desk.questions())[0].id
    await desk.press(SAM, "questions:answer", question)
    view = desk.last_view()
    if state == "passed":
        await desk.press(SAM, "questions:pass_on", question)
    elif state == "unreachable":
        await leaves(desk, SAM)
    shown = len(desk.gateway.views)
    await desk.press(user, "questions:answer", question)
    assert (len(desk.gateway.views) > shown) is may
    await desk.submit(user, "The PB-7.", view=view, view_id="VTRY")
    assert ([answer.author for answer in await desk.answers()] == [user]) is may
    if not may:
        async with desk.sessions.begin() as session:
            entries = list(await session.scalars(select(AuditEntry).where(AuditEntry.actor == user)))
        assert len(entries) == 2
