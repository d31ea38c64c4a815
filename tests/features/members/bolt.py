"""Slack's requests through a real Bolt app whose authorisation knows one workspace."""

import json
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.edge import Edge
from bot.slack.app import make_app
from bot.slack.gateway import Installation
from bot.slack.receipts import Receipts
from sandbox.kit import check_view
from tests.doubles import FixedClock, RecordingGateway
from tests.features.members.people import WS


async def _find(workspace_id: str) -> Installation | None:
    if workspace_id != WS:
        return None
    return Installation(workspace_id=WS, bot_token="xoxb-test", bot_id="B0CANTEEN", bot_user_id="U0CANTEEN")


def make_edge(sessions: Sessions, gateway: RecordingGateway, clock: FixedClock, new_id: NewId) -> Edge:
    receipts = Receipts(gateway)  # type: ignore[arg-type]
    return Edge(sessions=sessions, gateway=gateway, receipts=receipts, clock=clock, new_id=new_id)  # type: ignore[arg-type]


class Slack:
    """`send` a payload as Slack would; the app has answered, and its private answers are out, when it returns."""

    def __init__(self, edge: Edge, session: aiohttp.ClientSession) -> None:
        self.edge = edge
        self.app: AsyncApp = make_app(api_url="http://127.0.0.1:9/api/", session=session, find=_find)

    async def send(self, body: dict[str, Any]) -> BoltResponse:
        try:
            response = await self.app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        except Exception:
            response = BoltResponse(status=500)  # as `Intake` answers
        await self.edge.receipts.drain(5)
        return response

    async def command(self, user: str, text: str, *, trigger: str = "1.2.a", changes: Any = None) -> BoltResponse:
        command, _, rest = text.partition(" ")
        body = {
            "command": command,
            "text": rest,
            "team_id": WS,
            "user_id": user,
            "channel_id": "C0LINE2",
            "trigger_id": trigger,
            "response_url": "https://hooks.example/1",
        }
        return await self.send(body | (changes or {}))

    async def event(self, event: dict[str, Any], *, event_id: str = "Ev1") -> BoltResponse:
        return await self.send({"type": "event_callback", "team_id": WS, "event_id": event_id, "event": event})

    async def submit(
        self, user: str, callback: str, values: dict[str, Any], *, view_id: str = "V1", team: str = WS
    ) -> BoltResponse:
        view = {"id": view_id, "type": "modal", "callback_id": callback, "state": {"values": values}}
        who = {"id": user, "team_id": team}
        return await self.send({"type": "view_submission", "team": {"id": WS}, "user": who, "view": view})

    async def send_window(
        self, user: str, shown: dict[str, Any], values: dict[str, Any], *, view_id: str, team: str = WS
    ) -> dict[str, Any]:
        """A window as it was shown, with `values` as its state; what Slack is answered, a view as strictly as by Slack."""
        view = {
            "id": view_id,
            "type": "modal",
            "callback_id": shown["callback_id"],
            "private_metadata": shown.get("private_metadata", ""),
            "state": {"values": values},
        }
        who = {"id": user, "team_id": team}
        body = {"type": "view_submission", "team": {"id": WS}, "user": who, "trigger_id": "1.2.3", "view": view}
        response = await self.send(body)
        assert response.status == 200
        answer: dict[str, Any] = json.loads(response.body) if response.body else {}
        if answer.get("view"):
            assert check_view(answer["view"]) == []
        return answer

    async def press(
        self, user: str, action: str, *, value: str = "", option: str = "", at: str = "1.0", team: str = WS
    ) -> BoltResponse:
        pressed: dict[str, Any] = {"action_id": action, "block_id": "b", "action_ts": at}
        if option:
            pressed |= {"type": "static_select", "selected_option": {"value": option}}
        else:
            pressed |= {"type": "button", "value": value}
        body = {
            "type": "block_actions",
            "team": {"id": WS},
            "user": {"id": user, "team_id": team},
            "view": {"id": "VHOME", "type": "home", "state": {"values": {}}},
            "container": {"type": "view", "view_id": "VHOME"},
            "trigger_id": "1.2.b",
            "actions": [pressed],
        }
        return await self.send(body)

    async def said(self, user: str, action: str, *, value: str = "", at: str = "1.0", team: str = WS) -> BoltResponse:
        """A button pressed in a message: the answer goes to its `response_url`."""
        body = {
            "type": "block_actions",
            "team": {"id": WS},
            "user": {"id": user, "team_id": team},
            "container": {"type": "message", "message_ts": "1700000000.000100", "channel_id": "D0AMARA"},
            "trigger_id": "1.2.c",
            "response_url": "https://hooks.example/2",
            "actions": [{"type": "button", "action_id": action, "block_id": "b", "action_ts": at, "value": value}],
        }
        return await self.send(body)
