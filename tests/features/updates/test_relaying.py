"""To whom, when and in which message."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import event

from bot.core.ids import new_id as fresh_id
from bot.db.tables.members import Member
from bot.features.adoptions import service as adoptions
from bot.features.updates import jobs
from bot.slack.errors import Fault, SlackFault
from tests.features.updates.conftest import AMARA, HALDEN, KIM, ORION, SAM, TOM, WS, Desk, as_opened
from tests.races import first_one_loses

A_DAY = timedelta(days=1)


def carrying(desk: Desk, user: str, words: str) -> list[dict[str, Any]]:
    return [one for one in desk.seen(user) if words in json.dumps(one, ensure_ascii=False)]


async def write(desk: Desk, text: str, customer: str = "Orion", user: str = SAM) -> str:
    await desk.update(user, f"{customer} {text}")
    return (await desk.updates())[-1].id


async def test_the_first_of_a_day_goes_at_once_and_the_rest_in_the_next_days_message(desk: Desk) -> None:
    await desk.adopt(AMARA)
    desk.pass_time(A_DAY)
    await write(desk, "The first")
    await desk.rounds()
    await write(desk, "The second")
    await write(desk, "The third")
    await desk.rounds()
    assert "The first" in desk.shown(AMARA)
    assert "The second" not in desk.shown(AMARA)
    desk.pass_time(A_DAY)
    await desk.rounds()
    (both,) = carrying(desk, AMARA, "The second")
    assert "The third" in json.dumps(both)
    assert "2 updates for you:" in json.dumps(both)
    assert both["thread_ts"] == desk.seen(AMARA)[0]["ts"], "all are of one customer"


async def test_updates_of_two_customers_come_in_one_message_with_a_thank_of_each(desk: Desk) -> None:
    await desk.give(HALDEN, KIM)
    await desk.adopt(AMARA)
    await desk.adopt(AMARA, HALDEN)
    desk.pass_time(A_DAY)
    await write(desk, "Uses up the day")
    await desk.rounds()
    await write(desk, "From Orion")
    await write(desk, "From Halden", "Halden", KIM)
    await desk.rounds()
    desk.pass_time(A_DAY)
    await desk.rounds()
    (both,) = carrying(desk, AMARA, "From Orion")
    text = json.dumps(both)
    assert "From Halden" in text
    assert "Thank Sam" in text
    assert "Thank Kim" in text
    assert not both.get("thread_ts")


async def test_every_message_can_be_answered_with_less_pause_and_stop(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await write(desk, "They doubled")
    await desk.rounds()
    (got,) = carrying(desk, AMARA, "They doubled")
    for action in ("members:less", "members:pause", "members:stop"):
        assert action in json.dumps(got)


async def test_at_night_nothing_goes_and_in_the_morning_it_does(desk: Desk) -> None:
    await desk.adopt(AMARA)
    desk.pass_time(timedelta(hours=13))  # 22:00
    await write(desk, "They doubled")
    await desk.rounds()
    assert carrying(desk, AMARA, "They doubled") == []
    desk.pass_time(timedelta(hours=11))
    await desk.rounds()
    assert len(carrying(desk, AMARA, "They doubled")) == 1


async def test_stop_is_obeyed_for_what_is_already_owed(desk: Desk) -> None:
    await desk.adopt(AMARA)
    desk.pass_time(A_DAY)
    await write(desk, "The first")
    await desk.rounds()
    await write(desk, "The second")
    await desk.rounds()
    await desk.press(AMARA, "members:stop", "")
    desk.pass_time(A_DAY)
    await desk.rounds()
    assert carrying(desk, AMARA, "The second") == []
    assert [one.why for one in await desk.relays() if one.state == "left_out"] == ["stopped"]
    assert "takes a break" in await desk.receipt(SAM)


async def test_who_stopped_having_the_customer_or_became_a_guest_gets_nothing_more(desk: Desk) -> None:
    first = await desk.adopt(AMARA)
    await desk.adopt(TOM)
    await desk.adopt(KIM)
    await write(desk, "They doubled")
    async with desk.sessions.begin() as session:
        await adoptions.end(session, WS, first, AMARA, now=desk.clock.now(), new_id=desk.app.edge.new_id)
    await desk.change_person(TOM, kind="guest")
    await desk.rounds()
    assert carrying(desk, AMARA, "They doubled") == []
    assert carrying(desk, TOM, "They doubled") == []
    assert len(carrying(desk, KIM, "They doubled")) == 1
    assert {one.user_id: one.why for one in await desk.relays()} == {AMARA: "ended", TOM: "gone", KIM: None}
    assert "Tom Bell" in await desk.receipt(SAM)


async def test_a_customer_that_became_confidential_is_named_no_more(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await write(desk, "They doubled")
    await desk.change_customer(ORION, confidential=True)
    await desk.rounds()
    assert carrying(desk, AMARA, "They doubled") == []


async def test_the_author_is_not_sent_their_own_update(desk: Desk) -> None:
    await desk.give(HALDEN, KIM)
    await desk.adopt(AMARA)
    await desk.adopt(TOM)
    await desk.give(ORION, TOM)
    await write(desk, "They doubled", user=TOM)
    await desk.rounds()
    assert [one.user_id for one in await desk.relays()] == [AMARA]


async def test_who_could_not_be_reached_is_named_in_the_receipt_and_the_others_get_theirs(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.adopt(TOM)
    desk.slack.before = _refusing(TOM)
    await write(desk, "They doubled")
    await desk.rounds()
    assert len(carrying(desk, AMARA, "They doubled")) == 1
    assert "Not reached, because Slack would not deliver it: Tom Bell." in await desk.receipt(SAM)
    assert "Delivered to 1 adopter." in desk.shown(SAM)


def _refusing(user: str) -> Callable[[str, dict[str, Any]], SlackFault | None]:
    def before(method: str, arguments: dict[str, Any]) -> SlackFault | None:
        refused = method == "chat.postMessage" and arguments["channel"] in {user, f"D{user[1:]}"}
        return SlackFault("user_disabled", Fault.PERSON) if refused else None

    return before


async def test_the_receipt_is_edited_at_most_once_a_minute(desk: Desk) -> None:
    for user in (AMARA, TOM, KIM):
        await desk.adopt(user)
    update_id = await write(desk, "They doubled")
    await desk.rounds()
    edits = len(edits_of_receipt(desk))
    for user in (AMARA, TOM, KIM):
        await desk.press(user, "updates:thank", update_id)
        await desk.rounds(2, wait=False)
    assert len(edits_of_receipt(desk)) == edits
    desk.pass_time(timedelta(minutes=2))
    await desk.rounds(2, wait=False)
    assert len(edits_of_receipt(desk)) == edits + 1
    assert "Amara Okoro, Kim Duarte, and Tom Bell thanked you" in desk.shown(SAM)


def edits_of_receipt(desk: Desk) -> list[Any]:
    return [one for one in desk.slack.calls if one[0] == "chat.update" and "Your update about" in one[1]["text"]]


async def test_thanks_by_somebody_who_was_not_sent_it_count_for_nothing(desk: Desk) -> None:
    await desk.adopt(AMARA)
    update_id = await write(desk, "They doubled")
    await desk.rounds()
    await desk.press(KIM, "updates:thank", update_id)
    assert "not there any more" in desk.told()
    await desk.press(AMARA, "updates:thank", update_id, team="T0OTHER")
    assert "not there any more" in desk.told()
    assert all(one.thanked_at is None for one in await desk.relays())


async def test_deputies_may_write_too(desk: Desk) -> None:
    await desk.change_customer(ORION, deputy=KIM)
    await desk.adopt(AMARA)
    await write(desk, "From the deputy", user=KIM)
    await desk.rounds()
    assert "Thank Kim" in desk.shown(AMARA)


async def test_many_adopters_all_get_theirs_exactly_once(desk: Desk) -> None:
    many = [f"U0MANY{number:02}" for number in range(24)]
    async with desk.sessions.begin() as session:
        for user in many:
            session.add(Member(workspace_id=WS, user_id=user, name=user, refreshed_at=desk.clock.now()))
        await session.flush()
        for user in many:
            await adoptions.begin(
                session, WS, user, ORION, via="press", request=user, now=desk.clock.now(), new_id=fresh_id
            )
    answer = await desk.update(SAM, "Orion They doubled")
    assert "On its way to 24 adopters" in json.dumps(answer)
    for _ in range(2):
        await jobs.GoOn(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds(18)
    for user in many:
        assert len(carrying(desk, user, "They doubled")) == 1
    assert {one.state for one in await desk.relays()} == {"sent"}


async def test_two_processes_at_once_put_each_relay_into_one_message(desk: Desk) -> None:
    people = [AMARA, TOM, KIM]
    for user in people:
        await desk.adopt(user)
    until = desk.clock.now() + timedelta(hours=1)
    await desk.command(SAM, "Orion They doubled")
    view = desk.last_view()
    pressed = {"id": "V9", "type": "modal", "hash": "h", "private_metadata": view["private_metadata"]}
    await desk.press(SAM, "updates:more", "", view=pressed | {"state": {"values": as_opened(view)}})
    await desk.send(SAM, embargo=int(until.timestamp()))
    desk.pass_time(timedelta(hours=2))
    job = jobs.GoOn(edge=desk.app.edge)
    await asyncio.gather(*(job(desk.clock.now()) for _ in range(4)))
    await desk.rounds(6)
    for user in people:
        assert len(carrying(desk, user, "They doubled")) == 1
    assert len({one.bundle_id for one in await desk.relays()}) == len(people)


async def test_a_submit_that_loses_a_race_is_tried_again_and_has_one_effect(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion They doubled")
    with first_one_loses() as ends:
        await desk.send(SAM)
    assert ends[:2] == ["lost", "committed"]
    await desk.rounds()
    assert len(await desk.updates()) == 1
    assert len(carrying(desk, AMARA, "They doubled")) == 1


async def test_one_more_adopter_costs_few_statements(desk: Desk) -> None:
    """Whoever pressed *Send* waits for them."""
    people = [f"U0MORE{number:02}" for number in range(10)]
    async with desk.sessions.begin() as session:
        for user in people:
            session.add(Member(workspace_id=WS, user_id=user, name=user, refreshed_at=desk.clock.now()))
        await session.flush()
        for user in people:
            await adoptions.begin(
                session, WS, user, ORION, via="press", request=user, now=desk.clock.now(), new_id=fresh_id
            )
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    await desk.command(SAM, "Orion They doubled")
    event.listen(desk.sessions.engine.sync_engine, "before_cursor_execute", note)
    await desk.send(SAM)
    event.remove(desk.sessions.engine.sync_engine, "before_cursor_execute", note)
    assert {one.state for one in await desk.relays()} == {"owed"}
    assert len(statements) < 17 * len(people)
