"""The form, its preview, and what is kept of it."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.tables.inbox import Draft
from bot.db.tables.stories import Post, Story
from bot.features.inbox.rules import Content
from tests.features.inbox.conftest import FORM, SECOND, Room, files, many, one, text
from tests.features.inbox.test_thread import look_and_approve, said
from tests.features.members.people import WS
from tests.features.stories.given import ADMIN, AMARA, EDITOR, GUEST, NOW, png


async def form(room: Room, user: str, **changes: Any) -> dict[str, Any]:
    """The answer to a story's form with these fields."""
    await room.press(user, "inbox:write:story", "story")
    return await room.submit(user, room.view(), **{**FORM, **changes})


async def keep(room: Room, user: str, **changes: Any) -> dict[str, Any]:
    pushed = await form(room, user, **changes)
    assert pushed["response_action"] == "push", pushed
    return await room.submit(user, pushed["view"])


async def the_draft(room: Room) -> Draft:
    async with room.sessions.begin() as session:
        return (await session.scalars(select(Draft))).one()


WRONG = [
    ({"headline": text(" ")}, "headline", "Please write a headline."),
    ({"headline": text("x" * 151)}, "headline", "It has 151 characters; 150 are allowed."),
    ({"headline": text("a\x00b")}, "headline", "There are characters in it that cannot be shown"),
    ({"text": text("word " * 61)}, "text", "It has 61 words; 60 are allowed."),
    ({"body": text("a\n\n" * 200)}, "body", "There are more paragraphs"),
    ({"quote_text": text("It holds.")}, "quote_name", "Please say who said it."),
    ({"quote_name": text("Ines")}, "quote_text", "Please write what they said"),
    ({"picture": files({"id": "F1", "url_private": "https://files.slack.com/1"})}, "picture_alt", "Please say what is"),
    ({"customer": one("nobody")}, "customer", "This customer is not there any more."),
    ({"products": many("pb7", "nothing")}, "products", "One of these products"),
    ({"expires": {"type": "datepicker", "selected_date": "2026-11-23"}}, "expires", "This day is over."),
    ({"text": text("Kestrelane bought it.")}, "text", "It names a customer that must not be named."),
]


@pytest.mark.parametrize(
    ("changes", "field", "why"), WRONG, ids=[f"{field}-{n}" for n, (_, field, _) in enumerate(WRONG)]
)
async def test_what_a_post_cannot_take_is_said_at_its_field_and_keeps_everything(
    room: Room, changes: dict[str, Any], field: str, why: str
) -> None:
    answered = await form(room, EDITOR, **changes)
    assert answered["response_action"] == "errors"
    assert list(answered["errors"]) == [field]
    assert why in answered["errors"][field]
    fields = {block["block_id"] for block in room.view()["blocks"] if block["type"] == "input"}
    assert field in fields


async def test_the_preview_shows_the_very_blocks_of_the_post(room: Room) -> None:
    pushed = await form(
        room,
        EDITOR,
        customer=one("cust1"),
        products=many("pb7"),
        quote_text=text("Solid."),
        quote_name=text("Ines Falk"),
    )
    shown = [block for block in pushed["view"]["blocks"] if block["type"] not in {"divider"}][:-1]
    await room.submit(EDITOR, pushed["view"])
    await look_and_approve(room, SECOND, (await the_draft(room)).id)
    assert await room.fill() is None
    await room.rounds(4)
    (post,) = room.posted()
    assert [block for block in post["blocks"] if block["type"] != "actions"] == shown


async def test_what_is_kept_is_in_the_inbox_once(room: Room) -> None:
    pushed = await form(room, EDITOR)
    for _ in range(2):
        answered = await room.submit(EDITOR, pushed["view"], view_id="VKEEP")
        assert "It is in the editors’ inbox" in said(answered["view"]["blocks"])
    draft = await the_draft(room)
    assert (draft.author, draft.headline, draft.body) == (
        EDITOR,
        "Halden rides again",
        "The hill is steep. Our board holds.",
    )


async def test_nobody_else_confirms_a_preview(room: Room) -> None:
    pushed = await form(room, EDITOR)
    answered = await room.submit(SECOND, pushed["view"])
    assert "This preview is too old" in said(answered["view"]["blocks"])


async def test_editors_do_not_approve_their_own_unless_they_are_alone(room: Room) -> None:
    await keep(room, EDITOR)
    draft = await the_draft(room)
    await room.press(EDITOR, "inbox:look", draft.id)
    assert "another editor approves it" in said(room.view()["blocks"])
    assert "inbox:approve" not in said(room.view()["blocks"])
    await room.press(EDITOR, "inbox:approve", f"{draft.id}:1", inside=True)
    assert "another editor approves it" in said(room.view()["blocks"])
    assert (EDITOR, "refused") in await room.audited()
    await room.only_editor()
    answered = await look_and_approve(room, EDITOR, draft.id)
    assert "Approved" in said(answered["view"]["blocks"])
    assert (await room.draft(draft.id)).state == "approved"


@pytest.mark.parametrize("user", [AMARA, ADMIN])
async def test_members_may_suggest_a_story_and_edit_their_own_but_decide_nothing(room: Room, user: str) -> None:
    await keep(room, user)
    draft = await the_draft(room)
    for action, value in (("inbox:look", draft.id), ("inbox:approve", f"{draft.id}:1"), ("inbox:reject", draft.id)):
        await room.press(user, action, value)
        assert "Only editors can do this." in said(room.view()["blocks"])
    assert (await room.draft(draft.id)).state == "waiting"
    await room.press(user, "inbox:edit", draft.id)
    pushed = await room.submit(user, room.view(), **{**FORM, "headline": text("Halden, once more")})
    await room.submit(user, pushed["view"])
    assert (await room.draft(draft.id)).headline == "Halden, once more"


