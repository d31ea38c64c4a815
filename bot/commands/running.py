"""`run`, `migrate` and `manifest`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.app import done, out, run_async, settings
from bot.commands.ports import refuse_taken
from bot.core.errors import UserMistakeError
from bot.db.migrate import current, head, upgrade
from bot.settings import Settings, check_for_run
from bot.wiring import build, open_parts

MANIFEST = Path(__file__).parent.parent.parent / "config" / "slack-manifest.yaml"


def register(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("migrate")(migrate)
    app.command("manifest")(manifest)


def run() -> None:
    """Run the bot until it is told to stop (SIGTERM or Ctrl-C).

    Example: `canteen run`
    """
    found = settings()
    check_for_run(found)
    run_async(_run(found))


async def _run(found: Settings) -> None:
    from bot.commands.single import only_one
    from bot.serving import Serving

    if found.listen is not None:
        refuse_taken(*found.listen, "choose another in CANTEEN_HTTP, or stop what listens there")
    with only_one(found.database_url.get_secret_value()):
        async with open_parts(found) as parts:
            await upgrade(parts.sessions.engine)
            await Serving(machine=build(parts)).run(ready=lambda: out.print("Canteen is running. Ctrl-C stops it."))


def migrate(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Bring the database to the newest schema.

    Example: `canteen migrate`
    """
    before = run_async(_migrate(settings()))
    was = "" if before == head() else f" (it was at {before or 'nothing'})"
    done(f"The database is at {head()}{was}.", json=json, was=before, now=head())


async def _migrate(found: Settings) -> str | None:
    async with open_parts(found) as parts:
        before = await current(parts.sessions.engine)
        await upgrade(parts.sessions.engine)
    return before


def manifest() -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps.

    Example: `canteen manifest > manifest.yaml`
    """
    if not MANIFEST.exists():
        raise UserMistakeError("config/slack-manifest.yaml is missing", "run from a complete checkout")
    typer.echo(MANIFEST.read_text(encoding="utf-8"), nl=False)
