"""Approving, rejecting and scheduling: one outcome, told to whoever is concerned."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.channels import Channel, ChannelOwner, Occurrence
from bot.db.tables.customers import Customer
from bot.db.tables.stories import Post, Story
from bot.features.channels import service as channels
from bot.features.channels.seams import Due
from bot.features.inbox import deciding, service
from bot.features.inbox.rules import Refusal
from bot.features.inbox.seams import Plan
from bot.features.stories import jobs as stories_jobs
from bot.features.stories import service as stories
from bot.slack.words import Words
from tests.features.inbox.conftest import AT_ONCE, AT_TIME, SECOND, Room, at, many, text
from tests.features.inbox.test_thread import look_and_approve, said
from tests.features.members.people import WS
from tests.features.stories.given import AMARA, CHANNEL, EDITOR, GUEST, NOW, SAM
from tests.features.trail import trail_of


async def approve(room: Room, draft_id: str, by: str, plan: Plan | None = None) -> deciding.Decision:
    async def work(session: Any) -> deciding.Decision:
        return await deciding.approve(
            session,
            {kind.name: kind for kind in room.kinds},
            WS,
            draft_id,
            plan or Plan(),
            revision=1,
            by=by,
            words=Words(),
            now=NOW,
            new_id=room.new_id,
        )

    return await room.sessions.run(work)


async def test_of_two_editors_at_once_one_decides_and_the_other_is_told(room: Room) -> None:
    draft_id = await room.offer()
    outcomes = await asyncio.gather(approve(room, draft_id, EDITOR), approve(room, draft_id, SECOND))
    assert sorted(str(one.refusal) for one in outcomes) == ["None", "Refusal.ALREADY"]
    async with room.sessions.begin() as session:
        assert len(list(await session.scalars(select(Story)))) == 1
    assert [action for _, action in await room.audited()].count("draft.approve") == 1
    await room.press(SECOND, "inbox:approve", f"{draft_id}:1")
    assert "has approved it already." in said(room.view()["blocks"])


@pytest.mark.row("D10")
async def test_submitting_twice_is_told_the_same_twice(room: Room) -> None:
    draft_id = await room.offer()
    await room.press(EDITOR, "inbox:approve", f"{draft_id}:1")
    view = room.view()
    first = await room.submit(EDITOR, view, view_id="VSAME")
    assert await room.submit(EDITOR, view, view_id="VSAME") == first


async def test_a_rejection_needs_a_reason_which_its_author_gets_as_it_was_written(room: Room) -> None:
    draft_id = await room.offer()
    await room.press(EDITOR, "inbox:reject", f"{draft_id}:1")
    view = room.view()
    answered = await room.submit(EDITOR, view, reason=text("  "))
    assert "reason" in answered["errors"]
    await room.submit(EDITOR, view, reason=text("Too <!channel> early & <@U1>"))
    await room.rounds()
    (message,) = room.posted(f"D{AMARA[1:]}")
    assert message["text"].startswith("U0EDITOR did not take “Orion opens a shop” this time.")
    assert "Too &lt;!channel&gt; early &amp; &lt;@U1&gt;" in message["text"]
    assert (await room.draft(draft_id)).state == "rejected"
    await room.press(SECOND, "inbox:reject", draft_id)
    assert "U0EDITOR has rejected it already." in said(room.view()["blocks"])


async def coming(session: AsyncSession, occurrence: str, at: datetime) -> list[str | None]:
    """What *Next five posts* says of it."""
    audience = await channels.audience(session, WS, CHANNEL)
    assert audience is not None
    due = Due(occurrence_id=occurrence, kind="story", due_at=at)
    found = await stories_jobs.Library(name="story").planned(session, audience, [due], Words())
    return [one.headline for one in found.values()]


async def test_a_scheduled_story_is_posted_in_its_channels_at_its_time(room: Room) -> None:
    draft_id, later = await room.offer(), NOW + timedelta(days=2)
    answered = await look_and_approve(room, EDITOR, draft_id, when=AT_TIME, channels=many(CHANNEL), at=at(later))
    assert "in #line-2" in said(answered["view"]["blocks"])
    await room.rounds()
    assert room.posted() == []
    assert "It is posted on" in room.dms(AMARA)[0]
    (owed,) = await room.deliveries("stories.post")
    assert owed.due_at == later
    assert owed.late_after == later + timedelta(hours=4)
    async with room.sessions.begin() as session:
        (planned,) = await session.scalars(select(Occurrence))
        assert (planned.slot_id, planned.due_at, planned.state) == (None, later, "filled")
        assert await coming(session, planned.id, later) == ["Orion opens a shop"]
        await session.execute(update(Customer).values(confidential=True))
        assert await coming(session, planned.id, later) == [None]
        await stories.recall_story(session, WS, draft_id, by=EDITOR, now=NOW, new_id=room.new_id)
    async with room.sessions.begin() as session:
        (planned,) = await session.scalars(select(Occurrence))
        assert (planned.state, planned.reason) == ("skipped", "recalled")
        assert await coming(session, planned.id, later) == []
        assert (await session.scalars(select(Post.outcome))).one() == "recalled"


async def test_at_once_it_is_posted_at_once(room: Room) -> None:
    draft_id = await room.offer()
    await look_and_approve(room, EDITOR, draft_id, when=AT_ONCE, channels=many(CHANNEL))
    await room.rounds()
    assert len(room.posted()) == 1


WRONG = [
    ({"when": AT_ONCE}, "channels", "Please choose the channels"),
    ({"when": AT_TIME, "channels": many(CHANNEL)}, "at", "Please choose the date and time."),
    ({"when": AT_TIME, "channels": many(CHANNEL), "at": at(NOW - timedelta(days=1))}, "at", "within the next year"),
    ({"when": AT_ONCE, "channels": many("C0OTHER")}, "channels", "not set up any more"),
]


@pytest.mark.parametrize(("given", "field", "why"), WRONG)
async def test_a_plan_that_cannot_be_kept_is_said_at_its_field(
    room: Room, given: dict[str, Any], field: str, why: str
) -> None:
    draft_id = await room.offer()
    answered = await look_and_approve(room, EDITOR, draft_id, **given)
    assert why in answered["errors"][field]
    assert (await room.draft(draft_id)).state == "waiting"


async def test_where_a_story_must_not_be_is_said_when_it_is_planned(room: Room) -> None:
    draft_id = await room.offer()
    async with room.sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == "cust1").values(may_be_named=False))
    answered = await look_and_approve(room, EDITOR, draft_id, when=AT_ONCE, channels=many(CHANNEL))
    assert "Orion may not be named yet" in answered["errors"]["channels"]
    async with room.sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == "cust1").values(may_be_named=True))
        await session.execute(update(Channel).values(outsiders=True))
    answered = await look_and_approve(room, EDITOR, draft_id, when=AT_ONCE, channels=many(CHANNEL))
    assert "shared with another company" in answered["errors"]["channels"]


async def test_consent_that_is_gone_by_then_holds_a_planned_post_back(room: Room) -> None:
    draft_id = await room.offer()
    await look_and_approve(room, EDITOR, draft_id, when=AT_ONCE, channels=many(CHANNEL))
    async with room.sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == "cust1").values(may_be_named=False))
    await room.rounds()
    assert room.posted() == []
    async with room.sessions.begin() as session:
        (planned,) = await session.scalars(select(Occurrence))
        assert (planned.state, planned.reason) == ("skipped", "not_nameable")


async def test_what_was_edited_since_it_was_looked_at_is_not_approved(room: Room) -> None:
    draft_id = await room.offer()
    async with room.sessions.begin() as session:
        draft = await service.get(session, WS, draft_id)
        assert draft is not None
        await deciding.change(session, WS, draft_id, draft.content, revision=1, by=SECOND, now=NOW, new_id=room.new_id)
    assert (await approve(room, draft_id, EDITOR)).refusal is Refusal.CHANGED


async def test_what_was_decided_is_read_by_the_account_manager_and_where_it_was_planned(room: Room) -> None:
    async with room.sessions.begin() as session:
        session.add(ChannelOwner(workspace_id=WS, channel_id=CHANNEL, user_id=AMARA))
        await session.execute(update(Customer).where(Customer.id == "cust4").values(account_manager=SECOND))
    assert (await approve(room, await room.offer(author=GUEST), AMARA)).refusal is Refusal.NOT_AN_EDITOR
    planned = Plan(channel_ids=(CHANNEL,), at=NOW + timedelta(hours=1))
    await approve(room, await room.offer(author=GUEST), EDITOR, planned)
    quiz = await room.offer(author=GUEST, kind="question")
    async with room.sessions.begin() as session:
        await deciding.reject(session, WS, quiz, "too easy", by=EDITOR, now=NOW, new_id=room.new_id)
    assert sorted(await trail_of(room.sessions, SAM)) == [
        ("channel.plan", ("cust1",)),
        ("draft.approve", ("cust1",)),
        ("refused", ("cust1",)),
    ]  # and not the question: they may be asked it
    assert sorted(await trail_of(room.sessions, AMARA)) == [("channel.plan", (CHANNEL,)), ("draft.approve", (CHANNEL,))]
    assert await trail_of(room.sessions, SECOND) == []


async def test_drafts_of_another_workspace_are_not_there(room: Room) -> None:
    draft_id = await room.offer()
    async with room.sessions.begin() as session:
        decision = await deciding.reject(session, "T0OTHER", draft_id, "no", by=EDITOR, now=NOW, new_id=room.new_id)
    assert decision.refusal is Refusal.NOT_FOUND


async def test_the_list_shows_ten_at_a_time_the_oldest_first(room: Room) -> None:
    for number in range(12):
        await room.offer(request=f"many:{number}", headline=f"Story {number}")
    assert "12 wait in all" in said(await room.home(EDITOR))
    await room.press(EDITOR, "inbox:list", "0")
    shown = said(room.view()["blocks"])
    assert "1 to 10 of 12" in shown
    assert "Story 9" in shown
    assert "Story 10" not in shown
    await room.press(EDITOR, "inbox:page:newer", "10", inside=True)
    assert "11 to 12 of 12" in said(room.view()["blocks"])
    assert room.gateway.calls[-1][1] == "views.update"


async def test_an_author_takes_back_what_waits_and_nobody_else_does(room: Room) -> None:
    draft_id = await room.offer()
    await room.press(EDITOR, "inbox:take_back", draft_id)
    assert "not there any more" in said(room.view()["blocks"])
    assert (await room.draft(draft_id)).state == "waiting"
    shown = len(room.gateway.views)
    await room.press(AMARA, "inbox:take_back", draft_id)
    assert len(room.gateway.views) == shown
    assert (await room.draft(draft_id)).state == "taken_back"
    assert "Nothing is waiting." in said(await room.home(EDITOR))
    await room.press(EDITOR, "inbox:approve", f"{draft_id}:1")
    assert "has been taken back by whoever offered it" in said(room.view()["blocks"])


async def test_what_was_approved_can_no_longer_be_taken_back_by_its_author(room: Room) -> None:
    draft_id = await room.offer(author=SECOND)
    await approve(room, draft_id, EDITOR)
    await room.press(SECOND, "inbox:take_back", draft_id)
    assert "U0EDITOR has approved it already." in said(room.view()["blocks"])
