"""The command line's frame: exit codes, one clear line for a mistake, settings and logging."""

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from bot.core.errors import UserMistakeError
from bot.settings import Settings, load
from bot.slack.errors import SlackFault
from bot.wiring import Parts, open_parts

T = TypeVar("T")
REFUSED = 1
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer(
    name="canteen",
    help="Connects everyone who never meets a customer with customers, in Slack.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode="rich",
)


def main() -> None:
    """Exit codes: 0 done, 1 refused with a reason, 2 wrong use."""
    from bot.commands import register_all

    register_all(app)
    try:
        app()
    except UserMistakeError as mistake:
        refuse(str(mistake), mistake.cure)
    except SlackFault as fault:
        refuse(f"Slack did not do it: {fault.code}", "see docs/operations.md")
    except SQLAlchemyError as error:
        refuse(
            f"the database did not answer ({type(error).__name__})", "check DATABASE_URL; `canteen doctor` says more"
        )
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def refuse(what: str, cure: str = "") -> None:
    err.print(f"[bold red]canteen:[/] {_plain(what)}" + (f"\n  {_plain(cure)}" if cure else ""))
    raise SystemExit(REFUSED)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def settings() -> Settings:
    """Loaded, with logging set up accordingly."""
    found = load()
    logging.basicConfig(
        level=found.log.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for noisy in ("slack_bolt", "slack_sdk", "apscheduler", "aiosqlite", "asyncio", "alembic", "uvicorn"):
        # Bolt and the SDK log bodies and headers below WARNING: texts and tokens of people.
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return found


def with_parts(work: Callable[[Parts], Awaitable[T]]) -> T:
    """`work` with everything but a running machine; the database is checked to be at head first."""

    async def inside() -> T:
        async with open_parts(settings()) as parts:
            await at_head(parts)
            return await work(parts)

    return run_async(inside())


def run_async(work: Coroutine[Any, Any, T]) -> T:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def at_head(parts: Parts) -> None:
    from bot.db.migrate import current, head, upgrade

    found = await current(parts.sessions.engine)
    if found is None:
        await upgrade(parts.sessions.engine)
    elif found != head():
        raise UserMistakeError(f"the database is at revision {found}, not {head()}", "run `canteen migrate`")


def show_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201 - a machine reads it


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    out.print(table)


def as_row(value: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return ["" if value.get(name) is None else str(value[name]) for name in names]
