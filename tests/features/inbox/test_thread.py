"""From an offer to a post and back to its author."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.db.tables.stories import Story
from bot.features.inbox import owed
from tests.features.inbox.conftest import SECOND, Room
from tests.features.stories.given import AMARA, EDITOR, NOW


def said(blocks: list[dict[str, Any]]) -> str:
    return str(blocks)


async def look_and_approve(room: Room, editor: str, draft_id: str, **given: Any) -> dict[str, Any]:
    await room.press(editor, "inbox:look", draft_id)
    buttons = room.view()["blocks"][-1]["elements"]
    value = next(one["value"] for one in buttons if one["action_id"] == "inbox:approve")
    await room.press(editor, "inbox:approve", value, inside=True)
    return await room.submit(editor, room.view(), **given)


async def test_an_offer_waits_with_the_editors_is_approved_posted_and_its_author_hears_of_it(room: Room) -> None:
    draft_id = await room.offer(credit=True)
    assert "Orion opens a shop" in said(await room.home(EDITOR))
    assert "Story · Orion · from an update of U0AMARA" in said(await room.home(EDITOR))
    assert await room.home(AMARA) == []

    answered = await look_and_approve(room, EDITOR, draft_id)
    assert "Approved" in said(answered["view"]["blocks"])
    assert answered["view"]["clear_on_close"] is True
    async with room.sessions.begin() as session:
        story = (await session.scalars(select(Story))).one()
    assert (story.id, story.credit_user, story.source) == (draft_id, AMARA, f"inbox:{draft_id}")

    assert await room.fill() is None
    await room.rounds(6)
    (post,) = room.posted()
    assert "Orion opens a shop" in post["text"]
    assert "With thanks to U0AMARA" in post["text"]
    verdict, posted = room.dms(AMARA)
    assert verdict.startswith("U0EDITOR took “Orion opens a shop”.")
    assert posted == "“Orion opens a shop” has been posted in #line-2."
    assert "Posted in #line-2" in said(await room.home(AMARA, owed.MyOffers(room.kinds)))
    assert (EDITOR, "draft.approve") in await room.audited()


async def test_the_same_offer_again_is_one_draft(room: Room) -> None:
    first = await room.offer(request="update:up1")
    assert await room.offer(request="update:up1") == first
    assert "1 draft" not in said(await room.home(EDITOR))
    assert said(await room.home(EDITOR)).count("inbox:look") == 1


async def test_a_long_offer_keeps_whole_sentences_for_the_post_and_all_of_it_for_the_story(room: Room) -> None:
    long = "They sold out in a day. " * 30
    draft = await room.draft(await room.offer(text=long, headline=""))
    assert draft.headline == "They sold out in a day."
    assert len(draft.text.split()) == 60
    assert draft.body == long.strip()


async def test_editors_hear_of_new_drafts_once_a_day(room: Room) -> None:
    await room.offer()
    await room.rounds()
    await room.offer(request="another")
    await room.rounds()
    assert len(room.dms(EDITOR)) == len(room.dms(SECOND)) == 1
    assert room.dms(EDITOR)[0].startswith("1 draft waits in the editors’ inbox.")
    late = [row for row in await room.deliveries("inbox.new") if row.state == "pending"]
    assert {row.due_at - NOW > timedelta(hours=12) for row in late} == {True}


async def test_an_editor_who_stopped_messages_is_not_written_to(room: Room) -> None:
    from sqlalchemy import update

    from bot.db.tables.members import Member

    async with room.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == EDITOR).values(stopped_at=NOW))
    await room.offer()
    await room.rounds()
    assert room.dms(EDITOR) == []
    assert len(room.dms(SECOND)) == 1
