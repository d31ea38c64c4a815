"""The first visit: days go back and forth until both agree, or it is declined kindly."""

from typing import Any

import pytest

from bot.features.adoptions import visits
from bot.features.customers.seams import Moved
from bot.registry.seams import manager_changed
from tests.features.adoptions.conftest import Desk, words_in
from tests.features.questions.people import AMARA, KIM, SAM, TOM, WS

PROPOSE, OTHER, DECLINE = "adoptions:visit", "adoptions:visit_other", "adoptions:visit_decline"


def days(*given: str, note: str = "") -> dict[str, Any]:
    picked = {f"date{number}": {"selected_date": day} for number, day in enumerate(given)}
    return picked | ({"text": note} if note else {})


async def proposed(desk: Desk, *given: str, note: str = "") -> dict[str, Any]:
    await desk.adopt(AMARA)
    await desk.rounds()
    await desk.press(AMARA, PROPOSE, desk.button(AMARA, PROPOSE))
    answer = await desk.submit(AMARA, days(*(given or ("2026-12-01", "2026-12-03")), note=note))
    await desk.rounds()
    return answer


def newest(desk: Desk, user: str) -> str:
    return words_in(desk.seen(user)[-1])


async def test_the_account_manager_agrees_on_one_of_the_days(desk: Desk) -> None:
    answer = await proposed(desk, note="Mornings are best.")
    assert "on their way" in str(answer)
    asked = newest(desk, SAM)
    assert "Amara Okoro" in asked
    assert "Mornings are best." in asked
    assert "December 3, 2026" in asked
    assert "You have proposed a first visit" in desk.shown(AMARA)
    await desk.press(SAM, "adoptions:visit_accept_1", desk.button(SAM, "adoptions:visit_accept_1"))
    assert "Agreed" in desk.told()
    await desk.rounds()
    intro = desk.seen(AMARA)[0]
    assert "First visit: Thursday, December 3, 2026" in words_in(intro)
    assert "It is agreed" in newest(desk, AMARA)
    assert desk.seen(AMARA)[-1]["thread_ts"] == intro["ts"]
    assert "Thursday, December 3, 2026" in newest(desk, SAM)
    assert "visit_accept" not in newest(desk, SAM)


async def test_another_day_goes_back_and_forth(desk: Desk) -> None:
    await proposed(desk)
    await desk.press(SAM, OTHER, desk.button(SAM, OTHER))
    assert str(desk.last_view()).count("datepicker") == 1
    await desk.submit(SAM, days("2026-12-08", note="I am away before."))
    await desk.rounds()
    assert "proposes another day" in newest(desk, AMARA)
    assert "I am away before." in newest(desk, AMARA)
    assert "other days were proposed since" in newest(desk, SAM)
    await desk.press(AMARA, OTHER, desk.button(AMARA, OTHER))
    assert str(desk.last_view()).count("datepicker") == 3
    await desk.submit(AMARA, days("2026-12-09", "2026-12-10"))
    await desk.rounds()
    assert "December 10, 2026" in newest(desk, SAM)
    await desk.press(SAM, "adoptions:visit_accept_0", desk.button(SAM, "adoptions:visit_accept_0"))
    await desk.rounds()
    assert "Wednesday, December 9, 2026" in newest(desk, AMARA)


async def test_the_adopter_agrees_and_the_account_manager_hears_of_it(desk: Desk) -> None:
    await proposed(desk)
    await desk.press(SAM, OTHER, desk.button(SAM, OTHER))
    await desk.submit(SAM, days("2026-12-08"))
    await desk.rounds()
    await desk.press(AMARA, "adoptions:visit_accept_0", desk.button(AMARA, "adoptions:visit_accept_0"))
    await desk.rounds()
    assert "It is agreed" in newest(desk, SAM)
    assert "Tuesday, December 8, 2026" in newest(desk, SAM)


async def test_declined_kindly_and_other_days_can_be_proposed(desk: Desk) -> None:
    await proposed(desk)
    await desk.press(SAM, DECLINE, desk.button(SAM, DECLINE))
    await desk.submit(SAM, {"text": "The plant is closed until spring."})
    await desk.rounds()
    assert "does not work out for now" in newest(desk, AMARA)
    assert "closed until spring" in newest(desk, AMARA)
    await desk.press(AMARA, PROPOSE, desk.button(AMARA, PROPOSE))
    await desk.submit(AMARA, days("2027-04-01"))
    await desk.rounds()
    assert "April 1, 2027" in newest(desk, SAM)


@pytest.mark.parametrize(
    ("given", "says"),
    [((), "at least one day"), (("2026-11-24",), "from tomorrow"), (("2026-12-01", "2028-01-01"), "within a year")],
)
async def test_days_that_cannot_be_are_said_at_the_field_and_can_be_mended(
    desk: Desk, given: tuple[str, ...], says: str
) -> None:
    await desk.adopt(AMARA)
    await desk.rounds()
    await desk.press(AMARA, PROPOSE, desk.button(AMARA, PROPOSE))
    answer = await desk.submit(AMARA, days(*given), view_id="VSAME")
    assert says in answer["errors"]["date0"]
    mended = await desk.submit(AMARA, days("2026-12-01"), view_id="VSAME")
    assert mended["response_action"] == "update"


