"""Adopting a customer: from a button, by the command, from the window; who may not, and what everybody is told."""

import pytest
from sqlalchemy import update

from bot.db.tables.members import Member
from bot.features.adoptions import blocks
from tests.features.adoptions.conftest import Desk, words_in
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, KIM, SAM, TOM


async def test_a_press_gives_the_customer_and_its_thread_opens_at_once(desk: Desk) -> None:
    await desk.adopt(AMARA)
    assert "Orion is yours now" in desk.told()
    (adoption,) = await desk.adoptions()
    assert (adoption.user_id, adoption.customer_id, adoption.via) == (AMARA, "cust1", "press")
    await desk.rounds(wait=False)
    (intro,) = desk.seen(AMARA)
    shown = words_in(intro)
    assert "Orion is your customer now" in shown
    assert "Sam Reyes" in shown
    assert "PB-7 power board" in shown
    asked = next(block["text"]["text"] for block in intro["blocks"] if "worth asking" in str(block))
    assert asked.count("•") == 3
    assert desk.button(AMARA, "adoptions:visit") == adoption.id
    assert desk.button(AMARA, "questions:ask") == "cust1:"
    assert "members:stop" not in shown  # it was asked for


async def test_the_account_manager_gets_one_message_a_day_that_lists_all_new_adopters(desk: Desk) -> None:
    for user in (AMARA, TOM):
        await desk.adopt(user)
    await desk.rounds()
    (listed,) = desk.seen(SAM)
    assert "2 new adopters" in words_in(listed)
    await desk.adopt(KIM)
    await desk.rounds()
    (listed,) = desk.seen(SAM)
    shown = words_in(listed)
    assert "3 new adopters" in shown
    assert all(name in shown for name in ("Amara Okoro", "Tom Bell", "Kim Duarte"))


async def test_where_there_are_more_than_fit_those_without_a_hello_stand_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "LISTED", 1)
    for user in (AMARA, TOM):
        await desk.adopt(user)
    await desk.rounds()
    assert "Amara Okoro" in desk.shown(SAM)
    await desk.press(SAM, blocks.HELLO, desk.button(SAM, blocks.HELLO))
    await desk.submit(SAM, {"text": "Welcome!"})
    await desk.rounds()
    assert desk.button(SAM, blocks.HELLO) == (await desk.adoptions(TOM))[0].id


async def test_outside_waking_hours_the_account_manager_is_left_alone(desk: Desk) -> None:
    await desk.person(SAM, zone="Pacific/Auckland")
    await desk.adopt(AMARA)
    await desk.rounds(wait=False)
    assert desk.seen(SAM) == []


@pytest.mark.parametrize(
    ("user", "customer", "team", "told"),
    [
        (GUEST, "cust1", "T0NORTH", "members of this company"),
        (AMARA, "cust1", "T0OTHER", "members of this company"),
        (SAM, "cust1", "T0NORTH", "look after Orion yourself"),
        (AMARA, "cust3", "T0NORTH", "cannot be adopted"),
        (AMARA, "nowhere", "T0NORTH", "cannot find that customer"),
        (AMARA, "cust1' OR 1", "T0NORTH", "cannot find that customer"),
        (AMARA, "", "T0NORTH", "cannot find that customer"),
    ],
)
async def test_who_may_not_is_told_why_and_gets_nothing(
    desk: Desk, user: str, customer: str, team: str, told: str
) -> None:
    await desk.press(user, "adoptions:adopt", customer, team=team)
    assert told in desk.told()
    assert await desk.adoptions() == []
    if "members" in told:
        assert "Orion" not in desk.told()


async def test_a_guests_try_is_audited(desk: Desk) -> None:
    await desk.adopt(GUEST)
    assert (GUEST, "refused", "adopt") in await desk.audited()


async def test_the_deputy_cannot_adopt_either(desk: Desk) -> None:
    await desk.customer("cust1", deputy=TOM)
    await desk.adopt(TOM)
    assert "look after Orion yourself" in desk.told()


async def test_twice_is_once(desk: Desk) -> None:
    await desk.press(AMARA, "adoptions:adopt", "cust1", at="9.1")
    await desk.press(AMARA, "adoptions:adopt", "cust1", at="9.1")
    assert "yours now" in desk.told()
    await desk.press(AMARA, "adoptions:adopt", "cust1", at="9.2")
    assert "yours already" in desk.told()
    assert len(await desk.adoptions()) == 1
    await desk.rounds()
    assert len(desk.seen(AMARA)) == 1


async def test_no_customer_gets_more_adopters_than_its_limit(desk: Desk) -> None:
    await desk.customer("cust1", max_adopters=1)
    await desk.adopt(AMARA)
    await desk.adopt(TOM)
    assert "as many adopters as it can take" in desk.told()
    assert [one.user_id for one in await desk.adoptions()] == [AMARA]


