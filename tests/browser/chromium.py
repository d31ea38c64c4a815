"""One Chromium for a whole test run, and pages of the local Slack in it."""

import os
import shutil
import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Error, Page, async_playwright

QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--disable-renderer-backgrounding",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-port=0",
]
WIDE = (1280, 800)
NARROW = (390, 844)
_MISSING = "NO CHROMIUM HERE: the browser tests do not run. `apt-get install chromium`, or set CHROMIUM to one."


def executable() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def needed() -> str:
    """The path of Chromium; without one the test is skipped, loudly, and in CI it fails."""
    found = executable()
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(_MISSING)
    warnings.warn(_MISSING, stacklevel=1)
    pytest.skip(_MISSING)


@contextmanager
def running(path: str, profile: Path) -> Iterator[str]:
    """A Chromium process; yields where to connect."""
    announced = profile / "DevToolsActivePort"
    command = [path, *QUIET, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (announced.exists() and announced.read_text().count("\n") >= 1):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Chromium did not start: {path}")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{announced.read_text().splitlines()[0]}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, kw_only=True)
class Tabs:
    """Tabs that are kept when they are given back: to open one takes two seconds of a processor, to go on in one a
    fifth of that. Each has cookies and storage of its own, empty when it is taken."""

    browser: Browser
    kept: dict[str, list[Page]] = field(default_factory=dict)

    async def take(self, size: tuple[int, int] = WIDE, *, zone: str = "UTC") -> Page:
        view = {"width": size[0], "height": size[1]}
        if kept := self.kept.get(zone):
            page = kept.pop()
            await page.set_viewport_size(view)  # type: ignore[arg-type]
            return page
        context = await self.browser.new_context(
            viewport=view,  # type: ignore[arg-type]
            timezone_id=zone,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        return await context.new_page()

    async def give_back(self, page: Page, *, zone: str = "UTC") -> None:
        try:
            await page.evaluate("sessionStorage.clear(); localStorage.clear()")
            await page.goto("about:blank")
            await page.context.clear_cookies()
        except Error:  # it was closed, or left where nothing can be done with it
            await page.context.close()
        else:
            self.kept.setdefault(zone, []).append(page)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Tabs]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        try:
            yield Tabs(browser=browser)
        finally:
            await browser.close()


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Opens pages of one local Slack, and keeps what the pages complained about."""

    tabs: Tabs
    url: str
    complaints: list[str] = field(default_factory=list)
    closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def open(self, as_: str, in_: str = "", *, size: tuple[int, int] = WIDE, zone: str = "UTC") -> Page:
        page = await self.tabs.take(size, zone=zone)

        def complain(error: Error) -> None:
            self.complaints.append(str(error))

        async def close() -> None:
            page.remove_listener("pageerror", complain)
            await self.tabs.give_back(page, zone=zone)

        page.on("pageerror", complain)
        self.closing.append(close)
        place = {"as": as_, "in": in_} if in_ else {"as": as_}
        await page.goto(f"{self.url}/?{urlencode(place)}")
        await page.locator(f'[data-as="{as_}"]').wait_for()
        return page


@asynccontextmanager
async def windows(tabs: Tabs, url: str) -> AsyncIterator[Windows]:
    """Windows that are given back; a script error in any of them fails the test."""
    made = Windows(tabs=tabs, url=url)
    try:
        yield made
        assert not made.complaints
    finally:
        for close in made.closing:
            await close()
