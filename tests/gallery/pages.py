"""The gallery on disk: one JSON file per piece, a page that shows them all, pictures of it."""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Browser

from tests.browser import chromium
from tests.gallery.sample import CHANNELS, PEOPLE, PICTURES
from tests.gallery.shelf import Piece

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "sandbox" / "page" / "dist"
SIZES = {"narrow": 390, "wide": 1280}


def write(folder: Path, pieces: list[Piece]) -> Path:
    """Everything but the pictures; gives the page."""
    for old in (folder / "json", folder / "pictures"):
        shutil.rmtree(old, ignore_errors=True)
    (folder / "json").mkdir(parents=True)
    for piece in pieces:
        text = json.dumps(piece.as_json(), ensure_ascii=False, indent=2)
        (folder / "json" / f"{piece.file_name}.json").write_text(f"{text}\n", encoding="utf-8")
    shutil.copytree(ROOT / "config" / "sample" / "pictures", folder / "pictures")
    for name in ("gallery.js", "gallery.css"):
        shutil.copy(DIST / name, folder / name)
    page = folder / "index.html"
    page.write_text(_page(pieces), encoding="utf-8")
    return page


def _page(pieces: list[Piece]) -> str:
    shown = _literal([piece.as_json() for piece in pieces]).replace(PICTURES, "pictures/")
    world = _literal({"people": PEOPLE, "channels": CHANNELS, "as": "U0CLARA"})
    html = (DIST / "gallery.html").read_text(encoding="utf-8")
    return html.replace(
        "window.GALLERY = window.GALLERY || /*GALLERY*/ [];",
        f"window.GALLERY_WORLD = {world}; window.GALLERY = {shown};",
    )


def _literal(value: object) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


async def photograph(page: Path, executable: str) -> list[Path]:
    """The whole page narrow and wide. Fails if a piece is not rendered or a picture is broken."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        chromium.running(executable, Path(profile)) as address,
    ):
        async with chromium.connected(address) as browser:
            return [await _one(browser, page, name, width) for name, width in SIZES.items()]


async def _one(browser: Browser, page: Path, name: str, width: int) -> Path:
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, timezone_id="Europe/Lisbon", locale="en-GB"
    )
    tab = await context.new_page()
    await tab.goto(page.as_uri())
    await tab.get_by_role("main", name="Gallery").wait_for()
    await tab.wait_for_function("[...document.images].every(one => one.complete)")
    taken = page.parent / f"{name}.png"
    await tab.screenshot(path=taken, full_page=True)
    await context.close()
    return taken


def take(page: Path) -> list[Path]:
    executable = chromium.executable()
    return asyncio.run(photograph(page.resolve(), executable)) if executable else []
