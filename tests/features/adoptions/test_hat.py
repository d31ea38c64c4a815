"""The hat: opened by whoever may, joined or not, drawn once at its time, told to everybody it concerns."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.db.tables.adoptions import Adoption, HatDraw, HatEntry
from bot.db.tables.channels import Channel, ChannelPerson
from bot.db.tables.customers import Customer
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member
from bot.features.adoptions import hats
from bot.features.adoptions.rules import Filters, Hat, HatProblem
from tests.features.adoptions.conftest import Desk, words_in
from tests.features.questions.people import ADMIN, AMARA, EDITOR, GUEST, KIM, NOW, SAM, TOM, WS

CHANNEL = "C0LINE2"
AT = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)  # also in Lisbon, where the channel is
IN, OUT, NAME = "adoptions:hat_in", "adoptions:hat_out", "adoptions:hat_name_yes"


async def opened(desk: Desk, user: str = EDITOR, **chosen: Any) -> str:
    answer = await desk.hat(user, AT, **chosen)
    assert answer["response_action"] == "update", answer
    await desk.rounds(1)
    (hat,) = await desk.hats()
    return hat.id


async def drawn(desk: Desk) -> None:
    desk.later(AT - desk.clock.now() + timedelta(seconds=1))
    await desk.draw()
    await desk.rounds()


async def test_an_editor_opens_one_and_its_channel_sees_what_is_in_it(desk: Desk) -> None:
    await opened(desk)
    (post,) = desk.seen(CHANNEL)
    shown = words_in(post)
    assert "3 customers are in the hat" in shown
    assert "Orion" in shown
    assert "Halden" in shown
    assert "Kestrelane" not in shown  # confidential
    assert "Nobody is in yet" in shown
    assert "*Draw:* <!date^" in shown  # Slack may say "today" there
    (hat,) = await desk.hats()
    assert hat.draw_at == AT
    assert (EDITOR, "hat.opened", hat.id) in await desk.audited()


async def test_the_window_offers_a_day_a_time_and_the_count(desk: Desk) -> None:
    await desk.press(EDITOR, "adoptions:hat_open", on_home=True)
    shown = str(desk.last_view())
    assert "3 customers are in the hat" in shown
    assert "Europe/Lisbon" in shown
    assert "2026-11-26" in shown  # the second working day
    assert "14:00" in shown


async def test_the_count_follows_what_is_chosen(desk: Desk) -> None:
    await desk.customer("cust1", industry="Televisions", country="NL")
    await desk.customer("cust2", country="NL")
    await desk.press(EDITOR, "adoptions:hat_open", on_home=True)
    country, industry = (
        option(desk, "adoptions:hat_country", "NL"),
        option(desk, "adoptions:hat_industry", "Televisions"),
    )
    for block, value, count in (
        ("adoptions:hat_product", "pb7", 1),
        ("adoptions:hat_country", country, 2),
        ("adoptions:hat_country", "any", 3),
        ("adoptions:hat_industry", industry, 1),
    ):
        state = {
            "adoptions:hat_channel": {"adoptions:hat_channel": {"selected_option": {"value": CHANNEL}}},
            block: {block: {"selected_option": {"value": value}}},
        }
        view = {"id": "V1", "hash": "1.a", "type": "modal", "state": {"values": state}}
        await desk.press(EDITOR, block, view=view)
        assert f"{count} customer" in str(desk.last_view()), block
    method, arguments = desk.gateway.calls[-1][1:]
    assert method == "views.update"
    assert arguments["hash"] == "1.a"


def option(desk: Desk, block: str, text: str) -> str:
    """What the window's menu carries for it."""
    (menu,) = [one["element"] for one in desk.last_view()["blocks"] if one.get("block_id") == block]
    return str(next(one["value"] for one in menu["options"] if one["text"]["text"] == text))


async def test_an_import_meanwhile_does_not_change_what_was_chosen(desk: Desk) -> None:
    await desk.customer("cust1", industry="Televisions")
    await desk.press(EDITOR, "adoptions:hat_open", on_home=True)
    code = option(desk, "adoptions:hat_industry", "Televisions")
    chosen: dict[str, Any] = {"adoptions:hat_industry": {"selected_option": {"value": code}}}
    await desk.customer("cust2", industry="Aerospace")
    await opened(desk, **chosen)
    assert [hat.filters for hat in await desk.hats()] == [{"industry": "Televisions"}]


