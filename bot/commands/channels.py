"""`channels`, `post-now`, `recall`, `stop` and `start`: what an admin does in Slack, from the command line."""

from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.app import done, show_json, show_table, with_parts
from bot.commands.channel_setup import read_language, read_slot, read_window, read_zone, set_up
from bot.commands.places import channel_of, workspace_of
from bot.core.errors import UserMistakeError
from bot.core.ids import NewId
from bot.features.channels import posting, service
from bot.features.channels.rules import Setup
from bot.features.stories import recalling
from bot.features.updates.recalls import service as updates
from bot.registry import content_kinds
from bot.slack.words import Words
from bot.wiring import Parts

WORKSPACE = Annotated[str | None, typer.Option("--workspace", help="its id, where there are several")]
JSON = Annotated[bool, typer.Option("--json", help="as JSON")]
CHANNEL = Annotated[str, typer.Argument(help="its name or id")]
BY = "command line"

channels = typer.Typer(
    help="The channels that get stories, news and quizzes.\n\nExample: `canteen channels list`",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    app.add_typer(channels, name="channels")
    for name, command in (("post-now", post_now), ("recall", recall), ("stop", stop), ("start", start)):
        app.command(name)(command)


@channels.command("list")
def list_(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Every configured channel, its state, next post and weeks of content left.

    Example: `canteen channels list`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            found = await service.standings(session, ws, _kinds(parts), now=parts.clock.now())
        return [
            {
                "channel": one.channel.channel_id,
                "name": one.channel.name,
                "state": one.channel.state,
                "reason": one.channel.state_reason,
                "zone": one.channel.zone,
                "next": None if one.next is None else one.next.due_at.isoformat(),
                "weeks_left": one.weeks,
                "missed_last_week": len(one.misses),
                "has_guests": one.has_guests,
                "guests_answer": one.channel.guests_answer,
                "quiz_window_minutes": int(one.channel.quiz_window.total_seconds() // 60),
                "owners": sorted(one.channel.owners),
                "starts": None if one.begins is None else one.begins.isoformat(),
            }
            for one in found
        ]

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    names = ("name", "state", "zone", "next", "weeks_left", "missed_last_week")
    shown = [[f"#{row['name']}", *("" if row[name] is None else str(row[name]) for name in names[1:])] for row in rows]
    show_table("Channels", [name.replace("_", " ") for name in names], shown)


@channels.command("add")
def add(
    channel: Annotated[str, typer.Argument(help="Slack's id of the channel, such as C012AB3CD")],
    slot: Annotated[list[str], typer.Option("--slot", help="kind:day@time, such as story:tue@10:00; may be repeated")],
    zone: Annotated[str, typer.Option("--zone", help="such as Europe/Lisbon")],
    locale: Annotated[str, typer.Option("--locale", help="language of the posts, such as en or pt-BR")] = "en",
    team: Annotated[list[str] | None, typer.Option("--team", help="a team that sits there; may be repeated")] = None,
    holidays: Annotated[str | None, typer.Option("--holidays", help="quiet on them: PT, or BR-SP")] = None,
    guests_see_internal: Annotated[
        bool, typer.Option("--guests-see-internal", help="guests there may read internal stories too")
    ] = False,
    quiz_window: Annotated[str, typer.Option("--quiz-window", help="how long a quiz is open: 30m, 8h, 2d")] = "24h",
    owner: Annotated[
        list[str] | None, typer.Option("--owner", help="Slack's id of a person who looks after it; may be repeated")
    ] = None,
    guests_answer: Annotated[bool, typer.Option("--guests-answer", help="guests' answers to quizzes count")] = False,
    no_pulse: Annotated[
        bool, typer.Option("--no-pulse", help="its people are never asked the three questions")
    ] = False,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Set up a channel, or change one that is.

    Example: `canteen channels add C012AB3CD --zone Europe/Lisbon --slot story:tue@10:00 --team "Line 2"`
    """
    wanted = Setup(
        channel_id=channel,
        name=channel,
        weekly=tuple(read_slot(text) for text in slot),
        quiz_window=read_window(quiz_window),
        zone=read_zone(zone),
        locale=read_language(locale),
        holidays_of=holidays,
        guests_see_internal=guests_see_internal,
        guests_answer=guests_answer,
        pulse_off=no_pulse,
        owners=frozenset(owner or ()),
    )

    async def work(parts: Parts) -> str:
        return await set_up(parts, await workspace_of(parts, workspace), wanted, teams=team or (), by=BY)

    name = with_parts(work)
    done(f"#{name} is set up. `canteen channels next` shows what it would get.", json=json, channel=channel, name=name)


@channels.command("pause")
def pause(channel: CHANNEL, workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Nothing more is posted there until it is resumed.

    Example: `canteen channels pause line-2`
    """
    _change(channel, workspace, service.pause, "paused", "it is not active", json=json)


@channels.command("resume")
def resume(channel: CHANNEL, workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Post there again, from the next slot on.

    Example: `canteen channels resume line-2`
    """
    _change(channel, workspace, service.resume, "resumed", "it is not paused", json=json)


@channels.command("remove")
def remove(channel: CHANNEL, workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Take the channel out of Canteen; what was posted stays.

    Example: `canteen channels remove line-2`
    """
    _change(channel, workspace, service.remove, "removed", "it is not set up", json=json)


@channels.command("next")
def next_(
    channel: CHANNEL,
    number: Annotated[int, typer.Option("-n", min=1, max=50, help="how many")] = 5,
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """The next posts of a channel: when, what would be chosen, and why.

    Example: `canteen channels next line-2`
    """

    async def work(parts: Parts) -> list[dict[str, Any]]:
        ws = await workspace_of(parts, workspace)
        place = await channel_of(parts, ws, channel)
        words = Words(locale="en", zone=place.zone)
        async with parts.sessions.begin() as session:
            found = await service.next_posts(session, place, _kinds(parts), words, now=parts.clock.now(), n=number)
        return [
            {
                "due_at": one.coming.due_at.isoformat(),
                "local": words.moment(one.coming.due_at),
                "kind": one.coming.kind,
                "headline": None if one.preview is None else one.preview.headline,
                "why": f"quiet: {one.coming.quiet}" if one.preview is None else one.preview.why,
            }
            for one in found
        ]

    rows = with_parts(work)
    if json:
        show_json(rows)
        return
    shown = [[row["local"], row["kind"], row["headline"] or "-", row["why"]] for row in rows]
    show_table("Next posts, in the channel's own time", ["when", "kind", "what", "why"], shown)


def post_now(
    channel: CHANNEL,
    kind: Annotated[str, typer.Argument(help="story, news or quiz")],
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Post one story, news item or quiz at once.

    Example: `canteen post-now line-2 story`
    """

    async def work(parts: Parts) -> str | None:
        kinds = _kinds(parts)
        if kind not in kinds:
            raise typer.BadParameter(f"one of {', '.join(kinds)}", param_hint="KIND")
        ws = await workspace_of(parts, workspace)
        place = await channel_of(parts, ws, channel)
        async with parts.sessions.begin() as session:
            return await posting.post_now(
                session,
                ws,
                place.channel_id,
                kind,
                request=f"cli:{parts.edge.new_id()}",
                by=BY,
                kinds=kinds,
                new_id=parts.edge.new_id,
                now=parts.clock.now(),
            )

    why = with_parts(work)
    if why is not None:
        raise UserMistakeError(
            f"nothing is posted: {why.replace('_', ' ')}", "`canteen channels list` shows the states"
        )
    done("It is on its way; `canteen run` sends it.", json=json, channel=channel, kind=kind)


def recall(
    post: Annotated[str, typer.Argument(help="the post's id, its link in Slack, or channel:ts")],
    workspace: WORKSPACE = None,
    json: JSON = False,
) -> None:
    """Take a post's story, or an update that was posted, back from everywhere it went to.

    Example: `canteen recall https://example.slack.com/archives/C012AB3CD/p1700000000000100`
    """

    async def work(parts: Parts) -> int:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            count = await take_back(session, ws, post, now=parts.clock.now(), new_id=parts.edge.new_id)
        if count is None:
            raise UserMistakeError("there is no such post of Canteen's", "copy the post's link in Slack")
        return count

    places = with_parts(work)
    done(f"Recalled from {places} place(s); `canteen run` deletes it there within a minute.", json=json, places=places)


async def take_back(session: AsyncSession, ws: str, text: str, *, now: datetime, new_id: NewId) -> int | None:
    """From how many places; None where there is no such post of a story or an update."""
    post = await recalling.find_post(session, ws, text)
    if post is not None:
        return await recalling.recall(session, ws, post, by=BY, now=now, new_id=new_id)
    update = await updates.find(session, ws, text)
    if update is None:
        return None
    if update.withdrawn:
        return 0
    await updates.recall_all(session, update, by=BY, now=now, new_id=new_id)
    return len(update.channels)


def stop(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Stop all posting at once; recalls still go through.

    Example: `canteen stop`
    """
    changed = _set_stopped(workspace, stopped=True)
    done("All posting is stopped. `canteen start` starts it again.", json=json, stopped=True, changed=changed)


def start(workspace: WORKSPACE = None, json: JSON = False) -> None:
    """Start posting again after `stop`.

    Example: `canteen start`
    """
    changed = _set_stopped(workspace, stopped=False)
    done("Posting goes on. What became too late meanwhile is left out.", json=json, stopped=False, changed=changed)


def _set_stopped(workspace: str | None, *, stopped: bool) -> bool:
    """False where it was so already."""

    async def work(parts: Parts) -> bool:
        ws = await workspace_of(parts, workspace)
        async with parts.sessions.begin() as session:
            new_id, now = parts.edge.new_id, parts.clock.now()
            return await service.set_stopped(session, ws, stopped, by=BY, new_id=new_id, now=now)

    return with_parts(work)


def _change(channel: str, workspace: str | None, change: Any, state: str, refused: str, *, json: bool) -> None:
    async def work(parts: Parts) -> tuple[str, bool]:
        ws = await workspace_of(parts, workspace)
        place = await channel_of(parts, ws, channel)
        async with parts.sessions.begin() as session:
            changed = await change(
                session, ws, place.channel_id, by=BY, new_id=parts.edge.new_id, now=parts.clock.now()
            )
        return place.name, changed

    name, changed = with_parts(work)
    if not changed:
        raise UserMistakeError(f"#{name}: {refused}", "`canteen channels list` shows the states")
    done(f"#{name} is {state}.", json=json, channel=name, now=state)


def _kinds(parts: Parts) -> service.Kinds:
    from bot.defaults import load_defaults

    return content_kinds(parts.settings, load_defaults())
