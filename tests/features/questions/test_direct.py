"""Direct messages: outside any thread, edited, deleted, sent to us twice."""

from typing import Any

import pytest
from sqlalchemy import update

from bot.db.tables.members import Member
from tests.features.questions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, EDITOR, GUEST, SAM, TOM


def chosen(customer: str) -> dict[str, Any]:
    option = {"value": customer, "text": {"type": "plain_text", "text": "x"}}
    return {"questions:which": {"questions:which": {"type": "external_select", "selected_option": option}}}


def kept_id(message: dict[str, Any]) -> str:
    (row,) = [block for block in message["blocks"] if block["type"] == "actions"]
    return str(row["elements"][1]["value"])


async def by_message(desk: Desk, text: str = "Which board?") -> tuple[str, str]:
    """Asked by a direct message about Orion; the message's ts and the kept text's id."""
    ts = await desk.write(AMARA, text)
    await desk.rounds()
    kept = kept_id(desk.about(AMARA, "Which customer is this about?"))
    await desk.press(AMARA, "questions:chosen", kept, state=chosen("cust1"))
    await desk.rounds()
    return ts, kept


async def test_a_text_outside_any_thread_is_kept_until_the_customer_is_chosen(desk: Desk) -> None:
    await desk.write(AMARA, "Which board?")
    await desk.rounds()
    which = desk.about(AMARA, "Which customer is this about?")
    assert "Which board?" in words_in(which)
    await desk.press(AMARA, "questions:chosen", kept_id(which), state={})
    assert "choose a customer" in desk.told()
    await desk.press(AMARA, "questions:chosen", kept_id(which), state=chosen("cust1"), at="4.4")
    assert "Sam Reyes" in desk.told()
    await desk.press(AMARA, "questions:chosen", kept_id(which), state=chosen("cust1"), at="4.4")
    assert "Sam Reyes" in desk.told()
    await desk.press(AMARA, "questions:chosen", kept_id(which), state=chosen("cust2"), at="5.5")
    await desk.rounds()
    assert "Which board?" in words_in(desk.about(SAM, "asks about"))
    assert "You asked about *Orion*." in desk.shown(AMARA)
    assert len(await desk.questions()) == 1


async def test_nobody_chooses_for_somebody_else(desk: Desk) -> None:
    await desk.write(AMARA, "Which board?")
    await desk.rounds()
    kept = kept_id(desk.about(AMARA, "Which customer is this about?"))
    await desk.press(TOM, "questions:chosen", kept, state=chosen("cust1"))
    assert "not there any more" in desk.told()
    assert await desk.questions() == []


async def test_who_may_not_ask_about_the_chosen_one_may_choose_another(desk: Desk) -> None:
    await desk.write(SAM, "Which board?")
    await desk.rounds()
    kept = kept_id(desk.about(SAM, "Which customer is this about?"))
    await desk.press(SAM, "questions:chosen", kept, state=chosen("cust1"))
    assert "yourself" in desk.told()
    await desk.press(SAM, "questions:chosen", kept, state=chosen("cust2"))
    assert "editors" in desk.told()


@pytest.mark.parametrize("changes", [{}, {"user_team": "T0OTHER"}])
async def test_guests_and_people_of_other_companies_are_told_kindly(desk: Desk, changes: dict[str, Any]) -> None:
    user = AMARA if changes else GUEST
    await desk.write(user, "Which board?", **changes)
    await desk.rounds()
    (told,) = desk.seen(user)
    assert "members of this company" in words_in(told)
    assert "questions:which" not in words_in(told)


async def test_the_same_event_and_a_second_event_about_it_have_one_effect(desk: Desk) -> None:
    ts = await desk.write(AMARA, "Which board?", event_id="EvA")
    await desk.write(AMARA, "Which board?", ts=ts, event_id="EvA")
    await desk.write(AMARA, "Which board?", ts=ts, event_id="EvB")
    await desk.rounds()
    assert len(desk.seen(AMARA)) == 1
    await desk.ask(TOM, "And how many?")
    await desk.rounds()
    thread = desk.about(SAM, "And how many?")["ts"]
    ts = await desk.write(SAM, "Two.", thread=thread, event_id="EvC")
    await desk.write(SAM, "Two.", ts=ts, thread=thread, event_id="EvC")
    await desk.write(SAM, "Two.", ts=ts, thread=thread, event_id="EvD")
    await desk.rounds()
    assert len(desk.seen(TOM)) == 1
    assert len(await desk.answers()) == 1


