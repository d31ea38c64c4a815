"""`canteen export`: what is kept about one person, for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands.app import out, show_json, show_table, with_parts
from bot.commands.places import COMMAND_LINE, asked_by, workspace_of
from bot.core.errors import UserMistakeError

if TYPE_CHECKING:
    from bot.wiring import Parts

export = typer.Typer(
    help="All that is kept about a person, for themselves.\n\nExample: `canteen export person U012AB3CD --json`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(export, name="export")


@export.command("person")
def person(
    who: Annotated[str, typer.Argument(help="Slack's id, or the e-mail as Slack has it")],
    by: Annotated[
        str, typer.Option("--by", help="who asked for it: a Slack id or an e-mail as Slack has it")
    ] = COMMAND_LINE,
    workspace: Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")] = None,
    json: Annotated[bool, typer.Option("--json", help="all of it, as JSON")] = False,
) -> None:
    """Every row about a person: how many by table, or with --json all of it. It is noted in the audit trail.

    Example: `canteen export person max@example.com --json > max.json`
    """

    async def work(parts: Parts) -> dict[str, Any]:
        from bot.erasure import own
        from bot.erasure.person import whom
        from bot.features.members import service as members

        ws = await workspace_of(parts, workspace)
        asked = await asked_by(parts, ws, by)
        async with parts.sessions.begin() as session:
            found = await whom(session, ws, who)
        if found is None:
            raise UserMistakeError(f"nobody is known as {who}", "write Slack's id")
        data = await own.data_of(parts.sessions, found, found.needles(parts.edge.new_id))
        async with parts.sessions.begin() as session:
            await members.audit(
                session,
                new_id=parts.edge.new_id,
                now=parts.clock.now(),
                ws=ws,
                actor=asked,
                action="export.person",
                subject=found.user_id,
            )
        return {"person": found.user_id, "workspace": ws, "tables": data}

    found = with_parts(work)
    if json:
        show_json(found)
        return
    show_table("Kept", ("table", "rows"), [[name, str(len(rows))] for name, rows in found["tables"].items()])
    out.print("With --json it is all of it.")
