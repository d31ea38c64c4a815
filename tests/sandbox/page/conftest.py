"""A local Slack with a Bolt app in it, and windows on it."""

import copy
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.browser import chromium
from tests.browser.conftest import browser, chromium_address
from tests.sandbox.conftest import BOT_TOKEN, world
from tests.sandbox.page import page_app

__all__ = ["browser", "chromium_address"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/sandbox/page/" in item.path.as_posix():
            item.add_marker("browser")


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


@pytest.fixture
async def scene(browser: Any) -> AsyncIterator[Scene]:
    async with running_sandbox(page_world()) as slack, chromium.windows(browser, slack.url) as windows:
        client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.url}/api/")
        app = AsyncApp(client=client, signing_secret="shhh")
        heard = page_app.build(app)
        handler = AsyncSocketModeHandler(app, "xapp-test")
        await handler.connect_async()  # type: ignore[no-untyped-call]
        try:
            yield Scene(slack=slack, client=client, heard=heard, windows=windows)
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]
