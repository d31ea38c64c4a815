"""`run`, `migrate` and `manifest`."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.app import at_head, done, out, run_async, settings
from bot.commands.ports import refuse_taken
from bot.core.errors import UserMistakeError
from bot.db.engine import LONGEST_WHOLE
from bot.db.levels import head
from bot.db.migrate import current, upgrade
from bot.settings import Settings, check_for_run
from bot.wiring import Parts, build, open_parts

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
        async with open_parts(found, longest_transaction=LONGEST_WHOLE) as parts:
            await _ready(parts)
            await Serving(machine=build(parts)).run(ready=lambda: out.print("Canteen is running. Ctrl-C stops it."))


async def _ready(parts: Parts) -> None:
    """A file has one process, so it is brought up to date here. Beside a server's database others may be at work, and
    `canteen migrate` comes before the new version."""
    if parts.sessions.engine.dialect.name == "sqlite":
        await upgrade(parts.sessions.engine)
    await at_head(parts)


def migrate(json: Annotated[bool, typer.Option("--json", help="as JSON")] = False) -> None:
    """Bring the database to the newest schema.

    Example: `canteen migrate`
    """
    before, now = run_async(_migrate(settings()))
    was = "" if before == now else f" (it was at {before or 'nothing'})"
    newer = "" if now == head() else f" That is newer than this version, which knows {head()} and may run on it."
    done(f"The database is at {now}{was}.{newer}", json=json, was=before, now=now)


async def _migrate(found: Settings) -> tuple[str | None, str | None]:
    async with open_parts(found) as parts:
        before = await current(parts.sessions.engine)
        await upgrade(parts.sessions.engine)
        return before, await current(parts.sessions.engine)


def manifest() -> None:
    """Print the Slack app manifest, to paste at api.slack.com/apps.

    Example: `canteen manifest > manifest.yaml`
    """
    if not MANIFEST.exists():
        raise UserMistakeError("config/slack-manifest.yaml is missing", "run from a complete checkout")
    typer.echo(MANIFEST.read_text(encoding="utf-8"), nl=False)
