"""`canteen demo`: the sample company in a local Slack, as two processes that start and stop together.

Nothing here is a path of its own: the company is read by the importers, channels are set up by the service that the
modal uses, and the bot is `canteen run` with its address pointed at the local Slack.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
import webbrowser
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import aiohttp
import typer
import yaml
from sqlalchemy import update

from bot.commands.app import err, out, run_async, settings
from bot.commands.data import bring_in
from bot.commands.ports import refuse_taken
from bot.core.errors import UserMistakeError
from bot.core.ids import new_id
from bot.db.migrate import upgrade
from bot.db.tables.members import Member
from bot.delivery.installations import check_token, store_workspace
from bot.features.channels import service as channels
from bot.features.channels.reading import refresh
from bot.features.channels.rules import Setup, Weekly
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.jobs import ReadPeople
from bot.wiring import Parts, open_parts

ROOT = Path(__file__).parent.parent.parent
SAMPLE = ROOT / "config" / "sample"
FIRST_POST, BETWEEN, ROUNDS = timedelta(seconds=2), timedelta(seconds=9), 8
REGULAR = (("story", 1, "10:00"), ("news", 3, "14:00"))
IN_THE_END = 20.0


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="of the local Slack's page; 0 takes a free one")
    ] = 8123,
    open_page: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = True,
    keep: Annotated[
        bool, typer.Option("--keep", help="keep everything in var/demo and go on with it next time")
    ] = False,
) -> None:
    """Show a sample company in a local Slack. Ctrl-C stops everything.

    Example: `canteen demo --port 8123 --no-open`
    """
    folder = ROOT / "var" / "demo" if keep else Path(tempfile.mkdtemp(prefix="canteen-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        run_async(_demo(folder, port, open_page, keep))
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


async def _demo(folder: Path, port: int, open_page: bool, keep: bool) -> None:
    """Until told to stop, at whatever moment that is: nothing that was started is left behind."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started = Started()
    showing = asyncio.create_task(_show(started, folder, port, open_page, keep))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((showing, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            showing.result()
    finally:
        showing.cancel()
        stopping.cancel()
        await asyncio.gather(showing, stopping, return_exceptions=True)
        await started.end()
    out.print("Stopped." + (f" Everything is kept in {folder}." if keep else ""), markup=False)


async def _show(started: "Started", folder: Path, port: int, open_page: bool, keep: bool) -> None:
    """Ends only by a mistake, or when a part ends by itself."""
    os.environ.update(_environment(folder, keep))
    err.print("Starting the local Slack and reading the sample company ...")
    slack, address = await _start_slack(started, folder, port, keep)
    os.environ["SLACK_API_URL"] = f"{address}/api/"
    workspace_id = await _prepare()
    bot = await started.start("bot", "run")
    await _line(bot, "Canteen is running")
    await _banner(address)
    await _begin(workspace_id)
    out.print(f"Local Slack: {address}", markup=False)
    out.print("Stories and news arrive every few seconds. Ctrl-C stops everything.")
    if open_page and sys.stdout.isatty():
        await asyncio.to_thread(webbrowser.open, address)
    ended = [asyncio.create_task(process.wait()) for process in (slack, bot)]
    await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
    raise UserMistakeError("a part of the demo ended by itself", "what it said stands above")


class Started:
    """The processes of the demo. They get a session of their own: Ctrl-C in a terminal reaches this process only, which
    then ends them in order, the bot first."""

    def __init__(self) -> None:
        self._starting: list[asyncio.Task[asyncio.subprocess.Process]] = []

    async def start(self, module: str, *words: str) -> asyncio.subprocess.Process:
        work = asyncio.create_subprocess_exec(
            sys.executable, "-m", module, *words,
            stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL, cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        task = asyncio.create_task(work)
        self._starting.append(task)
        return await asyncio.shield(task)  # a stop in just this moment must not lose sight of it

    async def end(self) -> None:
        for one in reversed(await asyncio.gather(*self._starting, return_exceptions=True)):
            if isinstance(one, asyncio.subprocess.Process):
                await _end(one)


def _environment(folder: Path, keep: bool) -> dict[str, str]:
    """Made up for each demo, so that nothing of a real `.env` is used."""
    tokens = folder / "tokens"
    made = tokens.read_text().split() if keep and tokens.exists() else [new_id() for _ in range(3)]
    if keep:
        tokens.write_text("\n".join(made))
    return {
        "SLACK_BOT_TOKEN": f"xoxb-{made[0]}",
        "SLACK_APP_TOKEN": f"xapp-{made[1]}",
        "SLACK_SIGNING_SECRET": made[2],
        "DATABASE_URL": f"sqlite:///{folder / 'canteen.db'}",
        "CANTEEN_HTTP": f"127.0.0.1:{_free_port()}",
        "CANTEEN_ADMINS": _admin(),
        "CANTEEN_PUBLIC_URL": "",
        "CANTEEN_LOG": os.environ.get("CANTEEN_LOG", "warning"),
        "PYTHONUNBUFFERED": "1",
    }


def _admin() -> str:
    """Whoever is an admin of the sample company."""
    people = yaml.safe_load((SAMPLE / "world.yaml").read_text(encoding="utf-8"))["people"]
    return ",".join(person["email"] for person in people if person.get("kind") == "admin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _start_slack(started: Started, folder: Path, port: int, keep: bool) -> tuple[asyncio.subprocess.Process, str]:
    """The process and its address."""
    refuse_taken("127.0.0.1", port, "choose another: make demo PORT=8200")
    kept = ("--keep", str(folder / "slack.json")) if keep else ()
    process = await started.start("sandbox", "--port", str(port), "--world", str(SAMPLE / "world.yaml"), *kept)
    return process, (await _line(process, "Local Slack:")).partition(": ")[2]


async def _line(process: asyncio.subprocess.Process, begins: str) -> str:
    """The first line that begins so; what else the process prints is passed on."""
    if process.stdout is None:
        raise AssertionError("started without a pipe")
    while line := (await process.stdout.readline()).decode():
        if line.startswith(begins):
            return line.rstrip()
        err.print(line.rstrip(), markup=False)
    raise UserMistakeError("a part of the demo did not start", "what it said stands above")


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), IN_THE_END)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _prepare() -> str:
    """What an admin does on the first day: install, import, set up channels. The workspace's id."""
    async with open_parts(settings()) as parts:
        await upgrade(parts.sessions.engine)
        token = os.environ["SLACK_BOT_TOKEN"]
        checked = await check_token(parts.gateway, token)
        async with parts.sessions.begin() as session:
            await store_workspace(session, token=token, checked=checked)
            known = bool(await channels.all(session, checked.workspace_id))
        if not known:
            await _first_day(parts, checked.workspace_id)
        return checked.workspace_id


async def _first_day(parts: Parts, workspace_id: str) -> None:
    matched = [customers.match_account_managers]
    await ReadPeople(admins=parts.settings.admins, on_people_saved=matched)(parts.edge, parts.clock.now())
    for what in ("teams", "people", "customers", "products", "stories"):
        path = SAMPLE / ("stories" if what == "stories" else f"{what}.csv")
        report = await bring_in(parts, what, path, by="demo")
        if report.refused:
            first = report.refused[0]
            raise UserMistakeError(f"{first.file}:{first.line} {first.column}: {first.why}", first.cure)
    await _people_of_the_demo(parts, workspace_id)
    wanted = yaml.safe_load((SAMPLE / "channels.yaml").read_text(encoding="utf-8"))["channels"]
    answer = await parts.gateway.call(workspace_id, "conversations.list", limit=200, exclude_archived=True)
    ids = {str(one["name"]): str(one["id"]) for one in answer["channels"]}
    async with parts.sessions.begin() as session:
        teams = {team.name: team.id for team in await customers.teams(session, workspace_id)}
        admins = await members.with_role(session, workspace_id, "admin")
        by, now = admins[0].user_id, parts.clock.now()
        for one in wanted:
            setup = Setup(
                channel_id=ids[one["name"]],
                name=one["name"],
                zone=one["zone"],
                locale=one["locale"],
                team_ids=frozenset(teams[name] for name in one["teams"]),
                weekly=tuple(_every_week()),
            )
            await channels.add(session, workspace_id, setup, by=by, new_id=parts.edge.new_id, now=now)
    for one in wanted:
        await refresh(parts.edge, workspace_id, ids[one["name"]])


async def _people_of_the_demo(parts: Parts, workspace_id: str) -> None:
    """Nobody has quiet hours, so that answers come at any time of the day; whose title says so is an editor."""
    people = yaml.safe_load((SAMPLE / "world.yaml").read_text(encoding="utf-8"))["people"]
    editors = [person["id"] for person in people if "editor" in person.get("title", "")]
    async with parts.sessions.begin() as session:
        awake = update(Member).where(Member.workspace_id == workspace_id)
        await session.execute(awake.values(quiet_from=time(0), quiet_until=time(0)))
        now, wanted = parts.clock.now(), {members.EDITOR: editors}
        await members.set_roles(session, workspace_id, wanted, by="demo", now=now, new_id=parts.edge.new_id)


async def _begin(workspace_id: str) -> None:
    """Slots seconds apart from now on, beside the weekly ones. The bot is running already, so none is missed."""
    wanted = yaml.safe_load((SAMPLE / "channels.yaml").read_text(encoding="utf-8"))["channels"]
    turns = {str(one["name"]): number for number, one in enumerate(wanted)}
    async with open_parts(settings()) as parts, parts.sessions.begin() as session:
        now = parts.clock.now()
        for channel in await channels.all(session, workspace_id):
            number = turns.get(channel.name)
            if channel.state == "active" and number is not None:
                kept = [slot for slot in channel.slots if slot.at.second == 0]
                weekly = [Weekly(kind=slot.kind, weekday=slot.weekday, at=slot.at) for slot in kept]
                setup = Setup(
                    channel_id=channel.channel_id,
                    name=channel.name,
                    zone=channel.zone,
                    locale=channel.locale,
                    team_ids=channel.team_ids,
                    weekly=(*weekly, *_soon(now + FIRST_POST, number, len(turns), channel.zone)),
                    holidays_of=channel.holidays_of,
                    guests_see_internal=channel.guests_see_internal,
                    private=channel.private,
                    outsiders=channel.outsiders,
                )
                by = channel.added_by
                await channels.add(session, workspace_id, setup, by=by, new_id=parts.edge.new_id, now=now)


def _every_week() -> list[Weekly]:
    return [Weekly(kind=kind, weekday=day, at=time.fromisoformat(at)) for kind, day, at in REGULAR]


def _soon(first: datetime, number: int, channels_in_all: int, zone: str) -> list[Weekly]:
    """In turn with the other channels, story and news by turns; the first two channels begin at once."""
    found = []
    for turn in range(ROUNDS):
        place = max(turn * channels_in_all + number - 1, 0)
        local = (first + place * BETWEEN).astimezone(ZoneInfo(zone))
        kind = "story" if (turn + number) % 2 == 0 else "news"
        found.append(Weekly(kind=kind, weekday=local.weekday(), at=local.time().replace(microsecond=0)))
    return found


async def _banner(address: str) -> None:
    words = yaml.safe_load((SAMPLE / "banner.yaml").read_text(encoding="utf-8"))
    async with aiohttp.ClientSession() as http:
        await http.put(f"{address}/_sandbox/banner", json=words)
