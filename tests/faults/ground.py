"""The proving ground: the local Slack, a database and any number of `canteen run`, each a process of its own, behind a
balancer; all of them can be stopped, killed, frozen and started again.

    async with ground(tmp_path, server=server, channels=20) as it:
        await it.install(stories=5)
        one, two = await it.replicas(2)

Everything that `tests.flows` offers works on it, for it is a `Flow`. None of its processes knows what it is for.
"""

import asyncio
import contextlib
import json
import os
import secrets
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import aiohttp
import asyncpg  # type: ignore[import-untyped]

from sandbox.slack import Slack
from tests.flows import company
from tests.flows.conftest import Flow, free_port
from tests.flows.forking import Forked, Prelude, fork
from tests.postgres import Server

PATIENCE = 60.0


@dataclass
class Replica:
    """One `canteen run`, on a port of its own. The same replica may be started several times."""

    ground: "Ground"
    number: int
    env: dict[str, str]
    process: Forked | None = None
    starts: int = 0

    @property
    def port(self) -> int:
        return int(self.env["CANTEEN_HTTP"].rpartition(":")[2])

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def log(self) -> Path:
        return self.ground.folder / f"bot-{self.number}.log"

    async def start(self, prelude: Prelude | None = None) -> None:
        """Ready. `prelude`: a fault that cannot be had from outside is built into this one."""
        with self.log.open("ab") as log:
            env = {**os.environ, **self.env}
            process = await fork(["run"], env=env, folder=company.ROOT, errors=log.fileno(), prelude=prelude)
        self.ground.processes.append(process)
        line = await asyncio.wait_for(process.out.readline(), PATIENCE)
        assert b"Canteen is running" in line, self.ground.log()[-3000:]
        self.process, self.starts = process, self.starts + 1

    def send_signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    async def stop(self, number: int = signal.SIGTERM) -> int:
        """Its exit code, or minus the signal that ended it."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.wait_for(self.process.wait(), 25)

    async def asks(self, path: str) -> tuple[int, str]:
        """Status and body of a path over HTTP, past the balancer; (0, ...) where nothing answers."""
        try:
            async with (
                asyncio.timeout(10),
                self.ground.http.get(f"http://127.0.0.1:{self.port}{path}") as answer,
            ):
                return answer.status, await answer.text()
        except (aiohttp.ClientError, OSError) as error:
            return 0, type(error).__name__


@dataclass
class Balancer:
    """Round robin over TCP, a connection at a time, past replicas that take none; what has begun goes to no other."""

    members: list[Replica] = field(default_factory=list)
    _turn: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there = await self._connected()
            if there is not None:
                back = asyncio.create_task(_piped(there[0], writer))
                await _piped(reader, there[1])
                await back
        writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(len(self.members)):
            self._turn += 1
            member = self.members[self._turn % len(self.members)]
            if member.running:
                with contextlib.suppress(OSError, TimeoutError):
                    return await asyncio.wait_for(asyncio.open_connection("127.0.0.1", member.port), 0.5)
        return None

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()


async def _piped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof() if writer.can_write_eof() else writer.close()


@dataclass
class Ground(Flow):
    """`port`: the balancer's. `server`: where it is PostgreSQL."""

    port: int = 0
    server: Server | None = None
    balancer: Balancer = field(default_factory=Balancer)

    async def replicas(self, number: int, *, skews: Sequence[str] = ()) -> list[Replica]:
        """So many more, started beside each other. `skews`: how wrong the clock of each is."""
        made = [self.replica(skew=skews[n] if n < len(skews) else "0s") for n in range(number)]
        await asyncio.gather(*(one.start() for one in made))
        return made

    def replica(self, *, skew: str = "0s") -> Replica:
        """Not started yet. Each has a port of its own, in Socket Mode for its probes."""
        env = {**self.env, "CANTEEN_HTTP": f"127.0.0.1:{free_port()}", "CANTEEN_CLOCK_SKEW": skew}
        made = Replica(ground=self, number=len(self.balancer.members), env=env)
        self.balancer.members.append(made)
        return made

    def log(self) -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("bot*.log")))

    async def start(self) -> Forked:
        """A replica more, for what is written for one process."""
        (one,) = await self.replicas(1)
        return cast(Forked, one.process)


@asynccontextmanager
async def ground(
    folder: Path,
    *,
    server: Server | None = None,
    transport: str = "http",
    channels: int = 3,
    database: str = "",
) -> AsyncIterator[Ground]:
    """On `server` a database of its own is made; without one it is SQLite in `folder`, or `database`."""
    if server is not None:
        database = await new_database(server)
    balancer = Balancer()
    door = await asyncio.start_server(balancer.take, "127.0.0.1", 0)
    port = int(door.sockets[0].getsockname()[1])
    request_url = f"http://127.0.0.1:{port}/slack/events" if transport == "http" else ""
    world = company.world(channels=channels, delivery=transport, request_url=request_url)
    async with _slack(folder, world) as url, aiohttp.ClientSession() as http:
        env = {
            "SLACK_BOT_TOKEN": company.BOT_TOKEN,
            "SLACK_APP_TOKEN": company.APP_TOKEN if transport == "socket" else "",
            "SLACK_SIGNING_SECRET": company.SECRET if transport == "http" else "",
            "SLACK_API_URL": f"{url}/api/",
            "DATABASE_URL": database or f"sqlite:///{folder / 'canteen.db'}",
            "CANTEEN_ADMINS": "ada@flow.example",
            "CANTEEN_LOG": "info",
            "PYTHONUNBUFFERED": "1",
        }
        nobody = cast(Slack, None)  # it is another process
        made = Ground(
            url=url, world=world, folder=folder, env=env, http=http, slack=nobody,
            port=port, server=server, balancer=balancer,
        )  # fmt: skip
        try:
            yield made
        finally:
            door.close()
            balancer.end()
            for process in made.processes:
                process.send_signal(signal.SIGKILL)
                await process.wait()


async def new_database(server: Server) -> str:
    name = f"ground_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
    finally:
        await connection.close()
    return server.url.rpartition("/")[0] + f"/{name}"


@asynccontextmanager
async def _slack(folder: Path, world: dict[str, Any]) -> AsyncIterator[str]:
    """Its address."""
    path = folder / "world.yaml"
    path.write_text(json.dumps(world), encoding="utf-8")
    words = ["--port", "0", "--world", str(path), "--retry-scale", "0.01"]
    with (folder / "slack.log").open("ab") as log:
        process = await fork(
            words, env=dict(os.environ), folder=company.ROOT, errors=log.fileno(),
            prelude=("tests.faults.preludes:be_slack", {}),
        )  # fmt: skip
    try:
        line = (await asyncio.wait_for(process.out.readline(), PATIENCE)).decode()
        assert line.startswith("Local Slack: "), (folder / "slack.log").read_text(encoding="utf-8")
        yield line.removeprefix("Local Slack: ").strip()
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
