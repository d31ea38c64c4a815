"""`pulse`: what the three questions gave, who starts when, and drawing that once more."""

from typing import Annotated, Any

import typer

from bot.commands.app import done, show_json, show_table, with_parts
from bot.commands.places import channel_of, workspace_of
from bot.core.errors import UserMistakeError
from bot.features.channels import service as channels
from bot.features.pulse import results, service, staggering
from bot.features.pulse.rules import QUESTIONS
from bot.wiring import Parts

WORKSPACE = Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")]
JSON = Annotated[bool, typer.Option("--json", help="as JSON")]
BY = "command line"

pulse = typer.Typer(
    help="The three questions: averages, and which channel starts when.\n\nExample: `canteen pulse results`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(pulse, name="pulse")


@pulse.command("results")
def results_(
    channel: Annotated[str | None, typer.Argument(help="its name or id; all of them if you name none")] = None,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Averages from 1 to 5 of the newest questions that have closed, where at least five people answered.

    Example: `canteen pulse results line-2`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        ws = await workspace_of(parts, workspace)
        named = [await channel_of(parts, ws, channel)] if channel else None
        async with parts.sessions.begin() as session:
            shown = named or await channels.all(session, ws)
            names = {one.channel_id: one.name for one in shown}
            found = await results.of(session, ws, shown)
        return [
            {
                "channel": one.channel_id,
                "name": names[one.channel_id],
                "asked_on": one.latest.round.opened_at.date().isoformat() if one.latest else None,
                "averages": {q: round(t.average, 1) for q, t in one.latest.totals.items()} if one.latest else {},
                "answers": {q: t.answers for q, t in one.latest.totals.items()} if one.latest else {},
                "change": {question: round(by, 1) for question, by in one.change.items()},
                "elsewhere": {question: round(by, 1) for question, by in one.elsewhere.items()},
                "open_until": one.open_until.isoformat() if one.open_until else None,
            }
            for one in found
        ]

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    shown = [
        [f"#{row['name']}", row["asked_on"] or "-", *(str(row["averages"].get(one, "-")) for one in QUESTIONS)]
        for row in rows
    ]
    show_table("Do people know our customers? From 1 to 5", ["channel", "asked", "who", "why", "what"], shown)


@pulse.command("draws")
def draws(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Every draw of which channel starts when, the newest first.

    Example: `canteen pulse draws`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            found = await staggering.draws(session, ws)
        return [
            {
                "id": one.id,
                "drawn_at": one.drawn_at.isoformat(),
                "seed": one.seed,
                "first_day": one.first_day.isoformat(),
                "weeks": one.weeks,
                "drawn": {channel: day.isoformat() for channel, day in sorted(one.drawn.items())},
            }
            for one in found
        ]

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    shown = [[row["id"], row["first_day"], str(row["weeks"]), str(len(row["drawn"]))] for row in rows]
    show_table("Draws", ["id", "first day", "weeks", "channels"], shown)


@pulse.command("verify")
def verify(
    draw: Annotated[str, typer.Argument(help="the draw's id, as its window and `canteen pulse draws` show it")],
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Draw once more from what was recorded, and compare. The exit code is 1 if it comes out otherwise.

    Example: `canteen pulse verify 6f1c0a2b9d3e4f5a6b7c8d9e`
    """

    async def work(parts: Parts) -> staggering.Draw | None:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            return await staggering.find(session, ws, draw)

    found = with_parts(work)
    if found is None:
        raise UserMistakeError(f"there is no draw {draw}", "`canteen pulse draws` lists them")
    if dict(staggering.again(found)) != dict(found.drawn):
        raise UserMistakeError(
            f"draw {draw} comes out otherwise than it was recorded", "somebody changed the record: see the audit trail"
        )
    done(
        f"Draw {draw} comes out as recorded: {len(found.drawn)} channels from {found.first_day}, seed {found.seed}.",
        json=json,
        draw=draw,
        same=True,
    )


@pulse.command("off")
def off(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Nobody in the workspace is asked any more; questions that are open stay open until their end.

    Example: `canteen pulse off`
    """
    done(
        "The pulse is off. `canteen pulse on` switches it on.",
        json=json,
        off=True,
        changed=_switch(workspace, off=True),
    )


@pulse.command("on")
def on(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Channels are asked again, unless the pulse is switched off there.

    Example: `canteen pulse on`
    """
    done("The pulse is on.", json=json, off=False, changed=_switch(workspace, off=False))


def _switch(workspace: str | None, *, off: bool) -> bool:
    """False where it was so already."""

    async def work(parts: Parts) -> bool:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            return await service.set_off(session, ws, off, by=BY, new_id=parts.edge.new_id, now=parts.clock.now())

    return with_parts(work)
