"""The command line's frame: exit codes, one clear line for a mistake, settings and logging."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table

from bot.commands.lazy import LazyGroup

if TYPE_CHECKING:  # loaded when a command needs them: see `lazy`
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from bot.settings import Settings
    from bot.wiring import Parts

T = TypeVar("T")
REFUSED = 1
# Bolt and the SDK log bodies and headers below WARNING: texts and tokens of people.
NOISY = ("slack_bolt", "slack_sdk", "apscheduler", "aiosqlite", "asyncio", "alembic", "uvicorn")
FOR_PROGRAMS = 1000  # columns: what reads a pipe wants whole words in a line each
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

app = typer.Typer(
    name="canteen",
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode="rich",
)


@app.callback()
def canteen() -> None:
    """Connects everyone who never meets a customer with customers, in Slack.

    Example: `canteen demo`, then `canteen COMMAND --help` for any of these. Exit codes: 0 done, 1 refused with a
    reason, 2 wrong use.
    """


def main(words: Sequence[str] | None = None) -> None:
    """Exit codes: 0 done, 1 refused with a reason, 2 wrong use."""
    try:
        app(args=words, prog_name="canteen")
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        from bot.commands.mistakes import as_mistake

        mistake = as_mistake(error)
        if mistake is None:
            raise
        refuse(str(mistake), mistake.cure)


def refuse(what: str, cure: str = "") -> None:
    err.print(f"[bold red]canteen:[/] {_plain(what)}" + (f"\n  {_plain(cure)}" if cure else ""))
    raise SystemExit(REFUSED)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")


def settings() -> Settings:
    """Loaded, with logging set up accordingly."""
    from bot.settings import load

    found = load()
    logging.basicConfig(
        level=found.log.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return found


def with_parts(work: Callable[[Parts], Awaitable[T]]) -> T:
    """`work` with everything but a running machine; the database is checked to be at head first."""

    from bot.wiring import open_parts

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
    """At a schema that serves, and readable with the keys that are given."""
    from bot.db.keys import check_at_start

    await at_schema(parts)
    await check_at_start(parts.sessions)


async def at_schema(parts: Parts) -> None:
    """Made where there is nothing yet; one of a newer version that still serves this one will do."""
    from bot.db.levels import standing
    from bot.db.migrate import upgrade

    found = await standing(parts.sessions.engine)
    mistake = found.mistake() or found.outdated()
    if mistake is not None:
        raise mistake
    if found.level is None:
        await upgrade(parts.sessions.engine)


def show_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201 - a machine reads it


def done(text: str, *, json: bool = False, **facts: Any) -> None:
    """What a command did: in words, or `facts` for a machine."""
    if json:
        show_json({"done": True, **facts})
    else:
        out.print(text, markup=False)


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_plain(cell) for cell in row))
    shown = out if out.is_terminal else Console(file=out.file, width=FOR_PROGRAMS, highlight=False)
    shown.print(table)
