"""`canteen erase`: everything that is kept about a person or a customer."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.app import done, err, out, show_json, show_table, with_parts
from bot.commands.places import COMMAND_LINE, asked_by, customer_of, workspace_of
from bot.core.errors import UserMistakeError

if TYPE_CHECKING:
    from bot.erasure.erasing import Outcome, Tools
    from bot.wiring import Parts

WORKSPACE = Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")]
JSON = Annotated[bool, typer.Option("--json", help="as JSON")]
DRY = Annotated[bool, typer.Option("--dry-run", help="show what would go, change nothing")]
YES = Annotated[bool, typer.Option("--yes", help="do not ask")]
BY = Annotated[str, typer.Option("--by", help="who asked for it: a Slack id or an e-mail as Slack has it")]
ALSO = Annotated[
    list[str] | None,
    typer.Option("--also", help="a word to take out of everybody's texts too, such as the full name; may be repeated"),
]
erase = typer.Typer(
    help="Erase a person or a customer from the database, and from Slack as far as Canteen can.\n\n"
    "Example: `canteen erase person max@example.com --dry-run`",
    no_args_is_help=True,
)
OF_A_PERSON = (
    "Left to you: what people wrote in Slack themselves, backups, logs, and the files you import. What they wrote that "
    "editors made a story or a quiz question of stays, without their name."
)
OF_A_CUSTOMER = (
    "Left to you: what people wrote in Slack themselves, backups, and the files you import: take the customer out of "
    "them, or the next import brings it back. Home shows it until it is opened again."
)


def register(app: typer.Typer) -> None:
    app.add_typer(erase, name="erase")


@erase.command("person")
def person(
    who: Annotated[str, typer.Argument(help="Slack's id, or the e-mail as Slack has it")],
    dry_run: DRY = False,
    yes: YES = False,
    by: BY = COMMAND_LINE,
    also: ALSO = None,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Erase a person: rows about them go, and what is counted stays without them. May be run again, beside the bot.

    Example: `canteen erase person max@example.com --by U012AB3CD`
    """

    async def work(parts: Parts) -> None:
        from bot.erasure import erasing
        from bot.erasure.person import whom

        ws = await workspace_of(parts, workspace)
        tools = await _tools(parts, ws, by)
        async with parts.sessions.begin() as session:
            found = await whom(session, ws, who)
        if found is None:
            raise UserMistakeError(f"nobody is known as {who}", "write Slack's id: `canteen audit` and Slack show it")
        if found.last_admin and not dry_run:
            raise UserMistakeError("they are the last admin", "make somebody else one first, on Home")
        needles = found.needles(parts.edge.new_id, also=also or ())
        seen = await erasing.look_at_person(tools, found, needles)
        notes = [OF_A_PERSON]
        if found.still_here:
            notes.append(
                "They are still in Slack: tonight Canteen reads their name, e-mail and channels again, as everybody's."
            )
        if await _agreed(seen, notes, dry_run=dry_run, yes=yes, json=json):
            await _finish(parts, await erasing.erase_person(tools, found, needles), json=json)

    with_parts(work)