async def test_guests_and_people_of_other_companies_are_refused_politely(room: Room) -> None:
    await room.press(GUEST, "inbox:write:story", "story")
    assert "for members of this company" in said(room.view()["blocks"])
    await room.press(AMARA, "inbox:write:story", "story", team="T0OTHER")
    assert "for members of this company" in said(room.view()["blocks"])
    assert (GUEST, "refused") in await room.audited()


async def test_an_edit_of_what_another_has_changed_meanwhile_is_told_and_changes_nothing(room: Room) -> None:
    draft_id = await room.offer()
    await room.press(EDITOR, "inbox:edit", draft_id)
    first = room.view()
    await room.press(SECOND, "inbox:edit", draft_id)
    second = room.view()
    pushed = await room.submit(EDITOR, first, **{**FORM, "headline": text("First")})
    await room.submit(EDITOR, pushed["view"])
    pushed = await room.submit(SECOND, second, **{**FORM, "headline": text("Second")})
    answered = await room.submit(SECOND, pushed["view"])
    assert "has been edited since" in said(answered["view"]["blocks"])
    assert "clear_on_close" not in answered["view"]
    assert (await room.draft(draft_id)).headline == "First"


async def test_a_picture_is_fetched_made_safe_and_shown(room: Room) -> None:
    room.gateway.answers["download"] = lambda url: png()
    file = {"id": "F0PICTURE1", "name": "shop.png", "mimetype": "image/png", "url_private": "https://files.slack.com/1"}
    answered = await form(room, EDITOR, picture=files(file), picture_alt=text("A shop window"))
    assert "is being fetched" in said(answered["view"]["blocks"])
    await room.submit(EDITOR, answered["view"])
    draft_id = (await the_draft(room)).id
    await room.press(SECOND, "inbox:look", draft_id)
    assert "still being fetched" in said(room.view()["blocks"])
    await room.fetch()
    await room.rounds()
    assert room.slack.uploads
    await room.press(SECOND, "inbox:look", draft_id)
    (image,) = [block for block in room.view()["blocks"] if block["type"] == "image"]
    assert (image["alt_text"], image["slack_file"]) == ("A shop window", {"id": "F0123456789"})


async def test_a_picture_that_is_none_is_told_to_the_editor(room: Room) -> None:
    room.gateway.answers["download"] = lambda url: b"<svg onload='x'/>"
    file = {"id": "F0PICTURE1", "name": "shop.png", "mimetype": "image/png", "url_private": "https://files.slack.com/1"}
    await keep(room, EDITOR, picture=files(file), picture_alt=text("A shop window"))
    await room.fetch()
    await room.press(EDITOR, "inbox:edit", (await the_draft(room)).id)
    assert "could not be used" in said(room.view()["blocks"])


async def test_a_correction_changes_every_post_and_drops_translations_that_are_wrong_now(room: Room) -> None:
    draft_id = await room.offer()
    await look_and_approve(room, EDITOR, draft_id)
    assert await room.fill() is None
    await room.rounds(4)
    await room.press(EDITOR, "inbox:correct", draft_id)
    shown = {block["block_id"]: block for block in room.view()["blocks"] if block["type"] == "input"}
    assert shown["headline"]["element"]["initial_value"] == "Orion opens a shop"
    pushed = await room.submit(
        EDITOR, room.view(), **{**FORM, "headline": text("Orion opens two shops"), "customer": one("cust1")}
    )
    assert "in the 1 place" in said(pushed["view"]["blocks"])
    answered = await room.submit(EDITOR, pushed["view"])
    assert "being corrected in the one place" in said(answered["view"]["blocks"])
    await room.rounds()
    (post,) = room.posted()
    assert post["text"].startswith("Corrected: Orion opens two shops")
    async with room.sessions.begin() as session:
        assert (await session.scalars(select(Story.headline))).one() == "Orion opens two shops"
        assert (await session.scalars(select(Post.posted_at))).one() is not None
    assert (EDITOR, "story.correct") in await room.audited()


async def test_a_recalled_story_cannot_be_corrected(room: Room) -> None:
    from bot.features.stories import service as stories

    draft_id = await room.offer()
    await look_and_approve(room, EDITOR, draft_id)
    async with room.sessions.begin() as session:
        await stories.recall_story(session, WS, draft_id, by=EDITOR, now=NOW, new_id=room.new_id)
    await room.press(EDITOR, "inbox:correct", draft_id)
    assert "not there any more" in said(room.view()["blocks"])


async def test_what_an_offer_lacks_is_said_before_it_can_be_approved(room: Room) -> None:
    draft_id = await room.offer(text="word " * 90)
    await room.press(EDITOR, "inbox:look", draft_id)
    assert "needs a headline and a short text" in said(room.view()["blocks"])
    assert "inbox:approve" not in said(room.view()["blocks"])


def test_content_survives_being_stored_as_json() -> None:
    from bot.features.inbox.rules import content_from

    content = Content(headline="a", text="b", product_ids=("p",), expires_on=NOW.date(), details={"x": [1]})
    assert content_from(content.stored()) == content
