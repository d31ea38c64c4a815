"""Socket Mode: up to ten WebSockets per app, envelopes out, acknowledgements in."""

import asyncio
import json
import secrets
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.clock import Clock
from sandbox.delivery.parcel import PATIENCE, Parcel, Reply

MOST_SOCKETS = 10
REFRESH_AFTER = 3600
CLOSE_WITHIN = 2.0


class Socket:
    def __init__(self, app_id: str, ws: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.id = uuid.uuid4().hex
        self.app_id = app_id
        self.ws = ws
        self.transport = transport
        self.leaving = False
        self.frozen = False
        self.waiting: dict[str, asyncio.Future[Any]] = {}

    async def send(self, message: dict[str, Any]) -> None:
        if not self.ws.closed and not self.frozen:
            await self.ws.send_str(json.dumps(message))

    def drop_waiting(self) -> None:
        for future in self.waiting.values():
            if not future.done():
                future.set_exception(ConnectionError)
        self.waiting.clear()


class Sockets:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tickets: dict[str, str] = {}
        self._open: dict[str, list[Socket]] = {}
        self._turn = 0

    def ticket(self, app_id: str) -> str:
        """A key for one connection, to be used within a minute or so; each works once."""
        key = secrets.token_urlsafe(24)
        self._tickets[key] = app_id
        return key

    def count(self, app_id: str) -> int:
        return len(self._open.get(app_id, ()))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        app_id = self._tickets.pop(request.match_info["ticket"], None)
        if app_id is None:
            return web.Response(status=404, text="unknown or used ticket")
        ws = web.WebSocketResponse(heartbeat=30, max_msg_size=2**22, timeout=CLOSE_WITHIN)
        await ws.prepare(request)
        socket = Socket(app_id, ws, request.transport)
        if self.count(app_id) >= MOST_SOCKETS:
            await socket.send(_disconnect("too_many_websockets"))
            await ws.close()
            return ws
        self._open.setdefault(app_id, []).append(socket)
        try:
            await socket.send(self._hello(app_id))
            await self._listen(socket)
        finally:
            self._open[app_id].remove(socket)
            socket.drop_waiting()
        return ws

    def _hello(self, app_id: str) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": self.count(app_id),
            "connection_info": {"app_id": app_id},
            "debug_info": {"host": "local", "build_number": 1, "approximate_connection_time": REFRESH_AFTER},
        }

    async def _listen(self, socket: Socket) -> None:
        async for message in socket.ws:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                answer = json.loads(message.data)
            except ValueError:
                continue
            if not isinstance(answer, dict):
                continue
            future = socket.waiting.pop(str(answer.get("envelope_id")), None)
            if future is not None and not future.done():
                future.set_result(answer.get("payload"))

    def _pick(self, app_id: str, avoid: str) -> Socket | None:
        ready = [s for s in self._open.get(app_id, ()) if not s.leaving and not s.ws.closed]
        others = [s for s in ready if s.id != avoid] or ready
        if not others:
            return None
        self._turn += 1
        return others[self._turn % len(others)]

    async def deliver(self, app_id: str, parcel: Parcel, *, avoid: str = "") -> Reply:
        """Send one envelope over any open socket, preferring another than `avoid`, and wait for its ack."""
        socket = self._pick(app_id, avoid)
        if socket is None:
            return Reply(ok=False, reason="connection_failed")
        envelope: dict[str, Any] = {
            "envelope_id": str(uuid.uuid4()),
            "type": parcel.kind,
            "payload": parcel.payload,
            "accepts_response_payload": parcel.answerable,
        }
        if parcel.kind == "events_api":
            envelope |= {"retry_attempt": parcel.retry, "retry_reason": parcel.retry_reason}
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        socket.waiting[envelope["envelope_id"]] = future
        try:
            async with asyncio.timeout(PATIENCE):
                await socket.send(envelope)
                body = await future
        except TimeoutError:
            return Reply(ok=False, reason="http_timeout", via=socket.id)
        except (ConnectionError, RuntimeError):
            return Reply(ok=False, reason="connection_failed", via=socket.id)
        finally:
            socket.waiting.pop(envelope["envelope_id"], None)
        return Reply(ok=True, body=body if parcel.answerable else None, via=socket.id)

    async def refresh(self, app_id: str, *, reason: str = "refresh_requested") -> int:
        """Ask every open socket to reconnect, as Slack does every few hours; closes each soon after."""
        leaving = list(self._open.get(app_id, ()))
        for socket in leaving:
            socket.leaving = reason != "warning"
            await socket.send(_disconnect(reason))
        if reason != "warning":
            await asyncio.gather(*(self._close_soon(socket) for socket in leaving))
        return len(leaving)

    async def _close_soon(self, socket: Socket) -> None:
        """What is already on its way may still be acknowledged."""
        if socket.waiting:
            await asyncio.wait(list(socket.waiting.values()), timeout=PATIENCE)
        await socket.ws.close()

    async def drop(self, app_id: str) -> int:
        """Cut every connection without a word."""
        dropped = list(self._open.get(app_id, ()))
        for socket in dropped:
            if socket.transport is not None:
                socket.transport.abort()
        return len(dropped)

    def freeze(self, app_id: str) -> int:
        """Leave every connection half open: nothing is sent, read or answered any more, not even a ping."""
        frozen = list(self._open.get(app_id, ()))
        for socket in frozen:
            socket.frozen = True
            if socket.transport is not None:
                socket.transport.pause_reading()
        return len(frozen)

    async def close(self) -> None:
        everyone = [one for sockets in self._open.values() for one in sockets]
        await asyncio.gather(*(socket.ws.close() for socket in everyone))


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}}