@erase.command("customer")
def customer(
    which: Annotated[str, typer.Argument(help="its id in your files, or its name")],
    dry_run: DRY = False,
    yes: YES = False,
    by: BY = COMMAND_LINE,
    also: ALSO = None,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Erase a customer with all that was written about it. Scores of people stay. May be run again, beside the bot.

    Example: `canteen erase customer C-17 --dry-run`
    """

    async def work(parts: Parts) -> None:
        from bot.erasure import erasing

        ws = await workspace_of(parts, workspace)
        tools = await _tools(parts, ws, by)
        found = await customer_of(parts, ws, which)
        needles = found.needles(parts.edge.new_id, also=also or ())
        seen = await erasing.look_at_customer(tools, found, needles)
        if await _agreed(seen, [OF_A_CUSTOMER], dry_run=dry_run, yes=yes, json=json):
            await _finish(parts, await erasing.erase_customer(tools, found, needles), json=json)

    with_parts(work)


@erase.command("leftovers")
def leftovers(json: JSON = False) -> None:
    """Write SQLite's file anew, so that no byte of what was erased stays in its gaps. Best while the bot is stopped.

    Example: `canteen erase leftovers`
    """

    async def work(parts: Parts) -> bool:
        from bot.erasure.leftovers import compact

        return await compact(parts.sessions.engine, whatever_size=True)

    if not with_parts(work):
        raise UserMistakeError("the database is busy", "stop `canteen run` for a moment, then do it again")
    done("Done: nothing is left of what was erased.", json=json)


async def _tools(parts: Parts, ws: str, by: str) -> Tools:
    from bot.erasure import leftovers
    from bot.erasure.erasing import Tools

    asked = await asked_by(parts, ws, by)
    leftovers.overwrite(parts.sessions.engine)
    return Tools(
        sessions=parts.sessions,
        new_id=parts.edge.new_id,
        now=parts.clock.now(),
        by=asked,
        served=parts.settings.public_url is not None,
    )


async def _agreed(seen: Outcome, notes: list[str], *, dry_run: bool, yes: bool, json: bool) -> bool:
    """Shows what would happen, and asks."""
    if json and dry_run:
        show_json(_facts(seen))
        return False
    if not json:
        _show(seen, "This would happen" if dry_run else "This will happen")
        for note in notes:
            out.print(note, markup=False)
    if dry_run:
        out.print("Nothing was changed.")
        return False
    if seen.nothing:
        return True  # what features keep elsewhere is looked at all the same
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UserMistakeError("erasing asks first, and nobody can answer here", "add --yes")
    answer = await asyncio.to_thread(err.input, "Erase? It cannot be undone. Type yes: ", markup=False)
    if answer.strip().casefold() not in {"yes", "y"}:
        raise UserMistakeError("nothing was changed", "type yes to erase")
    return True


async def _finish(parts: Parts, outcome: Outcome, *, json: bool) -> None:
    from bot.erasure.leftovers import compact

    with err.status("Writing the file anew"):
        clean = await compact(parts.sessions.engine)
    if json:
        show_json({**_facts(outcome), "done": True, "leftovers": not clean})
        return
    if outcome.nothing:
        out.print("Nothing was found.")
        return
    rows = sum(outcome.counted()["rows"].values())
    out.print(f"Erased: {rows} rows. Reference {outcome.reference}, for your own record of the request.", markup=False)
    if outcome.messages.taken_back:
        count = outcome.messages.taken_back
        out.print(f"{count} messages in Slack are being deleted, at most 50 a minute, while `canteen run` runs.")
    if outcome.files:
        out.print(f"{len(outcome.files)} pictures in Slack are being deleted, while `canteen run` runs.")
    if not clean:
        out.print("The file keeps old bytes in its gaps: run `canteen erase leftovers` when the bot is stopped.")


def _show(seen: Outcome, title: str) -> None:
    rows = [[line.table, line.column, str(line.rows), line.what] for line in seen.lines]
    messages = seen.messages
    for count, what in (
        (messages.taken_back, "deleted in Slack; their rows emptied"),
        (messages.ended, "never sent (reason: erased)"),
        (messages.emptied, "rows emptied"),
    ):
        if count:
            rows.append(["deliveries", "*", str(count), what])
    if rows:
        show_table(title, ("table", "column", "rows", "what happens"), rows)
    else:
        out.print("Nothing was found.")


def _facts(outcome: Outcome) -> dict[str, Any]:
    return {
        "reference": outcome.reference,
        "lines": [
            {"table": one.table, "column": one.column, "rows": one.rows, "what": one.what} for one in outcome.lines
        ],
        "messages": outcome.counted()["messages"],
        "files": outcome.files,
    }
