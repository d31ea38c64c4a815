"""Stop, pause, swap: each from Home in at most two presses; what happens to the thread is said in it."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from bot.db.tables.members import Member
from bot.features.adoptions import service
from bot.features.members import service as members
from tests.features.adoptions.conftest import Desk, words_in
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, KIM, SAM, TOM, WS


async def adopted(desk: Desk, user: str = AMARA, customer: str = "cust1") -> str:
    await desk.adopt(user, customer)
    await desk.rounds()
    found = [one for one in await desk.adoptions(user) if one.customer_id == customer]
    return found[0].id


async def choose(desk: Desk, user: str, verb: str, adoption: str, action: str = "adoptions:mine") -> None:
    await desk.press(user, action, option=f"{verb}:{adoption}", on_home=True)


async def test_stopping_takes_one_choice_and_is_said_in_the_thread(desk: Desk) -> None:
    adoption = await adopted(desk)
    await choose(desk, AMARA, "stop", adoption)
    assert await desk.adoptions() == []
    await desk.rounds()
    intro, note = desk.seen(AMARA)
    assert "nothing more comes into it" in words_in(intro)
    assert "adoptions:visit" not in words_in(intro)
    assert note["thread_ts"] == intro["ts"]
    assert "You have stopped" in words_in(note)
    assert (AMARA, "adoption.ended.own", "cust1") in await desk.audited()


async def test_who_stopped_may_come_back_by_a_press_of_their_own(desk: Desk) -> None:
    await choose(desk, AMARA, "stop", await adopted(desk))
    await desk.adopt(AMARA)
    assert "yours now" in desk.told()
    await desk.rounds()
    assert len([one for one in desk.seen(AMARA) if "thread_ts" not in one or not one["thread_ts"]]) == 2


async def test_a_pause_and_its_end_are_said_and_obeyed(desk: Desk) -> None:
    adoption = await adopted(desk)
    await choose(desk, AMARA, "pause", adoption)
    await desk.rounds()
    assert "Paused until" in desk.shown(AMARA)
    assert not await receives(desk, adoption)
    await choose(desk, AMARA, "resume", adoption)
    await desk.rounds()
    assert "You are back" in desk.shown(AMARA)
    assert await receives(desk, adoption)


async def test_a_pause_ends_by_itself(desk: Desk) -> None:
    adoption = await adopted(desk)
    await choose(desk, AMARA, "pause", adoption)
    desk.later(timedelta(days=14, seconds=1))
    assert await receives(desk, adoption)


async def receives(desk: Desk, adoption_id: str) -> bool:
    async with desk.sessions.begin() as session:
        adoption = await service.get(session, WS, adoption_id)
        assert adoption is not None
        person = await members.get(session, WS, adoption.user_id)
        return service.may_receive(adoption, person, now=desk.clock.now())


@pytest.mark.parametrize("kind", ["guest", "deactivated"])
async def test_whoever_is_no_member_any_more_receives_nothing(desk: Desk, kind: str) -> None:
    adoption = await adopted(desk)
    await desk.person(AMARA, kind=kind)
    assert not await receives(desk, adoption)


async def test_who_was_not_read_from_slack_yet_counts_as_a_member(desk: Desk) -> None:
    adoption = await adopted(desk)
    async with desk.sessions.begin() as session:
        await session.execute(delete(Member).where(Member.user_id == AMARA))
    assert await receives(desk, adoption)


async def test_an_account_manager_ends_it_kindly_and_it_does_not_begin_again_at_once(desk: Desk) -> None:
    adoption = await adopted(desk)
    await choose(desk, SAM, "end", adoption, "adoptions:theirs")
    await desk.rounds()
    assert "says nothing about you" in desk.shown(AMARA)
    assert (SAM, "adoption.ended.manager", "cust1") in await desk.audited()
    await desk.adopt(AMARA)
    assert "ended a short while ago" in desk.told()
    desk.later(timedelta(days=31))
    await desk.adopt(AMARA)
    assert "yours now" in desk.told()


@pytest.mark.parametrize(("user", "why"), [(ADMIN, "admin"), (AMARA, "own")])
async def test_admins_end_any_and_everybody_their_own(desk: Desk, user: str, why: str) -> None:
    await choose(desk, user, "end", await adopted(desk), "adoptions:theirs")
    (ended,) = await desk.adoptions(ended=True)
    assert ended.ended_why == why


@pytest.mark.parametrize("user", [TOM, EDITOR, GUEST])
@pytest.mark.parametrize("verb", ["stop", "end", "pause", "swap"])
async def test_others_change_nothing_and_are_told(desk: Desk, user: str, verb: str) -> None:
    adoption = await adopted(desk)
    await choose(desk, user, verb, adoption)
    assert len(desk.gateway.views) == 1
    (mine,) = await desk.adoptions()
    assert mine.paused_until is None
    refused = {"pause": "pause_adoption", "swap": "swap"}.get(verb, "end_adoption")
    assert (user, "refused", refused) in await desk.audited()


@pytest.mark.parametrize("value", ["stop:nothing", "fly:away", "stop", ""])
async def test_what_is_not_there_is_said(desk: Desk, value: str) -> None:
    await desk.press(AMARA, "adoptions:mine", option=value or "x", on_home=True)
    assert "not there any more" in str(desk.last_view())


# -- swapping


async def asked(desk: Desk, mine: str, colleague: str = TOM) -> dict[str, object]:
    await choose(desk, AMARA, "swap", mine)
    answer = await desk.submit(AMARA, {"who": {"selected_user": colleague}})
    await desk.rounds()
    return answer


async def test_both_agree_and_both_threads_begin_anew(desk: Desk) -> None:
    mine, theirs = await adopted(desk), await adopted(desk, TOM, "cust2")
    answer = await asked(desk, mine)
    assert "Asked" in str(answer)
    question = desk.about(TOM, "would like to swap")
    assert "Orion" in words_in(question)
    assert "members:stop" in words_in(question)
    await desk.press(TOM, "adoptions:swap_yes_0", desk.button(TOM, "adoptions:swap_yes_0"))
    assert "Swapped" in desk.told()
    held = {one.user_id: (one.customer_id, one.via) for one in await desk.adoptions()}
    assert held == {AMARA: ("cust2", "swap"), TOM: ("cust1", "swap")}
    assert {one.id for one in await desk.adoptions(ended=True) if one.ended_why == "swapped"} == {mine, theirs}
    await desk.rounds()
    assert "Halden is your customer now" in desk.shown(AMARA)
    assert "You have swapped Orion" in desk.shown(AMARA)
    assert "Orion is your customer now" in desk.shown(TOM)
    assert "would like to swap" not in desk.shown(TOM)


async def test_declined_everything_stays_and_the_asker_hears_no_reason(desk: Desk) -> None:
    mine = await adopted(desk)
    await adopted(desk, TOM, "cust2")
    await asked(desk, mine)
    await desk.press(TOM, "adoptions:swap_no", desk.button(TOM, "adoptions:swap_no"))
    await desk.rounds()
    assert "would rather not swap this time" in desk.shown(AMARA)
    assert {one.user_id: one.customer_id for one in await desk.adoptions()} == {AMARA: "cust1", TOM: "cust2"}


@pytest.mark.parametrize(
    ("colleague", "says"), [(AMARA, "choose a colleague"), (KIM, "nothing you two could swap"), ("U0NOONE", "nothing")]
)
async def test_who_has_nothing_to_swap_is_not_bothered(desk: Desk, colleague: str, says: str) -> None:
    mine = await adopted(desk)
    answer = await asked(desk, mine, colleague)
    assert says in str(answer["errors"])
    assert desk.seen(KIM) == []


async def test_an_account_manager_is_not_offered_their_own_customer(desk: Desk) -> None:
    mine = await adopted(desk)
    await adopted(desk, SAM, "cust2")
    answer = await asked(desk, mine, SAM)
    assert "nothing you two could swap" in str(answer["errors"])


async def test_what_its_account_manager_ended_does_not_come_back_by_a_swap(desk: Desk) -> None:
    ended = await adopted(desk, TOM, "cust1")
    await desk.press(SAM, "adoptions:theirs", option=f"end:{ended}", on_home=True)
    mine = await adopted(desk)
    await adopted(desk, TOM, "cust2")
    answer = await asked(desk, mine)
    assert "nothing you two could swap" in str(answer)
    desk.later(timedelta(days=31))
    assert "Asked" in str(await asked(desk, mine))


async def test_a_swap_is_over_when_one_of_the_two_has_stopped(desk: Desk) -> None:
    mine = await adopted(desk)
    theirs = await adopted(desk, TOM, "cust2")
    await asked(desk, mine)
    yes = desk.button(TOM, "adoptions:swap_yes_0")
    await choose(desk, TOM, "stop", theirs)
    await desk.press(TOM, "adoptions:swap_yes_0", yes)
    assert "is over" in desk.told()
    await choose(desk, AMARA, "stop", mine)
    await desk.rounds()
    assert "nothing to answer any more" in desk.shown(TOM)
    assert await desk.adoptions() == []


async def test_asked_twice_is_once(desk: Desk) -> None:
    mine = await adopted(desk)
    await adopted(desk, TOM, "cust2")
    await asked(desk, mine)
    await asked(desk, mine)
    assert len([one for one in desk.seen(TOM) if "would like to swap" in words_in(one)]) == 1


async def test_only_who_was_asked_can_answer(desk: Desk) -> None:
    mine = await adopted(desk)
    theirs = await adopted(desk, TOM, "cust2")
    await asked(desk, mine)
    swap = desk.button(TOM, "adoptions:swap_no")
    for user, action, value in ((KIM, "adoptions:swap_no", swap), (AMARA, "adoptions:swap_yes_0", f"{swap}:{theirs}")):
        await desk.press(user, action, value)
        assert "not there any more" in desk.told()
        assert (user, "refused", "swap") in await desk.audited()
    assert {one.user_id: one.customer_id for one in await desk.adoptions()} == {AMARA: "cust1", TOM: "cust2"}
