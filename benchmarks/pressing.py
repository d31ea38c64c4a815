"""`python -m benchmarks.pressing PORT`: many people who press buttons, in a process of its own so that it takes none of
the time it measures. Reads a plan as JSON from standard input, writes a line when it begins, then what it saw as JSON.

Requests are made and signed before the clock starts; the client is as thin as one can be, since it shares two cores
with the server.
"""

import asyncio
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import uvloop


@dataclass(frozen=True, kw_only=True)
class Round:
    """What is pressed: the message with its buttons as it was posted, and by whom."""

    workspace: str
    channel: str
    message: dict[str, Any]
    buttons: Sequence[tuple[str, str, str]]  # block id, action id, value
    secret: str
    respond_to: str
    people: int


def requests(told: Round, *, number: int, first: int) -> list[bytes]:
    """`number` signed HTTP requests, each a press of its own; `first` makes every one later than those before."""
    return [_request(told, first + n) for n in range(number)]


def _request(told: Round, n: int) -> bytes:
    block, action, value = told.buttons[n % len(told.buttons)]
    user, at = f"U0{n % told.people:07}", f"{time.time():.0f}.{n % 1_000_000:06}"
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": user, "username": "p", "name": "p", "team_id": told.workspace},
        "api_app_id": "A0BENCH",
        "token": "verification",
        "container": {
            "type": "message", "message_ts": told.message["ts"], "channel_id": told.channel, "is_ephemeral": False,
        },
        "trigger_id": f"{n}.1.aa",
        "team": {"id": told.workspace, "domain": "bench"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": told.channel, "name": "line"},
        "message": told.message,
        "state": {"values": {}},
        "response_url": told.respond_to,
        "actions": [
            {
                "action_id": action,
                "block_id": block,
                "text": {"type": "plain_text", "text": "One", "emoji": True},
                "value": value,
                "type": "button",
                "action_ts": at,
            }
        ],
    }  # fmt: skip
    body = urlencode({"payload": json.dumps(payload)}).encode()
    stamp = str(int(time.time()))
    digest = hmac.new(told.secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    head = (
        "POST /slack/events HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"X-Slack-Request-Timestamp: {stamp}\r\nX-Slack-Signature: v0={digest}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass(eq=False)  # a key of dictionaries
class Connection(asyncio.Protocol):
    """One request at a time over a connection that stays open; answers are read up to their declared length."""

    answered: Callable[["Connection", int], None]
    transport: asyncio.Transport = field(init=False)
    _buffer: bytearray = field(default_factory=bytearray)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._buffer[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return
        del self._buffer[: end + 4 + length]
        self.answered(self, int(head[9:12]))

    def connection_lost(self, _exc: Exception | None) -> None:
        """Status 0, also where nothing was asked any more."""
        self.answered(self, 0)


@dataclass(kw_only=True)
class Seen:
    """`seconds` per request, how many were not answered with 200, and which were."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    acknowledged: list[int] = field(default_factory=list)
    took: float = 0.0


async def closed(port: int, prepared: Sequence[bytes], connections: int) -> Seen:
    """Each connection presses again as soon as it is answered, as long as it lasts."""
    seen, left, done = Seen(), iter(enumerate(prepared)), asyncio.Event()
    started: dict[Connection, tuple[int, float]] = {}
    open_ones = 0

    def press(connection: Connection, *, gone: bool = False) -> None:
        nonlocal open_ones
        number, request = (-1, b"") if gone else next(left, (-1, b""))
        if not request:
            open_ones -= 1
            if not open_ones:
                done.set()
            return
        started[connection] = number, time.perf_counter()
        connection.transport.write(request)

    def answered(connection: Connection, status: int) -> None:
        if connection not in started:
            return
        number, since = started.pop(connection)
        seen.seconds.append(time.perf_counter() - since)
        seen.refused += status != 200
        if status == 200:
            seen.acknowledged.append(number)
        press(connection, gone=not status)

    made = await _connect(port, connections, answered)
    open_ones, begin = len(made), time.perf_counter()
    for connection in made:
        press(connection)
    await done.wait()
    seen.took = time.perf_counter() - begin
    for connection in made:
        connection.transport.close()
    return seen


async def steadily(port: int, prepared: Sequence[bytes], rate: float) -> Seen:
    """`rate` presses a second whether or not those before were answered: the wait counts from when each was due."""
    seen, done = Seen(), asyncio.Event()
    due: dict[Connection, tuple[int, float]] = {}
    idle: list[Connection] = []

    def answered(connection: Connection, status: int) -> None:
        if connection not in due:  # was idle for so long that the server has closed it
            idle.remove(connection)
            return
        number, moment = due.pop(connection)
        seen.seconds.append(time.perf_counter() - moment)
        if status == 200:
            seen.acknowledged.append(number)
        seen.refused += status != 200
        if status:
            idle.append(connection)
        if len(seen.seconds) == len(prepared):
            done.set()

    idle += await _connect(port, 32, answered)
    begin = time.perf_counter()
    for n, request in enumerate(prepared):
        moment = begin + n / rate
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        if not idle:
            idle += await _connect(port, 8, answered)
        connection = idle.pop()
        due[connection] = n, moment
        connection.transport.write(request)
    await done.wait()
    seen.took = time.perf_counter() - begin
    for connection in tuple(idle):
        connection.transport.close()
    return seen


async def _connect(port: int, number: int, answered: Callable[[Connection, int], None]) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = []
    for _ in range(number):
        _, protocol = await loop.create_connection(lambda: Connection(answered), "127.0.0.1", port)
        made.append(protocol)
    return made


async def _main() -> None:
    plan = json.loads(sys.stdin.read())
    told = Round(**plan["round"])
    prepared = requests(told, number=plan["number"], first=plan["first"])
    port = int(sys.argv[1])
    print("pressing", flush=True)
    seen = (
        await steadily(port, prepared, plan["rate"])
        if plan.get("rate")
        else await closed(port, prepared, plan["connections"])
    )
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    uvloop.run(_main())
