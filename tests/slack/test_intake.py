"""What becomes of a request that nobody listens to, that fails, or that comes from elsewhere; and what the log says."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from sqlalchemy.exc import OperationalError

from bot.slack.app import make_app
from bot.slack.gateway import Installation
from bot.slack.intake import Intake

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
        yield Intake(app=app, meter=Meter())


def event(what: str, workspace: str = WS) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": workspace,
        "event_id": "Ev1",
        "event": {"type": what, "text": CANARY, "user": "U1"},
    }


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
    ],
)
async def test_a_failure_says_whether_to_come_again_and_quotes_nothing(
    intake: Intake, body: dict[str, Any], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    assert (await intake.dispatch(body, {})).status == status
    assert caplog.records
    assert CANARY not in caplog.text
