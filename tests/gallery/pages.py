"""The gallery on disk: one JSON file per piece, a page that shows them all, pictures of it."""

import json
import shutil
import tempfile
from pathlib import Path

from playwright.async_api import Page

from tests.browser import chromium
from tests.gallery.sample import CHANNELS, PEOPLE, PICTURES
from tests.gallery.shelf import Piece

ROOT = Path(__file__).parent.parent.parent
DIST = ROOT / "sandbox" / "page" / "dist"
SIZES = {"narrow": 390, "wide": 1280}
ZONE = "Europe/Lisbon"


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


async def show(page: Path, tab: Page) -> None:
    await tab.goto(page.as_uri())
    await tab.get_by_role("main", name="Gallery").wait_for()
    await tab.wait_for_function("[...document.images].every(one => one.complete)")


async def photograph(page: Path, tab: Page) -> list[Path]:
    """The whole page narrow and wide."""
    await show(page, tab)
    taken = []
    for name, width in SIZES.items():
        await tab.set_viewport_size({"width": width, "height": 900})
        taken.append(page.parent / f"{name}.png")
        await tab.screenshot(path=taken[-1], full_page=True, timeout=0)  # it is as long as two hundred screens
    return taken


async def take(page: Path) -> list[Path]:
    """`photograph` in a Chromium of its own; nothing where there is none."""
    if (executable := chromium.executable()) is None:
        return []
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        chromium.running(executable, Path(profile)) as address,
    ):
        async with chromium.connected(address) as tabs:
            return await photograph(page, await tabs.take(zone=ZONE))
