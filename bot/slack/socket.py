"""Socket Mode with several connections: Slack sends each payload to any one of them, so one may be renewed meanwhile.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.slack.errors import SlackFault
from bot.slack.gateway import Gateway
from bot.slack.intake import Intake

log = logging.getLogger(__name__)
PING = 10.0  # no pong within half of this closes the connection: a half-open one is noticed in 15 s
RETRY_LONGEST = 15.0


@dataclass(kw_only=True)
class SocketMode:
    """`run` keeps `connections` sockets open until `stop`; `connected` counts those that Slack has greeted."""

    gateway: Gateway
    session: aiohttp.ClientSession
    intake: Intake
    app_token: str
    connections: int = 2
    _open: set[int] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def connected(self) -> int:
        return len(self._open)

    async def run(self) -> None:
        await asyncio.gather(*(self._keep(number) for number in range(self.connections)))

    async def stop(self, seconds: float) -> None:
        """No new payloads; those in hand are answered first."""
        self._stopping.set()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    async def _keep(self, number: int) -> None:
        """One of the connections, renewed for ever; waits a little longer after each failure in a row."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._connection(number)
                failures = 0
            except (SlackFault, aiohttp.ClientError, OSError, TimeoutError) as error:
                failures += 1
                log.warning("socket %d: %s", number, getattr(error, "code", type(error).__name__))
            finally:
                self._open.discard(number)
            if failures:
                await self._pause(min(0.5 * 2**failures, RETRY_LONGEST))

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _connection(self, number: int) -> None:
        """Until Slack asks for a renewal, the connection breaks, or it has been silent for too long."""
        async with self._opening:  # apps.connections.open may be Tier 1: never in a tight loop
            answer = await self.gateway.call_with(self.app_token, "apps.connections.open")
        async with self.session.ws_connect(str(answer["url"]), heartbeat=PING, max_msg_size=4 * 1024 * 1024) as socket:
            stopped = asyncio.create_task(self._close_when_stopping(socket))
            try:
                while True:
                    frame = await socket.receive()
                    if frame.type is not aiohttp.WSMsgType.TEXT:
                        return
                    if not self._take(number, socket, frame.data):
                        return
            finally:
                stopped.cancel()

    async def _close_when_stopping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        await self._stopping.wait()
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=15)
        await socket.close()

    def _take(self, number: int, socket: aiohttp.ClientWebSocketResponse, text: str) -> bool:
        """False when Slack wants this connection renewed. The others go on meanwhile."""
        try:
            envelope = json.loads(text)
        except ValueError:
            return True
        if not isinstance(envelope, dict):
            return True
        kind = envelope.get("type")
        if kind == "hello":
            self._open.add(number)
            log.info("socket %d is open", number)
        elif kind == "disconnect":
            return envelope.get("reason") == "warning"
        elif isinstance(envelope.get("envelope_id"), str) and isinstance(envelope.get("payload"), dict):
            task = asyncio.create_task(self._answer(socket, envelope))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def _answer(self, socket: aiohttp.ClientWebSocketResponse, envelope: Mapping[str, Any]) -> None:
        """An envelope whose work did not succeed is not acknowledged: Slack sends an event again."""
        headers = {
            f"x-slack-retry-{name}": str(envelope[given])
            for name, given in (("num", "retry_attempt"), ("reason", "retry_reason"))
            if envelope.get(given)
        }
        answer = await self.intake.dispatch(envelope["payload"], headers)
        if answer.status != 200:
            return
        message: dict[str, Any] = {"envelope_id": envelope["envelope_id"]}
        if answer.body:
            message["payload"] = json.loads(answer.body) if answer.body.startswith("{") else {"text": answer.body}
        try:
            await socket.send_str(json.dumps(message))
        except (ConnectionError, RuntimeError, aiohttp.ClientError):
            log.warning("an answer found its socket closed; Slack will send the event again")
