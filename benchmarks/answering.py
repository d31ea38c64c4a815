"""`python -m benchmarks.answering PORT`: a Slack that takes every message at once, in a process of its own, so that its
CPU time is not the sender's. GET /seen says when the calls came, by token; DELETE /seen forgets them."""

import sys
import time
from collections import defaultdict

from aiohttp import web

came: dict[str, list[float]] = defaultdict(list)


async def post_message(request: web.Request) -> web.Response:
    form = await request.json() if request.content_type == "application/json" else await request.post()
    calls = came[request.headers["authorization"]]
    calls.append(time.monotonic())
    ts = f"{1_700_000_000 + len(calls)}.000100"
    return web.json_response({"ok": True, "channel": form["channel"], "ts": ts})


async def seen(_request: web.Request) -> web.Response:
    return web.json_response(came)


async def forget(_request: web.Request) -> web.Response:
    came.clear()
    return web.json_response({})


def main() -> None:
    app = web.Application()
    app.router.add_post("/api/chat.postMessage", post_message)
    app.router.add_get("/seen", seen)
    app.router.add_delete("/seen", forget)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
