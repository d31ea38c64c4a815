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
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import typer
import yaml

from bot.commands import sample
from bot.commands.app import err, out, run_async, settings
from bot.commands.ports import refuse_taken
from bot.core.errors import UserMistakeError
from bot.core.ids import new_id
from bot.db.migrate import upgrade
from bot.delivery.installations import check_token, store_workspace
from bot.features.channels import service as channels
from bot.wiring import open_parts

ROOT = Path(__file__).parent.parent.parent
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
    quiet_colleagues: Annotated[
        bool, typer.Option("--quiet-colleagues", help="nobody acts by themselves: you are everybody")
    ] = False,
) -> None:
    """Show a sample company in a local Slack. Ctrl-C stops everything.

    Example: `canteen demo --port 8123 --no-open`
    """
    folder = ROOT / "var" / "demo" if keep else Path(tempfile.mkdtemp(prefix="canteen-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        wanted = Wanted(folder=folder, port=port, open_page=open_page, keep=keep, quiet=quiet_colleagues)
        run_async(_demo(wanted))
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """`quiet`: nobody acts by themselves."""

    folder: Path
    port: int
    open_page: bool
    keep: bool
    quiet: bool


async def _demo(wanted: Wanted) -> None:
    """Until told to stop, at whatever moment that is: nothing that was started is left behind."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started = Started()
    showing = asyncio.create_task(_show(started, wanted))
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
    out.print("Stopped." + (f" Everything is kept in {wanted.folder}." if wanted.keep else ""), markup=False)


async def _show(started: "Started", wanted: Wanted) -> None:
    """Ends only by a mistake, or when a part ends by itself."""
    os.environ.update(_environment(wanted.folder, wanted.keep))
    err.print("Starting the local Slack and reading the sample company ...")
    slack, address = await _start_slack(started, wanted)
    os.environ["SLACK_API_URL"] = f"{address}/api/"
    workspace_id = await _prepare()
    bot = await started.start("bot", "run")
    await _line(bot, "Canteen is running")
    await _banner(address, banner(quiet=wanted.quiet))
    living = asyncio.create_task(_live(workspace_id))
    out.print(f"Local Slack: {address}", markup=False)
    out.print("Posts arrive every few seconds" + _what_colleagues_do(wanted.quiet) + ". Ctrl-C stops everything.")
    if wanted.open_page and sys.stdout.isatty():
        await asyncio.to_thread(webbrowser.open, address)
    ended = [asyncio.create_task(process.wait()) for process in (slack, bot)]
    try:
        await asyncio.wait((*ended, living), return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)
    raise UserMistakeError("a part of the demo ended by itself", "what it said stands above")


def _what_colleagues_do(quiet: bool) -> str:
    return "" if quiet else ", and colleagues answer, ask and thank by themselves"


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
        "CANTEEN_ADMINS": sample.admin_emails(),
        "CANTEEN_PUBLIC_URL": "",
        "CANTEEN_LOG": os.environ.get("CANTEEN_LOG", "warning"),
        "PYTHONUNBUFFERED": "1",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _start_slack(started: Started, wanted: Wanted) -> tuple[asyncio.subprocess.Process, str]:
    """The process and its address."""
    refuse_taken("127.0.0.1", wanted.port, "choose another: make demo PORT=8200")
    kept = ("--keep", str(wanted.folder / "slack.json")) if wanted.keep else ()
    acting = () if wanted.quiet else ("--colleagues", str(sample.SAMPLE / "colleagues.yaml"))
    world = str(sample.SAMPLE / "world.yaml")
    process = await started.start("sandbox", "--port", str(wanted.port), "--world", world, *kept, *acting)
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
            await sample.first_day(parts, checked.workspace_id)
        return checked.workspace_id


async def _live(workspace_id: str) -> None:
    """What happens in the company meanwhile. The bot is running already and sends what is owed."""
    async with open_parts(settings()) as parts:
        await asyncio.gather(
            sample.post_by_turns(parts, workspace_id),
            sample.open_a_hat(parts, workspace_id),
            sample.let_days_pass(parts),
        )


def banner(*, quiet: bool) -> dict[str, Any]:
    """What stands above the page; where nobody acts by themselves, it does not say so."""
    words = yaml.safe_load((sample.SAMPLE / "banner.yaml").read_text(encoding="utf-8"))
    return {"title": words["title_alone" if quiet else "title"], "lines": words["lines"]}


async def _banner(address: str, words: dict[str, Any]) -> None:
    async with aiohttp.ClientSession() as http:
        await http.put(f"{address}/_sandbox/banner", json=words)
