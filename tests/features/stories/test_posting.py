"""From an occurrence to the message in the channel and back out of it, on both databases."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from bot.db.tables.channels import Channel, ChannelPerson, Occurrence, WeeklyTotal
from bot.db.tables.customers import Customer, Product, Team
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry, Role
from bot.db.tables.stories import Picture, Post, Story
from bot.features.channels.seams import Due
from bot.features.stories import jobs, service
from bot.slack.words import Words
from tests.delivery.pretend_slack import refusal
from tests.features.stories.conftest import Works
from tests.features.stories.given import ADMIN, CHANNEL, EDITOR, GUEST, NOW, SAM, WS, occurrence, png, story

WEEK = timedelta(days=7)
PICTURED = story().replace("kind: story\n", "kind: story\npicture: {file: tv.png, alt: A television on a wall}\n")


async def test_a_story_reaches_its_channel(works: Works) -> None:
    await works.library(orion=story())
    assert await works.fill() is None
    await works.rounds()
    (message,) = works.posted()
    shown = json.dumps(message["blocks"], ensure_ascii=False)
    assert message["text"] == (
        "Orion's new set ships with your power board. It is in the shops from Monday. It uses half the power. "
        "“It simply never fails.” Ines Falk, Head of product. Here because Line 2 makes the PB-7 power board in it."
    )
    assert "Made with: PB-7 power board · made by Line 2" in shown
    assert "Here because Line 2 makes the PB-7 power board in it." in shown
    buttons = message["blocks"][-1]["elements"]
    assert [button["text"]["text"] for button in buttons] == ["Read the whole story", "Ask about this customer"]
    async with works.sessions.begin() as session:
        post = await session.scalar(select(Post))
    assert post is not None
    assert (post.ts, post.outcome, post.customer_id) == (message["ts"], "sent", "cust1")
    assert buttons[0]["value"] == post.id
    assert buttons[1]["value"] == f"cust1:{post.id}"


async def test_news_says_that_it_is_news(works: Works) -> None:
    await works.library(n=story(kind="news", published="2026-11-20"))
    assert await works.fill(kind="news") is None
    await works.rounds()
    (message,) = works.posted()
    assert message["blocks"][0]["elements"][0]["text"] == "Customer news"
    assert message["text"].startswith("Customer news: ")


async def test_the_channel_reads_its_own_language(works: Works) -> None:
    await works.library(orion=story())
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(locale="pt-BR"))
    await works.fill()
    await works.rounds()
    assert works.posted()[0]["text"].startswith("O novo televisor.")


async def test_nothing_twice_and_the_editors_are_told_once_a_week(works: Works) -> None:
    await works.library(a=story(), b=story(customer="NL-002"))
    at = NOW
    results = []
    for number in range(4):
        results.append(await works.fill(f"occ{number}", due_at=at))
        await works.rounds(2)
        at += timedelta(hours=1)
    assert results == [None, None, "nothing_left", "nothing_left"]
    assert await works.fill("next-week", due_at=NOW + WEEK) == "nothing_left"
    await works.rounds()
    assert len(works.posted()) == 2
    told = await works.deliveries(service.NOTHING_LEFT)
    assert [row.target for row in told] == [EDITOR, EDITOR]
    assert "#line-2" in works.posted(f"D{EDITOR[1:]}")[0]["text"]


async def test_without_editors_the_admins_are_told(works: Works) -> None:
    async with works.sessions.begin() as session:
        await session.execute(Role.__table__.delete().where(Role.role == "editor"))  # type: ignore[attr-defined]
    await works.fill()
    assert [row.target for row in await works.deliveries(service.NOTHING_LEFT)] == [ADMIN]


async def test_the_same_occurrence_twice_is_one_post(works: Works) -> None:
    await works.library(a=story(), b=story(customer="NL-002"))
    await works.fill("occ1")
    assert await works.refill("occ1") is None
    await works.rounds()
    assert len(works.posted()) == 1


async def test_a_preview_is_what_comes(works: Works) -> None:
    await works.library(a=story(), b=story(customer="NL-002", headline="Second"), c=story(headline="Third"))
    dues = [Due(occurrence_id=f"occ{n}", kind="story", due_at=NOW + timedelta(hours=n)) for n in range(4)]
    audience = await works.audience()
    async with works.sessions.begin() as session:
        shown = await jobs.Library(name="story").preview(session, audience, dues, Words())
        assert await jobs.Library(name="story").left(session, audience, now=NOW) == 3
    for due in dues[:3]:
        await works.fill(due.occurrence_id, due_at=due.due_at)
        await works.rounds(2)
    assert [message["text"].startswith(one.headline) for message, one in zip(works.posted(), shown, strict=False)] == [
        True
    ] * 3
    assert shown[0].why == "Here because Line 2 makes the PB-7 power board in it."
    assert (shown[3].headline, shown[3].why) == (None, "Nothing is left for this channel.")


@pytest.mark.parametrize("customer", ["NL-003", "NL-004"])
async def test_who_must_not_be_named_is_never_chosen(works: Works, customer: str) -> None:
    await works.library(a=story(customer=customer, consent="public"))
    assert await works.fill() == "nothing_left"


async def _with_guest(works: Works) -> None:
    async with works.sessions.begin() as session:
        session.add(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=GUEST))


async def test_guests_get_only_what_has_public_consent(works: Works) -> None:
    await works.library(a=story(), b=story(consent="public", headline="For all"))
    await _with_guest(works)
    await works.fill()
    await works.rounds()
    assert works.posted()[0]["text"].startswith("For all.")
    assert await works.fill("occ2", due_at=NOW + WEEK) == "nothing_left"


@pytest.mark.parametrize("change", ["guest", "confidential", "expired", "withdrawn", "removed", "paused", "outsiders"])
async def test_what_changes_before_the_sending_counts(works: Works, change: str) -> None:
    await works.library(a=story())
    assert await works.fill() is None
    if change == "guest":
        await _with_guest(works)
    async with works.sessions.begin() as session:
        if change == "confidential":
            await session.execute(update(Customer).values(confidential=True))
        if change == "expired":
            await session.execute(update(Story).values(expires_on=(NOW - WEEK).date()))
        if change == "withdrawn":
            await session.execute(update(Story).values(withdrawn_at=NOW))
        if change in {"removed", "paused"}:
            await session.execute(update(Channel).values(state=change))
        if change == "outsiders":
            await session.execute(update(Channel).values(outsiders=True))
    await works.rounds()
    assert works.posted() == []
    (delivery,) = await works.deliveries(service.POST)
    assert delivery.state == "skipped"
    async with works.sessions.begin() as session:
        post = await session.scalar(select(Post))
        left_out = await session.scalar(select(Occurrence))
    assert post is not None
    assert left_out is not None
    assert (post.outcome, left_out.state, left_out.reason) == (delivery.error, "skipped", delivery.error)


async def test_what_was_skipped_is_free_to_be_chosen_again_at_once(works: Works) -> None:
    await works.library(a=story())
    await works.fill()
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(state="paused"))
    await works.rounds()
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(state="active"))
    assert await works.fill("occ2", due_at=NOW + timedelta(hours=1)) is None


async def _posts_counted(works: Works) -> int:
    async with works.sessions.begin() as session:
        return await session.scalar(select(WeeklyTotal.count).where(WeeklyTotal.what == "post")) or 0


async def test_only_what_stands_in_the_channel_counts_as_a_post(works: Works) -> None:
    await works.library(a=story(), b=story(customer="NL-002"), c=story(headline="Another"))
    works.slack.before = lambda method, _: refusal("msg_too_long") if method == "chat.postMessage" else None
    await works.fill()
    await works.rounds(1)
    assert await _posts_counted(works) == 0
    works.slack.before = lambda _method, _arguments: None
    await works.fill("occ2", due_at=NOW + timedelta(minutes=1))
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=True))
    await works.rounds()
    assert await _posts_counted(works) == 0
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=False))
    await works.fill("occ3", due_at=NOW + timedelta(minutes=2))
    await works.rounds()
    assert len(works.posted()) == await _posts_counted(works) == 1


async def test_a_picture_is_uploaded_ahead_once(works: Works) -> None:
    await works.library(orion=PICTURED, other=PICTURED.replace("NL-001", "NL-002"), tv__png=png())
    await works.fill()
    await works.rounds()
    image = next(block for block in works.posted()[0]["blocks"] if block["type"] == "image")
    assert image == {
        "type": "image",
        "alt_text": "A television on a wall",
        "slack_file": {"id": "F0123456789"},
    }
    await works.fill("occ2", due_at=NOW + timedelta(hours=1))
    await works.rounds()
    assert len(works.slack.uploads) == 1
    assert len(works.posted()) == 2


async def test_a_post_goes_without_a_picture_that_fails(works: Works) -> None:
    await works.library(orion=PICTURED, tv__png=png())
    works.slack.before = lambda method, _: refusal("file_uploads_disabled") if method.startswith("files.") else None
    await works.fill()
    await works.rounds()
    assert [block["type"] for block in works.posted()[0]["blocks"]].count("image") == 0


async def test_a_post_waits_a_minute_for_its_picture_and_no_longer(works: Works) -> None:
    await works.library(orion=PICTURED, tv__png=png())
    await works.fill()
    works.slack.before = lambda method, _: refusal("service_unavailable") if method.startswith("files.") else None
    await works.rounds(2)
    assert works.posted() == []
    (row,) = await works.deliveries(service.POST)
    ref = {**row.ref, "wait_until": (NOW - timedelta(seconds=1)).isoformat()}
    async with works.sessions.begin() as session:
        await session.execute(update(type(row)).where(type(row).id == row.id).values(ref=ref))
    await works.rounds(2)
    assert len(works.posted()) == 1


async def test_a_picture_that_slack_will_not_show_is_left_out(works: Works) -> None:
    url = story().replace("kind: story\n", "kind: story\npicture: {url: 'https://a.example/x.png', alt: A set}\n")
    await works.library(orion=url)

    def refuse(method: str, arguments: dict[str, Any]) -> Any:
        pictured = any(block["type"] == "image" for block in arguments.get("blocks") or ())
        return refusal("invalid_blocks") if pictured else None

    works.slack.before = refuse
    await works.fill()
    await works.rounds()
    assert len(works.posted()) == 1
    assert await works.deliveries(service.FAILED) == []


async def test_a_channel_that_is_gone_is_paused(works: Works) -> None:
    await works.library(orion=story())
    works.slack.before = lambda method, _: refusal("is_archived") if method == "chat.postMessage" else None
    await works.fill()
    await works.rounds(1)
    async with works.sessions.begin() as session:
        channel = await session.scalar(select(Channel))
        post = await session.scalar(select(Post))
    assert channel is not None
    assert channel.state == "paused"
    assert post is not None
    assert post.outcome == "is_archived"
    assert await works.deliveries(service.FAILED) == []


async def test_other_failures_are_told_once_and_free_the_story(works: Works) -> None:
    await works.library(orion=story())
    works.slack.before = lambda method, _: refusal("msg_too_long") if method == "chat.postMessage" else None
    await works.fill()
    await works.rounds(1)
    works.slack.before = lambda _method, _arguments: None
    await works.rounds()
    assert [row.target for row in await works.deliveries(service.FAILED)] == [EDITOR]
    assert "msg_too_long" in works.posted(f"D{EDITOR[1:]}")[0]["text"]
    assert await works.fill("occ2", due_at=NOW + timedelta(hours=1)) is None


async def test_what_could_not_be_sent_in_time_is_told_to_the_owner_once_for_all(works: Works) -> None:
    """A9: after hours without Slack."""
    await works.library(orion=story(), pumps=story(headline="Pumps"))
    await works.fill()
    await works.fill("occ2", due_at=NOW + timedelta(minutes=1))
    async with works.sessions.begin() as session:
        await session.execute(update(Delivery).values(late_after=NOW - timedelta(seconds=1)))
    await works.rounds()
    assert works.posted() == []
    assert [row.error for row in await works.deliveries(service.POST)] == ["late", "late"]
    assert await works.deliveries(service.FAILED) == []
    assert len(await works.deliveries("channels.missed")) == 1
    async with works.sessions.begin() as session:
        found = await session.execute(select(Occurrence.state, Occurrence.reason).order_by(Occurrence.due_at))
        assert [tuple(row) for row in found] == [("skipped", "late")] * 2


@pytest.mark.parametrize(("outcome", "again"), [("sent", False), ("uncertain", False), ("late", True)])
async def test_what_may_stand_there_is_not_chosen_again(works: Works, outcome: str, again: bool) -> None:
    await works.library(orion=story())
    await works.fill()
    async with works.sessions.begin() as session:
        await session.execute(update(Post).values(outcome=outcome))
    assert (await works.fill("occ2", due_at=NOW + timedelta(days=1)) is None) is again


async def test_what_was_owed_and_silently_dropped_is_free_after_its_lateness(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    assert await works.fill("occ2", due_at=NOW + timedelta(hours=4)) == "nothing_left"
    assert await works.fill("occ3", due_at=NOW + timedelta(hours=6)) is None


async def test_after_a_restore_the_same_post_is_owed_under_the_same_key(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    before = await works.deliveries(service.POST)
    async with works.sessions.begin() as session:
        await session.execute(delete(Delivery))
        await session.execute(delete(Post))
    await works.refill("occ1")
    after = await works.deliveries(service.POST)
    assert [(row.key, row.opaque) for row in after] == [(row.key, row.opaque) for row in before]


async def test_a_test_goes_to_one_person(works: Works) -> None:
    await works.library(orion=story())
    audience = await works.audience()
    library = jobs.Library(name="story")
    async with works.sessions.begin() as session:
        for _ in range(2):  # the same request again owes nothing more
            assert await library.test_post(session, audience, to_user=ADMIN, request="V1", now=NOW)
    await works.rounds()
    (message,) = works.posted(f"D{ADMIN[1:]}")
    assert "A test, only for you" in message["text"]
    assert works.posted() == []
    async with works.sessions.begin() as session:
        assert await library.left(session, audience, now=NOW) == 1


async def _recall(works: Works, by: str = EDITOR) -> int:
    async with works.sessions.begin() as session:
        post_id = await session.scalar(select(Post.id).order_by(Post.due_at))
        assert post_id
        post = await service.find_post(session, WS, post_id)
        assert post is not None
        return await service.recall(session, WS, post, by=by, now=NOW, new_id=works.new_id)


async def test_a_recall_takes_it_back_everywhere(works: Works) -> None:
    await works.library(orion=story())
    audience = await works.audience()
    async with works.sessions.begin() as session:
        await jobs.Library(name="story").test_post(session, audience, to_user=ADMIN, request="V1", now=NOW)
    await works.fill()
    await works.rounds()
    assert len(works.posted()) == 1
    assert await _recall(works) == 1
    assert await _recall(works) == 0
    await works.rounds()
    assert works.posted() == []
    assert works.posted(f"D{ADMIN[1:]}") == []
    assert await works.fill("occ2", due_at=NOW + timedelta(days=100)) == "nothing_left"
    async with works.sessions.begin() as session:
        actions = list(await session.scalars(select(AuditEntry.action)))
    assert actions.count("story.recall") == 1


async def test_what_was_not_sent_yet_is_not_sent(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    await _recall(works)
    await works.rounds()
    assert works.posted() == []
    assert "chat.postMessage" not in [method for method, _ in works.slack.calls]


@pytest.mark.parametrize(
    ("user", "allowed"), [(EDITOR, True), (ADMIN, True), (SAM, True), ("U0AMARA", False), (GUEST, False)]
)
async def test_who_may_recall(works: Works, user: str, allowed: bool) -> None:
    await works.library(orion=story())
    await works.fill()
    async with works.sessions.begin() as session:
        post_id = await session.scalar(select(Post.id))
        assert post_id
        post = await service.find_post(session, WS, post_id)
        assert post is not None
        assert await service.may_recall(session, WS, post, user) is allowed


async def test_an_account_manager_recalls_only_their_own_customers(works: Works) -> None:
    await works.library(halden=story(customer="NL-002"))
    await works.fill()
    async with works.sessions.begin() as session:
        post_id = await session.scalar(select(Post.id))
        assert post_id
        post = await service.find_post(session, WS, post_id)
        assert post is not None
        assert not await service.may_recall(session, WS, post, SAM)


async def test_a_post_is_found_by_its_link_and_only_in_its_workspace(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    await works.rounds()
    ts = works.posted()[0]["ts"]
    link = f"https://north.slack.com/archives/{CHANNEL}/p{ts.replace('.', '')}"
    async with works.sessions.begin() as session:
        for named in (link, f"{CHANNEL}:{ts}"):
            found = await service.find_post(session, WS, named)
            assert found is not None
            assert found.ts == ts
            assert await service.find_post(session, "T0OTHER", named) is None
            assert await service.find_post(session, "T0OTHER", found.id) is None


HOSTILE = [
    "<!channel> <!here> <!everyone>",
    "<@U0AMARA> <!subteam^S1> <#C0LINE2>",
    "@here @channel @everyone",
    "&lt;!channel&gt; &amp;lt;@U1&amp;gt;",
    "<https://evil.example|https://good.example>",
    "[x](javascript:alert(1)) <!date^1^{date}|x>",
    "\u202elivE\u202c <\u200b!channel>",
    "*bold* _it_ `code` ~s~ :tada:",
]


def live(value: Any, found: list[str]) -> list[str]:
    """What Slack would turn into a mention, a date or a link out of people's text."""
    if isinstance(value, dict):
        if value.get("type") in {"broadcast", "user", "usergroup", "channel", "team", "date"}:
            found.append(str(value))
        if value.get("type") == "mrkdwn" and any(mark in value["text"] for mark in ("<!", "<@", "<#")):
            found.append(value["text"])
        if value.get("type") == "link" and not value["url"].startswith("https://"):
            found.append(value["url"])
        for inner in value.values():
            live(inner, found)
    elif isinstance(value, list):
        for inner in value:
            live(inner, found)
    return found


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.row("F1", "F2")
async def test_nothing_alive_comes_out_of_peoples_text(works: Works, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    content = story(headline=quoted, snippet=quoted, quote=quoted).replace("Ines Falk", quoted)
    await works.library(a=content.replace("# From the bench to the shop", text))
    async with works.sessions.begin() as session:
        await session.execute(update(Customer).where(Customer.id == "cust1").values(name=text))
        await session.execute(update(Product).values(name=text))
        await session.execute(update(Team).values(name=text))
    await works.fill()
    await works.rounds()
    (message,) = works.posted()
    assert live(message["blocks"], []) == []
    assert "\u202e" not in json.dumps(message, ensure_ascii=False)
    for bad in ("<", ">", "@here", "@channel", "@everyone"):
        assert bad not in message["text"]
    async with works.sessions.begin() as session:
        assert await session.scalar(select(Picture.hash)) is None


async def test_a_post_filled_late_is_wanted_at_its_own_time(works: Works) -> None:
    """After a restore the slot's time lies in the gap without a process: only so is it looked up before it is sent."""
    await works.library(orion=story())
    audience, hour_ago = await works.audience(), NOW - timedelta(hours=1)
    async with works.sessions.begin() as session:
        due = await occurrence(session, "occ1", kind="story", due_at=hour_ago)
        assert await jobs.Library(name="story").fill(session, audience, due, now=NOW) is None
    (owed,) = await works.deliveries(service.POST)
    assert owed.wanted_at == hour_ago
