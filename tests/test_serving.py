"""Starting while Slack cannot be reached."""

from datetime import UTC, datetime

import pytest

from bot.core.errors import UserMistakeError
from bot.db.engine import Sessions
from bot.db.tables.workspaces import Workspace
from bot.serving import Serving
from bot.settings import Settings
from bot.wiring import build, open_parts

NOWHERE = "http://127.0.0.1:1/api/"  # nothing listens there


async def start(database_url: str) -> None:
    given = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_API_URL": NOWHERE, "DATABASE_URL": database_url}
    async with open_parts(Settings(**given)) as parts:  # type: ignore[arg-type]
        await Serving(machine=build(parts)).first_workspace()


@pytest.mark.parametrize("state", ["active", "dead"])
async def test_a_known_token_starts_without_slack_unless_slack_has_refused_it(
    sessions: Sessions, database_url: str, state: str
) -> None:
    """A9: a restart while Slack is down must not take away what is owed meanwhile."""
    async with sessions.begin() as session:
        row = Workspace(id="T1", name="One", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1", scopes=[], state=state)
        row.added_at = datetime.now(UTC)
        session.add(row)
    if state == "active":
        await start(database_url)
    else:
        with pytest.raises(UserMistakeError, match="SLACK_BOT_TOKEN"):
            await start(database_url)


async def test_an_unknown_token_does_not(sessions: Sessions, database_url: str) -> None:
    with pytest.raises(UserMistakeError, match="SLACK_BOT_TOKEN"):
        await start(database_url)
