"""`make screenshots`: the pictures in docs/, taken of the demo."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, expect

from tests.browser import chromium
from tests.browser.chromium import NARROW, Windows

ROOT = Path(__file__).parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
LARGEST = 300_000
SOON = 90_000
READY = "Local Slack: "


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """`canteen demo`; gives the page's address."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "demo", "--port", "0", "--no-open",
        stdout=asyncio.subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        yield await asyncio.wait_for(_address(process), 120)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.wait_for(process.wait(), 60)


async def _address(process: asyncio.subprocess.Process) -> str:
    if process.stdout is None:
        raise AssertionError("started without a pipe")
    while line := (await process.stdout.readline()).decode():
        if line.startswith(READY):
            return line.removeprefix(READY).strip()
    raise RuntimeError("the demo ended before it was ready")


async def keep(page: Page, name: str) -> None:
    """As few colours as it takes to stay small: the pictures are part of the repository."""
    await page.wait_for_function("[...document.images].every(one => one.complete)")
    whole = Image.open(BytesIO(await page.screenshot(animations="disabled"))).convert("RGB")
    made = BytesIO()
    whole.quantize(colors=255).save(made, "PNG", optimize=True)
    if len(made.getvalue()) > LARGEST:
        raise RuntimeError(f"{name} has {len(made.getvalue())} bytes; {LARGEST} are allowed")
    (PICTURES / name).write_bytes(made.getvalue())
    sys.stdout.write(f"{name}: {len(made.getvalue()) // 1000} kB\n")


def story(page: Page) -> Locator:
    read = page.get_by_role("button", name="Read the whole story")
    return page.get_by_role("article").filter(has=read).filter(has_not_text="Customer news").first


async def show(page: Page) -> Locator:
    """The page without the banner, its first story at the top."""
    await page.get_by_role("button", name="Dismiss banner").click()
    found = story(page)
    await expect(found.get_by_role("img").last).to_be_visible(timeout=SOON)
    await found.evaluate("one => one.scrollIntoView({block: 'start'})")
    return found


async def take(windows: Windows) -> None:
    page = await windows.open("U0AMARA", "C0LINE2", zone="Europe/Lisbon")
    found = await show(page)
    await keep(page, "demo.png")
    narrow = await windows.open("U0AMARA", "C0LINE2", zone="Europe/Lisbon", size=NARROW)
    await show(narrow)
    await keep(narrow, "narrow.png")
    await found.get_by_role("button", name="Read the whole story").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await keep(page, "modal.png")
    await page.keyboard.press("Escape")  # the window is the person's, on every page that acts as them
    await expect(page.get_by_role("dialog")).to_have_count(0)
    admin = await windows.open("U0CLARA", "home", zone="Europe/Lisbon")
    await admin.get_by_role("button", name="Dismiss banner").click()
    await expect(admin.get_by_role("button", name="Add a channel")).to_be_visible(timeout=SOON)
    await keep(admin, "home-admin.png")
    await take_what_people_do(windows)


async def take_what_people_do(windows: Windows) -> None:
    """A quiz as somebody answers it, an update as it is written, an editor's Home."""
    page = await windows.open("U0AMARA", "C0GENERAL", zone="Europe/Lisbon")
    await page.get_by_role("button", name="Dismiss banner").click()
    quiz = page.get_by_role("article").filter(has_text="Only you see what you choose.").first
    await expect(quiz).to_be_visible(timeout=SOON)
    await quiz.evaluate("one => one.scrollIntoView({block: 'center'})")
    await keep(page, "quiz.png")
    manager = await windows.open("U0SAM", "U0CANTEEN", zone="Europe/Lisbon")
    await manager.get_by_role("button", name="Dismiss banner").click()
    box = manager.get_by_role("textbox", name="Message Canteen")
    await box.fill("/customer-update Orion They ordered 48,000 more boards for the spring")
    await box.press("Enter")
    await expect(manager.get_by_role("dialog", name="Write an update")).to_be_visible(timeout=SOON)
    await keep(manager, "update.png")
    editor = await windows.open("U0LUIZA", "home", zone="Europe/Lisbon")
    await editor.get_by_role("button", name="Dismiss banner").click()
    await expect(editor.locator("[data-action^='inbox:write']").first).to_be_visible(timeout=SOON)
    await keep(editor, "home-editor.png")


async def main() -> int:
    executable = chromium.executable()
    if executable is None:
        sys.stderr.write("No Chromium here: apt-get install chromium, or set CHROMIUM to one.\n")
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        chromium.running(executable, Path(profile)) as address,
    ):
        async with demo() as url, chromium.connected(address) as tabs, chromium.windows(tabs, url) as windows:
            await take(windows)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
