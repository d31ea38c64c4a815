"""A local Slack and a stock Bolt app for the tests in this folder."""

import copy
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.server import running_sandbox
from sandbox.slack import Slack

SCOPES = [
    "chat:write",
    "chat:write.public",
    "commands",
    "users:read",
    "users:read.email",
    "users.profile:read",
    "channels:read",
    "groups:read",
    "im:read",
    "im:write",
    "channels:join",
    "channels:history",
    "groups:history",
    "im:history",
    "files:read",
    "files:write",
    "reactions:read",
    "reactions:write",
    "dnd:read",
    "usergroups:read",
    "bookmarks:write",
    "pins:write",
    "team:read",
    "app_mentions:read",
    "channels:manage",
    "groups:write",
]
EVENTS = [
    "app_home_opened",
    "message.channels",
    "message.groups",
    "message.im",
    "app_mention",
    "member_joined_channel",
    "member_left_channel",
    "team_join",
    "channel_archive",
    "channel_unarchive",
    "channel_rename",
    "channel_deleted",
    "channel_left",
    "group_left",
    "app_uninstalled",
    "tokens_revoked",
    "reaction_added",
    "file_shared",
    "dnd_updated_user",
]

BOT_TOKEN = "xoxb-test"
WORLD: dict[str, Any] = {
    "teams": [{"id": "T0ONE", "name": "Northlight Works", "domain": "northlight"}, {"id": "T0TWO", "name": "Other"}],
    "people": [
        {
            "id": "U0AMARA",
            "name": "amara",
            "real_name": "Amara Okafor",
            "email": "amara@northlight.example",
            "locale": "pt-PT",
            "tz": "Europe/Lisbon",
            "fields": {"Department": "Line 2"},
        },
        {"id": "U0BEN", "name": "ben", "real_name": "Ben Adler", "kind": "admin", "dnd": True},
        {"id": "U0GRETA", "name": "greta", "real_name": "Greta Holm", "kind": "guest"},
        {"id": "U0OUT", "name": "otto", "real_name": "Otto Orion", "kind": "external"},
        {"id": "U0FAR", "name": "fara", "real_name": "Fara Way", "kind": "external"},
        {"id": "U0GONE", "name": "gus", "real_name": "Gus Gone", "kind": "deactivated"},
        {"id": "U0ELSE", "name": "else", "real_name": "Elsewhere", "team": "T0TWO"},
    ],
    "channels": [
        {"id": "C0LINE2", "name": "line-2", "members": ["U0AMARA", "U0BEN", "U0GRETA", "U0BOT"]},
        {"id": "C0OPEN", "name": "open", "members": ["U0AMARA"]},
        {"id": "C0SECRET", "name": "leads", "private": True, "members": ["U0BEN"]},
        {"id": "C0TEAM", "name": "our-private", "private": True, "members": ["U0AMARA", "U0BOT"]},
        {"id": "C0OLD", "name": "old-stuff", "archived": True, "members": ["U0AMARA", "U0BOT"]},
        {"id": "C0SHARED", "name": "with-orion", "shared": True, "members": ["U0AMARA", "U0OUT", "U0BOT"]},
        {"id": "C0ELSE", "name": "elsewhere", "team": "T0TWO", "members": ["U0ELSE", "U0BOT2"]},
    ],
    "groups": [{"id": "S0LEADS", "name": "Line leads", "handle": "leads", "members": ["U0BEN"]}],
    "apps": [
        {
            "id": "A0TEST",
            "name": "Canteen",
            "bot_user": "U0BOT",
            "bot_id": "B0BOT",
            "bot_token": BOT_TOKEN,
            "user_token": "xoxp-amara",
            "user_token_of": "U0AMARA",
            "app_token": "xapp-test",
            "signing_secret": "shhh",
            "manifest": {
                "features": {
                    "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
                    "slash_commands": [
                        {
                            "command": "/customer",
                            "description": "Ask about a customer",
                            "usage_hint": "find NAME",
                            "should_escape": True,
                        },
                        {"command": "/slow", "description": "Never answers"},
                    ],
                    "shortcuts": [
                        {"name": "Suggest a story", "type": "global", "callback_id": "suggest", "description": "x"},
                        {"name": "Make it news", "type": "message", "callback_id": "make_news", "description": "x"},
                    ],
                },
                "oauth_config": {"scopes": {"bot": SCOPES, "user": ["chat:write", "channels:history"]}},
                "settings": {
                    "event_subscriptions": {"bot_events": EVENTS},
                    "interactivity": {"is_enabled": True},
                    "socket_mode_enabled": True,
                },
            },
        },
        {
            "id": "A0TEST",
            "team": "T0TWO",
            "name": "Canteen",
            "bot_user": "U0BOT2",
            "bot_id": "B0BOT2",
            "bot_token": "xoxb-two",
            "app_token": "xapp-test",
            "signing_secret": "shhh",
            "manifest": {
                "features": {"app_home": {"messages_tab_enabled": True}},
                "oauth_config": {"scopes": {"bot": ["chat:write"]}},
            },
        },
    ],
}


