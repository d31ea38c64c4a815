"""Buttons pressed: who may read and recall, what they see, and what is counted."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.channels import Channel, ChannelOwner, WeeklyTotal
from bot.db.tables.customers import Customer
from bot.db.tables.members import AuditEntry, Member
from bot.db.tables.stories import Post, Story
from bot.features.home.seams import Viewer
from bot.features.stories import handlers, service
from bot.features.stories.owed import LatestStories, RecentPosts
from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import Block
from bot.slack.words import Words
from sandbox.kit import check_blocks
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.stories.conftest import Works
from tests.features.stories.given import ADMIN, AMARA, CHANNEL, EDITOR, GUEST, NOW, SAM, WS, ask_button, story
from tests.features.trail import trail_of


@pytest.fixture
async def post(works: Works, slack: Slack) -> str:
    """One story posted; the listeners are registered."""
    handlers.register(slack.app, slack.edge, ask_button=ask_button, public_url="")
    await works.library(orion=story())
    await works.fill()
    await works.rounds()
    async with works.sessions.begin() as session:
        found: str | None = await session.scalar(select(Post.id))
    assert found
    return found


def pressed(user: str, action: str, value: str, **changes: Any) -> dict[str, Any]:
    """A press below a message in the channel."""
    return {
        "type": "block_actions",
        "team": {"id": WS},
        "user": {"id": user, "team_id": changes.get("team", WS)},
        "container": {"type": "message", "message_ts": "1700000001.000100", "channel_id": CHANNEL},
        "channel": {"id": CHANNEL},
        "trigger_id": "1.2.c",
        "response_url": "https://hooks.example/1",
        "actions": [
            {
                "type": "button",
                "action_id": action,
                "block_id": "b",
                "value": value,
                "action_ts": changes.get("at", "1"),
            }
        ],
    }


def said(gateway: RecordingGateway) -> str:
    assert len(gateway.responses) == 1
    return gateway.responses[0][1].text


async def opens(works: Works) -> int:
    async with works.sessions.begin() as session:
        found = await session.scalar(select(WeeklyTotal.count).where(WeeklyTotal.what == "open"))
    return found or 0


async def test_a_story_opens_in_the_readers_language(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    for user in (AMARA, EDITOR):
        response = await slack.send(pressed(user, "stories:read", post))
        assert response.status == 200
    portuguese, english = (view.payload() for view in gateway.views)
    assert portuguese["blocks"][0]["text"]["text"] == "O novo televisor"
    assert english["blocks"][0]["text"]["text"].startswith("Orion's new set")
    assert english["blocks"][-1]["elements"][0]["value"] == f"cust1:{post}"
    assert await opens(works) == 2


async def test_the_same_press_again_counts_once(works: Works, slack: Slack, post: str) -> None:
    for _ in range(3):
        await slack.send(pressed(AMARA, "stories:read", post))
    assert await opens(works) == 1
    await slack.send(pressed(AMARA, "stories:read", post, at="2"))
    assert await opens(works) == 2


@pytest.mark.parametrize("value", ["", "unknown", "story:", "story:unknown", "x" * 3000])
async def test_what_is_unknown_is_refused_politely(
    slack: Slack, gateway: RecordingGateway, post: str, value: str
) -> None:
    response = await slack.send(pressed(EDITOR, "stories:read", value))
    assert response.status == 200
    assert "no longer there" in said(gateway)
    assert gateway.views == []


async def test_people_of_other_companies_get_nothing(slack: Slack, gateway: RecordingGateway, post: str) -> None:
    await slack.send(pressed("U0OUT", "stories:read", post, team="T0OTHER"))
    assert gateway.views == []
    assert "Orion" not in said(gateway)


async def test_a_guest_reads_what_is_public_or_allowed(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    await slack.send(pressed(GUEST, "stories:read", post))
    assert gateway.views == []
    async with works.sessions.begin() as session:
        await session.execute(update(Channel).values(guests_see_internal=True))
    await slack.send(pressed(GUEST, "stories:read", post, at="2"))
    assert len(gateway.views) == 1
    await slack.send(pressed(GUEST, "stories:read", await _story_value(works), at="3"))
    assert len(gateway.views) == 1


async def _story_value(works: Works) -> str:
    async with works.sessions.begin() as session:
        return f"story:{await session.scalar(select(Story.id))}"


@pytest.mark.parametrize(("change", "words"), [("withdrawn_at", "taken back"), ("expires_on", "is over")])
async def test_recalled_and_expired_are_told_privately(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str, change: str, words: str
) -> None:
    value = NOW if change == "withdrawn_at" else (NOW - timedelta(days=3)).date()
    async with works.sessions.begin() as session:
        await session.execute(update(Story).values(**{change: value}))
    await slack.send(pressed(EDITOR, "stories:read", post))
    assert words in said(gateway)
    assert gateway.views == []


async def test_a_picture_slack_cannot_fetch_costs_only_the_picture(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    async with works.sessions.begin() as session:
        await session.execute(update(Story).values(picture_url="https://a.example/x.png", picture_alt="A set"))

    def answer(view: dict[str, Any], **_more: Any) -> Any:
        pictured = any(block["type"] == "image" for block in view["blocks"])
        return SlackFault("invalid_arguments", Fault.CONTENT) if pictured else {"view": {"id": "V1"}}

    gateway.answers["views.open"] = answer
    await slack.send(pressed(EDITOR, "stories:read", post))
    assert len(gateway.views) == 1


async def test_a_trigger_that_is_too_old_is_not_tried_again(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    gateway.answers["views.open"] = SlackFault("expired_trigger_id", Fault.CONTENT)
    response = await slack.send(pressed(EDITOR, "stories:read", post))
    assert response.status == 200
    assert len(gateway.calls) == 1
    assert await opens(works) == 0
    assert "did not open the window" in said(gateway)


async def test_a_trigger_that_opened_the_story_already_says_nothing(
    slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    gateway.answers["views.open"] = SlackFault("exchanged_trigger_id", Fault.CONTENT)
    await slack.send(pressed(EDITOR, "stories:read", post))
    assert gateway.responses == []


async def test_recalling_by_button(works: Works, slack: Slack, gateway: RecordingGateway, post: str) -> None:
    await slack.press(EDITOR, "stories:recall", value=post)
    await slack.press(EDITOR, "stories:recall", value=post)
    told = [view.payload()["blocks"][0]["text"]["text"] for view in gateway.views]
    assert told[0].startswith("Taken back")
    assert told[1] == told[0]
    await works.rounds()
    assert works.posted() == []


@pytest.mark.parametrize(
    ("user", "team", "allowed"),
    [
        (EDITOR, WS, True),
        (ADMIN, WS, True),
        (SAM, WS, True),
        (AMARA, WS, False),
        (GUEST, WS, False),
        ("U0OUT", "T0OTHER", False),
        (ADMIN, "T0OTHER", False),
    ],
)
@pytest.mark.parametrize("state", ["posted", "owed", "recalled"])
async def test_who_may_recall_by_any_payload(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str, user: str, team: str, allowed: bool, state: str
) -> None:
    async with works.sessions.begin() as session:
        if state == "owed":
            await session.execute(update(Post).values(ts=None, posted_at=None, outcome=None))
        if state == "recalled":
            await session.execute(update(Post).values(recalled_at=NOW))
    await slack.send(pressed(user, "stories:recall", post, team=team))
    async with works.sessions.begin() as session:
        withdrawn = await session.scalar(select(Story.withdrawn_at))
        audited = set(await session.scalars(select(AuditEntry.action)))
    assert (withdrawn is not None) is allowed
    if allowed:
        assert "story.recall" in audited
    else:
        assert "story.recall" not in audited
        assert "story.recall_refused" in audited
        assert said(gateway)


async def test_a_recall_is_read_by_the_account_manager_and_the_channels_owner(
    works: Works, slack: Slack, post: str
) -> None:
    async with works.sessions.begin() as session:
        session.add(ChannelOwner(workspace_id=WS, channel_id=CHANNEL, user_id=AMARA))
    await slack.send(pressed(GUEST, "stories:recall", post))
    await slack.press(SAM, "stories:recall", value=post)
    assert await trail_of(works.sessions, SAM) == [
        ("story.recall", ("cust1",)),
        ("story.recall_refused", ("cust1",)),
    ]
    assert await trail_of(works.sessions, AMARA) == [
        ("story.recall", (CHANNEL,)),
        ("story.recall_refused", (CHANNEL,)),
    ]
    assert await trail_of(works.sessions, EDITOR) == []
    async with works.sessions.begin() as session:
        await session.execute(update(Customer).values(account_manager=EDITOR))
    assert await trail_of(works.sessions, SAM) == []
    assert [what for what, _ in await trail_of(works.sessions, EDITOR)] == ["story.recall", "story.recall_refused"]


async def test_a_deactivated_editor_recalls_nothing(
    works: Works, slack: Slack, gateway: RecordingGateway, post: str
) -> None:
    async with works.sessions.begin() as session:
        await session.execute(update(Member).where(Member.user_id == EDITOR).values(kind="deactivated"))
    await slack.send(pressed(EDITOR, "stories:recall", post))
    assert "Only editors" in said(gateway)


# -- Home -------------------------------------------------------------------------------------------------------------


async def shown(works: Works, section: Any, user: str) -> list[Block]:
    viewer = Viewer(workspace_id=WS, user_id=user, team_id=None, roles=frozenset())
    async with works.sessions.begin() as session:
        blocks = list(await section.render(session, viewer, Words()))
    assert check_blocks(blocks, "home") == []
    return blocks


async def test_home_shows_what_came_to_my_channels(works: Works, post: str) -> None:
    blocks = await shown(works, LatestStories(), AMARA)
    assert blocks[1]["accessory"]["value"] == post
    assert "#line-2" in blocks[1]["text"]["text"]
    assert await shown(works, LatestStories(), EDITOR) == []  # not in the channel


async def test_home_shows_who_may_recall_what(works: Works, post: str) -> None:
    for user in (EDITOR, ADMIN, SAM):
        blocks = await shown(works, RecentPosts(), user)
        assert blocks[1]["accessory"]["value"] == post
        assert blocks[1]["accessory"]["confirm"]  # the second press
    assert await shown(works, RecentPosts(), AMARA) == []
    assert await shown(works, RecentPosts(), GUEST) == []
    async with works.sessions.begin() as session:
        found = await service.find_post(session, WS, post)
        assert found is not None
        session.add(ChannelOwner(workspace_id=WS, channel_id=found.channel_id, user_id=AMARA))
    assert (await shown(works, RecentPosts(), AMARA))[1]["accessory"]["value"] == post
    async with works.sessions.begin() as session:
        found = await service.find_post(session, WS, post)
        assert found is not None
        await service.recall(session, WS, found, by=EDITOR, now=NOW, new_id=works.new_id)
    assert await shown(works, RecentPosts(), EDITOR) == []
    assert await shown(works, LatestStories(), AMARA) == []