async def test_what_was_chosen_is_in_the_hat_and_said(desk: Desk) -> None:
    chosen: dict[str, Any] = {"adoptions:hat_product": {"selected_option": {"value": "pb7"}}}
    await opened(desk, **chosen)
    (post,) = desk.seen(CHANNEL)
    assert "1 customer is in the hat" in words_in(post)
    assert "PB-7 power board" in words_in(post)
    assert "Halden" not in words_in(post)


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"adoptions:hat_day": {"selected_date": "2026-11-23"}}, "adoptions:hat_day", "still to come"),
        ({"adoptions:hat_day": {"selected_date": "2027-11-23"}}, "adoptions:hat_day", "sixty days"),
        ({"adoptions:hat_day": {"selected_date": "nonsense"}}, "adoptions:hat_day", "still to come"),
        ({"adoptions:hat_product": {"selected_option": {"value": "px"}}}, "adoptions:hat_product", "No customer"),
        ({"adoptions:hat_channel": {"selected_option": {"value": "C0OTHER"}}}, "adoptions:hat_channel", "not set up"),
    ],
)
async def test_what_cannot_be_is_said_at_its_field(desk: Desk, changes: Any, field: str, says: str) -> None:
    answer = await desk.hat(EDITOR, AT, **changes)
    assert answer["response_action"] == "errors"
    assert says in answer["errors"][field]
    assert await desk.hats() == []


async def test_one_at_a_time_in_a_channel(desk: Desk) -> None:
    await opened(desk)
    answer = await desk.hat(EDITOR, AT)
    assert "open in this channel already" in answer["errors"]["adoptions:hat_channel"]


@pytest.mark.row("D10")
async def test_submitted_twice_it_is_opened_once(desk: Desk) -> None:
    await desk.press(EDITOR, "adoptions:hat_open", on_home=True)
    values = {
        "adoptions:hat_channel": {"selected_option": {"value": CHANNEL}},
        "adoptions:hat_day": {"selected_date": "2026-11-26"},
        "adoptions:hat_time": {"selected_time": "14:00"},
    }
    first = await desk.submit(EDITOR, values, view_id="VSAME")
    assert await desk.submit(EDITOR, values, view_id="VSAME") == first
    assert len(await desk.hats()) == 1


@pytest.mark.parametrize("user", [AMARA, SAM, GUEST])
async def test_who_may_not_open_one_is_told_and_it_is_audited(desk: Desk, user: str) -> None:
    await desk.press(user, "adoptions:hat_open", on_home=True)
    assert "no channel in which you could open one" in str(desk.last_view())
    assert (user, "refused", "open_hat") in await desk.audited()
    await desk.press(EDITOR, "adoptions:hat_open", on_home=True)
    values = {
        "adoptions:hat_channel": {"selected_option": {"value": CHANNEL}},
        "adoptions:hat_day": {"selected_date": "2026-11-26"},
        "adoptions:hat_time": {"selected_time": "14:00"},
    }
    answer = await desk.submit(user, values)
    assert answer["response_action"] == "errors"
    assert await desk.hats() == []