def world(**app: Any) -> dict[str, Any]:
    """The tests' world; arguments change its first app."""
    made = copy.deepcopy(WORLD)
    made["apps"][0] |= app
    return made


def within(place: Any) -> dict[str, Any]:
    """The argument that is a word of Python's: a message, or home."""
    return {"in": place}


class Person:
    """Drives the control API as one person."""

    def __init__(self, session: aiohttp.ClientSession, url: str, user: str) -> None:
        self._session, self._url, self.user = session, url, user

    async def act(self, do: str, *, status: int = 200, **more: Any) -> dict[str, Any]:
        asked = {"as": self.user, "do": do, **more}
        async with self._session.post(f"{self._url}/_sandbox/act", json=asked) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == status, body
        seen: dict[str, Any] = body.get("seen", body)
        return seen

    async def seen(self) -> dict[str, Any]:
        async with self._session.get(f"{self._url}/_sandbox/seen", params={"as": self.user}) as answer:
            body: dict[str, Any] = await answer.json()
        return body


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as made:
        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three seconds pass in 0.3 in Socket Mode; that they are three is tested once, without this."""
    monkeypatch.setattr("sandbox.delivery.socket.PATIENCE", 0.3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def slack(clock: Clock) -> AsyncIterator[Slack]:
    async with running_sandbox(world(), clock=clock) as running:
        yield running


@pytest.fixture
def client(slack: Slack, session: aiohttp.ClientSession) -> AsyncWebClient:
    return web_client(slack, session)


def web_client(slack: Slack, session: aiohttp.ClientSession, token: str = BOT_TOKEN) -> AsyncWebClient:
    return AsyncWebClient(token=token, base_url=f"{slack.url}/api/", session=session, retry_handlers=[])


@pytest.fixture
def person(slack: Slack, session: aiohttp.ClientSession) -> Callable[[str], Person]:
    return lambda user: Person(session, slack.url, user)


Open = Callable[[], Any]


@pytest.fixture
def connect(slack: Slack, session: aiohttp.ClientSession) -> Open:
    kept = []  # a connection nobody holds is closed

    async def opened() -> aiohttp.ClientWebSocketResponse:
        headers = {"authorization": "Bearer xapp-test"}
        async with session.post(f"{slack.url}/api/apps.connections.open", headers=headers) as answer:
            url = (await answer.json())["url"]
        kept.append(await session.ws_connect(url))
        return kept[-1]

    return opened


async def got(ws: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    body: dict[str, Any] = await ws.receive_json(timeout=5)
    return body


async def ack(ws: aiohttp.ClientWebSocketResponse, envelope: dict[str, Any], **payload: Any) -> None:
    answer = {"envelope_id": envelope["envelope_id"]} | ({"payload": payload} if payload else {})
    await ws.send_str(json.dumps(answer))
