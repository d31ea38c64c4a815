"""Tokens, scopes, arguments and encodings: what is checked before a method runs."""

from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import BOT_TOKEN, web_client

AUTH = {"authorization": f"Bearer {BOT_TOKEN}"}


@pytest.mark.parametrize(
    ("token", "code"), [("", "not_authed"), ("xoxb-wrong", "invalid_auth"), ("xapp-test", "not_allowed_token_type")]
)
async def test_tokens(slack: Slack, session: aiohttp.ClientSession, token: str, code: str) -> None:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with session.post(f"{slack.url}/api/auth.test", headers=headers) as answer:
        assert (await answer.json())["error"] == code


@pytest.mark.parametrize(
    ("state", "code"), [("revoked", "token_revoked"), ("inactive", "account_inactive"), ("expired", "token_expired")]
)
async def test_dead_tokens(slack: Slack, client: AsyncWebClient, state: str, code: str) -> None:
    slack.store.grants[BOT_TOKEN].state = state
    await refused(client.auth_test(), code)


async def test_who_one_is(slack: Slack, client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    bot = await client.auth_test()
    assert (bot["user_id"], bot["bot_id"], bot["team_id"]) == ("U0BOT", "B0BOT", "T0ONE")
    human = await web_client(slack, session, "xoxp-amara").auth_test()
    assert human["user_id"] == "U0AMARA"
    assert "bot_id" not in human
    slack.store.deactivated.add("U0AMARA")
    await refused(web_client(slack, session, "xoxp-amara").auth_test(), "account_inactive")


async def test_a_persons_token_posts_as_that_person(slack: Slack, session: aiohttp.ClientSession) -> None:
    human = web_client(slack, session, "xoxp-amara")
    await human.chat_postMessage(channel="C0LINE2", text="by hand")
    row = slack.ledger.since(0)["messages"][0]
    assert (row["user"], row["bot_id"]) == ("U0AMARA", None)
    assert (await human.conversations_history(channel="C0OPEN"))["ok"]


async def test_scopes_are_told_in_headers_and_demanded(slack: Slack, session: aiohttp.ClientSession) -> None:
    async with session.post(f"{slack.url}/api/chat.postMessage", headers=AUTH) as answer:
        assert answer.headers["X-Accepted-OAuth-Scopes"] == "chat:write"
        assert "users:read" in answer.headers["X-OAuth-Scopes"].split(",")
        assert "Date" in answer.headers
        body = await answer.json()
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]
    slack.store.grants[BOT_TOKEN].scopes = frozenset({"users:read"})
    async with session.post(f"{slack.url}/api/chat.postMessage", headers=AUTH, data={"channel": "C0LINE2"}) as answer:
        body = await answer.json()
    assert (body["error"], body["needed"], body["provided"]) == ("missing_scope", "chat:write", "users:read")


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"data": "{", "headers": {"content-type": "application/json"}}, "invalid_json"),
        ({"data": "[1]", "headers": {"content-type": "application/json"}}, "json_not_object"),
        ({"data": "x", "headers": {"content-type": "text/plain"}}, "invalid_post_type"),
        ({"json": {"channel": "C0LINE2", "te-xt": "a"}}, "invalid_arg_name"),
        ({"json": {"channel": ["C0LINE2"], "text": "a"}}, "invalid_arguments"),
    ],
)
async def test_bodies(slack: Slack, session: aiohttp.ClientSession, sent: dict[str, Any], code: str) -> None:
    sent = {**sent, "headers": AUTH | sent.get("headers", {})}
    async with session.post(f"{slack.url}/api/chat.postMessage", **sent) as answer:
        assert (await answer.json())["error"] == code


async def test_ways_to_send_the_same(slack: Slack, session: aiohttp.ClientSession) -> None:
    url = f"{slack.url}/api/chat.postMessage"
    block = '[{"type":"divider"}]'
    async with session.post(url, data={"token": BOT_TOKEN, "channel": "C0LINE2", "text": "a", "blocks": block}) as form:
        assert (await form.json())["ok"]
    async with session.post(url, headers=AUTH, json={"channel": "C0LINE2", "text": "a", "blocks": block}) as text:
        assert (await text.json())["message"]["blocks"][0]["type"] == "divider"
    async with session.get(f"{slack.url}/api/conversations.info?channel=C0LINE2", headers=AUTH) as got:
        assert (await got.json())["channel"]["name"] == "line-2"
    # Reading methods take no JSON at Slack: the arguments are simply not seen.
    async with session.post(f"{slack.url}/api/users.info", headers=AUTH, json={"user": "U0AMARA"}) as ignored:
        assert (await ignored.json())["error"] == "invalid_arguments"


async def test_unknown_methods_and_arguments(slack: Slack, client: AsyncWebClient) -> None:
    await refused(client.api_call("chat.postMassage"), "unknown_method")
    sent = await client.api_call("chat.postMessage", json={"channel": "C0LINE2", "text": "a", "colour": "red"})
    assert sent["response_metadata"]["warnings"] == ["unknown_argument: colour"]
    assert slack.ledger.since(0)["calls"][-1]["warnings"] == ["unknown_argument: colour"]


async def test_blocks_validate_needs_no_token(slack: Slack, session: aiohttp.ClientSession) -> None:
    url = f"{slack.url}/api/blocks.validate"
    async with session.post(url, json={"blocks": [{"type": "divider"}]}) as good:
        assert (await good.json())["ok"]
    async with session.post(url, json={"view": {"type": "modal", "blocks": []}}) as bad:
        assert (await bad.json())["error"] == "invalid_arguments"
    async with session.post(url, json={"blocks": [], "view": {}}) as both:
        assert (await both.json())["error"] == "invalid_arguments"


async def test_the_ledger_never_holds_tokens(slack: Slack, session: aiohttp.ClientSession) -> None:
    data = {"token": BOT_TOKEN, "channel": "C0LINE2", "text": "a", "blocks": '[{"type":"divider"}]'}
    async with session.post(f"{slack.url}/api/chat.postMessage", data=data) as answer:
        assert (await answer.json())["ok"]
    async with session.get(f"{slack.url}/_sandbox/ledger") as answer:
        text = await answer.text()
        call = (await answer.json())["calls"][0]
    assert BOT_TOKEN not in text
    assert call["args"] == {"channel": "C0LINE2", "text": "a", "blocks": [{"type": "divider"}]}
    assert (call["method"], call["status"], call["ok"], call["error"]) == ("chat.postMessage", 200, True, None)


async def test_other_sites_cannot_drive_it(slack: Slack, session: aiohttp.ClientSession) -> None:
    url = f"{slack.url}/_sandbox/reset"
    async with session.post(url, headers={"origin": "https://evil.example"}) as answer:
        assert answer.status == 403
    async with session.post(url, headers={"host": "evil.example"}) as answer:
        assert answer.status == 403
    async with session.post(url, headers={"origin": slack.url}) as answer:
        assert answer.status == 200
