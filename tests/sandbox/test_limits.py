"""One call at the limit passes, one over is refused; the wait told is enough."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.api.registry import METHODS
from sandbox.clock import Clock
from sandbox.limits import Limits
from sandbox.slack import Slack
from tests.sandbox.conftest import web_client

# The method -> calls a minute in one workspace, from Slack's own reference.
PER_MINUTE = {
    "conversations.list": 20,
    "users.list": 20,
    "usergroups.list": 20,
    "dnd.teamInfo": 20,
    "bookmarks.add": 20,
    "pins.add": 20,
    "pins.remove": 20,
    "reactions.remove": 20,
    "conversations.setTopic": 20,
    "users.conversations": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "chat.scheduleMessage": 50,
    "chat.scheduledMessages.list": 50,
    "chat.deleteScheduledMessage": 50,
    "conversations.open": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "conversations.join": 50,
    "conversations.leave": 50,
    "conversations.invite": 50,
    "users.lookupByEmail": 50,
    "team.info": 50,
    "dnd.info": 50,
    "reactions.add": 50,
    "reactions.get": 50,
    "files.delete": 50,
    "chat.postEphemeral": 100,
    "views.open": 100,
    "views.push": 100,
    "views.update": 100,
    "views.publish": 100,
    "conversations.members": 100,
    "users.info": 100,
    "users.profile.get": 100,
    "files.info": 100,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
    "chat.postMessage": 600,
    "auth.test": 600,
    "chat.getPermalink": 600,
}


@pytest.mark.parametrize(("method", "limit"), PER_MINUTE.items())
async def test_tiers(slack: Slack, client: AsyncWebClient, method: str, limit: int) -> None:
    assert METHODS[method].per_minute == limit
    for _ in range(limit - 1):
        slack.limits.wait("A0TEST", "T0ONE", method, limit, slack.clock.now())
    assert await _error(client, method) != "ratelimited"
    assert await _error(client, method) == "ratelimited"


async def _error(client: AsyncWebClient, method: str) -> str:
    try:
        await client.api_call(method)
    except SlackApiError as error:
        return str(error.response["error"])
    return ""


async def test_a_429_says_how_long_and_is_then_over(slack: Slack, client: AsyncWebClient, clock: Clock) -> None:
    for _ in range(20):
        await client.conversations_list()
    with pytest.raises(SlackApiError) as caught:
        await client.conversations_list()
    response = caught.value.response
    assert response.status_code == 429
    wait = int(response.headers["Retry-After"])
    assert 0 < wait <= 60
    assert (await client.users_list())["ok"]  # other methods are free
    clock.advance(wait)
    assert (await client.conversations_list())["ok"]


async def test_limits_are_per_workspace(slack: Slack, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    for _ in range(50):
        slack.limits.wait("A0TEST", "T0ONE", "chat.update", 50, slack.clock.now())
    assert await _error(client, "chat.update") == "ratelimited"
    assert await _error(web_client(slack, session, "xoxb-two"), "chat.update") != "ratelimited"


async def test_one_message_a_second_per_channel(slack: Slack, client: AsyncWebClient, clock: Clock) -> None:
    for _ in range(3):
        await client.chat_postMessage(channel="C0LINE2", text="burst")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0LINE2", text="too soon")
    assert caught.value.response.headers["Retry-After"] == "1"
    assert (await client.chat_postMessage(channel="C0OPEN", text="elsewhere"))["ok"]
    for _ in range(5):
        clock.advance(1)
        assert (await client.chat_postMessage(channel="C0LINE2", text="paced"))["ok"]
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C0LINE2", text="again too soon")
    assert [m.text for m in slack.ledger.messages()].count("paced") == 5


def test_a_program_that_keeps_to_its_tier_is_never_refused() -> None:
    limits = Limits()
    assert all(limits.wait("A", "T", "m", 50, number * 60 / 50) == 0 for number in range(500))
