"""The command and its window: what it opens with, what it refuses, what it does once."""

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.core.ids import new_id as fresh_id
from bot.db.tables.channels import Channel
from bot.db.tables.inbox import Draft
from bot.db.tables.members import AuditEntry
from bot.features.adoptions import service as adoptions
from bot.features.updates import handlers, jobs, opening
from bot.slack.errors import Fault, SlackFault
from tests.features.questions.people import ADMIN, GUEST
from tests.features.stories.given import CHANNEL, png
from tests.features.updates.conftest import (
    AMARA,
    HALDEN,
    KESTRELANE,
    KIM,
    ORION,
    SAM,
    TOM,
    WS,
    Desk,
    as_opened,
    shown_in,
)


def fields(view: dict[str, object]) -> set[str]:
    return {one["block_id"] for one in view["blocks"] if one["type"] == "input"}  # type: ignore[attr-defined]


async def test_without_words_my_customers_are_listed_with_their_last_news(desk: Desk) -> None:
    await desk.command(SAM)
    assert not desk.gateway.views
    assert "Orion" in desk.told()
    listed = json.dumps(desk.gateway.responses[-1][1].blocks)
    assert "no news yet" in listed
    await desk.press(SAM, "updates:write", ORION)
    assert as_opened(desk.last_view())["customer"]["updates:customer"]["selected_option"]["value"] == ORION


async def test_whoever_looks_after_no_customer_is_told_so_and_loses_no_text(desk: Desk) -> None:
    await desk.command(TOM, "Orion They doubled the order")
    assert not desk.gateway.views
    assert "Sam Reyes looks after Orion" in desk.told()
    assert "They doubled the order" in json.dumps(desk.gateway.responses[-1][1].blocks)
    assert await desk.updates() == []
    await desk.press(TOM, "updates:write", ORION)
    assert await desk.refused() == [(TOM, "write_update")] * 2


async def test_while_the_database_takes_its_time_the_window_opens_with_what_was_typed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.adopt(AMARA)
    monkeypatch.setattr(handlers, "READ_WITHIN", 0.05)
    monkeypatch.setattr(opening, "opening", lambda *_, **__: asyncio.Event().wait())
    await desk.command(SAM, "Orion They doubled the order")
    state = as_opened(desk.last_view())
    assert state["text"]["text"]["value"] == "Orion They doubled the order"
    monkeypatch.undo()
    assert "errors" in str(await desk.send(SAM)), "the customer is still to be chosen"
    await desk.send(SAM, customer=(ORION,))
    assert [one.customer_id for one in await desk.updates()] == [ORION]


async def test_of_another_customer_the_window_keeps_the_text_and_says_whose_it_is(desk: Desk) -> None:
    await desk.give(HALDEN, KIM)
    await desk.command(SAM, "Halden They doubled the order")
    state = as_opened(desk.last_view())
    assert state["text"]["text"]["value"] == "They doubled the order"
    assert state["customer"]["updates:customer"]["selected_option"] is None
    assert "Kim Duarte" in json.dumps(desk.last_view())


async def test_by_direct_payload_somebody_elses_customer_is_refused_and_audited(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion They doubled the order")
    answer = await desk.send(TOM)
    assert "Sam Reyes looks after Orion" in answer["errors"]["customer"]
    assert await desk.updates() == []
    async with desk.sessions.begin() as session:
        kept = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "refused")))
    assert [(one.actor, one.subject) for one in kept] == [(TOM, "write_update")]


async def test_guests_and_unknown_customers_get_nothing(desk: Desk) -> None:
    await desk.command(GUEST, "Orion Hello")
    assert not desk.gateway.views
    assert await desk.refused() == [(GUEST, "write_update")]
    await desk.command(SAM, "Orion Hello")
    answer = await desk.send(SAM, customer=("nowhere",))
    assert "customer" in answer["errors"]


