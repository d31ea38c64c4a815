"""`hat`: draws of customers for channels, opening one, and checking that a draw comes out the same again."""

from datetime import datetime
from typing import Annotated, Any

import typer

from bot.commands.app import done, out, show_json, show_table, with_parts
from bot.commands.places import channel_of, workspace_of
from bot.core.errors import UserMistakeError
from bot.core.times import due_on
from bot.erasure.rules import STAND_IN
from bot.features.adoptions import hats
from bot.features.adoptions.rules import Filters, Hat, HatProblem
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.wiring import Parts

WORKSPACE = Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")]
JSON = Annotated[bool, typer.Option("--json", help="as JSON")]
WHY: dict[HatProblem, tuple[str, str]] = {
    HatProblem.NO_CUSTOMERS: ("no customer that may be adopted fits this", "choose less, or make customers adoptable"),
    HatProblem.TOO_SOON: ("the draw would be in the past", "choose a time that is still to come"),
    HatProblem.TOO_LATE: ("the draw would be too far away", "choose a time within sixty days"),
    HatProblem.OUTSIDERS: ("people of another company read this channel", "customers are not named there"),
    HatProblem.ONE_IS_OPEN: ("a hat is open in this channel already", "wait for its draw, or cancel it on Home"),
    HatProblem.NOT_ALLOWED: ("that person may not open a hat there", "editors, admins and the channel's owners may"),
    HatProblem.NOT_FOUND: ("the channel is not set up", "`canteen channels add` sets it up"),
}

hat = typer.Typer(
    help="Draws in which people of a channel get a customer of their own.\n\nExample: `canteen hat list`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(hat, name="hat")


def _row(one: Hat) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel_id,
        "state": one.state,
        "draw_at": one.draw_at.isoformat(),
        "customers": len(one.inputs.get("customers", ())),
        "were_in": one.result.get("in", 0),
        "drew": len(one.result.get("drawn", {})),
    }


@hat.command("list")
def list_(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Every hat draw, the newest first, without saying who drew what.

    Example: `canteen hat list`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            return [_row(one) for one in await hats.listed(session, ws, limit=1000)]

    rows = with_parts(work)
    if json:
        show_json(rows)
    elif not rows:
        out.print("None.")
    else:
        names = ("id", "channel", "state", "draw_at", "customers", "were_in", "drew")
        show_table("Hat draws", names, [[str(row[name]) for name in names] for row in rows])


@hat.command("open")
def open_(
    channel: Annotated[str, typer.Argument(help="its name or id")],
    at: Annotated[datetime, typer.Option("--at", help="when it is drawn, in the channel's zone: 2026-12-01T14:00")],
    by: Annotated[str, typer.Option("--by", help="who opens it: a Slack id or e-mail")],
    product: Annotated[str | None, typer.Option("--product", help="customers who use this: its id or name")] = None,
    industry: Annotated[str | None, typer.Option("--industry", help="customers of this industry")] = None,
    country: Annotated[str | None, typer.Option("--country", help="customers of this country")] = None,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Open a hat draw in a channel, as somebody who may.

    Example: `canteen hat open line-2 --at 2026-12-01T14:00 --by clara@example.com`
    """

    async def work(parts: Parts) -> Hat | HatProblem:
        ws = await workspace_of(parts, workspace)
        place = await channel_of(parts, ws, channel)
        draw_at = due_on(at.date(), at.time().replace(tzinfo=None), place.zone)
        async with parts.sessions.begin() as session:
            person = await (members.by_email if "@" in by else members.known)(session, ws, by)
            used = await customers.product_exactly(session, ws, product) if product else None
            if person is None:
                raise UserMistakeError(f"nobody is known as {by}", "write a Slack id or an e-mail as Slack has it")
            if product and used is None:
                raise UserMistakeError(f"there is no product {product}", "write its id or its exact name")
            if draw_at is None:
                return HatProblem.TOO_SOON
            return await hats.open_hat(
                session,
                ws,
                person.user_id,
                place.channel_id,
                Filters(product=used.id if used else None, industry=industry, country=country),
                draw_at,
                request=f"cli:{parts.edge.new_id()}",
                now=parts.edge.clock.now(),
                new_id=parts.edge.new_id,
            )

    opened = with_parts(work)
    if isinstance(opened, HatProblem):
        raise UserMistakeError(*WHY[opened])
    done(f"Open: {opened.id}, drawn at {opened.draw_at.isoformat()}.", json=json, hat=opened.id)


@hat.command("verify")
def verify(hat_id: Annotated[str, typer.Argument(metavar="ID", help="of the draw")], json: JSON = False) -> None:
    """Draw once more from the recorded seed and inputs: does the same come out? The exit code is 1 if not.

    Example: `canteen hat verify 5f0c2a4b7d9e1f3a5b7c9d1e`
    """

    async def work(parts: Parts) -> Hat | None:
        async with parts.sessions.begin() as session:
            return await hats.get(session, None, hat_id)

    found = with_parts(work)
    if found is None:
        raise UserMistakeError(f"there is no hat draw {hat_id}", "`canteen hat list` lists them")
    verified = hats.verify(found)
    if verified is None:
        raise UserMistakeError(
            f"hat draw {hat_id} has drawn nothing: it is {found.state}", "only a draw can be repeated"
        )
    recorded = dict(found.result.get("drawn", {}))
    if json:
        facts = {"hat": hat_id, "seed": found.seed, "inputs": dict(found.inputs)}
        show_json({**facts, "recorded": recorded, "again": verified.again, "same": verified.same})
    else:
        out.print(f"Seed {found.seed}; {len(found.inputs.get('people', ()))} people, "
                  f"{len(found.inputs.get('customers', ()))} customers.")  # fmt: skip
        show_table("Drawn", ("person", "customer"), [[user, one] for user, one in sorted(verified.again.items())])
    if not verified.same and STAND_IN in str(found.inputs):
        raise UserMistakeError(
            f"hat draw {hat_id} cannot be repeated",
            "somebody or a customer in it has been erased since: `canteen audit`",
        )
    if not verified.same:
        raise UserMistakeError(
            f"hat draw {hat_id} does not come out the same", "what was recorded has been changed since: ask who could"
        )
    if not json:
        out.print("The same as recorded.")
