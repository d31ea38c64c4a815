"""What follows an update that is changed or taken back, and what no longer does."""

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from bot.core.ids import new_id as fresh_id
from bot.db.tables.channels import Channel, ChannelPerson
from bot.db.tables.inbox import Draft
from bot.db.tables.workspaces import Workspace
from bot.features.adoptions import service as adoptions
from tests.features.questions.people import ADMIN
from tests.features.stories.given import CHANNEL
from tests.features.updates.conftest import AMARA, ORION, SAM, TOM, WS, Desk, as_opened


async def grown(desk: Desk, text: str = "Orion They doubled the order") -> dict[str, Any]:
    await desk.command(SAM, text)
    opened = desk.last_view()
    view = {"id": "V9", "type": "modal", "hash": "h", "private_metadata": opened["private_metadata"]}
    await desk.press(SAM, "updates:more", "", view=view | {"state": {"values": as_opened(opened)}})
    return desk.last_view()


async def draft(desk: Desk) -> Draft:
    async with desk.sessions.begin() as session:
        return (await session.scalars(select(Draft))).one()


async def offered(desk: Desk) -> str:
    """An update that waits with the editors as a story; its id."""
    await desk.adopt(AMARA)
    await desk.send(SAM, view=await grown(desk), headline="Twice as many", offer=True, tick=True)
    await desk.rounds()
    return (await desk.updates())[-1].id


async def edit(desk: Desk, update_id: str, **typed: Any) -> dict[str, Any]:
    await desk.press(SAM, "updates:edit", update_id)
    return await desk.send(SAM, **typed)


async def test_a_draft_that_waits_follows_what_its_author_changes(desk: Desk) -> None:
    changed = await offered(desk)
    before = await draft(desk)
    await edit(desk, changed, text="They tripled the order", headline="Thrice as many", tick=True)
    after = await draft(desk)
    assert [after.headline, after.text, after.body] == ["Thrice as many", *2 * ["They tripled the order"]]
    assert after.revision > before.revision, "whoever looked at it before looks again"


async def test_what_an_editor_has_written_stays_and_the_new_text_stands_beside_it(desk: Desk) -> None:
    changed = await offered(desk)
    async with desk.sessions.begin() as session:
        await session.execute(update(Draft).values(edited_by=ADMIN, text="An editor's words"))
    await edit(desk, changed, text="They tripled the order", tick=True)
    after = await draft(desk)
    assert after.text == "An editor's words"
    assert after.origin["newer"] == "They tripled the order"


async def test_taken_back_it_leaves_the_editors_inbox(desk: Desk) -> None:
    taken = await offered(desk)
    await desk.press(SAM, "updates:withdraw", taken)
    assert (await draft(desk)).state == "taken_back"
    assert "recall" not in desk.told()


async def test_taken_back_after_it_was_approved_its_author_hears_that_the_story_stays(desk: Desk) -> None:
    taken = await offered(desk)
    async with desk.sessions.begin() as session:
        await session.execute(update(Draft).values(state="approved"))
    await desk.press(SAM, "updates:withdraw", taken)
    assert (await draft(desk)).state == "approved"
    assert "recall its posts" in desk.told()


async def test_a_change_does_not_reach_who_gave_the_customer_up_since_but_a_withdrawal_does(desk: Desk) -> None:
    mine = await desk.adopt(AMARA)
    await desk.adopt(TOM)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    (written,) = await desk.updates()
    async with desk.sessions.begin() as session:
        await adoptions.end(session, WS, mine, AMARA, now=desk.clock.now(), new_id=fresh_id)
    await edit(desk, written.id, text="They tripled the order")
    await desk.rounds()
    assert "They tripled the order" in desk.shown(TOM)
    assert "They tripled the order" not in desk.shown(AMARA)
    await desk.press(SAM, "updates:withdraw", written.id)
    await desk.rounds()
    assert "took an update about Orion back" in desk.shown(AMARA)