async def test_an_admin_writes_for_an_account_manager_and_that_is_audited(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.update(ADMIN, "Orion They doubled the order")
    assert [one.author for one in await desk.updates()] == [ADMIN]
    async with desk.sessions.begin() as session:
        kept = list(await session.scalars(select(AuditEntry).where(AuditEntry.action == "update.for_another")))
    assert [one.subject for one in kept] == [ORION]


async def test_more_grows_the_window_and_keeps_what_was_typed(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion Hello")
    before = desk.last_view()
    state = as_opened(before)
    state["text"]["text"]["value"] = "They doubled the order, twice"
    view = {"id": "V9", "type": "modal", "hash": "h1", "private_metadata": before["private_metadata"]}
    view |= {"state": {"values": state}}
    await desk.press(SAM, "updates:more", "", view=view)
    call = [one for one in desk.gateway.calls if one[1] == "views.update"][-1][2]
    assert (call["view_id"], call["hash"]) == ("V9", "h1")
    grown = desk.last_view()
    assert as_opened(grown)["text"]["text"]["value"] == "They doubled the order, twice"
    assert as_opened(grown)["customer"]["updates:customer"]["selected_option"]["value"] == ORION
    assert fields(before) < fields(grown)


async def grown(desk: Desk, text: str = "Orion They doubled the order") -> dict[str, object]:
    await desk.command(SAM, text)
    opened = desk.last_view()
    view = {"id": "V9", "type": "modal", "hash": "h", "private_metadata": opened["private_metadata"]}
    await desk.press(SAM, "updates:more", "", view=view | {"state": {"values": as_opened(opened)}})
    return desk.last_view()


async def test_a_complaint_needs_one_tick(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    answer = await desk.send(SAM, view=view, kind=("complaint",))
    assert "tick" in answer["errors"]
    assert await desk.updates() == []
    await desk.send(SAM, view=view, kind=("complaint",), tick=True)
    assert [one.kind for one in await desk.updates()] == ["complaint"]


@pytest.mark.row("D10")
async def test_submit_pressed_twice_has_one_effect_and_is_told_the_same(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.command(SAM, "Orion They doubled the order")
    first = await desk.send(SAM, view_id="V77")
    second = await desk.send(SAM, view_id="V77")
    assert first == second
    assert len(await desk.updates()) == 1
    await desk.rounds()
    assert len([one for one in desk.seen(AMARA) if "They doubled the order" in json.dumps(one)]) == 1
    assert len([one for one in desk.seen(SAM) if "Your update about" in one["text"]]) == 1


async def test_without_adopters_that_is_said_first_and_then_kept_for_later_ones(desk: Desk) -> None:
    await desk.command(SAM, "Orion They doubled the order")
    assert "Nobody has adopted" in json.dumps(desk.last_view())
    view = json.loads(json.dumps(desk.last_view()))
    view["private_metadata"] = ":"
    answer = await desk.send(SAM, view=view, headline="Twice as many", view_id="V5")
    assert await desk.updates() == []
    again = answer["view"]
    assert "Nobody has adopted" in json.dumps(again)
    assert as_opened(again)["headline"]["headline"]["value"] == "Twice as many"
    assert as_opened(again)["text"]["text"]["value"] == "They doubled the order"
    await desk.send(SAM, view=again, view_id="V5")
    assert [one.headline for one in await desk.updates()] == ["Twice as many"]


async def test_an_admin_finds_open_a_hat_where_nobody_has_adopted(desk: Desk) -> None:
    await desk.command(ADMIN, "Halden They doubled the order")
    assert "adoptions:hat_open" in json.dumps(desk.last_view())
    await desk.command(SAM, "Orion They doubled the order")
    assert "adoptions:hat_open" not in json.dumps(desk.last_view())


async def test_channels_get_a_news_message_when_ticked(desk: Desk) -> None:
    view = await grown(desk)
    answer = await desk.send(SAM, view=view, channels=[CHANNEL])
    assert "tick" in answer["errors"]
    await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    await desk.rounds()
    (posted,) = desk.slack.made(CHANNEL)
    assert posted["text"].startswith("Customer news: Orion, from Sam Reyes: They doubled the order")
    assert f"Posted in <#{CHANNEL}>." in await desk.receipt(SAM)


async def test_guests_outsiders_and_customers_not_to_be_named_bar_a_channel(desk: Desk) -> None:
    view = await grown(desk)
    async with desk.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=True))
    answer = await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    assert "other companies" in answer["errors"]["channels"]
    async with desk.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=False))
    await desk.give(KESTRELANE, SAM)
    answer = await desk.send(SAM, view=view, customer=(KESTRELANE,), channels=[CHANNEL], tick=True)
    assert "confidential" in answer["errors"]["channels"]
    for said in (False, None):
        await desk.change_customer(ORION, may_be_named=said)
        answer = await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
        assert "may be named in channels" in answer["errors"]["channels"]
    assert await desk.updates() == []