@pytest.mark.parametrize("text", ["a\x00b", "x" * 501])
async def test_words_that_cannot_be_sent_are_said_at_the_field(desk: Desk, text: str) -> None:
    answer = await proposed(desk, note=text)
    assert "can be sent" in answer["errors"]["text"]


@pytest.mark.row("D10")
async def test_submitted_twice_has_one_effect_and_one_answer(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.rounds()
    await desk.press(AMARA, PROPOSE, desk.button(AMARA, PROPOSE))
    first = await desk.submit(AMARA, days("2026-12-01"), view_id="VSAME")
    assert await desk.submit(AMARA, days("2026-12-01"), view_id="VSAME") == first
    await desk.rounds()
    await desk.press(SAM, OTHER, desk.button(SAM, OTHER))
    view = desk.last_view()
    first = await desk.submit(SAM, days("2026-12-08"), view=view, view_id="VOTHER")
    assert await desk.submit(SAM, days("2026-12-08"), view=view, view_id="VOTHER") == first
    await desk.rounds()
    assert desk.shown(AMARA).count("proposes another day for your first visit to *Orion*.") == 1


async def test_pressed_on_an_older_message_it_is_overtaken(desk: Desk) -> None:
    await proposed(desk)
    old = desk.button(SAM, "adoptions:visit_accept_0")
    await desk.press(SAM, OTHER, desk.button(SAM, OTHER))
    await desk.submit(SAM, days("2026-12-08"))
    await desk.press(SAM, "adoptions:visit_accept_0", old)
    assert "other days were proposed since" in desk.told()


@pytest.mark.parametrize("user", [TOM, KIM])
async def test_others_have_no_say(desk: Desk, user: str) -> None:
    await proposed(desk)
    for action in ("adoptions:visit_accept_0", OTHER, DECLINE):
        await desk.press(user, action, desk.button(SAM, action))
        assert "not there any more" in desk.told()
    await desk.press(user, PROPOSE, (await desk.adoptions())[0].id)
    assert "not there any more" in desk.told()
    assert [one for one in await desk.audited() if one[0] == user] == [(user, "refused", "visit")] * 4


async def test_without_anybody_to_ask_there_is_no_button_and_an_old_one_says_so(desk: Desk) -> None:
    await desk.adopt(AMARA, "cust2")
    await desk.rounds()
    assert PROPOSE not in desk.shown(AMARA)
    await desk.press(AMARA, PROPOSE, (await desk.adoptions())[0].id)
    assert "Nobody who looks after this customer" in desk.told()


async def test_the_deputy_answers_too(desk: Desk) -> None:
    await desk.customer("cust1", deputy=TOM)
    await proposed(desk)
    await desk.press(TOM, "adoptions:visit_accept_0", desk.button(SAM, "adoptions:visit_accept_0"))
    await desk.rounds()
    assert "*Tom Bell*" in newest(desk, AMARA)


async def changed(desk: Desk, manager: str) -> None:
    await desk.customer("cust1", account_manager=manager)
    async with desk.sessions.begin() as session:
        now = desk.clock.now()
        await visits.manager_changed(session, WS, [Moved(customer_id="cust1", before=SAM, after=manager)], now=now)
    await desk.rounds()


async def test_a_new_account_manager_is_asked_for_what_waited_for_the_one_before(desk: Desk) -> None:
    await proposed(desk)
    await changed(desk, TOM)
    assert "would like to come along" in newest(desk, TOM)
    await desk.press(SAM, "adoptions:visit_accept_0", desk.button(SAM, "adoptions:visit_accept_0"))
    assert "not there any more" in desk.told()
    await desk.press(TOM, "adoptions:visit_accept_0", desk.button(TOM, "adoptions:visit_accept_0"))
    await desk.rounds()
    assert "with *Tom Bell*" in newest(desk, AMARA)
    assert manager_changed().count(visits.manager_changed) == 1


async def test_what_the_adopter_then_agrees_on_the_new_one_is_told(desk: Desk) -> None:
    await proposed(desk)
    await desk.press(SAM, OTHER, desk.button(SAM, OTHER))
    await desk.submit(SAM, days("2026-12-08"))
    await desk.rounds()
    await changed(desk, TOM)
    before = len(desk.seen(SAM))
    await desk.press(AMARA, "adoptions:visit_accept_0", desk.button(AMARA, "adoptions:visit_accept_0"))
    await desk.rounds()
    assert "It is agreed" in newest(desk, TOM)
    assert len(desk.seen(SAM)) == before


async def test_with_the_adoption_the_dates_are_over(desk: Desk) -> None:
    await proposed(desk)
    (adoption,) = await desk.adoptions()
    await desk.press(AMARA, "adoptions:mine", option=f"stop:{adoption.id}", on_home=True)
    await desk.rounds()
    assert "nothing to answer any more" in newest(desk, SAM)


async def test_whoever_does_not_look_after_the_customer_any_more_is_not_asked(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.rounds()
    await desk.press(AMARA, PROPOSE, desk.button(AMARA, PROPOSE))
    before = len(desk.seen(SAM))
    await desk.submit(AMARA, days("2026-12-01"))
    await desk.customer("cust1", account_manager=TOM)
    await desk.rounds()
    assert len(desk.seen(SAM)) == before
