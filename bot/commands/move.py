"""`canteen move`: from the SQLite file to PostgreSQL."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from asyncpg import InterfaceError, PostgresError  # type: ignore[import-untyped]
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from bot.commands.app import err, out, run_async, settings, show_json
from bot.commands.single import file_of, held, moved_note
from bot.core.clock import SystemClock
from bot.core.errors import UserMistakeError
from bot.db import moving
from bot.db.engine import make_engine
from bot.db.keys import ALIVE
from bot.db.levels import head, standing
from bot.db.migrate import upgrade
from bot.settings import Settings

BOT = "stop `canteen run`, and start it again on the new database when this is done"


def register(app: typer.Typer) -> None:
    app.command("move")(move)


@dataclass(frozen=True, kw_only=True)
class Ends:
    """From where, and to where. `name`: the target without its password."""

    file: Path
    url: URL

    @property
    def name(self) -> str:
        return f"{self.url.database} on {self.url.host or 'this machine'}"


def move(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="an empty PostgreSQL database: postgresql://...")],
    json: Annotated[bool, typer.Option("--json", help="what was moved, as JSON")] = False,
) -> None:
    """Copy everything from the SQLite file to PostgreSQL, and verify it. Twice changes nothing.

    Interrupted, it goes on where it was when it is run again.

    Example: `canteen move --to postgresql://canteen@db.example.com/canteen`
    """
    found = settings()
    ends = _ends(found, to)
    with held(ends.file, cure=BOT):
        moved, nuls = run_async(_move(found, ends))
        _note(ends, SystemClock(offset=found.clock_offset).now())
    if json:
        sums = {name: {"rows": one.rows, "checksum": str(one)} for name, one in moved.sums.items()}
        show_json({"to": ends.name, "changed": moved.changed, "without_nul": sorted(nuls), "tables": sums})
        return
    _say(ends, moved, nuls)


def _ends(found: Settings, to: str) -> Ends:
    file = file_of(found.database_url.get_secret_value())
    if file is None:
        raise UserMistakeError(
            "DATABASE_URL is not an SQLite file, and only such a file is moved",
            "between PostgreSQL databases use pg_dump and pg_restore (docs/operations.md)",
        )
    if not file.is_file():
        raise UserMistakeError(f"{file} does not exist", "set DATABASE_URL to the file that is to be moved")
    try:
        url = make_url(to)  # its own refusal may quote a part of the password
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise UserMistakeError("--to is no address of PostgreSQL", "such as postgresql://user:password@host/canteen")
    return Ends(file=file, url=url.set(drivername="postgresql"))


async def _move(found: Settings, ends: Ends) -> tuple[moving.Moved, set[str]]:
    try:
        with _source(ends.file) as source:
            async with _target(ends) as target:
                await _refuse_bots(source, target, found.clock_offset)
                parts = await moving.parts_of(target.server)
                with _bar(sum(source.count(part) for part in parts)) as progress:
                    moved = await moving.move(source, target, parts, name=str(ends.file), moved=progress)
                await _refuse_bots(source, target, found.clock_offset)
                return moved, source.nuls
    except (PostgresError, InterfaceError) as error:
        what = f"PostgreSQL did not do it ({type(error).__name__})"
        raise UserMistakeError(what, "mend that, then run `canteen move` again: it goes on where it was") from None
    except sqlite3.DatabaseError as error:
        what = f"{ends.file} could not be read ({type(error).__name__})"
        cure = "if another program writes to it, stop that; otherwise ask `canteen doctor`"
        raise UserMistakeError(what, cure) from None


@contextmanager
def _source(file: Path) -> Iterator[moving.Source]:
    with moving.opened(file) as source:
        level = source.level()
        if level is None:
            raise UserMistakeError(f"{file} has nothing to move", "set DATABASE_URL to PostgreSQL and begin there")
        if level != head():
            raise UserMistakeError(f"{file} is at revision {level}, not {head()}", "run `canteen migrate` first")
        yield source


@asynccontextmanager
async def _target(ends: Ends) -> AsyncIterator[moving.Target]:
    """At the same level as the source, and nobody else moves there."""
    engine = make_engine(ends.url.render_as_string(hide_password=False), pool_size=1, longest=None)
    try:
        await upgrade(engine)
        level = (await standing(engine)).level
        if level != head():
            raise UserMistakeError(f"{ends.name} is at revision {level}, not {head()}", "move with that version")
        async with engine.connect() as connection:
            server = (await connection.get_raw_connection()).driver_connection
            target = moving.Target(server, ends.name)
            if not await target.alone():
                raise UserMistakeError(f"another `canteen move` is at work on {ends.name}", "wait for it")
            yield target
            await connection.invalidate()
    finally:
        await engine.dispose()


async def _refuse_bots(source: moving.Source, target: moving.Target, offset: timedelta) -> None:
    """The file's own bot is refused by its lock; its signs of life come along, and are none of the target's."""
    if await target.alive(within=ALIVE, offset=offset) - source.processes():
        raise UserMistakeError(f"a bot is running on {target.name}", BOT)


@contextmanager
def _bar(rows: int) -> Iterator[moving.Progress]:
    """Each row is looked at or copied, and then read back. Shown on a terminal only, and gone afterwards."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TaskProgressColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True, disable=not err.is_terminal) as bar:
        steps = {"Looking": bar.add_task("Looking", total=rows), "Copying": None, "Verifying": None}

        def moved(what: str, more: int) -> None:
            step = what.partition(" ")[0]
            task = steps[step]
            if task is None:
                task = steps[step] = bar.add_task(step, total=rows)
            bar.update(task, description=f"{what:<36}", advance=more)

        yield moved


def _note(ends: Ends, now: datetime) -> None:
    said = f"was moved to {ends.name} on {now:%Y-%m-%d}: a bot on both would write everything twice"
    moved_note(ends.file).write_text(f"{said}\n", encoding="utf-8")


def _say(ends: Ends, moved: moving.Moved, nuls: set[str]) -> None:
    rows, tables = sum(one.rows for one in moved.sums.values()), len(moved.sums)
    what = f"{rows:,} rows in {tables} tables"
    if moved.changed:
        said = f"Everything is in {ends.name}: {what}, the same in count and checksum."
    else:
        said = f"Everything was in {ends.name} already: {what}. Nothing was changed."
    out.print(said, markup=False)
    if nuls:
        where = ", ".join(sorted(nuls))
        out.print(f"PostgreSQL cannot hold the character NUL in texts, so it was left out in: {where}.", markup=False)
    out.print(
        "Now:\n"
        "  1. set DATABASE_URL to the address that you gave with --to, wherever your settings stand\n"
        "  2. canteen doctor\n"
        "  3. canteen run\n"
        f"Keep {ends.file} as a backup: nothing in it was changed. `canteen run` refuses it from now on, so that no "
        f"two bots write the same; to go back, remove {moved_note(ends.file)} first.\n"
        "Pictures were in the database and came along. Settings and keys stay where they are: the new database needs "
        "the same.",
        markup=False,
    )
