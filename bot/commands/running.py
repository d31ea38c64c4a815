"""`run`, `migrate` and `manifest`."""

from pathlib import Path

import typer

from bot.commands.app import out, run_async, settings
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

    with only_one(found.database_url.get_secret_value()):
        async with open_parts(found) as parts:
            await upgrade(parts.sessions.engine)
            await Serving(machine=build(parts)).run(ready=lambda: out.print("Canteen is running. Ctrl-C stops it."))


def migrate() -> None:
    """Bring the database to the newest schema.

    Example: `canteen migrate`
    """
    run_async(_migrate(settings()))


async def _migrate(found: Settings) -> None:
    async with open_parts(found) as parts:
        before = await current(parts.sessions.engine)
        await upgrade(parts.sessions.engine)
    out.print(
        f"The database is at {head()}" + ("" if before == head() else f" (it was at {before or 'nothing'})") + "."
    )


def manifest() -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps.

    Example: `canteen manifest > manifest.yaml`
    """
    if not MANIFEST.exists():
        raise UserMistakeError("config/slack-manifest.yaml is missing", "run from a complete checkout")
    typer.echo(MANIFEST.read_text(encoding="utf-8"), nl=False)
