"""What Slack says about a channel: read, heard, and told to its owner once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.channels import Occurrence
from bot.db.tables.delivery import Delivery
from bot.db.tables.stories import Post, Story
from bot.delivery.queue import Owed, by_id, enqueue
from bot.delivery.rendering import Later, Skip
from bot.features.channels import handlers, owed, people, service
from bot.features.channels.jobs import PostWhatIsDue, RefreshChannels
from bot.features.channels.rules import Defaults
from bot.features.edge import Edge
from bot.features.home.seams import Viewer
from bot.features.members import service as members
from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import Message, View
from bot.slack.words import Words
from tests.doubles import FixedClock, RecordingGateway
from tests.features.channels.act import valid, valid_message
from tests.features.channels.kinds import ADMIN, BEFORE, LINE2, WS, FakeKind, channel, company, wish
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, user

KINDS = {"story": FakeKind()}
STORY = {
    "id": "story1", "workspace_id": WS, "source": "a.md", "kind": "story", "language": "en", "headline": "h",
    "snippet": "s", "body": "", "consent": "internal", "published_on": NOW.date(), "fingerprint": "", "updated_at": NOW,
}  # fmt: skip
OCCURRENCE = {
    "id": "occ1", "workspace_id": WS, "channel_id": LINE2, "kind": "story", "due_at": NOW, "local_day": NOW.date(),
    "state": "filled", "decided_at": NOW,
}  # fmt: skip
POST = {
    "id": "post1", "workspace_id": WS, "occurrence_id": "occ1", "channel_id": LINE2, "story_id": "story1", "reason": {},
    "due_at": NOW, "ts": "1.1",
}  # fmt: skip


@pytest.fixture
async def ready(slack: Slack, edge: Edge, sessions: Sessions, new_id: NewId) -> None:
    async def refresh_home(session: Any, ws: str, user: str) -> None:
        raise AssertionError("no event makes a Home out of date")

    handlers.register(slack.app, edge, kinds=KINDS, defaults=Defaults(), refresh_home=refresh_home)
    async with sessions.begin() as session:
        await company(session)
        await channel(session, new_id)


async def now_known(sessions: Sessions, channel_id: str = LINE2) -> service.Channel:
    async with sessions.begin() as session:
        found = await service.get(session, WS, channel_id)
    assert found is not None
    return found


async def told(sessions: Sessions, kind: str = "channels.trouble") -> list[Owed]:
    async with sessions.begin() as session:
        ids = list(await session.scalars(select(Delivery.id).where(Delivery.kind == kind).order_by(Delivery.id)))
        found = [await by_id(session, one) for one in ids]
    return [one for one in found if one is not None]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "channel_archive", "channel": LINE2, "user": "U0AMARA"}, "is_archived"),
        ({"type": "group_archive", "channel": LINE2}, "is_archived"),
        ({"type": "channel_deleted", "channel": LINE2}, "channel_deleted"),
        ({"type": "group_deleted", "channel": LINE2}, "channel_deleted"),
        ({"type": "channel_left", "channel": LINE2}, "not_in_channel"),
        ({"type": "group_left", "channel": LINE2}, "not_in_channel"),
        ({"type": "member_left_channel", "channel": LINE2, "user": "U0CANTEEN"}, "not_in_channel"),
    ],
)
async def test_a_channel_that_is_gone_is_paused_and_its_owner_told_once(
    slack: Slack, sessions: Sessions, new_id: NewId, event: dict[str, Any], reason: str
) -> None:
    """A17."""
    await slack.event(event, event_id="Ev1")
    await slack.event(event, event_id="Ev1")  # a retry
    await slack.event(event, event_id="Ev2")  # the same said again
    async with sessions.begin() as session:  # and a post that had been on its way fails
        assert not await service.place_failed(session, WS, LINE2, reason, new_id=new_id, now=NOW)
    found = await now_known(sessions)
    assert (found.state, found.state_reason) == ("paused", reason)
    (one,) = await told(sessions)
    assert one.target == ADMIN
    async with sessions.begin() as session:
        rendered = await owed.renderers(KINDS)["channels.trouble"].render(session, one)
    assert isinstance(rendered, Message | Later)


@pytest.mark.usefixtures("ready")
async def test_people_who_come_and_go_change_what_the_channel_may_read(slack: Slack, sessions: Sessions) -> None:
    async def has_guests() -> bool:
        async with sessions.begin() as session:
            found = await service.audience(session, WS, LINE2)
            assert found is not None
            return found.has_guests

    assert not await has_guests()
    joined = {"type": "member_joined_channel", "channel": LINE2, "user": "U0GUEST"}
    await slack.event(joined, event_id="Ev1")
    await slack.event(joined, event_id="Ev1")
    assert await has_guests()
    await slack.event({"type": "member_left_channel", "channel": LINE2, "user": "U0GUEST"}, event_id="Ev2")
    assert not await has_guests()
    await slack.event({**joined, "user": "U0NEW"}, event_id="Ev3")
    assert await has_guests()  # nobody knows yet who that is
    async with sessions.begin() as session:
        assert [one.channel_id for one in await service.my_channels(session, WS, "U0NEW")] == [LINE2]
        assert await members.known(session, WS, "U0NEW") is None


@pytest.mark.usefixtures("ready")
async def test_renamed_shared_unshared_and_given_another_id(slack: Slack, sessions: Sessions, edge: Edge) -> None:
    await PostWhatIsDue(edge, {"story": FakeKind()}, Defaults())(datetime(2026, 11, 24, 10, 0, tzinfo=UTC))
    await slack.event({"type": "channel_rename", "channel": {"id": LINE2, "name": "line-two"}}, event_id="Ev1")
    assert (await now_known(sessions)).name == "line-two"
    await slack.event({"type": "channel_shared", "channel": LINE2, "connected_team_id": "T0OUT"}, event_id="Ev2")
    assert (await now_known(sessions)).outsiders
    assert [one.ref["error"] for one in await told(sessions)] == ["outsiders"]
    await slack.event({"type": "channel_unshared", "channel": LINE2, "is_ext_shared": False}, event_id="Ev3")
    before = await now_known(sessions)
    assert not before.outsiders
    changed = {"type": "channel_id_changed", "old_channel_id": LINE2, "new_channel_id": "C0NEWID"}
    await slack.event(changed, event_id="Ev4")
    after = await now_known(sessions, "C0NEWID")
    assert after.slots == before.slots
    async with sessions.begin() as session:
        assert await service.get(session, WS, LINE2) is None
        assert await people.people(session, WS, "C0NEWID") == {"U0AMARA"}
        assert set(await session.scalars(select(Occurrence.channel_id))) == {"C0NEWID"}
        again = wish("C0NEWID")
        await service.add(session, WS, again, by=ADMIN, new_id=edge.new_id, now=NOW)  # and it can still be edited
    assert len((await now_known(sessions, "C0NEWID")).slots) == 1


@pytest.mark.usefixtures("ready")
async def test_what_is_owed_and_was_posted_moves_with_the_channels_id(slack: Slack, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        place = {"workspace_id": WS, "target": LINE2}
        owed_there = {"now": NOW, "kind": "stories.post", "method": "post", "ref": {}, **place}
        for key, state, went in (("a", "pending", None), ("b", "sent", LINE2), ("c", "failed", None)):
            await enqueue(session, key=key, **owed_there)  # type: ignore[arg-type]
            await session.execute(update(Delivery).where(Delivery.key == key).values(state=state, channel=went))
        await enqueue(session, key="other", **{**owed_there, "target": "U0AMARA"})  # type: ignore[arg-type]
        await session.execute(insert(Story).values(**STORY))
        await session.execute(insert(Occurrence).values(**OCCURRENCE))
        await session.execute(insert(Post).values(**POST))
    changed = {"type": "channel_id_changed", "old_channel_id": LINE2, "new_channel_id": "C0NEWID"}
    for event_id in ("Ev1", "Ev1", "Ev2"):
        await slack.event(changed, event_id=event_id)
    async with sessions.begin() as session:
        rows = (await session.execute(select(Delivery.key, Delivery.target, Delivery.channel))).all()
        assert list(await session.scalars(select(Post.channel_id))) == ["C0NEWID"]
    assert sorted(map(tuple, rows)) == [
        ("a", "C0NEWID", None),
        ("b", LINE2, "C0NEWID"),  # an edit or a recall goes where it is now
        ("c", LINE2, None),
        ("other", "U0AMARA", None),
    ]


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "body",
    [
        {"type": "event_callback", "team_id": WS, "event_id": "Ev1", "event": {"type": "channel_archive"}},
        {"type": "event_callback", "team_id": WS, "event": {"type": "channel_archive", "channel": LINE2}},
        {
            "type": "event_callback",
            "team_id": WS,
            "event_id": "E",
            "event": {"type": "channel_rename", "channel": None},
        },
        {
            "type": "event_callback",
            "team_id": WS,
            "event_id": "E",
            "event": {"type": "channel_archive", "channel": "C0X"},
        },
    ],
)
async def test_events_about_nothing_of_ours_are_taken_in_quietly(
    slack: Slack, sessions: Sessions, body: dict[str, Any]
) -> None:
    assert (await slack.send(body)).status == 200
    assert (await now_known(sessions)).state == "active"


@pytest.mark.usefixtures("ready")
async def test_facts_are_read_again_daily_page_by_page(
    edge: Edge, sessions: Sessions, gateway: RecordingGateway, clock: FixedClock
) -> None:
    def page(channel: str, limit: int, cursor: str | None = None) -> dict[str, Any]:
        if cursor:
            return {"members": ["U0GUEST"], "response_metadata": {"next_cursor": ""}}
        return {"members": ["U0AMARA", "U0CANTEEN"], "response_metadata": {"next_cursor": "2"}}

    gateway.answers["conversations.info"] = {"channel": {"id": LINE2, "name": "line-two", "is_member": True}}
    gateway.answers["conversations.members"] = page
    read = RefreshChannels(edge, Defaults())
    clock.set(BEFORE + timedelta(hours=23))
    assert await read(clock.now()) == 0
    clock.set(BEFORE + timedelta(hours=25))
    assert await read(clock.now()) == 1
    assert await read(clock.now()) == 0
    assert (await now_known(sessions)).name == "line-two"
    async with sessions.begin() as session:
        assert await people.people(session, WS, LINE2) == {"U0AMARA", "U0GUEST"}
        found = await service.audience(session, WS, LINE2)
    assert found is not None
    assert found.public_only


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    ("answer", "state", "outsiders", "messages"),
    [
        (SlackFault("channel_not_found", Fault.PLACE), "paused", False, 1),
        ({"channel": {"id": LINE2, "is_archived": True}}, "paused", False, 1),
        ({"channel": {"id": LINE2, "is_ext_shared": True, "is_member": True}}, "active", True, 1),
        (SlackFault("ratelimited", Fault.LIMITED), "active", False, 0),
        (SlackFault("missing_scope", Fault.SCOPE), "active", False, 0),
        (SlackFault("invalid_arguments", Fault.CONTENT), "active", False, 0),
    ],
)
async def test_what_the_daily_reading_finds_out(
    edge: Edge,
    sessions: Sessions,
    gateway: RecordingGateway,
    answer: Any,
    state: str,
    outsiders: bool,
    messages: int,
) -> None:
    gateway.answers["conversations.info"] = answer
    await RefreshChannels(edge, Defaults())(NOW)
    await RefreshChannels(edge, Defaults())(NOW)
    found = await now_known(sessions)
    assert (found.state, found.outsiders) == (state, outsiders)
    assert len(await told(sessions)) == messages


@pytest.mark.usefixtures("ready")
async def test_until_its_people_are_known_a_channel_counts_as_having_guests(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await service.add(session, WS, wish("C0NEW"), by=ADMIN, new_id=new_id, now=NOW)
        found = await service.audience(session, WS, "C0NEW")
        assert found is not None
        assert found.public_only
        await service.add(session, WS, wish("C0NEW", guests_see_internal=True), by=ADMIN, new_id=new_id, now=NOW)
        found = await service.audience(session, WS, "C0NEW")
        assert found is not None
        assert not found.public_only


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "error", ["is_archived", "channel_deleted", "not_in_channel", "outsiders", "restricted_action"]
)
async def test_trouble_is_told_in_words(sessions: Sessions, new_id: NewId, error: str) -> None:
    from bot.features.channels import owner_blocks

    found = await now_known(sessions)
    shown = valid_message(owner_blocks.trouble(Words(), found, error))
    assert "{" not in owner_blocks.trouble(Words(), found, error).text
    assert f"<#{LINE2}>" in shown


@pytest.mark.usefixtures("ready")
async def test_trouble_that_is_over_is_not_told(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await service.place_failed(session, WS, LINE2, "is_archived", new_id=new_id, now=NOW)
        await service.resume(session, WS, LINE2, by=ADMIN, new_id=new_id, now=NOW)
    (one,) = await told(sessions)
    async with sessions.begin() as session:
        await members.save(session, WS, [{**user(ADMIN, tz="UTC"), "team_id": WS}], NOW)
        rendered = await owed.renderers(KINDS)["channels.trouble"].render(session, one)
    assert isinstance(rendered, Skip | Later)


@pytest.mark.usefixtures("ready")
async def test_an_owner_who_has_gone_is_stood_in_for_by_the_admins(sessions: Sessions, new_id: NewId) -> None:
    async with sessions.begin() as session:
        await members.save(session, WS, [{**user("U0BOSS", name="Bo"), "team_id": WS}], NOW)
        await members.bootstrap_admins(session, WS, ["U0BOSS"], NOW)
        await members.save(session, WS, [{**user(ADMIN), "team_id": WS, "deleted": True}], NOW)
        assert await service.owners_of(session, WS, LINE2) == ["U0BOSS"]


@pytest.mark.usefixtures("ready")
async def test_the_section_on_home_is_for_admins(sessions: Sessions) -> None:
    section = owed.SetupSection(KINDS, Defaults())
    async with sessions.begin() as session:
        admin = Viewer(workspace_id=WS, user_id=ADMIN, team_id=None, roles=frozenset({"admin"}))
        shown = await section.render(session, admin, Words())
        other = Viewer(workspace_id=WS, user_id="U0AMARA", team_id=None, roles=frozenset({"editor"}))
        assert not list(await section.render(session, other, Words()))
    valid(View(type="home", blocks=shown))
    assert 3 <= len(shown) <= 30


async def test_an_empty_workspace_invites_to_add_a_channel(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await company(session)
        made, total, stopped = await owed.menu(session, WS, KINDS, Defaults(), Words(), NOW)
    valid(View(type="home", blocks=made))
    assert (total, stopped) == (0, False)
    assert "Add one" in str(made)


@pytest.mark.usefixtures("ready")
async def test_what_was_missed_is_told_with_channel_kind_and_time(
    edge: Edge, sessions: Sessions, new_id: NewId
) -> None:
    from bot.features.channels import owner_blocks
    from bot.features.channels.rules import Miss

    found = await now_known(sessions)
    miss = [Miss(kind="story", due_at=NOW - timedelta(days=n), reason="missed") for n in range(3)]
    message = owner_blocks.missed(Words(), [(found, miss)] * 25, {"story": "Stories"})
    shown = valid_message(message)
    assert "75 posts came too late and were left out" in message.text
    assert "Stories, Tue 24 Nov 2026, 09:00 (UTC) and 2 before it" in shown
    assert "and 5 more channels" in shown


@pytest.mark.usefixtures("ready")
async def test_a_missed_message_is_rendered_from_what_is_recorded(
    edge: Edge, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The owner's quiet hours hold it back; in the day it lists what the last week left out."""

    async def at_noon(session: object) -> datetime:
        return datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    async def at_night(session: object) -> datetime:
        return datetime(2026, 11, 25, 23, 0, tzinfo=UTC)

    await PostWhatIsDue(edge, KINDS, Defaults())(datetime(2026, 11, 24, 20, 0, tzinfo=UTC))
    (one,) = await told(sessions, service.MISSED)
    renderer = owed.renderers(KINDS)[service.MISSED]
    async with sessions.begin() as session:
        monkeypatch.setattr(owed, "db_now", at_night)
        assert isinstance(await renderer.render(session, one), Later)
        monkeypatch.setattr(owed, "db_now", at_noon)
        rendered = await renderer.render(session, one)
    assert isinstance(rendered, Message)
    assert "10:00 (UTC)" in valid_message(rendered)
