"""What becomes of a request that nobody listens to, that fails, or that comes from elsewhere; and what the log says."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck
from sqlalchemy.exc import OperationalError

from bot.slack.app import make_app
from bot.slack.direct import Direct
from bot.slack.gateway import Installation
from bot.slack.intake import Intake
from bot.slack.listening import readable
from bot.slack.payloads import UnreadableError

CANARY = "the-customer-said-this"
WS = "T0HERE"


@dataclass
class Meter:
    acks: list[tuple[str, int]] = field(default_factory=list)
    unheard_of: list[str] = field(default_factory=list)

    def ack(self, kind: str, status: int, seconds: float) -> None:
        self.acks.append((kind, status))

    def unheard(self, kind: str) -> None:
        self.unheard_of.append(kind)


async def find(workspace_id: str) -> Installation | None:
    if workspace_id == "T0BROKEN":
        raise OperationalError(CANARY, {}, Exception(CANARY))
    if workspace_id != WS:
        return None
    return Installation(workspace_id=WS, bot_token="xoxb-test", bot_id="B0", bot_user_id="U0BOT")


@pytest.fixture
async def intake() -> AsyncIterator[Intake]:
    async with aiohttp.ClientSession() as session:
        app = make_app(api_url="http://127.0.0.1:9/api/", session=session, find=find)

        async def breaks(body: dict[str, Any]) -> None:
            raise ValueError(CANARY)

        async def waits(body: dict[str, Any]) -> None:
            raise OperationalError(CANARY, {}, Exception(CANARY))

        app.event("team_join")(breaks)
        app.event("channel_rename")(waits)
        app.action("counted")(readable(unfit))
        direct = {"counted": readable(counted), "breaks": _breaks, "waits": _waits}
        yield Intake(app=app, direct=Direct(find=find, listeners=direct), meter=Meter())


async def counted(ack: AsyncAck, body: dict[str, Any]) -> None:
    if body["actions"][0].get("value") == CANARY:
        raise UnreadableError(CANARY)
    await ack("counted past Bolt")


async def unfit(ack: AsyncAck, body: dict[str, Any]) -> None:
    await ack("by way of Bolt")


async def _breaks(ack: AsyncAck, body: dict[str, Any]) -> None:
    raise ValueError(CANARY)


async def _waits(ack: AsyncAck, body: dict[str, Any]) -> None:
    raise OperationalError(CANARY, {}, Exception(CANARY))


def event(what: str, workspace: str = WS) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": workspace,
        "event_id": "Ev1",
        "event": {"type": what, "text": CANARY, "user": "U1"},
    }


def press(action: str, workspace: str = WS, **more: Any) -> dict[str, Any]:
    button = {"type": "button", "action_id": action, "block_id": "b", "value": "1"}
    body = {"type": "block_actions", "team": {"id": workspace}, "user": {"id": "U1"}, "actions": [button]}
    return {**body, **more}


UNHEARD: list[dict[str, Any]] = [
    event("reaction_added"),
    {
        "type": "block_actions",
        "team": {"id": WS},
        "user": {"id": "U1"},
        "actions": [{"type": "button", "action_id": "gone", "block_id": "b", "value": CANARY}],
    },
    {
        "type": "view_submission",
        "team": {"id": WS},
        "user": {"id": "U1"},
        "view": {"type": "modal", "callback_id": "gone", "private_metadata": CANARY},
    },
    {"command": "/gone", "text": CANARY, "team_id": WS, "user_id": "U1", "channel_id": "C1"},
]


@pytest.mark.parametrize("body", UNHEARD, ids=lambda body: body.get("type", "command"))
async def test_what_nobody_listens_to_is_counted_and_never_quoted(
    intake: Intake, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await intake.dispatch(body, {})).status == 200
    assert isinstance(intake.meter, Meter)
    assert intake.meter.unheard_of == [body.get("type", "command")]
    assert CANARY not in caplog.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (event("team_join"), 500),  # Slack sends it again
        (event("channel_rename"), 503),
        (event("team_join", "T0BROKEN"), 503),
        (event("team_join", "T0ELSEWHERE"), 200),  # again would not help
        (press("breaks"), 500),
        (press("waits"), 503),
        (press("counted", "T0BROKEN"), 503),
        (press("counted", "T0ELSEWHERE"), 200),
    ],
)
async def test_a_failure_says_whether_to_come_again_and_quotes_nothing(
    intake: Intake, body: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await intake.dispatch(body, {})).status == status
    assert caplog.records
    assert CANARY not in caplog.text


TWO = [
    {"type": "button", "action_id": "counted", "block_id": "b"},
    {"type": "button", "action_id": "x", "block_id": "b"},
]
UNREADABLE = [{"type": "button", "action_id": "counted", "block_id": "b", "value": CANARY}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (press("counted"), "counted past Bolt"),
        (press("counted", actions=UNREADABLE), ""),
        (press("counted", actions=TWO), "by way of Bolt"),
        (press("counted", team=None, team_id=WS), "by way of Bolt"),
        (press("counted", view={"type": "modal", "app_installed_team_id": WS}), "by way of Bolt"),
        (press("counted", workspace="T0ELSEWHERE"), ""),
    ],
)
async def test_plain_presses_of_hot_buttons_go_past_bolt_and_are_authorised_alike(
    intake: Intake, body: dict[str, Any], said: str
) -> None:
    answer = await intake.dispatch(body, {})
    assert (answer.status, said in answer.body, bool(answer.body)) == (200, True, bool(said))
    assert isinstance(intake.meter, Meter)
    assert intake.meter.acks == [("block_actions", 200)]
