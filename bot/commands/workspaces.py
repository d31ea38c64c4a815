"""`workspace add` and `workspace list`: more workspaces than the one in `.env`."""

import sys
from typing import Annotated, Any

import typer
from sqlalchemy import select

from bot.commands.app import done, err, show_json, show_table, with_parts
from bot.core.errors import UserMistakeError
from bot.db.tables.workspaces import Workspace
from bot.delivery.installations import Checked, check_token, store_workspace
from bot.wiring import Parts

workspaces = typer.Typer(
    help="The workspaces that Canteen is installed in.\n\nExample: `canteen workspace list`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(workspaces, name="workspace")


@workspaces.command("add")
def add(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Add a workspace, or renew its token. The bot token is read from standard input, never from the command line.

    Example: `canteen workspace add < token.txt`
    """
    if sys.stdin.isatty():
        err.print("Paste the Bot User OAuth Token (xoxb-...), then press Enter:")
    token = sys.stdin.readline().strip()
    if not token.startswith(("xoxb-", "xoxe.")):
        raise UserMistakeError("that is not a bot token", "it begins with xoxb-")

    async def work(parts: Parts) -> Checked:
        checked = await check_token(parts.gateway, token)
        async with parts.sessions.begin() as session:
            await store_workspace(session, token=token, checked=checked)
        return checked

    found = with_parts(work)
    said = f"{found.name} ({found.workspace_id}) is installed."
    done(said, json=json, workspace=found.workspace_id, name=found.name, scopes=list(found.scopes))


@workspaces.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """The workspaces and whether their tokens still work. Tokens are never shown.

    Example: `canteen workspace list`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        async with parts.sessions.begin() as session:
            found = await session.scalars(select(Workspace).order_by(Workspace.added_at))
            return [
                {
                    "id": row.id,
                    "name": row.name,
                    "state": row.state,
                    "bot_user": row.bot_user_id,
                    "posting_stopped": row.posting_stopped_at,
                }
                for row in found
            ]

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    shown = [[row["id"], row["name"], row["state"], str(row["posting_stopped"] or "no")] for row in rows]
    show_table("Workspaces", ["id", "name", "state", "posting stopped"], shown)
