"""Quiet hours, pauses and stops: what came by a hat or from others waits or stays away; what one pressed does not."""

from datetime import timedelta

import pytest

from tests.features.adoptions.conftest import Desk
from tests.features.adoptions.test_ending import adopted, asked
from tests.features.adoptions.test_hat import AT, IN, opened
from tests.features.questions.people import AMARA, NOW, SAM, TOM


async def drawn_by_amara(desk: Desk) -> None:
    hat = await opened(desk)
    await desk.press(AMARA, IN, hat)
    desk.later(AT - NOW + timedelta(seconds=1))
    await desk.draw()


async def test_a_drawn_customers_introduction_waits_for_quiet_hours(desk: Desk) -> None:
    await desk.person(AMARA, zone="Pacific/Auckland")  # three in the morning there
    await drawn_by_amara(desk)
    await desk.rounds(wait=False)
    assert desk.seen(AMARA) == []
    desk.later(timedelta(hours=7))
    await desk.rounds()
    assert "is your customer now" in desk.shown(AMARA)


async def test_whoever_stopped_messages_finds_the_drawn_customer_on_home_only(desk: Desk) -> None:
    await desk.person(AMARA, stopped_at=NOW)
    await drawn_by_amara(desk)
    await desk.rounds()
    assert desk.seen(AMARA) == []
    assert len(await desk.adoptions(AMARA)) == 1


async def test_after_ones_own_press_it_comes_at_once_even_then(desk: Desk) -> None:
    await desk.person(AMARA, zone="Pacific/Auckland", stopped_at=NOW)
    await desk.adopt(AMARA)
    await desk.rounds(wait=False)
    assert "is your customer now" in desk.shown(AMARA)


async def test_a_swap_is_not_put_to_whoever_wants_no_messages(desk: Desk) -> None:
    mine = await adopted(desk)
    await adopted(desk, TOM, "cust2")
    await desk.person(TOM, stopped_at=NOW)
    await asked(desk, mine)
    assert "would like to swap" not in desk.shown(TOM)


@pytest.mark.parametrize("verb", ["pause", "stop"])
async def test_a_hello_waits_for_a_pause_and_stays_away_after_the_end(desk: Desk, verb: str) -> None:
    mine = await adopted(desk)
    await desk.press(SAM, "adoptions:hello", mine)
    view = desk.last_view()
    await desk.submit(SAM, {"text": "Welcome!"}, view=view)
    await desk.press(AMARA, "adoptions:mine", option=f"{verb}:{mine}", on_home=True)
    await desk.rounds()
    assert "Welcome!" not in desk.shown(AMARA)
    desk.later(timedelta(days=15))
    await desk.rounds()
    assert ("Welcome!" in desk.shown(AMARA)) is (verb == "pause")


@pytest.mark.parametrize("user", [TOM, AMARA])
async def test_only_whoever_looks_after_the_customer_says_hello(desk: Desk, user: str) -> None:
    mine = await adopted(desk)
    before = len(desk.gateway.views)
    await desk.press(user, "adoptions:hello", mine)
    assert len(desk.gateway.views) == before
    assert "Only whoever looks after" in desk.told()
    await desk.press(SAM, "adoptions:hello", mine)
    answer = await desk.submit(user, {"text": "Hi"})
    assert "Only whoever looks after" in str(answer)
    await desk.rounds()
    assert "Hi" not in [message["text"] for message in desk.seen(AMARA)]
