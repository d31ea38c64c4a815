"""Starting while Slack cannot be reached, and what figures say of a process that does not move."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from bot.core.errors import UserMistakeError
from bot.db.engine import Sessions
from bot.db.migrate import upgrade
from bot.db.tables.workspaces import Workspace
from bot.delivery.installations import Checked
from bot.serving import Serving
from bot.settings import Settings
from bot.slack.gateway import Gateway
from bot.slack.socket import SocketMode
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


@pytest.mark.parametrize("others", ["active", "dead", None])
async def test_a_refused_token_keeps_no_other_workspace_waiting(
    sessions: Sessions, database_url: str, monkeypatch: pytest.MonkeyPatch, others: str | None
) -> None:
    async def refused(gateway: Gateway, token: str) -> Checked:
        raise UserMistakeError("Slack does not take the bot token (token_revoked)", "reinstall the app")

    monkeypatch.setattr("bot.serving.check_token", refused)
    if others is not None:
        async with sessions.begin() as session:
            row = Workspace(id="T2", name="Two", bot_token="xoxb-2", bot_id="B2", bot_user_id="U2", scopes=[])
            row.state, row.added_at = others, datetime.now(UTC)
            session.add(row)
    if others == "active":
        await start(database_url)
    else:
        with pytest.raises(UserMistakeError, match="token_revoked"):
            await start(database_url)


async def test_the_figures_say_what_does_not_move() -> None:
    async with open_parts(Settings(DATABASE_URL="sqlite:///never-opened.db")) as parts:  # type: ignore[call-arg]
        serving = Serving(machine=build(parts))

        async def figures() -> list[str]:
            answer = await serving._metrics(Request({"type": "http"}))
            return [line for line in bytes(answer.body).decode().splitlines() if line.startswith("canteen_moving{")]

        assert await figures() == ['canteen_moving{part="ticker"} 1.0', 'canteen_moving{part="disk"} 1.0']
        serving.machine.ticker._completed["posts"] -= timedelta(seconds=31)
        serving.socket = SocketMode(
            gateway=parts.gateway, session=parts.http, intake=serving.machine.intake, app_token="xapp-1"
        )
        ticker, _, socket = await figures()
        assert (ticker, socket) == ('canteen_moving{part="ticker"} 0.0', 'canteen_moving{part="socket"} 1.0')
        serving._had_socket -= 61
        assert (await figures())[2] == 'canteen_moving{part="socket"} 0.0'


async def test_a_disk_that_takes_nothing_makes_it_unready_and_is_no_reason_to_start_it_again(tmp_path: Path) -> None:
    """E9: what is small may still be written into room that the file has."""
    async with open_parts(Settings(DATABASE_URL=f"sqlite:///{tmp_path / 'full.db'}")) as parts:  # type: ignore[call-arg]
        await upgrade(parts.sessions.engine)
        serving = Serving(machine=build(parts))
        assert await serving.ready() == (True, "ready")
        for begin in (parts.sessions.run, parts.sessions.run_in_one_step):
            with pytest.raises(OperationalError, match="full"):
                await begin(_too_much)
            assert not (await serving.ready())[0]
            assert (await serving.healthy())[0]
            assert parts.sessions.refusals._last is not None
            parts.sessions.refusals._last -= 6
            assert await serving.ready() == (True, "ready")


async def _too_much(session: AsyncSession) -> None:
    """SQLite's own limit of a file's size is refused as a full disk is."""
    pages = (await session.execute(text("PRAGMA page_count"))).scalar_one()
    await session.execute(text(f"PRAGMA max_page_count={pages}"))
    try:
        await session.execute(text("CREATE TABLE more AS SELECT randomblob(100000) AS x"))
    finally:
        await session.execute(text("PRAGMA max_page_count=1000000"))
