"""Limits that stand outside Block Kit and the rate limits: one at the limit passes, one over is refused."""

from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.slack import Slack
from tests.sandbox.calls import refused

DAY = 86_400


async def test_attachments(client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel="C0LINE2", text="x", attachments=[{"text": "y"}] * 100))["ok"]
    over = client.chat_postMessage(channel="C0LINE2", text="x", attachments=[{"text": "y"}] * 101)
    await refused(over, "too_many_attachments")


async def test_blocks(client: AsyncWebClient) -> None:
    assert (await client.chat_postMessage(channel="C0LINE2", text="x", blocks=[{"type": "divider"}] * 50))["ok"]
    over = client.chat_postMessage(channel="C0LINE2", text="x", blocks=[{"type": "divider"}] * 51)
    await refused(over, "invalid_blocks")


async def test_markdown(client: AsyncWebClient) -> None:
    sent = await client.api_call("chat.postMessage", json={"channel": "C0LINE2", "markdown_text": "x" * 12_000})
    assert sent["message"]["blocks"][0]["type"] == "markdown"
    await refused(
        client.api_call("chat.postMessage", json={"channel": "C0LINE2", "markdown_text": "x" * 12_001}), "msg_too_long"
    )


async def test_how_far_ahead(client: AsyncWebClient, clock: Clock) -> None:
    furthest = int(clock.now()) + 120 * DAY
    assert (await client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=furthest - 1))["ok"]
    await refused(client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=furthest + 60), "time_too_far")


async def test_thirty_scheduled_in_five_minutes(client: AsyncWebClient, slack: Slack, clock: Clock) -> None:
    at = (int(clock.now()) // 300 + 10) * 300
    for number in range(30):
        slack.limits.clear()
        await client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=at + number)
    await refused(client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=at + 299), "restricted_too_many")
    assert (await client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=at + 300))["ok"]


async def test_alternative_texts(client: AsyncWebClient) -> None:
    assert (await client.files_getUploadURLExternal(filename="a", length=1, alt_txt="x" * 1000))["ok"]
    await refused(client.files_getUploadURLExternal(filename="a", length=1, alt_txt="x" * 1001), "alt_txt_too_large")


async def test_people_in_one_conversation(client: AsyncWebClient) -> None:
    # Conversations of several people do not exist here, but too many people are refused first.
    await refused(client.conversations_open(users=["U0AMARA"] * 9), "too_many_users")
    await refused(client.conversations_open(users=["U0AMARA", "U0BEN"]), "method_not_supported_for_channel_type")


async def test_topics(client: AsyncWebClient) -> None:
    assert (await client.conversations_setTopic(channel="C0LINE2", topic="x" * 250))["ok"]
    await refused(client.conversations_setTopic(channel="C0LINE2", topic="x" * 251), "too_long")


async def test_pages(client: AsyncWebClient) -> None:
    assert (await client.conversations_members(channel="C0LINE2", limit=1000))["ok"]
    await refused(client.conversations_members(channel="C0LINE2", limit=1001), "invalid_limit")


async def test_pins(client: AsyncWebClient, slack: Slack) -> None:
    stamps = []
    for _ in range(101):
        slack.limits.clear()
        stamps.append((await client.chat_postMessage(channel="C0LINE2", text="x"))["ts"])
    for ts in stamps[:100]:
        slack.limits.clear()
        assert (await client.pins_add(channel="C0LINE2", timestamp=ts))["ok"]
    slack.limits.clear()
    await refused(client.pins_add(channel="C0LINE2", timestamp=stamps[100]), "too_many_pins")


async def test_bookmarks(client: AsyncWebClient, slack: Slack) -> None:
    for number in range(100):
        slack.limits.clear()
        await client.bookmarks_add(channel_id="C0LINE2", title=f"b{number}", type="link", link="https://b.example")
    over = client.bookmarks_add(channel_id="C0LINE2", title="b", type="link", link="https://b.example")
    await refused(over, "too_many_bookmarks")
