"""A photo dropped to the app, or `/customer spotted`, on its way to the team's channel."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.inbox import Draft
from bot.db.tables.members import Member
from bot.db.tables.questions import KeptText
from tests.features.inbox.conftest import Room, files, many, one, text
from tests.features.inbox.test_thread import said
from tests.features.stories.given import CHANNEL, EDITOR, GUEST, SAM, png

PHOTO = {"id": "F0PHOTO001", "name": "p.png", "mimetype": "image/png", "url_private": "https://files.slack.com/p"}
NAMED = {"type": "checkboxes", "selected_options": [{"value": "credit"}]}


async def drop(room: Room, user: str = SAM, said: str = "", **changes: Any) -> None:
    event = {
        "type": "message",
        "subtype": "file_share",
        "channel_type": "im",
        "channel": f"D{user[1:]}",
        "user": user,
        "text": said,
        "ts": "1700000000.000100",
        "files": [PHOTO],
        **changes,
    }
    await room.app.event(event)
    await room.rounds()


def button(room: Room, user: str = SAM) -> str:
    """What *Spotted!* below the dropped photo carries."""
    (message,) = room.posted(f"D{user[1:]}")
    elements = [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
    return next(str(one["value"]) for one in elements if one["action_id"] == "inbox:spot")


async def draft(room: Room) -> Draft:
    async with room.sessions.begin() as session:
        return (await session.scalars(select(Draft))).one()


async def test_a_dropped_photo_becomes_a_post_in_the_teams_channel(room: Room) -> None:
    async with room.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == SAM).values(team_id="line2"))
    room.gateway.answers["download"] = lambda url: png()
    await drop(room, said="In the window!")
    await room.press(SAM, "inbox:spot", button(room))
    shown = said(room.view()["blocks"])
    assert "Which product is it?" in shown
    assert "In the window!" in shown
    assert "file_input" not in shown
    answered = await room.submit(
        SAM, room.view(), product=one("pb7"), where=text("Shop in Faro"), word=text("In the window!"), credit=NAMED
    )
    assert "It is with the editors" in said(answered["view"]["blocks"])
    await room.fetch()
    await room.rounds()
    assert "It is with the editors now." in room.posted(f"D{SAM[1:]}")[0]["text"]

    made = await draft(room)
    assert made.headline == "Spotted: PB-7 power board, Shop in Faro"
    await room.press(EDITOR, "inbox:look", made.id)
    assert "spotted by U0SAM" in said(room.view()["blocks"])
    await room.press(EDITOR, "inbox:approve", f"{made.id}:{made.revision}", inside=True)
    (channels,) = [block for block in room.view()["blocks"] if block.get("block_id") == "channels"]
    assert [option["value"] for option in channels["element"]["initial_options"]] == [CHANNEL]
    at_once = {"type": "radio_buttons", "selected_option": {"value": "at_once"}}
    await room.submit(EDITOR, room.view(), when=at_once, channels=many(CHANNEL))
    await room.rounds(5)
    (post,) = room.posted()
    assert "With thanks to U0SAM" in post["text"]
    assert "Here because Line 2 makes the PB-7 power board in it." in post["text"]
    assert post["blocks"][0]["alt_text"] == "Our PB-7 power board was seen here: Shop in Faro."
    assert any("has been posted in #line-2" in one for one in room.dms(SAM))


async def test_without_the_tick_nobody_is_named(room: Room) -> None:
    await drop(room)
    await room.press(SAM, "inbox:spot", button(room))
    await room.submit(SAM, room.view(), where=text("Faro"))
    made = await draft(room)
    assert made.credit is False
    assert made.headline == "Spotted: our work, Faro"


async def test_what_was_dropped_is_taken_up_once_and_kept(room: Room) -> None:
    await drop(room, said="Look")
    kept = button(room)
    await room.press(SAM, "inbox:spot", kept)
    view = room.view()
    await room.submit(SAM, view, where=text("Faro"))
    answered = await room.submit(SAM, view, where=text("Faro"))
    assert "not there any more" in said(answered["view"]["blocks"])
    await draft(room)
    async with room.sessions.begin() as session:
        row = (await session.scalars(select(KeptText))).one()
        assert row.text == "Look"
        assert str(row.became).startswith("spotted:")
    await room.press(EDITOR, "inbox:spot", kept)
    assert "not there any more" in said(room.view()["blocks"])


async def test_a_text_without_a_picture_is_only_asked_about_its_customer(room: Room) -> None:
    await drop(room, said="How is Orion?", files=[], subtype=None)
    (message,) = room.posted(f"D{SAM[1:]}")
    assert "inbox:spot" not in said(message["blocks"])


async def test_where_is_needed_and_everything_typed_is_kept(room: Room) -> None:
    await drop(room)
    await room.press(SAM, "inbox:spot", button(room))
    answered = await room.submit(SAM, room.view(), where=text(" "), word=text("hm"))
    assert answered == {"response_action": "errors", "errors": {"where": "Please say where you saw it."}}


async def test_the_command_asks_for_the_photo(room: Room) -> None:
    from bot.slack.payloads import SlashCommand, Who
    from bot.slack.words import Words

    def command(user: str) -> SlashCommand:
        return SlashCommand(
            who=Who(workspace_id="T0NORTH", user_id=user),
            command="/customer",
            text="spotted",
            channel="C1",
            trigger_id="1.1",
            response_url="https://hooks.example/1",
        )

    reply = await room.commands["spotted"].run(command(SAM), "in Faro", Words())
    view = reply.view.payload()
    room.gateway.views.append(reply.view)
    room.gateway.answers["download"] = lambda url: png()
    photo = files(PHOTO)
    await room.submit(SAM, view, where=text("Faro"), picture=photo)
    await room.fetch()
    assert (await draft(room)).picture_hash
    refused = await room.commands["spotted"].run(command(GUEST), "", Words())
    assert "for members of this company" in refused.message.text


@pytest.mark.parametrize("user", [SAM, GUEST])
async def test_products_are_found_by_members_only(room: Room, user: str) -> None:
    body = {
        "type": "block_suggestion",
        "action_id": "inbox:product",
        "block_id": "product",
        "value": "power",
        "team": {"id": "T0NORTH"},
        "user": {"id": user, "team_id": "T0NORTH"},
        "view": {"id": "V1", "type": "modal", "private_metadata": ""},
    }
    response = await room.app.send(body)
    assert ("PB-7 power board" in response.body) is (user == SAM)


async def test_guests_who_drop_a_photo_are_refused_politely(room: Room) -> None:
    await drop(room, user=GUEST)
    assert "for members of this company" in room.dms(GUEST)[0]
