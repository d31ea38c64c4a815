"""The local Slack's HTTP server."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox import control, respond, uploads
from sandbox.api import dispatch
from sandbox.clock import Clock
from sandbox.errors import SlackError
from sandbox.slack import Slack
from sandbox.world import World, make_world

PAGE = Path(__file__).parent / "page" / "dist"
LARGEST_BODY = 64 * 1024 * 1024
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data: blob: https: http:; media-src 'self' https:; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@contextlib.asynccontextmanager
async def running_sandbox(
    world: World | Mapping[str, Any],
    port: int = 0,
    retry_scale: float = 0.01,
    *,
    clock: Clock | None = None,
) -> AsyncIterator[Slack]:
    """A local Slack served on loopback for as long as the block runs; its address is `url`."""
    slack = Slack(world if isinstance(world, World) else make_world(world), retry_scale=retry_scale, clock=clock)
    runner = web.AppRunner(make_app(slack), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await slack.courier.http.start()
    try:
        yield slack
    finally:
        for task in list(slack.tasks):
            task.cancel()
        await asyncio.gather(*slack.tasks, return_exceptions=True)
        await slack.courier.sockets.close()
        await slack.courier.http.close()
        await runner.cleanup()


def make_app(slack: Slack) -> web.Application:
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[_guard])

    async def call(request: web.Request) -> web.StreamResponse:
        return await dispatch.serve(slack, request)

    app.router.add_route("GET", "/api/{method}", call)
    app.router.add_route("POST", "/api/{method}", call)
    app.router.add_get("/socket/{ticket}", slack.courier.sockets.serve)
    app.router.add_post("/respond/{key}", _responder(slack))
    app.router.add_post("/upload/{key}", _uploader(slack))
    app.router.add_get("/files/{id}/{name}", _file_server(slack))
    app.router.add_routes(control.routes(slack))
    app.router.add_get("/", _page(slack, "index.html"))
    app.router.add_get("/archives/{tail:.*}", _page(slack, "index.html"))
    if PAGE.is_dir():
        app.router.add_static("/", PAGE)
    app.on_shutdown.append(_sent_away(slack))
    return app


def _sent_away(slack: Slack) -> Callable[[web.Application], Awaitable[None]]:
    async def close(_: web.Application) -> None:
        slack.viewers.close()

    return close


@web.middleware
async def _guard(request: web.Request, handler: control.Handler) -> web.StreamResponse:
    """Pages of other sites must not drive this server through the person's browser."""
    origin = request.headers.get("origin")
    if request.host.rsplit(":", 1)[0] not in ("127.0.0.1", "localhost", "[::1]"):
        return web.Response(status=403, text="this server answers on loopback only")
    if origin is not None and origin.split("://")[-1] != request.host:
        return web.Response(status=403, text="not from this page")
    return await handler(request)


def _page(slack: Slack, name: str) -> control.Handler:
    async def serve(_: web.Request) -> web.StreamResponse:
        path = PAGE / name
        if not path.is_file():
            return web.Response(text="The local Slack is running. Its page has not been built.")
        response = web.FileResponse(path, headers={"content-security-policy": _CSP, "cache-control": "no-store"})
        response.set_cookie(_cookie(slack), slack.page_session, httponly=True, samesite="Strict")
        return response

    return serve


def _cookie(slack: Slack) -> str:
    """Browsers share cookies between ports, so each local Slack has its own name."""
    return f"local_slack_{slack.url.rsplit(':', 1)[1]}"


def _responder(slack: Slack) -> control.Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            if request.content_type == "application/json":
                body = json.loads(await request.read())
            else:
                body = json.loads(str((await request.post()).get("payload", "null")))
            respond.by_url(slack, request.match_info["key"], body)
        except ValueError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        except SlackError as error:
            status = 404 if error.code in ("not_found", "expired_url", "used_url") else 500
            answer = {"ok": False, "error": error.code}
            if error.messages:
                answer["response_metadata"] = {"messages": error.messages}
            return web.json_response(answer, status=status)
        return web.Response(text="ok")

    return serve


def _uploader(slack: Slack) -> control.Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        key = request.match_info["key"]
        file = next((f for f in slack.store.files.values() if f.upload_key == key), None)
        if file is None or file.uploaded:
            return web.Response(status=404, text="unknown or used upload")
        if request.content_type == "multipart/form-data":
            part = next((one for one in (await request.post()).values() if isinstance(one, web.FileField)), None)
            data = part.file.read() if part else b""
        else:
            data = await request.read()
        if len(data) != file.size:
            return web.Response(status=400, text=f"expected {file.size} bytes, got {len(data)}")
        file.data, file.uploaded = data, True
        return web.Response(text=f"OK - {len(data)}")

    return serve


def _file_server(slack: Slack) -> control.Handler:
    async def serve(request: web.Request) -> web.StreamResponse:
        file = slack.store.files.get(request.match_info["id"])
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        grant = slack.store.grants.get(token)
        allowed = request.cookies.get(_cookie(slack)) == slack.page_session or (
            grant is not None
            and grant.state == "active"
            and "files:read" in grant.scopes
            and (file is None or uploads.may_have(slack, grant.user, file))
        )
        if not allowed:
            return web.Response(status=403, text="sign in to see this file")
        if file is None or file.deleted or not file.uploaded:
            return web.Response(status=404, text="no such file")
        headers = {"content-security-policy": "sandbox; default-src 'none'", "x-content-type-options": "nosniff"}
        return web.Response(body=file.data, content_type=file.mimetype or "application/octet-stream", headers=headers)

    return serve
