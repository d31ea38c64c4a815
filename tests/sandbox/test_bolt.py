"""A stock Bolt app, the same over Socket Mode and over signed HTTP."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.sandbox import sample_app
from tests.sandbox.conftest import BOT_TOKEN, Person, world


async def until(check: Callable[[], Any], seconds: float = 5.0) -> Any:
    """The first true value of `check`, polled; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (value := check()):  # noqa: ASYNC110 (what is waited for announces itself nowhere)
            await asyncio.sleep(0.01)
    return value


def free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def bolt(slack: Slack) -> AsyncApp:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.url}/api/")
    return sample_app.build(AsyncApp(client=client, signing_secret="shhh"))


@contextlib.asynccontextmanager
async def over_socket() -> AsyncIterator[tuple[Slack, AsyncApp]]:
    async with running_sandbox(world()) as slack:
        app = bolt(slack)
        handler = AsyncSocketModeHandler(app, "xapp-test")
        await handler.connect_async()
        try:
            yield slack, app
        finally:
            await handler.close_async()


@contextlib.asynccontextmanager
async def over_http() -> AsyncIterator[tuple[Slack, AsyncApp]]:
    port = free_port()
    setup = world(delivery="http", request_url=f"http://127.0.0.1:{port}/slack/events")
    async with running_sandbox(setup) as slack:
        app = bolt(slack)
        runner = web.AppRunner(app.web_app("/slack/events", port=port), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield slack, app
        finally:
            await runner.cleanup()


@pytest.fixture(params=[over_socket, over_http], ids=["socket", "http"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Slack, AsyncApp]]:
    async with request.param() as running:
        yield running


@pytest.fixture
def heard(served: tuple[Slack, AsyncApp]) -> list[dict[str, Any]]:
    return served[1].heard  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def amara(served: tuple[Slack, AsyncApp], session: aiohttp.ClientSession) -> Person:
    return Person(session, served[0].url, "U0AMARA")


async def test_a_command_its_button_its_modal(amara: Person, heard: list[dict[str, Any]]) -> None:
    seen = await amara.act("type", channel="C0LINE2", text="/customer find Orion & @ben")
    assert heard[0]["text"] == "find Orion &amp; <@U0BEN|ben>"
    private = seen["messages"]["C0LINE2"][-1]
    assert private["ephemeral"]
    assert private["text"] == "You asked: find Orion &amp; <@U0BEN>" or "find Orion" in private["text"]

    seen = await amara.act("press", action="Ask", **{"in": {"channel": "C0LINE2", "ts": private["ts"]}})
    assert seen["modals"][0]["view"]["private_metadata"] == "kept"
    press = heard[1]
    assert press["container"]["is_ephemeral"]
    assert press["user"] == {"id": "U0AMARA", "username": "amara", "name": "amara", "team_id": "T0ONE"}

    seen = await amara.act("submit", values={"Your question": "hm"})
    assert "question" in seen["modals"][0]["errors"]
    assert len(heard) == 2  # Slack checks the length itself
    seen = await amara.act("submit", values={"Your question": "wrong"})
    assert seen["modals"][0]["errors"] == {"question": "Please ask something else."}
    seen = await amara.act("submit", values={"question": "another", "Customer": "Orion"})
    assert [m["view"]["title"]["text"] for m in seen["modals"]] == ["Ask", "Pushed"]
    assert heard[-1]["view"]["state"]["values"]["who"]["customers"]["selected_option"]["value"] == "orion"
    await amara.act("close")
    seen = await amara.act("submit", values={"question": "changed"})
    assert [m["view"]["title"]["text"] for m in seen["modals"]] == ["Changed"]


async def test_closing_tells_the_app(amara: Person, heard: list[dict[str, Any]]) -> None:
    await amara.act("home")
    seen = await amara.act("press", action="Ask", **{"in": "home"})
    assert len(seen["modals"]) == 1
    seen = await amara.act("close")
    assert seen["modals"] == []
    assert heard[-1]["type"] == "view_closed"
    assert heard[-1]["is_cleared"] is False