async def test_what_is_not_to_be_adopted_any_more_stays_with_whoever_has_it(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.customer("cust1", adoptable=False)
    await desk.adopt(TOM)
    assert "cannot be adopted" in desk.told()
    assert [one.user_id for one in await desk.adoptions()] == [AMARA]


async def test_one_person_has_as_many_customers_as_they_can_follow(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.features.adoptions.rules.MOST_OF_ONE", 1)
    await desk.adopt(AMARA, "cust1")
    await desk.adopt(AMARA, "cust2")
    assert "as many customers as one person can follow" in desk.told()


async def test_by_command_with_a_name_or_its_beginning(desk: Desk) -> None:
    await desk.command(AMARA, "/customer adopt ori")
    assert "Orion is yours now" in desk.told()
    (adoption,) = await desk.adoptions()
    assert adoption.via == "command"


@pytest.mark.row("D10")
async def test_the_same_command_twice_has_one_effect_and_one_answer(desk: Desk) -> None:
    await desk.command(AMARA, "/customer adopt Orion", trigger="1.7")
    await desk.command(AMARA, "/customer adopt Orion", trigger="1.7")
    assert desk.gateway.responses[-1][1] == desk.gateway.responses[-2][1]
    assert len(await desk.adoptions()) == 1


async def test_several_that_fit_are_shown_each_with_its_button(desk: Desk) -> None:
    await desk.command(AMARA, "/customer adopt or")  # Orion; Omorido has it inside
    await desk.command(TOM, "/customer adopt o")
    shown = str(desk.gateway.responses[-1][1].blocks)
    assert "Orion" in shown
    assert "Omorido" in shown
    assert shown.count("adoptions:adopt") == 2


async def test_a_name_nobody_has_is_said(desk: Desk) -> None:
    await desk.command(AMARA, "/customer adopt Orin")
    assert "know no customer" in desk.told()
    assert await desk.adoptions() == []


async def test_bare_it_opens_a_window_in_which_only_adoptable_customers_are_found(desk: Desk) -> None:
    await desk.command(AMARA, "/customer adopt")
    view = desk.last_view()
    assert view["callback_id"] == "adoptions:picked"
    found = await desk.app.send(_search(AMARA, "adoptions:which", "o"))
    assert "Orion" in found.body
    assert "Omorido" in found.body
    assert "Kestrelane" not in found.body  # confidential, and without an o at that
    answer = await desk.submit(AMARA, {"adoptions:which": {"selected_option": {"value": "cust2"}}})
    assert "Halden" in words_in({"text": "", "blocks": answer["view"]})
    assert [one.customer_id for one in await desk.adoptions()] == ["cust2"]
    again = await desk.app.send(_search(AMARA, "adoptions:which", ""))
    assert "Halden" not in again.body


async def test_guests_search_in_vain(desk: Desk) -> None:
    found = await desk.app.send(_search(GUEST, "adoptions:which", ""))
    assert "Orion" not in found.body


def _search(user: str, action: str, typed: str) -> dict[str, object]:
    return {
        "type": "block_suggestion",
        "action_id": action,
        "block_id": action,
        "value": typed,
        "team": {"id": "T0NORTH"},
        "user": {"id": user, "team_id": "T0NORTH"},
        "view": {"id": "V1", "private_metadata": ""},
    }


async def test_somebody_who_became_a_guest_before_the_introduction_went_gets_none(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.person(AMARA, kind="guest")
    await desk.rounds()
    assert desk.seen(AMARA) == []


@pytest.mark.parametrize("kind", ["deactivated", "guest"])
async def test_whoever_left_has_no_customer_at_the_next_look_and_hears_nothing(desk: Desk, kind: str) -> None:
    await desk.adopt(AMARA)
    await desk.rounds()
    await desk.person(AMARA, kind=kind)
    await desk.look_who_left()
    (ended,) = await desk.adoptions(AMARA, ended=True)
    assert ended.ended_why == "left"
    await desk.rounds()
    assert len(desk.seen(AMARA)) == 1
    assert ("canteen", "adoption.ended.left", "cust1") in await desk.audited()


async def test_names_are_escaped_wherever_they_stand(desk: Desk) -> None:
    await desk.customer("cust1", name="<!here> *O*", name_key="<!here> *o*")
    async with desk.sessions.begin() as session:
        await session.execute(update(Member).values(name="<!channel> A"))
    await desk.adopt(AMARA)
    await desk.rounds()
    for place in (AMARA, SAM):
        for message in desk.seen(place):
            assert "<!here>" not in message["text"]
            parts = [block["text"] for block in message["blocks"] if isinstance(block.get("text"), dict)]
            assert not any("<!" in part["text"].replace("<!date", "") for part in parts if part["type"] == "mrkdwn")
    assert "<!here>" not in desk.told()


@pytest.mark.parametrize("user", [ADMIN, EDITOR, KIM])
async def test_every_member_may(desk: Desk, user: str) -> None:
    await desk.adopt(user)
    assert [one.user_id for one in await desk.adoptions()] == [user]