async def test_a_change_does_not_reach_adopters_once_the_customer_is_confidential(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    (written,) = await desk.updates()
    await desk.change_customer(ORION, confidential=True)
    await edit(desk, written.id, text="They tripled the order")
    await desk.rounds()
    assert "They tripled the order" not in desk.shown(AMARA)


async def test_a_private_channel_is_offered_and_taken_only_from_who_is_in_it(desk: Desk) -> None:
    async def found() -> list[str]:
        body = {"type": "block_suggestion", "team": {"id": WS}, "user": {"id": SAM}, "value": ""}
        body |= {"action_id": "updates:channels", "block_id": "channels", "view": {"id": "V1", "type": "modal"}}
        response = await desk.app.send(body)
        return [one["value"] for one in json.loads(response.body)["options"]]

    view = await grown(desk)
    assert await found() == [CHANNEL]
    async with desk.sessions.begin() as session:
        await session.execute(update(Channel).values(private=True))
        await session.execute(update(ChannelPerson).where(ChannelPerson.user_id == SAM).values(user_id="U0ELSE"))
    assert await found() == []
    answer = await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    assert "not set up" in answer["errors"]["channels"]
    assert await desk.updates() == []


async def test_a_search_goes_on_without_what_no_database_takes(desk: Desk) -> None:
    for user in (SAM, ADMIN):
        body = {"type": "block_suggestion", "team": {"id": WS}, "user": {"id": user}, "value": "Or\x00\ud800"}
        body |= {"action_id": "updates:customer", "block_id": "customer", "view": {"id": "V1", "type": "modal"}}
        response = await desk.app.send(body)
        assert response.status == 200
        assert "Orion" in [one["text"]["text"] for one in json.loads(response.body)["options"]]


async def test_a_command_with_what_no_database_takes_opens_a_window_all_the_same(desk: Desk) -> None:
    await desk.command(ADMIN, "Or\x00 \ud800 They doubled")
    assert desk.last_view()["callback_id"] == "updates:written"


async def test_a_post_in_a_channel_says_why_it_came_there(desk: Desk) -> None:
    await desk.send(SAM, view=await grown(desk), channels=[CHANNEL], tick=True)
    await desk.rounds()
    assert "Here because Sam Reyes chose it for this channel." in json.dumps(desk.slack.made(CHANNEL))


async def test_what_is_sent_on_waits_for_do_not_disturb(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(SAM, "Orion They doubled the order")
    await desk.rounds()
    head = desk.seen(AMARA)[0]
    until = desk.clock.now() + timedelta(minutes=40)
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(scopes=["dnd:read"]))
    quiet = {"dnd_read_at": desk.clock.now(), "dnd_from": desk.clock.now() - timedelta(hours=1), "dnd_until": until}
    await desk.change_person(SAM, **quiet, stopped_at=desk.clock.now())
    await desk.write(AMARA, "Is it for the big ones?", thread=head["ts"])
    await desk.rounds()
    (held,) = {one.group_id for one in await desk.notes() if one.state == "held"}
    await desk.press(AMARA, f"updates:send_on:{ORION}", held)
    await desk.rounds()
    assert "Is it for the big ones?" not in desk.shown(SAM)
    desk.pass_time(timedelta(minutes=41))
    await desk.change_person(SAM, dnd_read_at=desk.clock.now())
    await desk.rounds()
    assert "Is it for the big ones?" in desk.shown(SAM), "their own part in it: not what they have stopped"


async def test_the_list_of_my_customers_begins_with_those_that_somebody_has(desk: Desk) -> None:
    await desk.give("cust2", SAM)
    await desk.command(SAM)
    assert desk.told().index("Halden") < desk.told().index("Orion")
    await desk.adopt(AMARA)
    await desk.command(SAM)
    assert desk.told().index("Orion") < desk.told().index("Halden")
