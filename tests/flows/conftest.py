"""The whole product: the real program over real HTTP and WebSocket against the local Slack."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.commands.data import bring_in
from bot.db.migrate import upgrade
from bot.delivery.installations import check_token, store_workspace
from bot.features.customers.matching import LookedAfter
from bot.features.members.jobs import ReadPeople
from bot.features.pulse import store
from bot.settings import Settings
from bot.wiring import Parts, open_parts
from sandbox.clock import Clock
from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.flows import company
from tests.flows.forking import Forked, Prelude, fork

PATIENCE = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Installed:
    """A database file to begin with. PostgreSQL has none: there it is installed each time."""

    content: bytes | None = None

    def copied_to(self, url: str) -> bool:
        if self.content is None or not url.startswith("sqlite:///"):
            return False
        Path(url.removeprefix("sqlite:///")).write_bytes(self.content)
        return True

    def take(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            path = Path(url.removeprefix("sqlite:///"))
            beside = path.parent.glob(f"{path.name}-*")  # a journal that has ended begins with zeros
            assert not any(one.read_bytes()[:1].strip(b"\0") for one in beside), "a part of it is not in the file yet"
            self.content = path.read_bytes()


INSTALLED: dict[str, Installed] = {}  # by what makes them differ


@dataclass
class Flow:
    """One company with its Slack and, while `running`, its bot."""

    url: str
    world: dict[str, Any]
    folder: Path
    env: dict[str, str]
    http: aiohttp.ClientSession
    slack: Slack
    prelude: Prelude | None = None  # of the next `start`
    processes: list[Forked] = field(default_factory=list)

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.url}/_sandbox/{path}") as answer:
            return await answer.json()

    async def send(self, path: str, body: Any, method: str = "POST") -> Any:
        async with self.http.request(method, f"{self.url}/_sandbox/{path}", json=body) as answer:
            return await answer.json()

    async def act(self, who: str, do: str, **more: Any) -> Any:
        answer = await self.send("act", {"as": who, "do": do, **more})
        assert answer.get("ok"), answer
        return answer.get("seen", answer)

    async def seen(self, who: str) -> Any:
        return await self.get(f"seen?as={who}")

    async def ledger(self) -> Any:
        return await self.get("ledger")

    async def posts(self, channel: str | None = None) -> list[dict[str, Any]]:
        """The bot's messages that are there now."""
        made = (await self.ledger())["messages"]
        ours = [one for one in made if one.get("bot_id") and not one["deleted"] and not one.get("ephemeral_to")]
        return [one for one in ours if channel in {None, one["channel"]}]

    async def until(self, look: Callable[[], Awaitable[Any]], seconds: float = PATIENCE) -> Any:
        """What `look` gives as soon as it is true."""
        last: Any = None
        try:
            async with asyncio.timeout(seconds):
                while not (last := await look()):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            pytest.fail(f"waited {seconds} s in vain; last: {last!r}\n{self.log()[-3000:]}")
        return last

    def log(self) -> str:
        path = self.folder / "bot.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    async def start(self) -> Forked:
        """`canteen run`, ready."""
        with (self.folder / "bot.log").open("ab") as log:
            process = await self._fork("run", errors=log.fileno(), prelude=self.prelude)
        line = await asyncio.wait_for(process.out.readline(), 60)
        assert b"Canteen is running" in line, self.log()[-3000:]
        return process

    async def stop(self, process: Forked, with_signal: int = signal.SIGTERM) -> int:
        """Its exit code, or minus the signal that ended it."""
        process.send_signal(with_signal)
        return await asyncio.wait_for(process.wait(), 25)

    async def canteen(self, *words: str) -> tuple[int, str]:
        """A command of its own: exit code and what it printed."""
        process = await self._fork(*words)
        printed = await asyncio.wait_for(process.out.read(), 60)
        return await process.wait(), printed.decode()

    async def _fork(self, *words: str, errors: int | None = None, prelude: Prelude | None = None) -> Forked:
        env = {**os.environ, **self.env}
        made = await fork(words, env=env, folder=company.ROOT, errors=errors, prelude=prelude)
        self.processes.append(made)
        return self.processes[-1]

    @asynccontextmanager
    async def parts(self) -> AsyncIterator[Parts]:
        async with open_parts(Settings.model_validate(self.env)) as parts:
            yield parts

    async def install(self, *, stories: int = 4) -> None:
        """Workspace, people and the company's files, as the commands do it; on SQLite once for all who have the same."""
        same = json.dumps([stories, self.world["people"], self.env.get("CANTEEN_CLOCK_OFFSET")])
        made = INSTALLED.setdefault(same, Installed())
        if not made.copied_to(self.env["DATABASE_URL"]):
            await self._install(stories)
            made.take(self.env["DATABASE_URL"])

    async def _install(self, stories: int) -> None:
        async with self.parts() as parts:
            await upgrade(parts.sessions.engine)
            checked = await check_token(parts.gateway, company.BOT_TOKEN)
            async with parts.sessions.begin() as session:
                await store_workspace(session, token=company.BOT_TOKEN, checked=checked)
                await store.set_off(session, checked.workspace_id, True)  # so that nothing unasked comes between posts
            read = ReadPeople(admins=("ada@flow.example",), on_people_saved=[LookedAfter()])
            await read(parts.edge, parts.clock.now())
            files = company.write(self.folder / "company", stories=stories)
            for what in ("teams", "people", "customers", "products", "stories"):
                report = await bring_in(parts, what, files / ("stories" if what == "stories" else f"{what}.csv"))
                assert report.refused == (), report.refused


@asynccontextmanager
async def flowing(
    folder: Path,
    database: str,
    *,
    transport: str = "socket",
    channels: int = 3,
    more: Mapping[str, Sequence[Any]] | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Flow]:
    """`more` teams, people, channels or apps than the company's. `clock`: of the local Slack."""
    port = free_port()
    request_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else ""
    world = company.world(channels=channels, delivery=transport, request_url=request_url)
    world |= {name: [*world[name], *added] for name, added in (more or {}).items()}
    async with running_sandbox(world, clock=clock) as slack, aiohttp.ClientSession() as http:
        env = {
            "SLACK_BOT_TOKEN": company.BOT_TOKEN,
            "SLACK_APP_TOKEN": company.APP_TOKEN if transport == "socket" else "",
            "SLACK_SIGNING_SECRET": company.SECRET if transport == "http" else "",
            "SLACK_API_URL": f"{slack.url}/api/",
            "DATABASE_URL": database,
            "CANTEEN_HTTP": f"127.0.0.1:{port}",
            "CANTEEN_ADMINS": "ada@flow.example",
            "CANTEEN_LOG": "info",
            "PYTHONUNBUFFERED": "1",
        }
        flow = Flow(url=slack.url, world=world, folder=folder, env=env, http=http, slack=slack)
        try:
            yield flow
        finally:
            for process in flow.processes:
                process.send_signal(signal.SIGKILL)
                await process.wait()


@pytest.fixture(params=["socket", "http"])
async def flow(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Flow]:
    """Installed, over each transport in turn."""
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}", transport=request.param) as made:
        await made.install()
        yield made


# For a flow to which it makes no difference how Slack's messages come; of each feature another one goes over both.
over_socket = pytest.mark.parametrize("flow", ["socket"], indirect=True)
over_http = pytest.mark.parametrize("flow", ["http"], indirect=True)
