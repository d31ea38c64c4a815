"""Small POSTs in thousands to a few hosts, over connections that stay open.

A private answer follows each press. A client that can do everything spends more on it than the whole press costs, so
this one can do what they need: HTTP/1.1 read by the parser that also serves us, TLS, one request at a time on each
connection, what is answered is read to its end and thrown away. No redirects, no proxies, no second try. Where no
connection can be made nothing was sent, and whoever asked may take the other client.
"""

import asyncio
import re
import ssl
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import cast

import httptools

from bot.core.clock import ticks

ADDRESS = re.compile(r"(https?)://([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?(/[!\"$-~]*)")  # no fragment
MOST = 50  # connections to one host
CONNECT_WITHIN, ANSWER_WITHIN, IDLE, LOOK = 4.0, 10.0, 15.0, 1.0  # seconds


class NotConnectedError(OSError):
    """Nothing was sent."""


@dataclass(frozen=True, kw_only=True)
class _Asked:
    request: bytes
    status: asyncio.Future[int]
    until: float


class Posting:
    """Belongs to the event loop in which it is first used."""

    def __init__(self) -> None:
        self._hosts: dict[tuple[str, str, str | None], _Host] = {}
        self._look: asyncio.TimerHandle | None = None

    def post(self, url: str, body: bytes) -> asyncio.Future[int]:
        """The status. Raises `NotConnectedError` where nothing was sent (also for an address that is none), another
        `OSError` where nobody knows, `TimeoutError` after ten seconds."""
        loop = asyncio.get_running_loop()
        status: asyncio.Future[int] = loop.create_future()
        address = ADDRESS.fullmatch(url)
        if address is None:
            status.set_exception(NotConnectedError("no address"))
            return status
        scheme, name, port, path = address.groups()
        host = self._hosts.get((scheme, name, port))
        if host is None:
            host = self._hosts[scheme, name, port] = _Host(
                name=name, port=int(port or (443 if scheme == "https" else 80)), tls=scheme == "https",
                shown=name if port is None else f"{name}:{port}",
            )  # fmt: skip
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host.shown}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        host.ask(_Asked(request=head.encode("ascii") + body, status=status, until=ticks() + ANSWER_WITHIN))
        if self._look is None:
            self._look = loop.call_later(LOOK, self._look_around)
        return status

    def _look_around(self) -> None:
        """Once a second, for all of them: a timer each would cost as much as the rest of the wait."""
        now = ticks()
        for host in self._hosts.values():
            host.look_around(now)
        self._hosts = {key: host for key, host in self._hosts.items() if host.connections or host.waiting}
        self._look = asyncio.get_running_loop().call_later(LOOK, self._look_around) if self._hosts else None

    def close(self) -> None:
        if self._look is not None:
            self._look.cancel()
        for host in self._hosts.values():
            host.close()


@dataclass(kw_only=True)
class _Host:
    name: str
    port: int
    tls: bool
    shown: str
    idle: list["_Connection"] = field(default_factory=list)
    waiting: deque[_Asked] = field(default_factory=deque)
    connections: set["_Connection"] = field(default_factory=set)
    opening: set[asyncio.Task[None]] = field(default_factory=set)

    def ask(self, asked: _Asked) -> None:
        while self.idle:
            connection = self.idle.pop()
            if not connection.transport.is_closing():
                connection.ask(asked)
                return
        self.waiting.append(asked)
        self._one_more()

    def _one_more(self) -> None:
        if len(self.connections) + len(self.opening) < MOST:
            opening = asyncio.get_running_loop().create_task(self._open())
            self.opening.add(opening)
            opening.add_done_callback(self.opening.discard)

    async def _open(self) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self),
                    self.name,
                    self.port,
                    ssl=_trust() if self.tls else None,
                    server_hostname=self.name if self.tls else None,
                )
        except (OSError, TimeoutError, ValueError, OverflowError) as error:  # the last two: no such name, no such port
            if not self.connections:
                for asked in self.waiting:
                    _tell(asked, NotConnectedError(type(error).__name__))
                self.waiting.clear()

    def free(self, connection: "_Connection") -> None:
        while self.waiting:
            asked = self.waiting.popleft()
            if not asked.status.done():
                connection.ask(asked)
                return
        connection.idle_since = ticks()
        self.idle.append(connection)

    def gone(self, connection: "_Connection") -> None:
        self.connections.discard(connection)
        if connection in self.idle:
            self.idle.remove(connection)
        if self.waiting:  # a server may close each after its answer
            self._one_more()

    def look_around(self, now: float) -> None:
        while self.waiting and self.waiting[0].until < now:
            _tell(self.waiting.popleft(), TimeoutError())
        for connection in tuple(self.connections):
            connection.look_around(now)

    def close(self) -> None:
        self.waiting.clear()
        for opening in self.opening:
            opening.cancel()
        for connection in tuple(self.connections):
            connection.transport.close()


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, host: _Host) -> None:
        self._host = host
        self._asked: _Asked | None = None
        self._status = 0
        self._parser = httptools.HttpResponseParser(self)
        self.idle_since = 0.0

    def ask(self, asked: _Asked) -> None:
        self._asked, self._status = asked, 0
        self.transport.write(asked.request)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass
        self._host.connections.add(self)
        self._host.free(self)

    def data_received(self, data: bytes) -> None:
        if self._asked is None:
            self.transport.abort()  # a farewell that nobody asked for
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        self._status = self._parser.get_status_code()

    def on_message_complete(self) -> None:
        if self._status < 200 or self._asked is None:  # 100: the answer is still to come
            return
        self._answered(self._asked)
        if self._parser.should_keep_alive():
            self._host.free(self)
        else:
            self.transport.close()

    def _answered(self, asked: _Asked) -> None:
        self._asked = None
        if not asked.status.done():
            asked.status.set_result(self._status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._host.gone(self)
        if self._asked is None:
            return
        if exc is None and self._status >= 200:  # an answer without a length ends here
            self._answered(self._asked)
        else:
            _tell(self._asked, ConnectionResetError())

    def look_around(self, now: float) -> None:
        if self._asked is None:
            if now - self.idle_since > IDLE:
                self.transport.close()
        elif self._asked.until < now:
            _tell(self._asked, TimeoutError())
            self.transport.abort()


def _tell(asked: _Asked, error: Exception) -> None:
    if not asked.status.done():
        asked.status.set_exception(error)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
