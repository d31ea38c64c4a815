"""`canteen export`: what is kept about one person, for themselves; a customer's data; totals of channels."""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.app import done, out, show_json, show_table, with_parts
from bot.commands.places import COMMAND_LINE, asked_by, customer_of, workspace_of
from bot.core.errors import UserMistakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.erasure.person import Whom
    from bot.wiring import Parts

export = typer.Typer(
    help="What is kept about a person or a customer, and totals, as files.\n\n"
    "Example: `canteen export person U012AB3CD --to max.zip`",
    no_args_is_help=True,
)
BY = Annotated[str, typer.Option("--by", help="who asked for it: a Slack id or an e-mail as Slack has it")]
WORKSPACE = Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")]


def register(app: typer.Typer) -> None:
    app.add_typer(export, name="export")


@export.command("person")
def person(
    who: Annotated[str, typer.Argument(help="Slack's id, or the e-mail as Slack has it")],
    by: BY = COMMAND_LINE,
    to: Annotated[Path | None, typer.Option("--to", help="a new file: the archive they could get in Slack")] = None,
    workspace: WORKSPACE = None,
    json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """Every row about a person: how many by table; with --json all of it; with --to what they could get in Slack. It is
    noted in the audit trail.

    Example: `canteen export person max@example.com --json > max.json`
    """

    async def work(parts: Parts) -> dict[str, Any]:
        from bot.core.spreadsheet import Archive
        from bot.erasure import handed, own
        from bot.erasure.person import whom

        ws = await workspace_of(parts, workspace)
        asked = await asked_by(parts, ws, by)
        async with parts.sessions.begin() as session:
            found = await whom(session, ws, who)
        if found is None:
            raise _unknown(who)
        data: own.Data = {}
        if to is None:
            data = await own.data_of(parts.sessions, found, found.needles(parts.edge.new_id))
        else:
            with _new_file(to) as into:
                archive = Archive(into)
                await handed.write_own(parts.sessions, found, archive)
                archive.close()
        await _noted(parts, ws, asked, "export.person", found.user_id)
        return {"person": found.user_id, "workspace": ws, "tables": data}

    found = with_parts(work)
    if to is not None:
        done(f"{to} is written.", json=json, file=str(to))
    elif json:
        show_json(found)
    else:
        show_table("Kept", ("table", "rows"), [[name, str(len(rows))] for name, rows in found["tables"].items()])
        out.print("With --json it is all of it, with --to it is a file for the person.")


@export.command("customer")
def customer(
    which: Annotated[str, typer.Argument(help="its id in your files, or its name")],
    to: Annotated[Path, typer.Option("--to", help="a new file, an archive of tables")],
    reader: Annotated[
        str | None,
        typer.Option("--for", help="who looks after it: what adopters wrote to them is in it then"),
    ] = None,
    by: BY = COMMAND_LINE,
    workspace: WORKSPACE = None,
    json: Annotated[bool, typer.Option("--json", help="say so as JSON")] = False,
) -> None:
    """A customer's updates, adopters, questions and stories, as whoever looks after it may read them. It is noted in
    the audit trail.

    Example: `canteen export customer C-17 --to orion.zip --for sam@example.com`
    """

    async def work(parts: Parts) -> None:
        from bot.core.spreadsheet import Archive
        from bot.features.exports.customer import CustomerFile
        from bot.slack.words import Words

        ws = await workspace_of(parts, workspace)
        asked = await asked_by(parts, ws, by)
        customer_id = (await customer_of(parts, ws, which)).id
        whose = None if reader is None else await _looks_after(parts, ws, customer_id, reader)
        with _new_file(to) as into:
            archive = Archive(into)
            await CustomerFile(
                sessions=parts.sessions, workspace_id=ws, customer_id=customer_id, reader=whose, words=Words()
            ).write(archive)
            archive.close()
        await _noted(parts, ws, asked, "export.customer", customer_id)

    with_parts(work)
    done(f"{to} is written.", json=json, file=str(to))


@export.command("totals")
def totals(
    to: Annotated[Path | None, typer.Option("--to", help="a new file; without it the table is printed")] = None,
    by: BY = COMMAND_LINE,
    workspace: WORKSPACE = None,
    json: Annotated[bool, typer.Option("--json", help="say so as JSON, with --to")] = False,
) -> None:
    """Posts, reads and answers by channel and month, as CSV: nobody is named, and totals of fewer than five are left
    open. It is noted in the audit trail.

    Example: `canteen export totals --to totals.csv`
    """

    async def work(parts: Parts) -> None:
        from bot.features.exports import service
        from bot.features.exports.rules import TOTALS, Wish
        from bot.features.exports.totals import TotalsFile
        from bot.slack.words import Words

        ws = await workspace_of(parts, workspace)
        asked = await asked_by(parts, ws, by)
        async with parts.sessions.begin() as session:
            wish = Wish(workspace_id=ws, user=asked, what=TOTALS, subject=ws)
            names = await service.names_of_channels(session, wish)
        file = TotalsFile(sessions=parts.sessions, workspace_id=ws, channels=names, words=Words())
        if to is None:
            printed = io.BytesIO()
            await file.write(printed)
            sys.stdout.write(printed.getvalue().decode())
        else:
            with _new_file(to) as into:
                await file.write(into)
        await _noted(parts, ws, asked, "export.totals", ws)

    with_parts(work)
    if to is not None:
        done(f"{to} is written.", json=json, file=str(to))


def _unknown(who: str) -> UserMistakeError:
    return UserMistakeError(f"nobody is known as {who}", "write Slack's id")


@contextmanager
def _new_file(path: Path) -> Iterator[IO[bytes]]:
    """For whoever runs Canteen alone to read; half a file does not stay."""
    if path.exists():
        raise UserMistakeError(f"{path} exists already", "choose another name for the file")
    if not path.parent.is_dir():
        raise UserMistakeError(f"there is no folder {path.parent}", "make it first, or choose another")
    made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(made, "wb") as into:
            yield into
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _looks_after(parts: Parts, ws: str, customer_id: str, who: str) -> str:
    from bot.erasure.person import whom
    from bot.features.customers import service as customers

    async with parts.sessions.begin() as session:
        found: Whom | None = await whom(session, ws, who)
        if found is None:
            raise _unknown(who)
        if not await customers.manages(session, ws, customer_id, found.user_id, now=parts.clock.now()):
            raise UserMistakeError(f"{who} does not look after this customer", "leave out --for, or name who does")
    return found.user_id


async def _noted(parts: Parts, ws: str, actor: str, action: str, subject: str) -> None:
    from bot.features.members import service as members

    async with parts.sessions.begin() as session:
        await members.audit(
            session,
            new_id=parts.edge.new_id,
            now=parts.clock.now(),
            ws=ws,
            actor=actor,
            action=action,
            subject=subject,
        )
