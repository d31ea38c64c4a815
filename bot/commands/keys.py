"""`keys`: what tokens and texts are enciphered with in the database. Shows fingerprints; only `new` shows a key."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated, TypeVar

import typer

from bot.commands.app import at_schema, done, out, run_async, settings, show_json, show_table, with_parts
from bot.commands.data import progress_bar
from bot.core.errors import UserMistakeError
from bot.db import keys as stored
from bot.db.ciphers import SETTING, new_key
from bot.wiring import Parts, open_parts

T = TypeVar("T")
JSON = Annotated[bool, typer.Option("--json", help="as JSON")]

keys = typer.Typer(
    help="What tokens and texts are enciphered with in the database.\n\nExample: `canteen keys check`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(keys, name="keys")


@keys.command("new")
def new(json: JSON = False) -> None:
    """Print a new key, to be put into CANTEEN_ENCRYPTION_KEYS. Keep a copy where your backups are not.

    Example: `canteen keys new`
    """
    key = new_key()
    if json:
        show_json({"key": key})
    else:
        typer.echo(key)


@keys.command("check")
def check(
    read: Annotated[bool, typer.Option("--read", help="decipher every value, and name what cannot be")] = False,
    json: JSON = False,
) -> None:
    """Count what is under which key, and say which key is needed no more. The exit code is 1 if one is missing.

    Example: `canteen keys check --read`
    """

    async def work(parts: Parts) -> tuple[stored.Counted, list[str]]:
        found = await stored.counted(parts.sessions)
        unreadable = list[str]()
        for place in stored.places() if read else ():
            async for step in stored.read_all(parts.sessions, place):
                unreadable += step.unreadable
        return found, unreadable

    found, unreadable = _with_any_keys(work)
    if json:
        show_json({**asdict(found), "unreadable": unreadable})
    else:
        _show(found)
        for one in unreadable:
            out.print(one, markup=False)
    if unreadable or any(key.rows and not key.known for key in found.keys):
        raise SystemExit(1)


@keys.command("rotate")
def rotate(json: JSON = False) -> None:
    """Bring everything under the first key of CANTEEN_ENCRYPTION_KEYS, while the bot runs. Can be repeated.

    Example: `canteen keys rotate`
    """

    async def work(parts: Parts) -> tuple[int, list[str], stored.Counted, list[str]]:
        await _everybody_can_read(parts)
        written, unreadable = 0, list[str]()
        places = stored.places()
        with progress_bar("Enciphering") as progress:
            for number, place in enumerate(places):
                progress(number, len(places))
                async for step in stored.rotate(parts.sessions, place):
                    written += step.written
                    unreadable += step.unreadable
        found = await stored.counted(parts.sessions)
        return written, unreadable, found, await stored.forget_unused(parts.sessions, found)

    written, unreadable, found, unused = with_parts(work)
    old = [key for key in found.keys if not key.writes and key.fingerprint not in unused]
    if json:
        show_json({"written": written, "unreadable": unreadable, **asdict(found), "may_go": unused})
    else:
        done(f"{written} values were written anew.")
        for one in unreadable:
            out.print(one, markup=False)
        for name in unused:
            out.print(f"Nothing is under the key {name} any more: it may go from {SETTING}.", markup=False)
        for key in old:
            out.print(f"The key {key.fingerprint} is still needed: {_why(key)}.", markup=False)
    if unreadable:
        raise SystemExit(1)


def _why(key: stored.Key) -> str:
    if key.writers:
        return f"{', '.join(key.writers)} enciphers with it. Restart it with the new settings, then rotate again"
    return f"{key.rows} values are under it. Rotate again"


async def _everybody_can_read(parts: Parts) -> None:
    name = parts.sessions.keyring.writes
    async with parts.sessions.begin() as session:
        without = [process for process, names in await stored.running(session) if name and name not in names]
    if without:
        raise UserMistakeError(
            f"{', '.join(without)} runs without the key {name}, and could read nothing of what is put under it",
            f"restart it with that key in {SETTING}, then rotate again",
        )


def _show(found: stored.Counted) -> None:
    rows = [[key.fingerprint, _state(key), str(key.rows)] for key in found.keys]
    show_table("Keys", ["fingerprint", "use", "values"], [*rows, ["", "plain", str(found.plain)]])


def _state(key: stored.Key) -> str:
    if not key.known:
        return f"missing from {SETTING}"
    if key.writes:
        return "enciphers"
    return "still needed" if key.rows or key.writers else "may go"


def _with_any_keys(work: Callable[[Parts], Awaitable[T]]) -> T:
    """As `with_parts`, also where a key is missing."""

    async def inside() -> T:
        async with open_parts(settings()) as parts:
            await at_schema(parts)
            return await work(parts)

    return run_async(inside())
