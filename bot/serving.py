"""The machine at work: one process of `canteen run`, from the first connection to the last drained task."""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from bot.core.clock import ticks
from bot.core.errors import UserMistakeError
from bot.delivery.installations import check_token, is_stored, others_are_active, store_workspace
from bot.slack.errors import SlackFault
from bot.slack.http import SlackRoute, probe_route
from bot.slack.socket import SocketMode
from bot.wiring import Machine

log = logging.getLogger(__name__)
DRAIN = 18.0  # of the 20 s after SIGTERM
ALIVE_WITHIN = 25.0
LOST_FOR = 40.0  # with the 15 s in which a half-open connection is noticed less than a minute
OPEN_WITHIN = 15.0
READY_WITHIN = 3.0
REFUSING_FOR = 5.0
REFUSALS_SHOWN = 60.0
GARBAGE = 20_000  # new objects before a look for cycles: by default one per dozen presses
SWITCH = 0.0005  # s; else the thread of the database waits 5 ms for a busy loop after each statement


class QuietServer(uvicorn.Server):
    """Signals are ours: the server is one of several things that end together. `listening`: it takes connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(kw_only=True)
class Serving:
    machine: Machine
    socket: SocketMode | None = None
    server: QuietServer | None = None
    _served: asyncio.Task[None] | None = None
    _loop_moved: float = field(default_factory=ticks)
    _had_socket: float = field(default_factory=ticks)

    async def run(self, *, ready: Callable[[], None] = lambda: None) -> None:
        """Until SIGTERM or SIGINT; then everything in flight is finished within 20 s."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self.first_workspace()
        self.machine.sender.doubt = await self.machine.upkeep.doubt()
        await self.machine.upkeep.beat(self.machine.parts.clock.now())
        await self.machine.upkeep.look_ahead(self.machine.parts.clock.now())
        async with self._moving():
            if self.server is not None:
                await self.server.listening.wait()
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE, 20, 20)
            sys.setswitchinterval(SWITCH)
            opened = asyncio.create_task(self._open())
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({opened, stopped}, return_when=asyncio.FIRST_COMPLETED)
            opened.cancel()
            if not stop.is_set():
                ready()
            await stopped
            log.info("stopping: finishing what is in flight")

    async def first_workspace(self) -> None:
        """The workspace of SLACK_BOT_TOKEN, checked and stored; others come by `canteen workspace add`. A token that is
        stored already does not wait for a Slack that is away: what falls due meanwhile is owed, and sent later. A
        token that Slack refuses keeps no other workspace waiting."""
        settings = self.machine.parts.settings
        if settings.bot_token is None:
            return
        token = settings.bot_token.get_secret_value()
        try:
            checked = await check_token(self.machine.parts.gateway, token)
        except SlackFault as fault:
            if await self._known(is_stored, token):
                log.warning("Slack cannot be asked about SLACK_BOT_TOKEN now (%s): going on with it", fault.code)
                return
            raise UserMistakeError(
                f"Slack cannot be asked about SLACK_BOT_TOKEN ({fault.code})", "check SLACK_API_URL and the network"
            ) from None
        except UserMistakeError as refused:
            if await self._known(others_are_active, token):
                log.warning("SLACK_BOT_TOKEN: %s; the other workspaces go on", refused)
                return
            raise
        async with self.machine.parts.sessions.begin() as session:
            await store_workspace(session, token=token, checked=checked)
        self.machine.parts.installations.forget(checked.workspace_id)

    async def _known(self, asked: Callable[[AsyncSession, str], Awaitable[bool]], token: str) -> bool:
        async with self.machine.parts.sessions.begin() as session:
            return await asked(session, token)

    @contextlib.asynccontextmanager
    async def _moving(self) -> AsyncIterator[None]:
        machine, settings = self.machine, self.machine.parts.settings
        tasks = [
            asyncio.create_task(work) for work in (machine.sender.run(), machine.reconciler.keep_going(), self._pulse())
        ]
        if settings.app_token is not None:
            self.socket = SocketMode(
                gateway=machine.parts.gateway,
                session=machine.parts.http,
                intake=machine.intake,
                app_token=settings.app_token.get_secret_value(),
            )
            tasks.append(asyncio.create_task(self.socket.run()))
        if settings.listen is not None:
            self.server = self._server(*settings.listen)
            self._served = asyncio.create_task(self.server.serve())
            tasks.append(self._served)
        machine.ticker.start()
        watch = asyncio.create_task(_first_failure(tasks))
        try:
            yield
        finally:
            watch.cancel()
            await self._end(tasks)

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        """Intake first, then what it started, then what is owed; the rest stays in the database."""
        end = ticks() + DRAIN
        machine = self.machine
        await machine.ticker.stop(2)
        if self.socket is not None:
            await self.socket.stop(4)
        if self.server is not None and self._served is not None:
            self.server.should_exit = True
            await asyncio.wait({self._served}, timeout=5)  # whoever got in is answered, the others go elsewhere
        await machine.intake.drain(max(0.0, min(5.0, end - ticks())))
        await machine.features.ballots.drain(max(0.0, min(3.0, end - ticks())))
        await machine.sender.stop(max(0.0, end - ticks() - 2))
        await machine.parts.edge.receipts.drain(max(0.0, end - ticks()))
        with contextlib.suppress(SQLAlchemyError, OSError):
            await machine.upkeep.beat(machine.parts.clock.now())  # what follows until the next start is downtime
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self) -> None:
        """Until what Slack sends can reach us. A Slack that is away is waited for in the background."""
        end = ticks() + OPEN_WITHIN
        while ticks() < end:
            sockets = self.socket is None or self.socket.connected == self.socket.connections
            if sockets and (self.server is None or self.server.started):
                return
            await asyncio.sleep(0.05)

    async def _pulse(self) -> None:
        while True:
            self._loop_moved = ticks()
            if self.socket is None or self.socket.connected:
                self._had_socket = ticks()
            await asyncio.sleep(1)

    def _server(self, host: str, port: int) -> QuietServer:
        config = uvicorn.Config(
            self.web(),
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=False,  # nobody's address is looked at
            lifespan="off",
            timeout_keep_alive=30,
        )
        return QuietServer(config)

    def web(self) -> ASGIApp:
        """Everything that is served over HTTP. What Slack sends goes past the router: it is nearly all there is."""
        machine = self.machine
        routes: list[BaseRoute] = [
            probe_route("/healthz", self.healthy),
            probe_route("/readyz", self.ready),
            Route("/metrics", self._metrics, methods=["GET"]),
            *machine.features.routes,
        ]
        others = Starlette(routes=routes)
        secret = machine.parts.settings.signing_secret
        if secret is None:
            return others
        key = secret.get_secret_value().encode()
        return SlackRoute(secret=key, intake=machine.intake, clock=machine.parts.clock).before(others)

    async def healthy(self) -> tuple[bool, str]:
        """Alive: loop and ticker moved in the last 25 s, and Socket Mode was not without a connection for 40 s.
        Only what starting this process again may mend."""
        if ticks() - self._loop_moved > ALIVE_WITHIN:
            return False, "the loop stands still"
        if not self.machine.ticker.healthy(self.machine.parts.clock.now()):
            return False, "the ticker stands still"
        if self.socket is not None and ticks() - self._had_socket > LOST_FOR:
            return False, "no connection to Slack for 40 s"
        return True, "alive"

    async def ready(self) -> tuple[bool, str]:
        """Whether what people press can be stored now: the database takes a sign of life. Slack does not matter here:
        what is owed waits for it, and a press that reaches us still counts."""
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self.machine.upkeep.beat(self.machine.parts.clock.now())
        except (SQLAlchemyError, OSError) as error:
            return False, f"the database takes nothing ({type(error).__name__})"
        if self.machine.parts.sessions.refusals.within(REFUSING_FOR):
            return False, "the database's disk takes nothing: it is full, read-only or broken"
        return True, "ready"

    async def _metrics(self, _request: Request) -> Response:
        metrics = self.machine.parts.metrics
        metrics.moving("ticker", alive=self.machine.ticker.healthy(self.machine.parts.clock.now()))
        metrics.moving("disk", alive=not self.machine.parts.sessions.refusals.within(REFUSALS_SHOWN))
        if self.socket is not None:
            metrics.moving("socket", alive=ticks() - self._had_socket <= LOST_FOR)
        return PlainTextResponse(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _first_failure(tasks: list[asyncio.Task[None]]) -> None:
    """A part that ends by itself takes the process down, so that whoever watches it starts it again."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if not task.cancelled() and task.exception() is not None:
            log.critical("a part failed: %s", type(task.exception()).__name__)
    signal.raise_signal(signal.SIGTERM)