async def test_an_edited_answer_is_edited_and_a_deleted_one_is_gone(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    thread = desk.about(SAM, "Which board?")["ts"]
    first = await desk.write(SAM, "The PB-6.", thread=thread)
    second = await desk.write(SAM, "Two of them.", thread=thread)
    await desk.rounds()
    await desk.edit(SAM, first, "The PB-7.", thread=thread)
    await desk.delete(SAM, second, thread=thread)
    await desk.rounds()
    assert "The PB-7." in desk.shown(AMARA)
    assert "PB-6" not in desk.shown(AMARA)
    assert len(desk.seen(AMARA)) == 1
    await desk.delete(SAM, first, thread=thread)
    await desk.rounds()
    (left,) = desk.seen(AMARA)
    assert "took the answer back" in words_in(left)
    assert "PB-7" not in words_in(left)
    assert [question.state for question in await desk.questions()] == ["open"]
    assert "questions:answer" in words_in(desk.about(SAM, "Which board?"))


async def test_an_answer_deleted_before_it_went_out_never_does(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    thread = desk.about(SAM, "Which board?")["ts"]
    ts = await desk.write(SAM, "Oops.", thread=thread)
    await desk.delete(SAM, ts, thread=thread)
    await desk.rounds()
    assert desk.seen(AMARA) == []
    await desk.write(SAM, "The PB-7.", thread=thread)
    await desk.rounds()
    assert "Which board?" in words_in(desk.about(AMARA, "The PB-7."))


async def test_a_follow_up_is_edited_and_deleted_too(desk: Desk) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    await desk.write(SAM, "The PB-7.", thread=desk.about(SAM, "Which board?")["ts"])
    await desk.rounds()
    thread = desk.about(AMARA, "The PB-7.")["ts"]
    ts = await desk.write(AMARA, "How mny?", thread=thread)
    await desk.rounds()
    await desk.edit(AMARA, ts, "How many?", thread=thread)
    await desk.rounds()
    assert desk.about(SAM, "How many?")
    await desk.delete(AMARA, ts, thread=thread)
    await desk.rounds()
    assert "How many?" not in desk.shown(SAM)


async def test_the_askers_own_message_edited_or_deleted_changes_the_question(desk: Desk) -> None:
    ts, _ = await by_message(desk)
    await desk.edit(AMARA, ts, "Which boards?")
    await desk.rounds()
    assert "Which boards?" in desk.shown(SAM)
    await desk.delete(AMARA, ts)
    await desk.rounds()
    assert "took this question back" in desk.shown(SAM)
    assert "Which boards?" not in desk.shown(SAM)
    assert [question.state for question in await desk.questions()] == ["closed"]
    await desk.write(SAM, "The PB-7.", thread=desk.about(SAM, "took this question back")["ts"])
    await desk.rounds()
    assert "PB-7" not in desk.shown(AMARA)


async def test_edited_or_deleted_before_a_customer_is_chosen(desk: Desk) -> None:
    ts = await desk.write(AMARA, "Which bord?")
    await desk.rounds()
    await desk.edit(AMARA, ts, "Which board?")
    await desk.rounds()
    which = desk.about(AMARA, "Which board?")
    await desk.delete(AMARA, ts)
    await desk.rounds()
    assert desk.seen(AMARA) == []
    await desk.press(AMARA, "questions:chosen", kept_id(which), state=chosen("cust1"))
    assert await desk.questions() == []


async def test_a_reply_below_ones_own_question_goes_to_whoever_has_it(desk: Desk) -> None:
    ts, _ = await by_message(desk)
    await desk.write(AMARA, "The big one, I mean.", thread=ts)
    await desk.rounds()
    further = desk.about(SAM, "The big one, I mean.")
    assert further["thread_ts"] == desk.about(SAM, "Which board?")["ts"]


async def test_follow_ups_reach_an_editor_who_answered(desk: Desk) -> None:
    await desk.ask(AMARA, "Who are they?", customer="cust2")
    await desk.rounds()
    await desk.write(EDITOR, "Pumps.", thread=desk.about(EDITOR, "Who are they?")["ts"])
    await desk.rounds()
    await desk.write(AMARA, "What kind?", thread=desk.about(AMARA, "Pumps.")["ts"])
    await desk.rounds()
    assert desk.about(EDITOR, "What kind?")["thread_ts"]


@pytest.mark.parametrize("changed", ["deactivated", "guest", "another manager"])
async def test_a_follow_up_is_not_sent_to_who_may_not_read_it_any_more(desk: Desk, changed: str) -> None:
    await desk.ask(AMARA, "Which board?")
    await desk.rounds()
    await desk.write(SAM, "The PB-7.", thread=desk.about(SAM, "Which board?")["ts"])
    await desk.rounds()
    await desk.write(AMARA, "How many?", thread=desk.about(AMARA, "The PB-7.")["ts"])
    if changed == "another manager":
        await desk.give("cust1", TOM)
    else:
        async with desk.sessions.begin() as session:
            await session.execute(update(Member).where(Member.user_id == SAM).values(kind=changed))
    await desk.rounds()
    assert "How many?" not in desk.shown(SAM)
    assert [row.error for row in await desk.deliveries("questions.follow_up")] == ["may_not_read"]


async def test_the_bots_own_messages_and_those_of_channels_are_not_taken_for_questions(desk: Desk) -> None:
    await desk.write("U0CANTEEN", "hello", bot_id="B0CANTEEN")
    await desk.write(AMARA, "hello", subtype="channel_join")
    event = {
        "type": "message",
        "user": AMARA,
        "text": "hi",
        "ts": "1.1",
        "channel": "C0LINE2",
        "channel_type": "channel",
    }
    assert (await desk.app.event(event, event_id="EvX")).status == 200
    await desk.rounds()
    assert desk.slack.messages == []


async def test_links_and_people_in_a_message_become_plain_words(desk: Desk) -> None:
    await by_message(desk, "Ask <@U0SAM> about <https://orion.example|their site> &amp; <#C1|line-2>")
    shown = words_in(desk.about(SAM, "asks about"))
    assert "Ask @Sam Reyes about their site (https://orion.example) & #line-2" in shown


async def test_the_askers_own_message_keeps_the_limit_when_it_is_edited_or_continued(desk: Desk) -> None:
    ts, _ = await by_message(desk)
    await desk.edit(AMARA, ts, "w" * 3001)
    await desk.write(AMARA, "v" * 3002, thread=ts)
    await desk.rounds()
    assert "www" not in desk.shown(SAM)
    assert "vvv" not in desk.shown(SAM)
    assert "Which board?" in desk.shown(SAM)
    for count in ("3,001", "3,002"):
        assert count in desk.shown(AMARA)