async def test_a_channels_owner_may(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        channel = await session.get(Channel, (WS, CHANNEL))
        assert channel is not None
        channel.added_by = TOM
    await opened(desk, TOM)


async def test_by_command_the_channel_one_is_in_is_chosen(desk: Desk) -> None:
    await desk.command(EDITOR, "/customer hat")
    assert "C0LINE2" in str(desk.last_view())


# -- joining


async def test_a_press_is_answered_privately_and_the_message_says_only_how_many(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    assert "You are in" in desk.told()
    await desk.press(TOM, IN, hat)
    await desk.press(KIM, OUT, hat)
    assert "You are not in" in desk.told()
    await desk.rounds()
    (post,) = desk.seen(CHANNEL)
    assert "2 are in" in words_in(post)
    assert all(user not in words_in(post) for user in (AMARA, TOM, KIM, "Amara", "Tom", "Kim"))


async def test_who_lets_results_name_them_is_told_so_and_may_change_it_for_this_one(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == AMARA).values(shows_name=True))
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    assert "the result may say your name" in desk.told()
    await desk.press(TOM, IN, hat)
    assert "your name" not in desk.told()
    await desk.press(AMARA, "adoptions:hat_name_no", hat)
    assert "the result does not say your name" in desk.told()


async def test_presses_between_two_tallies_make_one_edit(desk: Desk) -> None:
    hat = await opened(desk)
    for user in (AMARA, TOM, KIM):
        await desk.press(user, IN, hat)
    edits = [one for one in await desk.deliveries("adoptions.hat") if one.method == "update"]
    assert len(edits) == 1
    assert edits[0].due_at > desk.clock.now()


async def test_the_newer_press_counts_in_whatever_order_they_come(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, OUT, hat, at="9.9002")
    await desk.press(AMARA, IN, hat, at="9.9001")
    assert "You are not in" in desk.told()
    await desk.press(AMARA, IN, hat, at="9.9003")
    assert "You are in" in desk.told()


@pytest.mark.parametrize(("user", "team"), [(GUEST, WS), (AMARA, "T0OTHER")])
async def test_guests_and_people_of_other_companies_are_told_kindly(desk: Desk, user: str, team: str) -> None:
    hat = await opened(desk)
    await desk.press(user, IN, hat, team=team)
    assert "members of this company" in desk.told()
    async with desk.sessions.begin() as session:
        assert list(await session.scalars(select(HatEntry))) == []


async def test_at_its_time_it_is_closed_even_if_no_job_runs(desk: Desk) -> None:
    hat = await opened(desk)
    desk.later(timedelta(days=3))
    await desk.press(AMARA, IN, hat)
    assert "has been drawn already" in desk.told()
    await desk.draw()
    assert await desk.adoptions() == []


# -- drawing


async def test_everybody_who_is_in_draws_one_and_hears_of_it_in_their_thread(desk: Desk) -> None:
    hat = await opened(desk)
    for user in (AMARA, TOM, KIM):
        await desk.press(user, IN, hat)
    await drawn(desk)
    found = await desk.adoptions()
    assert sorted(one.user_id for one in found) == sorted([AMARA, TOM, KIM])
    assert sorted(one.customer_id for one in found) == ["cust1", "cust2", "cust4"]
    for user in (AMARA, TOM, KIM):
        (intro,) = desk.seen(user)
        assert "is your customer now" in words_in(intro)
        assert "members:stop" in words_in(intro)  # it came by chance, not by a press of theirs


async def test_nobody_draws_a_customer_they_look_after(desk: Desk) -> None:
    await desk.customer("cust2", adoptable=False)
    await desk.customer("cust4", adoptable=False)
    hat = await opened(desk)
    await desk.customer("cust1", deputy=TOM)
    await desk.press(SAM, IN, hat)
    await desk.press(TOM, IN, hat)
    await drawn(desk)
    assert await desk.adoptions() == []
    for user in (SAM, TOM):
        assert "no customer that you could draw: you have each of them, look after it" in desk.shown(user)
        assert "chance" not in desk.shown(user)


async def test_whoever_has_as_many_as_one_can_follow_is_told_that(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        for number in range(12):
            kept = {"request": f"r{number}", "via": "press", "since": NOW, "ended_at": None}
            more = {"external_id": f"m{number}", "name_key": f"m{number}", "aliases": [], "fingerprint": ""}
            session.add(Customer(id=f"more{number}", workspace_id=WS, name=f"M{number}", updated_at=NOW, **more))
            await session.flush()
            session.add(Adoption(id=f"a{number}", workspace_id=WS, customer_id=f"more{number}", user_id=TOM, **kept))
    hat = await opened(desk)
    await desk.press(TOM, IN, hat)
    await drawn(desk)
    assert "as many customers as one person can follow" in desk.shown(TOM)


async def test_where_no_customer_has_room_any_more_that_is_said(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(TOM, IN, hat)
    for customer in ("cust1", "cust2", "cust4"):
        await desk.customer(customer, max_adopters=0)
    await drawn(desk)
    assert "found all the adopters they can have" in desk.shown(TOM)


async def test_the_deputy_is_sent_no_list_of_those_that_the_account_manager_hears_of(desk: Desk) -> None:
    for customer, manager in (("cust1", SAM), ("cust2", TOM), ("cust4", TOM)):
        await desk.customer(customer, account_manager=manager, deputy=TOM if manager == SAM else None)
    hat = await opened(desk)
    for user in (AMARA, KIM, EDITOR):
        await desk.press(user, IN, hat)
    await drawn(desk)
    listed = next(words_in(one) for one in desk.seen(TOM) if "new adopter" in words_in(one))
    assert "2 new adopters" in listed
    assert "Orion" not in listed
    assert "Orion" in next(words_in(one) for one in desk.seen(SAM) if "new adopter" in words_in(one))


async def test_while_the_account_manager_is_away_the_deputy_is(desk: Desk) -> None:
    for customer in ("cust2", "cust4"):
        await desk.customer(customer, adoptable=False)
    await desk.customer("cust1", deputy=TOM)
    await desk.person(SAM, absent_from=NOW.date(), absent_until=AT.date())
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    await drawn(desk)
    assert "*Amara Okoro* adopted *Orion*" in desk.shown(TOM)
    assert desk.seen(SAM) == []
    await desk.person(SAM, absent_from=None, absent_until=None)  # back: what the deputy was sent stays theirs
    await desk.press(TOM, "adoptions:hello", desk.button(TOM, "adoptions:hello"))
    await desk.submit(TOM, {"text": "Welcome!"})
    await desk.rounds()
    assert "You said hello" in desk.shown(TOM)


async def test_a_hello_says_of_its_author_what_is_true(desk: Desk) -> None:
    await desk.customer("cust1", deputy=TOM)
    await desk.adopt(AMARA)
    await desk.rounds()
    (adoption,) = await desk.adoptions()
    for user, text in ((SAM, "Hello from Sam"), (TOM, "Hello from Tom")):
        await desk.press(user, "adoptions:hello", adoption.id)
        await desk.submit(user, {"text": text})
    await desk.rounds()
    assert ", who looks after this customer, says hello" in words_in(desk.about(AMARA, "Hello from Sam"))
    deputy = words_in(desk.about(AMARA, "Hello from Tom"))
    assert ", who stands in for Sam Reyes with this customer, says hello" in deputy


async def test_two_editors_at_once_open_one_hat_in_a_channel(desk: Desk) -> None:
    async def open_one(user: str) -> Hat | HatProblem:
        new_id = desk.app.edge.new_id
        return await desk.sessions.run(
            lambda session: hats.open_hat(
                session, WS, user, CHANNEL, Filters(), AT, request=user, now=NOW, new_id=new_id
            )
        )

    await asyncio.gather(*(open_one(user) for user in (EDITOR, ADMIN)))
    assert len(await desk.hats()) == 1


async def test_existing_adopters_count_towards_the_limit(desk: Desk) -> None:
    for customer in ("cust2", "cust4"):
        await desk.customer(customer, adoptable=False)
    await desk.customer("cust1", max_adopters=2)
    await desk.adopt(EDITOR)
    hat = await opened(desk)
    for user in (AMARA, TOM, KIM):
        await desk.press(user, IN, hat)
    await drawn(desk)
    assert len(await desk.adoptions()) == 2
    assert len([user for user in (AMARA, TOM, KIM) if "more people than places" in desk.shown(user)]) == 2


@pytest.mark.parametrize(
    ("changes", "hears"),
    [
        ({"kind": "deactivated"}, False),
        ({"kind": "guest"}, False),
        ({"absent_from": NOW.date(), "absent_until": AT.date()}, True),
    ],
)
async def test_whoever_left_or_is_away_does_not_draw(desk: Desk, changes: dict[str, Any], hears: bool) -> None:
    """Who is away hears of it, once; there is nothing to tell the others."""
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    await desk.press(TOM, IN, hat)
    await desk.person(AMARA, **changes)
    await drawn(desk)
    assert [one.user_id for one in await desk.adoptions()] == [TOM]
    assert len(desk.seen(AMARA)) == int(hears)
    if hears:
        assert "while you were away" in desk.shown(AMARA)
        assert "/customer adopt" in desk.shown(AMARA)


async def test_a_customer_given_back_lately_is_not_drawn_again(desk: Desk) -> None:
    for customer in ("cust2", "cust4"):
        await desk.customer(customer, adoptable=False)
    await desk.adopt(AMARA)
    (adoption,) = await desk.adoptions()
    await desk.press(AMARA, "adoptions:mine", option=f"stop:{adoption.id}", on_home=True)
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    await drawn(desk)
    assert await desk.adoptions() == []


async def test_each_account_manager_gets_one_message_for_the_draw_and_says_hello(desk: Desk) -> None:
    for customer in ("cust2", "cust4"):
        await desk.customer(customer, account_manager=SAM)
    hat = await opened(desk)
    for user in (AMARA, TOM, KIM):
        await desk.press(user, IN, hat)
    await drawn(desk)
    (listed,) = desk.seen(SAM)
    assert "3 new adopters" in words_in(listed)
    adoption = desk.button(SAM, "adoptions:hello")
    await desk.press(SAM, "adoptions:hello", adoption)
    ready = str(desk.last_view())
    assert "Hello" in ready
    answer = await desk.submit(SAM, {"text": "Welcome! <@U0SAM>"})
    assert "on its way" in str(answer)
    await desk.rounds()
    (theirs,) = [one for one in await desk.adoptions() if one.id == adoption]
    intro, hello = desk.seen(theirs.user_id)
    assert hello["thread_ts"] == intro["ts"]
    assert "Welcome!" in words_in(hello)
    assert "<@U0SAM>" not in hello["text"]
    (listed,) = desk.seen(SAM)
    assert "You said hello" in words_in(listed)


async def test_the_result_names_customers_and_only_people_who_wanted_it(desk: Desk) -> None:
    hat = await opened(desk)
    for user in (AMARA, TOM):
        await desk.press(user, IN, hat)
    await desk.press(AMARA, NAME, hat)
    assert "the result may say your name" in desk.told()
    await drawn(desk)
    post, result = desk.seen(CHANNEL)
    assert "2 people have a customer now" in words_in(post)
    shown = words_in(result)
    assert "2 people drew a customer" in shown
    assert "Amara Okoro" in shown
    assert "Tom" not in shown
    (mine,) = await desk.adoptions(AMARA)
    assert {"cust1": "Orion", "cust2": "Halden", "cust4": "Omorido"}[mine.customer_id] in shown


@pytest.mark.parametrize("is_drawn", [False, True])
async def test_who_stops_being_named_is_not_named_by_what_has_not_gone_out(desk: Desk, is_drawn: bool) -> None:
    hat = await opened(desk)
    for user in (AMARA, TOM):
        await desk.press(user, IN, hat)
        await desk.press(user, NAME, hat)
    if is_drawn:
        desk.later(AT - desk.clock.now() + timedelta(seconds=1))
        await desk.draw()
    async with desk.sessions.begin() as session:
        await hats.unnamed(session, WS, AMARA, now=desk.clock.now())
    await drawn(desk)
    _, result = desk.seen(CHANNEL)
    assert "Tom Bell" in words_in(result)
    assert "Amara" not in words_in(result)


async def test_where_guests_read_only_customers_that_may_be_named_stand_there(desk: Desk) -> None:
    async with desk.sessions.begin() as session:
        session.add(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=GUEST))
        channel = await session.get(Channel, (WS, CHANNEL))
        assert channel is not None
        channel.refreshed_at = NOW
    hat = await opened(desk)
    for user in (AMARA, TOM, KIM):
        await desk.press(user, IN, hat)
        await desk.press(user, NAME, hat)
    await drawn(desk)
    shown = desk.shown(CHANNEL)
    assert "Orion" in shown
    assert "Omorido" not in shown  # nobody has said that it may be named
    assert "1 more" in shown


async def test_nobody_in_and_the_customers_stay(desk: Desk) -> None:
    await opened(desk)
    await drawn(desk)
    assert "Nobody was in" in desk.shown(CHANNEL)


async def test_two_processes_at_once_draw_it_once(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    desk.later(timedelta(days=3))
    async with desk.sessions.begin() as session:
        assert await hats.draw_due(session, WS, hat, new_id=desk.app.edge.new_id) is not None
    async with desk.sessions.begin() as session:
        assert await hats.draw_due(session, WS, hat, new_id=desk.app.edge.new_id) is None
    assert len(await desk.adoptions()) == 1


async def test_it_is_not_drawn_before_its_time(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    await desk.draw()
    assert await desk.adoptions() == []


async def test_the_draw_is_repeated_from_what_was_recorded(desk: Desk) -> None:
    hat_id = await opened(desk)
    for user in (AMARA, TOM, KIM, SAM):
        await desk.press(user, IN, hat_id)
    await drawn(desk)
    async with desk.sessions.begin() as session:
        hat = await hats.get(session, WS, hat_id)
    assert hat is not None
    verified = hats.verify(hat)
    assert verified is not None
    assert verified.same
    assert verified.again == {one.user_id: one.customer_id for one in await desk.adoptions()}


async def test_after_a_restore_the_same_people_draw_the_same_and_nothing_is_new_to_them(desk: Desk) -> None:
    """What is owed has the keys it had, and was wanted at the time of the draw: so it is looked up, not sent again."""
    hat_id = await opened(desk)
    for user in (AMARA, TOM, KIM, SAM):
        await desk.press(user, IN, hat_id)
    for customer in ("cust1", "cust4"):
        await desk.customer(customer, adoptable=False)
    await desk.customer("cust2", account_manager=EDITOR, max_adopters=2)
    await drawn(desk)
    first = await came_out(desk)
    async with desk.sessions.begin() as session:
        await session.execute(delete(Adoption))
        await session.execute(delete(Delivery).where(Delivery.kind != "adoptions.hat", Delivery.method == "post"))
        as_it_was: dict[str, Any] = {"state": "open", "ended_at": None, "told_at": None, "inputs": {}, "result": {}}
        await session.execute(update(HatDraw).values(**as_it_was))
    desk.later(timedelta(hours=3))
    await desk.draw()
    assert await came_out(desk) == first
    assert len(first[1]) == 1 + 4 + 1, "the result, who drew or found no place, and whoever looks after the customer"
    assert {wanted for _, wanted in first[1]} == {AT}


async def came_out(desk: Desk) -> tuple[Any, set[tuple[str, datetime]]]:
    kinds = ("adoptions.hat_result", "adoptions.intro", "adoptions.told", "adoptions.adopters")
    owed = {(one.opaque, one.wanted_at) for kind in kinds for one in await desk.deliveries(kind)}
    return {(one.id, one.user_id, one.customer_id) for one in await desk.adoptions()}, owed


# -- cancelling and failing


@pytest.mark.parametrize("user", [EDITOR, ADMIN])
async def test_whoever_opened_it_or_an_admin_cancels_it(desk: Desk, user: str) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    await desk.press(user, "adoptions:hat_cancel", hat, on_home=True)
    await desk.rounds()
    assert "cancelled" in desk.shown(CHANNEL)
    await desk.press(AMARA, IN, hat)
    assert "cancelled" in desk.told()
    await drawn(desk)
    assert await desk.adoptions() == []
    assert (user, "hat.cancelled", hat) in await desk.audited()


async def test_others_cannot_cancel_it(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(TOM, "adoptions:hat_cancel", hat, on_home=True)
    assert "Editors, admins" in str(desk.last_view())
    assert (TOM, "refused", "cancel_hat") in await desk.audited()
    (found,) = await desk.hats()
    assert found.state == "open"


async def test_a_hat_that_could_not_be_posted_is_cancelled_and_its_opener_told(desk: Desk) -> None:
    await desk.hat(EDITOR, AT)
    async with desk.sessions.begin() as session:
        await session.execute(delete(Channel).where(Channel.channel_id == CHANNEL))
    await desk.rounds()
    (hat,) = await desk.hats()
    assert hat.state == "cancelled"
    assert "could not be posted" in desk.shown(EDITOR)
