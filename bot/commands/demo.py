"""`canteen demo`: the sample company in a local Slack, as two processes that start and stop together.

Nothing here is a path of its own: the company is read by the importers, channels are set up by the service that the
modal uses, and the bot is `canteen run` with its address pointed at the local Slack.
"""

import asyncio
import os
import secrets
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

from bot.commands.app import out, run_async, settings
from bot.commands.data import bring_in
from bot.core.errors import UserMistakeError
from bot.db.migrate import upgrade
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
FIRST_POST, BETWEEN, ROUNDS = timedelta(seconds=6), timedelta(seconds=17), 8
REGULAR = (("story", 1, "10:00"), ("news", 3, "14:00"))
IN_THE_END = 20.0


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    port: Annotated[int, typer.Option("--port", help="of the local Slack's page")] = 8123,
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
    os.environ.update(_environment(folder, port, keep))
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    slack = await _start_slack(folder, port, keep)
    bot: asyncio.subprocess.Process | None = None
    try:
        await _prepare()
        bot = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", stdout=asyncio.subprocess.PIPE)
        await _line(bot, "Canteen is running", stop)
        address = f"http://127.0.0.1:{port}"
        await _banner(address)
        out.print(f"Local Slack: {address}")
        out.print("Stories and news arrive every few seconds. Ctrl-C stops everything.")
        if open_page and sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, address)
        ended = [asyncio.create_task(slack.wait()), asyncio.create_task(bot.wait()), asyncio.create_task(stop.wait())]
        await asyncio.wait(ended, return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            raise UserMistakeError("a part of the demo ended by itself", "what it said stands above")
    finally:
        await _end(bot)
        await _end(slack)
        out.print("Stopped." + ("" if not keep else f" Everything is kept in {folder}."))


def _environment(folder: Path, port: int, keep: bool) -> dict[str, str]:
    """Made up for each demo, so that nothing of a real `.env` is used."""
    tokens = folder / "tokens"
    made = tokens.read_text().split() if keep and tokens.exists() else [secrets.token_hex(12) for _ in range(3)]
    if keep:
        tokens.write_text("\n".join(made))
    return {
        "SLACK_BOT_TOKEN": f"xoxb-{made[0]}",
        "SLACK_APP_TOKEN": f"xapp-{made[1]}",
        "SLACK_SIGNING_SECRET": made[2],
        "SLACK_API_URL": f"http://127.0.0.1:{port}/api/",
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


async def _start_slack(folder: Path, port: int, keep: bool) -> asyncio.subprocess.Process:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise UserMistakeError(f"port {port} is taken", "choose another: make demo PORT=8200") from None
    kept = ("--keep", str(folder / "slack.json")) if keep else ()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox", "--port", str(port), "--world", str(SAMPLE / "world.yaml"), *kept,
        stdout=asyncio.subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip
    await _line(process, "Local Slack:")
    return process


async def _line(process: asyncio.subprocess.Process, begins: str, stop: asyncio.Event | None = None) -> None:
    """Wait until the process has printed such a line; what else it prints is passed on."""
    if process.stdout is None:
        raise AssertionError("started without a pipe")
    while line := (await process.stdout.readline()).decode():
        if line.startswith(begins):
            return
        out.print(line.rstrip(), markup=False)
        if stop is not None and stop.is_set():
            return
    raise UserMistakeError("a part of the demo did not start", "what it said stands above")


async def _end(process: asyncio.subprocess.Process | None) -> None:
    if process is None or process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), IN_THE_END)
    except TimeoutError:
        process.kill()


async def _prepare() -> None:
    """What an admin does on the first day: install, import, set up channels."""
    async with open_parts(settings()) as parts:
        await upgrade(parts.sessions.engine)
        token = os.environ["SLACK_BOT_TOKEN"]
        checked = await check_token(parts.gateway, token)
        async with parts.sessions.begin() as session:
            await store_workspace(session, token=token, checked=checked)
            started = bool(await channels.all(session, checked.workspace_id))
        if started:
            return
        matched = [customers.match_account_managers]
        await ReadPeople(admins=parts.settings.admins, on_people_saved=matched)(parts.edge, parts.clock.now())
        for what in ("teams", "people", "customers", "products", "stories"):
            path = SAMPLE / ("stories" if what == "stories" else f"{what}.csv")
            report = await bring_in(parts, what, path, by="demo")
            if report.refused:
                first = report.refused[0]
                raise UserMistakeError(f"{first.file}:{first.line} {first.column}: {first.why}", first.cure)
        await _set_up_channels(parts, checked.workspace_id)


async def _set_up_channels(parts: Parts, workspace_id: str) -> None:
    """The sample's channels, with slots seconds apart now and two a week later on."""
    wanted = yaml.safe_load((SAMPLE / "channels.yaml").read_text(encoding="utf-8"))["channels"]
    answer = await parts.gateway.call(workspace_id, "conversations.list", limit=200, exclude_archived=True)
    ids = {str(one["name"]): str(one["id"]) for one in answer["channels"]}
    first = parts.clock.now() + FIRST_POST
    async with parts.sessions.begin() as session:
        teams = {team.name: team.id for team in await customers.teams(session, workspace_id)}
        admins = await members.with_role(session, workspace_id, "admin")
        for number, channel in enumerate(wanted):
            setup = Setup(
                channel_id=ids[channel["name"]],
                name=channel["name"],
                zone=channel["zone"],
                locale=channel["locale"],
                team_ids=frozenset(teams[name] for name in channel["teams"]),
                weekly=(*_every_week(), *_soon(first, number, len(wanted), channel["zone"])),
            )
            by, now = admins[0].user_id, parts.clock.now()
            await channels.add(session, workspace_id, setup, by=by, new_id=parts.edge.new_id, now=now)
    for channel in wanted:
        await refresh(parts.edge, workspace_id, ids[channel["name"]])


def _every_week() -> list[Weekly]:
    return [Weekly(kind=kind, weekday=day, at=time.fromisoformat(at)) for kind, day, at in REGULAR]


def _soon(first: datetime, number: int, channels_in_all: int, zone: str) -> list[Weekly]:
    """In turn with the other channels, story and news by turns."""
    found = []
    for turn in range(ROUNDS):
        local = (first + (turn * channels_in_all + number) * BETWEEN).astimezone(ZoneInfo(zone))
        kind = "story" if turn % 2 == 0 else "news"
        found.append(Weekly(kind=kind, weekday=local.weekday(), at=local.time().replace(microsecond=0)))
    return found


async def _banner(address: str) -> None:
    words = yaml.safe_load((SAMPLE / "banner.yaml").read_text(encoding="utf-8"))
    async with aiohttp.ClientSession() as http:
        await http.put(f"{address}/_sandbox/banner", json=words)