async def test_a_channel_that_outsiders_have_joined_since_gets_no_post(desk: Desk) -> None:
    view = await grown(desk)
    await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    async with desk.sessions.begin() as session:
        await session.execute(update(Channel).values(outsiders=True))
    await desk.rounds()
    assert desk.slack.made(CHANNEL) == []
    assert "Not posted in" in await desk.receipt(SAM)


async def test_an_embargo_holds_everything_until_its_end(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    until = desk.clock.now() + timedelta(hours=2)
    await desk.send(SAM, view=view, embargo=int(until.timestamp()), offer=True, tick=True)
    job = jobs.GoOn(edge=desk.app.edge)
    await job(desk.clock.now())
    await desk.rounds()
    assert "They doubled the order" not in desk.shown(AMARA)
    assert "Nobody gets it before" in desk.shown(SAM)
    assert await drafts(desk) == []
    desk.pass_time(timedelta(hours=3))
    await job(desk.clock.now())
    await desk.rounds()
    assert "They doubled the order" in desk.shown(AMARA)
    assert len(await drafts(desk)) == 1


async def test_after_an_embargo_it_goes_to_whoever_has_the_customer_by_then(desk: Desk) -> None:
    ended = await desk.adopt(AMARA)
    await desk.adopt(KIM)
    view = await grown(desk)
    until = desk.clock.now() + timedelta(hours=2)
    answer = await desk.send(SAM, view=view, embargo=int(until.timestamp()))
    assert "2 people so far" in shown_in(answer)
    await desk.rounds()
    assert "everybody who has adopted Orion by that time" in desk.shown(SAM)
    async with desk.sessions.begin() as session:
        await adoptions.end(session, WS, ended, AMARA, now=desk.clock.now(), new_id=fresh_id)
    await desk.adopt(TOM)
    desk.pass_time(timedelta(hours=3))
    await jobs.GoOn(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds()
    got = {user: "They doubled the order" in desk.shown(user) for user in (AMARA, KIM, TOM)}
    assert got == {AMARA: False, KIM: True, TOM: True}
    receipt = await desk.receipt(SAM)
    assert "Delivered to 2 adopters" in receipt
    assert "by that time" not in receipt


async def drafts(desk: Desk) -> list[Draft]:
    async with desk.sessions.begin() as session:
        return list(await session.scalars(select(Draft)))


async def test_offered_as_a_story_it_waits_with_the_editors_under_its_authors_name(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    await desk.send(SAM, view=view, headline="Twice as many", offer=True, tick=True)
    (draft,) = await drafts(desk)
    assert (draft.kind, draft.author, draft.headline, draft.credit) == ("story", SAM, "Twice as many", True)
    assert draft.origin["what"] == "update"


async def test_a_picture_is_copied_and_shown_with_the_update(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    photo = {"id": "F0PHOTO", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/a.png"}
    await desk.send(SAM, view=view, picture=photo)
    await desk.rounds()
    assert "They doubled the order" not in desk.shown(AMARA), "it waits a moment for its picture"
    desk.gateway.answers["download"] = png()
    await jobs.CopyShared(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds()
    assert "slack_file" in desk.shown(AMARA)


async def test_what_is_no_picture_is_said_below_the_field(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    sheet = {
        "id": "F0SHEET",
        "name": "a.pdf",
        "mimetype": "application/pdf",
        "url_private": "https://files.slack.com/a",
    }
    answer = await desk.send(SAM, view=view, picture=sheet)
    assert "PNG" in answer["errors"]["picture"]


async def test_options_are_the_callers_own_and_all_for_admins(desk: Desk) -> None:
    async def offered(user: str, typed: str = "") -> list[str]:
        body = {"type": "block_suggestion", "team": {"id": WS}, "user": {"id": user}, "value": typed}
        body |= {"action_id": "updates:customer", "block_id": "customer", "view": {"id": "V1", "type": "modal"}}
        response = await desk.app.send(body)
        return [one["value"] for one in json.loads(response.body)["options"]]

    assert await offered(SAM) == [ORION]
    assert await offered(TOM) == []
    assert ORION in await offered(ADMIN)
    assert await offered(ADMIN, "hal") == [HALDEN]


async def test_an_edit_shows_everywhere_and_only_its_author_or_an_admin_may(desk: Desk) -> None:
    await desk.adopt(AMARA)
    view = await grown(desk)
    await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    await desk.rounds()
    (written,) = await desk.updates()
    await desk.press(TOM, "updates:edit", written.id)
    assert "Only its author" in json.dumps(desk.last_view())
    await desk.press(SAM, "updates:edit", written.id)
    answer = await desk.send(SAM, text="They tripled the order", tick=True)
    assert "Changed" in shown_in(answer)
    await desk.rounds()
    assert "They tripled the order" in desk.shown(AMARA)
    assert "They doubled the order" not in desk.shown(AMARA)
    assert "They tripled the order" in json.dumps(desk.slack.made(CHANNEL))


async def test_taken_back_it_disappears_for_everybody_and_what_was_owed_never_goes(desk: Desk) -> None:
    await desk.adopt(AMARA)
    await desk.adopt(TOM)
    await desk.change_person(TOM, paused_until=desk.clock.now() + timedelta(days=2))
    view = await grown(desk)
    await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    await desk.rounds()
    (written,) = await desk.updates()
    await desk.press(TOM, "updates:withdraw", written.id)
    assert "Only its author" in desk.told()
    await desk.press(SAM, "updates:withdraw", written.id)
    await desk.rounds()
    assert "They doubled the order" not in desk.shown(AMARA)
    assert "took an update about Orion back" in desk.shown(AMARA)
    assert desk.slack.made(CHANNEL) == []
    desk.pass_time(timedelta(days=3))
    await desk.rounds()
    assert "They doubled the order" not in desk.shown(TOM)
    assert "You took it back." in desk.shown(SAM)


async def test_a_channel_that_takes_nothing_any_more_is_paused_and_the_receipt_says_so(desk: Desk) -> None:
    def before(method: str, arguments: dict[str, object]) -> SlackFault | None:
        archived = method == "chat.postMessage" and arguments["channel"] == CHANNEL
        return SlackFault("is_archived", Fault.PLACE) if archived else None

    desk.slack.before = before
    view = await grown(desk)
    await desk.send(SAM, view=view, channels=[CHANNEL], tick=True)
    await desk.rounds()
    assert "Not posted in" in await desk.receipt(SAM)
    async with desk.sessions.begin() as session:
        channel = await session.get(Channel, (WS, CHANNEL))
        assert channel is not None
        assert channel.state == "paused"


async def test_a_picture_that_slack_does_not_take_is_left_out_everywhere(desk: Desk) -> None:
    def before(method: str, arguments: dict[str, object]) -> SlackFault | None:
        pictured = method == "chat.postMessage" and "slack_file" in json.dumps(arguments.get("blocks"))
        return SlackFault("invalid_blocks", Fault.CONTENT) if pictured else None

    desk.slack.before = before
    desk.gateway.answers["download"] = png()
    await desk.adopt(AMARA)
    view = await grown(desk)
    photo = {"id": "F0PHOTO", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/a.png"}
    await desk.send(SAM, view=view, picture=photo, channels=[CHANNEL], tick=True)
    await jobs.CopyShared(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds(6)
    assert "They doubled the order" in desk.shown(AMARA)
    assert "They doubled the order" in json.dumps(desk.slack.made(CHANNEL))
    assert "Delivered to 1 adopter." in await desk.receipt(SAM)
    assert "Posted in" in desk.shown(SAM)


async def test_a_picture_that_slack_has_deleted_keeps_no_change_back(desk: Desk) -> None:
    """Files may be kept for a shorter time than messages; an edit that still shows one is refused."""
    desk.gateway.answers["download"] = png()
    await desk.adopt(AMARA)
    view = await grown(desk)
    photo = {"id": "F0PHOTO", "name": "a.png", "mimetype": "image/png", "url_private": "https://files.slack.com/a.png"}
    await desk.send(SAM, view=view, picture=photo, channels=[CHANNEL], tick=True)
    await jobs.CopyShared(edge=desk.app.edge)(desk.clock.now())
    await desk.rounds(6)
    assert "slack_file" in desk.shown(AMARA)

    def before(method: str, arguments: dict[str, object]) -> SlackFault | None:
        pictured = method == "chat.update" and "slack_file" in json.dumps(arguments.get("blocks"))
        return SlackFault("invalid_blocks", Fault.CONTENT) if pictured else None

    desk.slack.before = before
    (written,) = await desk.updates()
    await desk.press(SAM, "updates:edit", written.id)
    await desk.send(SAM, text="They tripled it", tick=True)
    await desk.rounds(6)
    for shown in (desk.shown(AMARA), json.dumps(desk.slack.made(CHANNEL))):
        assert "They tripled it" in shown
        assert "slack_file" not in shown
