"""The app is removed, or its token taken back: nothing is sent until it is renewed."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.engine import Sessions
from bot.db.tables.workspaces import Workspace
from bot.delivery.installations import Checked, store_workspace
from bot.features.edge import Edge
from bot.features.members import handlers, service
from tests.features.members.bolt import Slack
from tests.features.members.people import WS, workspace

UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0CANTEEN"]}}


@pytest.fixture
async def ready(slack: Slack, edge: Edge, sessions: Sessions) -> None:
    handlers.register(slack.app, edge, commands=[])
    async with sessions.begin() as session:
        await workspace(session)
        row = await session.get(Workspace, WS)
        assert row is not None
        row.bot_user_id = "U0CANTEEN"


async def state(sessions: Sessions) -> str | None:
    async with sessions.begin() as session:
        return await session.scalar(select(Workspace.state).where(Workspace.id == WS))


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("events", [[UNINSTALLED], [REVOKED], [UNINSTALLED, REVOKED], [REVOKED, UNINSTALLED]])
async def test_the_workspace_is_dead_whatever_comes_first(
    slack: Slack, sessions: Sessions, events: list[dict[str, Any]]
) -> None:
    for number, event in enumerate(events):
        for _ in range(2):
            assert (await slack.event(event, event_id=f"Ev{number}")).status == 200
    assert await state(sessions) == "dead"
    async with sessions.begin() as session:
        assert await service.workspaces(session) == []


@pytest.mark.usefixtures("ready")
async def test_a_late_repeat_does_not_end_a_renewed_installation(slack: Slack, sessions: Sessions) -> None:
    await slack.event(REVOKED, event_id="Ev1")
    checked = Checked(workspace_id=WS, name="N", bot_id="B0", bot_user_id="U0CANTEEN", scopes=(), date=None)
    async with sessions.begin() as session:
        await store_workspace(session, token="xoxb-new", checked=checked)
    await slack.event(REVOKED, event_id="Ev1")
    assert await state(sessions) == "active"


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("event", [REVOKED, UNINSTALLED])
async def test_news_of_the_old_token_that_comes_after_the_reinstall_ends_nothing(
    slack: Slack, sessions: Sessions, event: dict[str, Any]
) -> None:
    checked = Checked(workspace_id=WS, name="N", bot_id="B0", bot_user_id="U0CANTEEN", scopes=(), date=None)
    async with sessions.begin() as session:
        await store_workspace(session, token="xoxb-new", checked=checked)
        installed = await session.scalar(select(Workspace.installed_at).where(Workspace.id == WS))
    assert installed is not None
    told = {"type": "event_callback", "team_id": WS, "event": event}
    before = int(installed.timestamp()) - 5
    assert (await slack.send({**told, "event_id": "Ev1", "event_time": before})).status == 200
    assert await state(sessions) == "active"
    async with sessions.begin() as session:  # started again with the same token: the time of the install stays
        await store_workspace(session, token="xoxb-new", checked=checked)
        assert await session.scalar(select(Workspace.installed_at).where(Workspace.id == WS)) == installed
    await slack.send({**told, "event_id": "Ev2", "event_time": before + 10})
    assert await state(sessions) == "dead"


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize(
    "tokens",
    [{"oauth": ["U0AMARA"]}, {"oauth": ["U0AMARA"], "bot": []}, {"bot": ["U0OTHERBOT"]}, {"bot": [None]}, None, "all"],
)
async def test_other_peoples_tokens_do_not_concern_it(slack: Slack, sessions: Sessions, tokens: Any) -> None:
    await slack.event({"type": "tokens_revoked", "tokens": tokens})
    assert await state(sessions) == "active"
