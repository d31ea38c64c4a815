"""chat.*: who may post where, what is kept, changed and refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Person

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*Orion* & <!channel>"}}


async def test_a_message_is_kept_as_it_was_sent(client: AsyncWebClient, slack: Slack) -> None:
    sent = await client.chat_postMessage(
        channel="C0LINE2",
        text="5 < 6 & <@U0AMARA>",
        blocks=[SECTION],
        metadata={"event_type": "owed", "event_payload": {"key": "k1"}},
        unfurl_links=False,
    )
    assert sent["channel"] == "C0LINE2"
    assert sent["message"]["bot_id"] == "B0BOT"
    row = slack.ledger.since(0)["messages"][0]
    assert row["text"] == "5 &lt; 6 &amp; <@U0AMARA>"
    assert row["mentions"] == ["<@U0AMARA>", "<!channel>"]
    assert row["unfurl_links"] is False
    assert row["unfurl_media"] is None
    assert row["blocks"][0]["block_id"]


async def test_no_mention_where_text_is_plain_or_escaped(client: AsyncWebClient, slack: Slack) -> None:
    plain = {"type": "section", "text": {"type": "plain_text", "text": "<!channel> @here"}}
    verbatim = {"type": "section", "text": {"type": "mrkdwn", "text": "&lt;!channel&gt; @here", "verbatim": True}}
    await client.chat_postMessage(channel="C0LINE2", text="&lt;@U0AMARA&gt; @channel", blocks=[plain, verbatim])
    assert slack.ledger.since(0)["messages"][0]["mentions"] == []
    parsed = {"type": "section", "text": {"type": "mrkdwn", "text": "ask @here"}}
    await client.chat_postMessage(channel="C0LINE2", text="x", blocks=[parsed])
    assert slack.ledger.since(0)["messages"][1]["mentions"] == ["@here"]


async def test_text_is_built_from_blocks_when_absent(client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="C0LINE2", blocks=[SECTION])
    assert "Orion" in sent["message"]["text"]
    assert sent["warning"] == "missing_text_in_message"


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C0NONE", "channel_not_found"),
        ("C0SECRET", "channel_not_found"),
        ("C0ELSE", "channel_not_found"),
        ("C0OLD", "is_archived"),
        ("U0FAR", "channel_not_found"),
        ("U0GONE", "channel_not_found"),
        ("U0ELSE", "channel_not_found"),
    ],
)
async def test_places_one_cannot_post_to(client: AsyncWebClient, channel: str, code: str) -> None:
    await refused(client.chat_postMessage(channel=channel, text="x"), code)


async def test_public_channels_need_membership_without_the_scope(client: AsyncWebClient, slack: Slack) -> None:
    assert (await client.chat_postMessage(channel="C0OPEN", text="x"))["ok"]
    grant = slack.store.grants["xoxb-test"]
    grant.scopes -= {"chat:write.public"}
    await refused(client.chat_postMessage(channel="C0OPEN", text="x"), "not_in_channel")


async def test_a_persons_id_opens_the_dm(client: AsyncWebClient, slack: Slack) -> None:
    first = await client.chat_postMessage(channel="U0AMARA", text="x")
    again = await client.chat_postMessage(channel="U0AMARA", text="y")
    assert first["channel"].startswith("D")
    assert first["channel"] == again["channel"]
    assert (await client.chat_postMessage(channel="U0OUT", text="shares a channel"))["ok"]
    slack.store.deactivated.add("U0AMARA")
    await refused(client.chat_postMessage(channel=first["channel"], text="z"), "is_archived")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x", "blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"text": "x", "blocks": {"type": "section"}}, "invalid_blocks_format"),
        ({"text": "x", "thread_ts": "12.5"}, "thread_not_found"),
        ({"text": "x", "thread_ts": "soon"}, "invalid_thread_ts"),
        ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"text": "x", "attachments": [{"text": "y"}] * 101}, "too_many_attachments"),
    ],
)
async def test_content_that_is_refused(client: AsyncWebClient, args: dict[str, Any], code: str) -> None:
    await refused(client.api_call("chat.postMessage", json={"channel": "C0LINE2", **args}), code)


async def test_block_problems_carry_pointers(client: AsyncWebClient) -> None:
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    body = await refused(client.chat_postMessage(channel="C0LINE2", text="x", blocks=[SECTION, long]), "invalid_blocks")
    assert "json-pointer:/blocks/1/text/text" in body["errors"][0]
    assert body["response_metadata"]["messages"][0].startswith("[ERROR] ")
    exact = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    assert (await client.chat_postMessage(channel="C0LINE2", text="x", blocks=[exact]))["ok"]


async def test_a_long_text_without_blocks_is_cut_into_several(client: AsyncWebClient, slack: Slack) -> None:
    await client.chat_postMessage(channel="C0LINE2", text="a" * 4000)
    assert len(slack.ledger.messages()) == 1
    await client.chat_postMessage(channel="C0LINE2", text="a" * 4001)
    assert [len(m.text) for m in slack.ledger.messages()] == [4000, 4000, 1]


async def test_threads(client: AsyncWebClient, slack: Slack) -> None:
    root = await client.chat_postMessage(channel="C0LINE2", text="root")
    reply = await client.chat_postMessage(channel="C0LINE2", text="reply", thread_ts=root["ts"])
    under_reply = await client.chat_postMessage(channel="C0LINE2", text="again", thread_ts=reply["ts"])
    assert under_reply["message"]["thread_ts"] == root["ts"]
    await client.chat_delete(channel="C0LINE2", ts=root["ts"])
    slack.limits.clear()
    assert (await client.chat_postMessage(channel="C0LINE2", text="still", thread_ts=root["ts"]))["ok"]
    lone = await client.chat_postMessage(channel="C0LINE2", text="lone")
    await client.chat_delete(channel="C0LINE2", ts=lone["ts"])
    await refused(client.chat_postMessage(channel="C0LINE2", text="x", thread_ts=lone["ts"]), "thread_not_found")


async def test_update(client: AsyncWebClient, slack: Slack, person: Callable[[str], Person]) -> None:
    sent = await client.chat_postMessage(
        channel="C0LINE2", text="a", blocks=[SECTION], metadata={"event_type": "m", "event_payload": {"key": "1"}}
    )
    ts = sent["ts"]
    message = slack.ledger.messages()[0]
    await client.chat_update(channel="C0LINE2", ts=ts, text="b", blocks=[SECTION])
    assert message.edited is None  # with blocks there is no mark
    await client.chat_update(channel="C0LINE2", ts=ts, text="only text")
    assert message.blocks == []
    assert message.metadata == {"event_type": "m", "event_payload": {"key": "1"}}
    assert [e["text"] for e in slack.ledger.since(0)["messages"][0]["edits"]] == ["b", "only text"]
    await refused(client.chat_update(channel="C0LINE2", ts=ts, text="x" * 4001), "msg_too_long")
    assert (await client.chat_update(channel="C0LINE2", ts=ts, text="x" * 4000))["ok"]
    await refused(client.chat_update(channel="C0LINE2", ts="1.1", text="x"), "message_not_found")
    await refused(client.api_call("chat.update", json={"channel": "C0LINE2", "ts": ts}), "no_text")
    seen = await person("U0AMARA").act("type", channel="C0LINE2", text="mine")
    other = seen["messages"]["C0LINE2"][-1]["ts"]
    await refused(client.chat_update(channel="C0LINE2", ts=other, text="x"), "cant_update_message")
    await refused(client.chat_delete(channel="C0LINE2", ts=other), "cant_delete_message")


async def test_an_update_of_a_dm_needs_its_own_id(client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="U0AMARA", text="a")
    await refused(client.chat_update(channel="U0AMARA", ts=sent["ts"], text="b"), "channel_not_found")
    assert (await client.chat_update(channel=sent["channel"], ts=sent["ts"], text="b"))["text"] == "b"


async def test_rich_text_stays_rich_text(client: AsyncWebClient) -> None:
    words = {"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}
    sent = await client.chat_postMessage(
        channel="C0LINE2", text="x", blocks=[{"type": "rich_text", "elements": [words]}]
    )
    await refused(client.chat_update(channel="C0LINE2", ts=sent["ts"], text="x", blocks=[SECTION]), "block_mismatch")


async def test_delete_and_permalink(client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel="C0LINE2", text="x")
    link = await client.chat_getPermalink(channel="C0LINE2", message_ts=sent["ts"])
    assert link["permalink"].endswith("/archives/C0LINE2/p" + sent["ts"].replace(".", ""))
    await client.chat_delete(channel="C0LINE2", ts=sent["ts"])
    await refused(client.chat_delete(channel="C0LINE2", ts=sent["ts"]), "message_not_found")
    await refused(client.chat_getPermalink(channel="C0LINE2", message_ts=sent["ts"]), "message_not_found")


async def test_ephemerals(client: AsyncWebClient, slack: Slack, person: Callable[[str], Person]) -> None:
    sent = await client.chat_postEphemeral(channel="C0LINE2", user="U0AMARA", text="only you")
    mine = (await person("U0AMARA").seen())["messages"]["C0LINE2"]
    assert [(m["text"], m["ephemeral"]) for m in mine] == [("only you", True)]
    assert (await person("U0BEN").seen())["messages"]["C0LINE2"] == []
    assert slack.ledger.since(0)["messages"][0]["ephemeral_to"] == "U0AMARA"
    assert (await client.conversations_history(channel="C0LINE2"))["messages"] == []
    await refused(client.chat_update(channel="C0LINE2", ts=sent["message_ts"], text="x"), "message_not_found")
    root = client.chat_postMessage(channel="C0LINE2", text="x", thread_ts=sent["message_ts"])
    await refused(root, "cannot_reply_to_message")
    await refused(client.chat_postEphemeral(channel="C0LINE2", user="U0OUT", text="x"), "user_not_in_channel")
    await refused(client.chat_postEphemeral(channel="C0OPEN", user="U0AMARA", text="x"), "not_in_channel")


async def test_scheduled(client: AsyncWebClient, slack: Slack, clock: Clock) -> None:
    at = int(clock.now()) + 200
    made = await client.chat_scheduleMessage(channel="C0LINE2", text="later", post_at=at)
    listed = await client.chat_scheduledMessages_list(channel="C0LINE2")
    assert [row["id"] for row in listed["scheduled_messages"]] == [made["scheduled_message_id"]]
    await refused(client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=at - 400), "time_in_past")
    far = at + 121 * 86400
    await refused(client.chat_scheduleMessage(channel="C0LINE2", text="x", post_at=far), "time_too_far")
    clock.advance(150)
    gone = client.chat_deleteScheduledMessage(channel="C0LINE2", scheduled_message_id=made["scheduled_message_id"])
    await refused(gone, "invalid_scheduled_message_id")  # under 60 s before it is due
    clock.advance(60)
    async with asyncio.timeout(5):
        await slack.viewers.changed("U0AMARA", slack.viewers.version("U0AMARA"), 5)
    assert [m.text for m in slack.ledger.messages()] == ["later"]


async def test_a_message_with_metadata_never_posts_from_a_schedule(
    client: AsyncWebClient, slack: Slack, clock: Clock
) -> None:
    meta = {"event_type": "m", "event_payload": {"a": "b"}}
    at = int(clock.now()) + 100
    await client.chat_scheduleMessage(channel="C0LINE2", text="lost", post_at=at, metadata=meta)
    await client.chat_scheduleMessage(channel="C0LINE2", text="kept", post_at=at)
    clock.advance(101)
    async with asyncio.timeout(5):
        await slack.viewers.changed("U0AMARA", slack.viewers.version("U0AMARA"), 5)
    assert [m.text for m in slack.ledger.messages()] == ["kept"]
