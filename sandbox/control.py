"""The control API under /_sandbox/."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from sandbox import admin, seen
from sandbox.act import perform
from sandbox.errors import CannotDoError
from sandbox.slack import Slack

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
HEARTBEAT = 15.0


def routes(slack: Slack) -> list[web.RouteDef]:
    return [*_looking(slack), *_doing(slack), *_setting(slack)]


def _looking(slack: Slack) -> list[web.RouteDef]:
    async def people(_: web.Request) -> web.StreamResponse:
        return web.json_response(seen.everything(slack))

    async def ledger(request: web.Request) -> web.StreamResponse:
        since = request.query.get("since", "0")
        if not since.isdigit():
            raise CannotDoError("invalid_since", "since must be a number")
        return web.json_response(slack.ledger.since(int(since)))

    async def sight(request: web.Request) -> web.StreamResponse:
        return web.json_response(seen.seen(slack, _viewer(slack, request), request.query.get("app", "")))

    async def stream(request: web.Request) -> web.StreamResponse:
        return await _stream(slack, request)

    async def looked(_: web.Request) -> web.StreamResponse:
        return web.json_response({"people": slack.viewers.looked(slack.clock.now())})

    return [
        web.get("/_sandbox/people", _safe(people)),
        web.get("/_sandbox/ledger", _safe(ledger)),
        web.get("/_sandbox/seen", _safe(sight)),
        web.get("/_sandbox/stream", _safe(stream)),
        web.get("/_sandbox/looked", _safe(looked)),
    ]


def _doing(slack: Slack) -> list[web.RouteDef]:
    async def act(request: web.Request) -> web.StreamResponse:
        return web.json_response(await perform.perform(slack, await _body(request)))

    async def run_admin(request: web.Request) -> web.StreamResponse:
        return web.json_response(await admin.perform(slack, await _body(request)))

    async def reset(_: web.Request) -> web.StreamResponse:
        slack.reset()
        return web.json_response({"ok": True})

    return [
        web.post("/_sandbox/act", _safe(act)),
        web.post("/_sandbox/admin", _safe(run_admin)),
        web.post("/_sandbox/reset", _safe(reset)),
    ]


def _setting(slack: Slack) -> list[web.RouteDef]:
    async def get_faults(_: web.Request) -> web.StreamResponse:
        return web.json_response(slack.faults.shown())

    async def put_faults(request: web.Request) -> web.StreamResponse:
        body = await _body(request)
        slack.faults.put(body.get("faults") if isinstance(body, dict) else body)
        return web.json_response({"ok": True, **slack.faults.shown()})

    async def get_banner(_: web.Request) -> web.StreamResponse:
        return web.json_response(slack.banner or {})

    async def put_banner(request: web.Request) -> web.StreamResponse:
        slack.banner = _banner(await _body(request))
        return web.json_response({"ok": True})

    return [
        web.get("/_sandbox/faults", _safe(get_faults)),
        web.put("/_sandbox/faults", _safe(put_faults)),
        web.get("/_sandbox/banner", _safe(get_banner)),
        web.put("/_sandbox/banner", _safe(put_banner)),
    ]


def _safe(handler: Handler) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except CannotDoError as error:
            body = {"ok": False, "error": error.code, "detail": error.detail, **error.extra}
            return web.json_response(body, status=error.status)

    return handle


async def _body(request: web.Request) -> Any:
    try:
        return json.loads(await request.read() or b"{}")
    except ValueError:
        raise CannotDoError("invalid_json", "the body must be JSON") from None


def _banner(body: Any) -> dict[str, Any] | None:
    if body in (None, {}):
        return None
    title, lines = (body.get("title"), body.get("lines", [])) if isinstance(body, dict) else (None, None)
    if not isinstance(title, str) or not isinstance(lines, list):
        raise CannotDoError("invalid_banner", "a banner has a title and lines")
    return {"title": title, "lines": [str(line) for line in lines]}


def _viewer(slack: Slack, request: web.Request) -> str:
    user = request.query.get("as", "")
    if user not in slack.store.people:
        raise CannotDoError("no_such_person", f"there is no {user!r}", status=404)
    return user


async def _stream(slack: Slack, request: web.Request) -> web.StreamResponse:
    user = _viewer(slack, request)
    response = web.StreamResponse(headers={"content-type": "text/event-stream", "cache-control": "no-store"})
    await response.prepare(request)
    version = 0
    slack.viewers.begin(user)
    try:
        while not slack.viewers.closed:
            now = await slack.viewers.changed(user, version, HEARTBEAT)
            line = f'data: {{"version": {now}}}\n\n' if now > version else ": still here\n\n"
            version = now
            await response.write(line.encode())
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        slack.viewers.end(user, slack.clock.now())
    return response
