"""A local Slack with a Bolt app in it, and windows on it."""

import copy
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.browser import chromium
from tests.sandbox.conftest import BOT_TOKEN, world
from tests.sandbox.page import page_app


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/sandbox/page/" in item.path.as_posix():
            item.add_marker("browser")
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A local Slack, the app's client, what the app heard, and windows."""

    slack: Slack
    client: AsyncWebClient
    heard: list[dict[str, Any]]
    windows: chromium.Windows


def page_world() -> dict[str, Any]:
    made: dict[str, Any] = copy.deepcopy(world())
    made["people"][1] |= {"tz": "Asia/Tokyo", "title": "Line manager"}
    made["people"][0] |= {"title": "Line lead", "locale": "en-GB"}
    return made


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """One for all scenes, as Chromium compiles a page once for each address. Bound and never listened on, it stays free
    between two of them."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest_asyncio.fixture(loop_scope="session")
async def scene(tabs: chromium.Tabs, port: int) -> AsyncIterator[Scene]:
    async with running_sandbox(page_world(), port) as slack, chromium.windows(tabs, slack.url) as windows:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.url}/api/")
        app = AsyncApp(client=client, signing_secret="shhh")
        heard = page_app.build(app)
        handler = AsyncSocketModeHandler(app, "xapp-test")
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            yield Scene(slack=slack, client=client, heard=heard, windows=windows)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
