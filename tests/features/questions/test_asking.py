"""The asker's window: what it shows, who may ask, and that a question is asked once."""

import pytest
from sqlalchemy import delete, select, update

from bot.db.tables.channels import WeeklyTotal
from bot.db.tables.members import AuditEntry, Member
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, KIM, SAM, TOM


def text_of(view: dict[str, object]) -> str:
    return words_in({"text": "", "blocks": view})


async def test_the_window_shows_what_was_answered_before_without_saying_who_asked(desk: Desk) -> None:
    for number in range(4):
        await desk.ask(TOM, f"Old question {number}?", view_id=f"VT{number}")
        await desk.rounds()
        asked = desk.about(SAM, f"Old question {number}?")
        await desk.write(SAM, f"Old answer {number}.", thread=asked["ts"])
    await desk.press(AMARA, "questions:ask", "cust1:")
    shown = text_of(desk.last_view())
    assert sum(f"Old answer {number}." in shown for number in range(4)) == 3
    assert "Sam Reyes" in shown
    assert "Tom" not in shown
    assert TOM not in shown


async def test_inside_a_window_it_is_put_on_top(desk: Desk) -> None:
    modal = {"id": "VREAD", "type": "modal", "state": {"values": {}}}
    await desk.press(AMARA, "questions:ask", "cust1:post1", view=modal)
    await desk.press(AMARA, "questions:ask", "cust1:", view={"id": "VHOME", "type": "home"})
    assert [method for _, method, _ in desk.gateway.calls] == ["views.push", "views.open"]


@pytest.mark.row("D10")
async def test_submitted_twice_it_is_asked_once_and_the_same_is_told(desk: Desk) -> None:
    await desk.press(AMARA, "questions:ask", "cust1:post1")
    view = desk.last_view()
    first = await desk.submit(AMARA, "Which board?", view=view, view_id="VSAME")
    second = await desk.submit(AMARA, "Which board?", view=view, view_id="VSAME")
    assert first == second
    await desk.rounds()
    assert len(desk.seen(SAM)) == 1
    assert len(await desk.questions()) == 1
    async with desk.sessions.begin() as session:
        totals = list(await session.scalars(select(WeeklyTotal)))
    assert [(total.channel_id, total.what, total.count) for total in totals] == [("C0LINE2", "question", 1)]


@pytest.mark.row("D10")
async def test_a_refusal_is_told_the_same_twice(desk: Desk) -> None:
    await desk.press(AMARA, "questions:ask", "cust1:")
    view = desk.last_view() | {"private_metadata": "nowhere:"}
    first = await desk.submit(AMARA, "Which board?", view=view, view_id="VSAME")
    assert "not there any more" in text_of(first["view"])
    assert await desk.submit(AMARA, "Which board?", view=view, view_id="VSAME") == first
    assert await desk.questions() == []


@pytest.mark.parametrize(("text", "says"), [("  ", "write something"), ("a" * 3001, "3,000"), ("a\x00b", "characters")])
async def test_what_cannot_be_sent_is_said_at_the_field_and_can_be_mended(desk: Desk, text: str, says: str) -> None:
    await desk.press(AMARA, "questions:ask", "cust1:")
    answer = await desk.submit(AMARA, text, view_id="VSAME")
    assert answer["response_action"] == "errors"
    assert says in answer["errors"]["text"]
    mended = await desk.submit(AMARA, "Which board?", view_id="VSAME")
    assert mended["response_action"] == "update"
    assert len(await desk.questions()) == 1


@pytest.mark.parametrize(
    ("user", "customer", "team", "told"),
    [
        (GUEST, "cust1", "T0NORTH", "members of this company"),
        (AMARA, "cust1", "T0OTHER", "members of this company"),
        (SAM, "cust1", "T0NORTH", "look after this customer yourself"),
        (AMARA, "nowhere", "T0NORTH", "not there any more"),
        (AMARA, "cust1' OR 1", "T0NORTH", "not there any more"),
    ],
)
async def test_who_may_not_ask_is_told_at_the_press_and_at_the_submit(
    desk: Desk, user: str, customer: str, team: str, told: str
) -> None:
    await desk.press(user, "questions:ask", f"{customer}:", team=team)
    assert desk.gateway.views == []
    assert told in desk.told()
    assert "Orion" not in desk.told()
    await desk.press(TOM, "questions:ask", "cust1:")
    view = desk.last_view() | {"private_metadata": f"{customer}:"}
    answer = await desk.submit(user, "Which board?", view=view, team=team)
    assert told in text_of(answer["view"])
    assert await desk.questions() == []


@pytest.mark.parametrize("user", [AMARA, EDITOR, ADMIN, TOM, KIM])
async def test_every_member_may_ask_also_about_a_confidential_customer(desk: Desk, user: str) -> None:
    await desk.ask(user, "What do they make?", customer="cust3")
    assert [question.asker for question in await desk.questions()] == [user]


async def test_somebody_not_read_from_slack_yet_sees_no_confidential_customer(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(delete(Member).where(Member.user_id == TOM))
    await desk.press(TOM, "questions:ask", "cust3:")
    assert desk.gateway.views == []
    assert "Kestrelane" not in desk.told()


async def test_a_guests_try_is_audited(desk: Desk) -> None:
    await desk.press(TOM, "questions:ask", "cust1:")
    await desk.submit(GUEST, "Which board?", view=desk.last_view())
    async with desk.sessions.begin() as session:
        entries = list(await session.scalars(select(AuditEntry)))
    assert [(entry.actor, entry.action, entry.subject) for entry in entries] == [(GUEST, "refused", "ask")]


HOSTILE = "<!channel> <@U0SAM> <!subteam^S1> @here *bold* <https://evil.example|our site> & &lt;!here&gt; \u202ex"


@pytest.mark.row("F1")
async def test_nothing_in_a_question_or_an_answer_comes_alive(desk: Desk) -> None:
    await desk.ask(AMARA, HOSTILE)
    await desk.rounds()
    (asked,) = desk.seen(SAM)
    await desk.write(SAM, HOSTILE, thread=asked["ts"])
    await desk.rounds()
    (back,) = desk.seen(AMARA)
    for message in (asked, back):
        alive = [message["text"]] + [
            part["text"]
            for block in message["blocks"]
            for part in (block.get("text"), *block.get("elements", ()))
            if isinstance(part, dict) and part.get("type") == "mrkdwn"
        ]
        for text in alive:
            for bad in ("<!", "<@", "<http", " @here", "\u202e"):
                assert bad not in text
    assert "<!channel> <@U0SAM>" in words_in(asked)


@pytest.mark.row("F1")
async def test_names_are_escaped(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == AMARA).values(name="<!here> *A*"))
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    (asked,) = desk.seen(SAM)
    assert "<!here>" not in words_in(asked)


@pytest.mark.row("A21")
async def test_three_thousand_characters_that_grow_when_escaped_still_go_out(desk: Desk) -> None:
    await desk.ask(AMARA, "&" * 3000)
    await desk.rounds()
    (asked,) = desk.seen(SAM)
    assert "&" * 2800 in words_in(asked)
