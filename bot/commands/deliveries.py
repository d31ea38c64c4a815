"""`deliveries`: what is owed and in trouble, and settling what only a person can decide."""

from typing import Annotated, Any

import typer

from bot.commands.app import done, out, show_json, show_table, with_parts
from bot.core.errors import UserMistakeError
from bot.delivery import settling
from bot.wiring import Parts, build

STATES = ("pending", "claimed", "sending", "unresolved", "uncertain", "failed", "sent", "skipped")
deliveries = typer.Typer(invoke_without_command=True)


def register(app: typer.Typer) -> None:
    app.add_typer(deliveries, name="deliveries")


@deliveries.callback()
def list_(
    context: typer.Context,
    state: Annotated[str, typer.Option("--state", help="uncertain, failed, pending, ...")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="how many at most")] = 50,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Messages owed to Slack: the newest; by default those that are uncertain or have failed.

    Example: `canteen deliveries --state uncertain`
    """
    if context.invoked_subcommand is not None:
        return
    if state and state not in STATES:
        raise typer.BadParameter(f"one of {', '.join(STATES)}", param_hint="--state")

    async def work(parts: Parts) -> list[dict[str, Any]]:
        async with parts.sessions.begin() as session:
            return await settling.listed(session, (state,) if state else ("uncertain", "failed"), limit=limit)

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    if not rows:
        out.print("None.")
        return
    names = ("id", "kind", "target", "state", "error", "wanted_at")
    show_table("Deliveries", names, [[str(row[name] or "") for name in names] for row in rows])
    if any(row["state"] == "uncertain" for row in rows):
        out.print("Look in Slack whether it is there, then: canteen deliveries settle ID --sent TS | --resend | --drop")


@deliveries.command("settle")
def settle(
    delivery: Annotated[int, typer.Argument(help="its id")],
    sent: Annotated[str | None, typer.Option("--sent", help="it is there: the message's ts")] = None,
    resend: Annotated[bool, typer.Option("--resend", help="it is not there: send it")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="it is not needed any more")] = False,
    json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """Say what became of a delivery that is uncertain or has failed.

    Example: `canteen deliveries settle 4711 --sent 1700000000.000100`
    """
    if sum((sent is not None, resend, drop)) != 1:
        raise typer.BadParameter("say exactly one of --sent TS, --resend and --drop")

    async def work(parts: Parts) -> str | None:
        told = build(parts).features.renderers
        async with parts.sessions.begin() as session:
            return await settling.settle(
                session, delivery, sent=sent, resend=resend, renderers=told, metrics=parts.metrics
            )

    why = with_parts(work)
    if why is not None:
        raise UserMistakeError(f"delivery {delivery}: {why}", "`canteen deliveries` lists them")
    done("Settled.", json=json, delivery=delivery)
