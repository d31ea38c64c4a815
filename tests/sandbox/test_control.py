"""The control API around acting: people, ledger, live updates, admins, starting over."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import BOT_TOKEN, Person, web_client, world


async def _get(slack: Slack, session: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with session.get(f"{slack.url}/_sandbox/{path}") as answer:
        body: dict[str, Any] = await answer.json()
        return body


async def _admin(
    slack: Slack, session: aiohttp.ClientSession, do: str, status: int = 200, **more: Any
) -> dict[str, Any]:
    async with session.post(f"{slack.url}/_sandbox/admin", json={"do": do, **more}) as answer:
        body: dict[str, Any] = await answer.json()
        assert answer.status == status, body
        return body


async def test_people(slack: Slack, session: aiohttp.ClientSession) -> None:
    body = await _get(slack, session, "people")
    kinds = {p["id"]: p["kind"] for p in body["people"]}
    assert (kinds["U0AMARA"], kinds["U0BEN"], kinds["U0OUT"], kinds["U0GONE"], kinds["U0BOT"]) == (
        "member",
        "admin",
        "external",
        "deactivated",
        "bot",
    )
    assert body["teams"][0] == {"id": "T0ONE", "name": "Northlight Works", "domain": "northlight"}
    assert body["apps"][0]["connected"] == 0
    assert next(c for c in body["channels"] if c["id"] == "C0SECRET")["kind"] == "private"


async def test_the_ledger_from_a_point_on(slack: Slack, session: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0LINE2", text="one")
    first = await _get(slack, session, "ledger")
    last = max(row["n"] for row in first["messages"] + first["calls"])
    await client.chat_postMessage(channel="C0LINE2", text="two")
    more = await _get(slack, session, f"ledger?since={last}")
    assert [m["text"] for m in more["messages"]] == ["two"]
    assert [c["method"] for c in more["calls"]] == ["chat.postMessage"]
    assert more["calls"][0]["ms"] >= 0


async def test_the_stream_tells_of_changes(
    slack: Slack, session: aiohttp.ClientSession, person: Callable[[str], Person], client: AsyncWebClient
) -> None:
    async with session.get(f"{slack.url}/_sandbox/stream", params={"as": "U0AMARA"}) as stream:
        first = json.loads((await asyncio.wait_for(stream.content.readline(), 5)).removeprefix(b"data: "))
        assert first["version"] == (await person("U0AMARA").seen())["version"]
        await stream.content.readline()
        await client.chat_postMessage(channel="C0LINE2", text="x")
        second = json.loads((await asyncio.wait_for(stream.content.readline(), 5)).removeprefix(b"data: "))
        assert second["version"] > first["version"]


async def test_others_are_not_told_of_what_they_cannot_see(slack: Slack, client: AsyncWebClient) -> None:
    before = slack.viewers.version("U0GRETA")
    await client.chat_postMessage(channel="C0TEAM", text="x")
    assert slack.viewers.version("U0GRETA") == before


async def test_reset(slack: Slack, session: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel="C0LINE2", text="x")
    slack.faults.put([{"what": "refuse", "methods": "*"}])
    async with session.post(f"{slack.url}/_sandbox/reset") as answer:
        assert (await answer.json())["ok"]
    assert await _get(slack, session, "ledger") == {"messages": [], "calls": []}
    assert await _get(slack, session, "faults") == {"faults": []}
    assert (await client.chat_postMessage(channel="C0LINE2", text="x"))["ok"]


async def test_a_banner(slack: Slack, session: aiohttp.ClientSession) -> None:
    url = f"{slack.url}/_sandbox/banner"
    words = {"title": "A story every few seconds", "lines": ["Be Amara."]}
    async with session.get(url) as answer:
        assert await answer.json() == {}
    async with session.put(url, json=words) as answer:
        assert answer.status == 200
    async with session.get(url) as answer:
        assert await answer.json() == words
    async with session.put(url, json={"lines": []}) as answer:
        assert (answer.status, (await answer.json())["error"]) == (400, "invalid_banner")


async def test_tokens_die_and_live_again(slack: Slack, session: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    await _admin(slack, session, "revoke_token", app="A0TEST", team="T0ONE")
    await refused(client.auth_test(), "token_revoked")
    assert (await web_client(slack, session, "xoxb-two").auth_test())["ok"]
    await _admin(slack, session, "reinstall")
    assert (await client.auth_test())["ok"]
    await _admin(slack, session, "revoke_token", how="inactive")
    await refused(client.auth_test(), "account_inactive")
    await _admin(slack, session, "reinstall", token="xoxb-fresh")
    await refused(client.auth_test(), "account_inactive")
    assert (await web_client(slack, session, "xoxb-fresh").auth_test())["bot_id"] == "B0BOT"


async def test_channels_and_people_change(slack: Slack, session: aiohttp.ClientSession, client: AsyncWebClient) -> None:
    await _admin(slack, session, "archive", channel="C0LINE2")
    await refused(client.chat_postMessage(channel="C0LINE2", text="x"), "is_archived")
    await _admin(slack, session, "unarchive", channel="C0LINE2")
    await _admin(slack, session, "rename", channel="C0LINE2", name="line-two")
    assert (await client.conversations_info(channel="C0LINE2"))["channel"]["name"] == "line-two"
    await _admin(slack, session, "remove_member", channel="C0TEAM", user="U0BOT")
    await refused(client.chat_postMessage(channel="C0TEAM", text="x"), "channel_not_found")
    await _admin(slack, session, "add_member", channel="C0TEAM", user="U0BOT")
    assert (await client.chat_postMessage(channel="C0TEAM", text="x"))["ok"]
    await _admin(slack, session, "delete_channel", channel="C0LINE2")
    await refused(client.chat_postMessage(channel="C0LINE2", text="x"), "channel_not_found")
    await _admin(slack, session, "deactivate", user="U0BEN")
    assert (await client.users_info(user="U0BEN"))["user"]["deleted"]
    await _admin(slack, session, "reactivate", user="U0BEN")
    assert not (await client.users_info(user="U0BEN"))["user"]["deleted"]
    await _admin(slack, session, "add_person", person={"id": "U0NEW", "name": "nia", "tz": "Asia/Tokyo"})
    assert (await client.users_info(user="U0NEW"))["user"]["tz"] == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"do": "nothing"}, "unknown_deed"),
        ({"do": "archive", "channel": "C0NONE"}, "no_such_channel"),
        ({"do": "deactivate", "user": "U0NONE"}, "no_such_person"),
        ({"do": "revoke_token", "app": "A0NONE"}, "no_such_app"),
        ({"do": "add_person", "person": {"id": "U1"}}, "invalid_person"),
    ],
)
async def test_admin_refusals(slack: Slack, session: aiohttp.ClientSession, body: dict[str, Any], code: str) -> None:
    async with session.post(f"{slack.url}/_sandbox/admin", json=body) as answer:
        assert (await answer.json())["error"] == code
        assert 400 <= answer.status < 500


async def test_a_world_says_what_is_wrong_with_it() -> None:
    with pytest.raises(ValueError, match="unknown key 'nam'"):
        async with running_sandbox(
            {"teams": [{"id": "T1", "name": "x"}], "people": [{"id": "U1", "nam": "x", "name": "y"}]}
        ):
            pass


async def test_a_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    app = {"id": "A1", "name": "App", "bot_user": "U1", "bot_id": "B1", "bot_token": "${TEST_BOT_TOKEN}"}
    setup = {"teams": [{"id": "T1", "name": "x"}], "apps": [app]}
    with pytest.raises(ValueError, match="TEST_BOT_TOKEN"):
        async with running_sandbox(setup):
            pass
    monkeypatch.setenv("TEST_BOT_TOKEN", BOT_TOKEN)
    async with running_sandbox(setup) as slack, aiohttp.ClientSession() as session:
        assert (await web_client(slack, session).auth_test())["user_id"] == "U1"


async def test_pages_that_look_do_not_hold_up_its_end() -> None:
    """The server would wait a whole second for each of them."""
    async with running_sandbox(world()) as slack:
        looking = asyncio.create_task(slack.viewers.changed("U0AMARA", slack.viewers.version("U0AMARA"), timeout=600))
        await asyncio.sleep(0)
        assert not looking.done()
    await asyncio.wait_for(looking, 5)


async def test_who_is_being_looked_at(slack: Slack, session: aiohttp.ClientSession) -> None:
    async def looked() -> dict[str, float]:
        async with session.get(f"{slack.url}/_sandbox/looked") as answer:
            found: dict[str, float] = (await answer.json())["people"]
        return found

    assert await looked() == {}
    async with session.get(f"{slack.url}/_sandbox/stream?as=U0AMARA") as stream:
        await stream.content.readline()
        assert await looked() == {"U0AMARA": 0}
    async with asyncio.timeout(5):
        while (await looked())["U0AMARA"] == 0:
            slack.viewers.touch(["U0AMARA"])
            await asyncio.sleep(0.01)
    slack.clock.advance(60)
    assert 60 < (await looked())["U0AMARA"] < 70
