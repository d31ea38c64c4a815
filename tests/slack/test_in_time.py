"""A process that stood still between the decision to call and the bytes of the call sends nothing, on any connection."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.core.clock import ticks
from bot.slack import in_time
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import Gateway, Installation

WITHIN = 0.2


@pytest.fixture
def heard() -> list[str]:
    return []


@pytest.fixture
async def slack(heard: list[str]) -> AsyncIterator[TestServer]:
    async def take(request: web.Request) -> web.Response:
        heard.append((await request.post())["text"])  # type: ignore[arg-type]
        return web.json_response({"ok": True, "channel": "C1", "ts": "1.1"})

    app = web.Application()
    app.router.add_post("/api/chat.postMessage", take)
    server = TestServer(app)
    async with server:
        yield server


class Stop:
    """Stands still at one of aiohttp's signals, until the moment is over."""

    def __init__(self, at: str) -> None:
        self.until = 0.0
        self.tracing = aiohttp.TraceConfig()
        getattr(self.tracing, at).append(self._wait)

    async def _wait(self, _session: aiohttp.ClientSession, _context: SimpleNamespace, _what: Any) -> None:
        while ticks() < self.until:
            continue


async def _find(_workspace_id: str) -> Installation:
    return Installation(workspace_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1")


@pytest.mark.parametrize("connected", [False, True])
@pytest.mark.parametrize("at", ["on_request_start", "on_request_headers_sent"])
async def test_what_is_late_is_not_sent(slack: TestServer, heard: list[str], at: str, connected: bool) -> None:
    stop = Stop(at)
    async with aiohttp.ClientSession(trace_configs=[in_time.watched(), stop.tracing]) as session:
        gateway = Gateway(api_url=f"{slack.make_url('/api/')}", session=session, find=_find)
        if connected:
            await gateway.call("T1", "chat.postMessage", channel="C1", text="before", not_after=ticks() + 10)
        stop.until = ticks() + WITHIN + 0.05
        with pytest.raises(SlackFault) as refused:
            await gateway.call("T1", "chat.postMessage", channel="C1", text="late", not_after=ticks() + WITHIN)
        assert (refused.value.code, refused.value.fault) == ("slept", Fault.WAIT)
        await gateway.call("T1", "chat.postMessage", channel="C1", text="after", not_after=ticks() + 10)
    assert heard == (["before", "after"] if connected else ["after"])


async def test_what_has_no_moment_waits_as_long_as_it_takes(slack: TestServer, heard: list[str]) -> None:
    stop = Stop("on_request_start")
    async with aiohttp.ClientSession(trace_configs=[in_time.watched(), stop.tracing]) as session:
        gateway = Gateway(api_url=f"{slack.make_url('/api/')}", session=session, find=_find)
        stop.until = ticks() + WITHIN
        await gateway.call("T1", "chat.postMessage", channel="C1", text="whenever")
    assert heard == ["whenever"]
