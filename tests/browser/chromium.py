"""One Chromium for a whole test run, and pages of the local Slack in it."""

import os
import shutil
import subprocess
import time
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.async_api import Browser, Page, async_playwright

QUIET = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
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
    """A Chromium process; yields where to connect. Each test connects in its own event loop."""
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


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.connect_over_cdp(address)
        try:
            yield browser
        finally:
            await browser.close()


@dataclass(frozen=True, kw_only=True)
class Windows:
    """Opens pages of one local Slack, each with its own cookies, and keeps what the pages complained about."""

    browser: Browser
    url: str
    complaints: list[str]

    async def open(self, as_: str, in_: str = "", *, size: tuple[int, int] = WIDE, zone: str = "UTC") -> Page:
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, timezone_id=zone, locale="en-GB"
        )
        context.set_default_timeout(30_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        place = {"as": as_, "in": in_} if in_ else {"as": as_}
        await page.goto(f"{self.url}/?{urlencode(place)}")
        await page.locator(f'[data-as="{as_}"]').wait_for()
        return page


@asynccontextmanager
async def windows(browser: Browser, url: str) -> AsyncIterator[Windows]:
    """Windows that are closed again; a script error in any of them fails the test."""
    made = Windows(browser=browser, url=url, complaints=[])
    try:
        yield made
        assert not made.complaints
    finally:
        for context in browser.contexts:
            await context.close()
