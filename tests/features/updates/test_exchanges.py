"""What an adopter types below an update, the account manager's answer, and the story it may become."""

import json
from typing import Any

from sqlalchemy import select

from bot.db.tables.inbox import Draft
from bot.features.updates import jobs
from bot.slack.errors import Fault, SlackFault
from tests.features.stories.given import png
from tests.features.updates.conftest import AMARA, HALDEN, KIM, ORION, SAM, TOM, Desk, words_in

PHOTO = {"id": "F0NOTE", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/note.png"}


async def started(desk: Desk) -> dict[str, Any]:
    """Amara has adopted Orion and got an update; the head of her thread."""
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    return desk.seen(AMARA)[0]


async def send_on(desk: Desk, user: str = AMARA, customer: str = ORION) -> None:
    await desk.rounds()
    (held,) = {one.group_id for one in await desk.notes() if one.state == "held"}
    await desk.press(user, f"updates:send_on:{customer}", held)
    await desk.rounds()


async def test_what_an_adopter_types_waits_until_they_send_it_on(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Is it for the big ones?", thread=head["ts"])
    await desk.rounds()
    assert "Is it for the big ones?" not in desk.shown(SAM)
    assert "Shall this be sent on?" in desk.shown(AMARA)
    assert "Send it on to Sam Reyes" in desk.shown(AMARA)
    await send_on(desk)
    got = desk.about(SAM, "Is it for the big ones?")
    assert "Amara Okoro, who has adopted Orion, writes:" in got["text"]
    assert "Sent on to Sam Reyes." in desk.shown(AMARA)
    assert [one.customer_id for one in await desk.exchanges()] == [ORION]


async def test_several_messages_are_sent_on_together_and_stay_one_thread(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "One thing.", thread=head["ts"])
    await desk.write(AMARA, "Another thing.", thread=head["ts"])
    await desk.rounds()
    assert "Shall these 2 messages be sent on?" in desk.shown(AMARA)
    await send_on(desk)
    first, second = desk.about(SAM, "One thing."), desk.about(SAM, "Another thing.")
    assert second["thread_ts"] == first["ts"]


async def test_the_answer_goes_at_once_and_is_confirmed_by_a_reaction(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Is it for the big ones?", thread=head["ts"])
    await send_on(desk)
    opener = desk.about(SAM, "Is it for the big ones?")
    ts = await desk.write(SAM, "For the 55 inch ones.", thread=opener["ts"])
    await desk.rounds()
    got = desk.about(AMARA, "For the 55 inch ones.")
    assert got["thread_ts"] == head["ts"]
    assert [one[1:] for one in desk.slack.reactions] == [(ts, "white_check_mark")]


async def test_taken_at_least_once_it_is_relayed_exactly_once(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Is it?", thread=head["ts"], ts="1800000001.000001")
    await desk.write(AMARA, "Is it?", thread=head["ts"], ts="1800000001.000001", event_id="EvAgain")
    assert len(await desk.notes()) == 1
    await send_on(desk)
    opener = desk.about(SAM, "Is it?")
    for number in range(3):
        await desk.write(SAM, "Yes.", thread=opener["ts"], ts="1800000002.000001", event_id=f"EvYes{number}")
    (note, _) = await desk.notes()
    await desk.press(AMARA, f"updates:send_on:{ORION}", note.group_id)
    assert "decided about this already" in desk.told()
    await desk.rounds()
    assert len([one for one in desk.seen(AMARA) if "Yes." in words_in(one)]) == 1
    assert len([one for one in desk.seen(SAM) if "Is it?" in words_in(one)]) == 1


async def test_kept_it_goes_nowhere(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Just for me", thread=head["ts"])
    (note,) = await desk.notes()
    await desk.press(TOM, "updates:keep", note.id)
    assert "decided about this already" in desk.told()
    await desk.press(AMARA, "updates:keep", note.id)
    await desk.press(AMARA, f"updates:send_on:{ORION}", note.id)
    await desk.rounds()
    assert "Just for me" not in desk.shown(SAM)
    assert "Kept between you and Canteen." in desk.shown(AMARA)


async def test_nobody_else_can_send_it_on_nor_to_another_customer(desk: Desk) -> None:
    head = await started(desk)
    await desk.give(HALDEN, KIM)
    await desk.write(AMARA, "Is it?", thread=head["ts"])
    (note,) = await desk.notes()
    await desk.press(TOM, f"updates:send_on:{ORION}", note.group_id)
    await desk.press(AMARA, f"updates:send_on:{HALDEN}", note.group_id)
    await desk.rounds()
    await desk.press(TOM, "updates:keep", note.group_id)
    assert await desk.refused() == [(TOM, "exchange")] * 2
    assert (await desk.notes())[0].state == "held"
    assert "Is it?" not in desk.shown(SAM) + desk.shown(KIM)


async def test_edits_and_deletions_follow_in_both_directions(desk: Desk) -> None:
    head = await started(desk)
    asked = await desk.write(AMARA, "Is it for teh big ones?", thread=head["ts"])
    await desk.edit(AMARA, asked, "Is it for the big ones?", thread=head["ts"])
    await send_on(desk)
    opener = desk.about(SAM, "Is it for the big ones?")
    await desk.edit(AMARA, asked, "Is it for the small ones?", thread=head["ts"])
    said = await desk.write(SAM, "For the 54 inch ones.", thread=opener["ts"])
    await desk.edit(SAM, said, "For the 55 inch ones.", thread=opener["ts"])
    await desk.rounds()
    assert "Is it for the small ones?" in desk.shown(SAM)
    assert "For the 55 inch ones." in desk.shown(AMARA)
    await desk.delete(SAM, said, thread=opener["ts"])
    await desk.delete(AMARA, asked, thread=head["ts"])
    await desk.rounds()
    assert "55 inch" not in desk.shown(AMARA)
    assert "small ones" not in desk.shown(SAM)
    assert "took this message back" in desk.shown(SAM)


async def test_deleted_before_it_was_sent_on_it_never_goes(desk: Desk) -> None:
    head = await started(desk)
    asked = await desk.write(AMARA, "Is it?", thread=head["ts"])
    await desk.rounds()
    await desk.delete(AMARA, asked, thread=head["ts"])
    await desk.rounds()
    assert "You took it back" in desk.shown(AMARA)
    (note,) = await desk.notes()
    await desk.press(AMARA, f"updates:send_on:{ORION}", note.group_id)
    await desk.rounds()
    assert await desk.exchanges() == []


async def test_pictures_follow(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Seen this?", thread=head["ts"], files=[PHOTO])
    await send_on(desk)
    assert "sent a picture" in desk.shown(SAM)
    desk.gateway.answers["download"] = png()
    await jobs.CopyShared(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds()
    assert "slack_file" in json.dumps(desk.about(SAM, "Seen this?"))


async def test_a_picture_that_slack_does_not_take_is_left_out_and_the_words_arrive(desk: Desk) -> None:
    def before(method: str, arguments: dict[str, Any]) -> SlackFault | None:
        pictured = method == "chat.postMessage" and "slack_file" in json.dumps(arguments.get("blocks"))
        return SlackFault("invalid_blocks", Fault.CONTENT) if pictured else None

    head = await started(desk)
    asked = await desk.write(AMARA, "Seen this?", thread=head["ts"], files=[PHOTO])
    await desk.write(AMARA, "Another thing.", thread=head["ts"])
    desk.gateway.answers["download"] = png()
    await jobs.CopyShared(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds()
    desk.slack.before = before
    await send_on(desk)
    await desk.rounds()
    opener, further = desk.about(SAM, "Seen this?"), desk.about(SAM, "Another thing.")
    assert "slack_file" not in json.dumps(opener)
    assert further["thread_ts"] == opener["ts"], "what was to stand below the refused message"
    assert "could not be delivered" not in desk.shown(AMARA)
    await desk.edit(AMARA, asked, "Seen that?", thread=head["ts"])
    answer = await desk.write(SAM, "Yes.", thread=opener["ts"], files=[PHOTO | {"id": "F0OTHER"}])
    await desk.rounds()
    assert "Seen that?" in desk.shown(SAM)
    assert "Yes." in desk.shown(AMARA)
    assert [one[1] for one in desk.slack.reactions] == [answer]


async def test_what_is_too_long_is_told_to_its_author(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "a" * 3001, thread=head["ts"])
    await desk.rounds()
    assert "3,001 characters" in desk.shown(AMARA)
    assert await desk.notes() == []


async def test_after_a_change_of_hands_the_old_account_manager_answers_nothing(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Is it?", thread=head["ts"])
    await send_on(desk)
    opener = desk.about(SAM, "Is it?")
    await desk.give(ORION, KIM)
    await desk.write(SAM, "Yes it is", thread=opener["ts"])
    await desk.rounds()
    assert "Yes it is" not in desk.shown(AMARA)
    assert "somebody else looks after this customer now" in desk.shown(SAM)


async def test_where_nobody_looks_after_the_customer_it_is_kept(desk: Desk) -> None:
    head = await started(desk)
    await desk.give(ORION, None)
    await desk.write(AMARA, "Is it?", thread=head["ts"])
    (note,) = await desk.notes()
    await desk.press(AMARA, f"updates:send_on:{ORION}", note.group_id)
    assert "Nobody looks after Orion" in desk.told()
    await desk.give(ORION, KIM)
    await send_on(desk)
    assert "Is it?" in desk.shown(KIM)


async def test_an_answer_to_somebody_who_left_is_told_to_its_author(desk: Desk) -> None:
    head = await started(desk)
    await desk.write(AMARA, "Is it?", thread=head["ts"])
    await send_on(desk)
    opener = desk.about(SAM, "Is it?")
    await desk.change_person(AMARA, kind="deactivated")
    await desk.write(SAM, "Yes it is", thread=opener["ts"])
    await desk.rounds()
    assert "This could not be delivered." in desk.shown(SAM)


# -- as a story -------------------------------------------------------------------------------------------------------


async def talked(desk: Desk) -> str:
    head = await started(desk)
    await desk.write(AMARA, "Is it for the big ones?", thread=head["ts"])
    await send_on(desk)
    opener = desk.about(SAM, "Is it for the big ones?")
    await desk.write(SAM, "For the 55 inch ones.", thread=opener["ts"])
    await desk.rounds()
    return (await desk.exchanges())[0].id


async def drafts(desk: Desk) -> list[Draft]:
    async with desk.sessions.begin() as session:
        return list(await session.scalars(select(Draft)))


async def test_an_exchange_is_offered_only_when_the_other_agrees(desk: Desk) -> None:
    exchange = await talked(desk)
    assert "Offer this as a story" in desk.shown(AMARA)
    assert "Offer this as a story" in desk.shown(SAM)
    await desk.press(AMARA, "updates:offer_exchange", exchange)
    await desk.rounds()
    assert "Is that fine with you?" in desk.shown(SAM)
    assert await drafts(desk) == []
    await desk.press(AMARA, "updates:agree", exchange)
    await desk.press(TOM, "updates:offer_exchange", exchange)
    await desk.press(SAM, "updates:agree", exchange, team="T0OTHER")
    assert await desk.refused() == [(AMARA, "exchange"), (TOM, "exchange"), (SAM, "exchange")]
    assert await drafts(desk) == [], "nobody consents for the other"
    await desk.press(SAM, "updates:agree", exchange)
    await desk.press(SAM, "updates:agree", exchange)
    await desk.rounds()
    (draft,) = await drafts(desk)
    assert (draft.author, draft.origin["what"]) == (AMARA, "exchange")
    assert "For the 55 inch ones." in draft.body
    assert "Sam Reyes agrees." in desk.shown(AMARA)


async def test_declined_it_stays_between_the_two(desk: Desk) -> None:
    exchange = await talked(desk)
    await desk.press(SAM, "updates:offer_exchange", exchange)
    await desk.press(AMARA, "updates:decline", exchange)
    await desk.press(AMARA, "updates:agree", exchange)
    await desk.rounds()
    assert await drafts(desk) == []
    assert "would rather not" in desk.shown(SAM)
    await desk.press(TOM, "updates:offer_exchange", exchange)
    assert "not there any more" in desk.told()
