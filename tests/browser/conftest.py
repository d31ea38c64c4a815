"""What the browser journeys of the product ask for: a Chromium, and pages of a local Slack in it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser import chromium


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Chromium for all journeys; skips loudly where there is none."""
    with chromium.running(chromium.needed(), tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def browser(chromium_address: str) -> AsyncIterator[Browser]:
    """The run's Chromium, connected in this test's event loop."""
    async with chromium.connected(chromium_address) as made:
        yield made


@pytest.fixture
async def slack_page(browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """`await slack_page(url, "U0AMARA", "C0LINE2")`: that person's window on the local Slack at `url`."""
    async with AsyncExitStack() as stack:
        opened: dict[str, chromium.Windows] = {}

        async def page(url: str, as_: str, in_: str = "", **more: Any) -> Page:
            if url not in opened:
                opened[url] = await stack.enter_async_context(chromium.windows(browser, url))
            return await opened[url].open(as_, in_, **more)

        yield page
