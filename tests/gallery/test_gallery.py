"""The gallery is whole, valid in every language, and reads well aloud."""

import functools
import importlib
import inspect
import re
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Page

from bot.slack.kit import Block, Message, View
from bot.slack.words import FOLDER, Words
from sandbox.kit import check_blocks, check_text, check_view
from tests.browser import chromium
from tests.gallery import pages
from tests.gallery.everything import everything
from tests.gallery.shelf import Shelf

FEATURES = Path(__file__).parent.parent.parent / "bot" / "features"
LOCALES = ["en-GB", "de-DE", *sorted(path.name.replace("_", "-") for path in FOLDER.iterdir() if path.is_dir())]
MODULES = ("answers", "blocks", "windows", "form", "wish_blocks", "trail_blocks", "change_form")
MARKS = re.compile(r"<[@#!]|(?<!\w)\*\S.*?\S\*|`|(?<!\w)_\S[^_]*\S_(?!\w)|:[a-z_]+:")
INSIDE = {
    "manners_buttons",
    "row_block",
    "next_blocks",
    "shared",
    "said",
    "card",
}  # only ever parts of the pieces that are shown


@functools.cache
def shelf(locale: str = "en-GB") -> Shelf:
    return everything(Words(locale=locale, zone="America/Sao_Paulo"))


def _makers() -> Iterator[Callable[..., Any]]:
    """Every public function that gives a message, a view, or a part of one."""
    for path in sorted(FEATURES.rglob("*.py")):
        if path.stem in MODULES:
            module = importlib.import_module(
                ".".join(["bot.features", *path.relative_to(FEATURES).with_suffix("").parts])
            )
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_") and _gives(function):
                    yield function


def _gives(function: Callable[..., Any]) -> bool:
    given = typing.get_type_hints(function).get("return")
    takes_words = "words" in inspect.signature(function).parameters
    return given in {Message, View} or (takes_words and given == list[Block])


@pytest.mark.parametrize("function", list(_makers()), ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_message_view_and_part_of_home_is_shown(function: Callable[..., Any]) -> None:
    shown = shelf().shown
    told_by_itself = function.__name__ in {"told", "private", "without_pictures"}  # wrap what others say
    assert function in shown or function.__name__ in INSIDE or told_by_itself


@pytest.mark.parametrize("locale", LOCALES)
def test_slack_takes_every_piece_in_every_language(locale: str) -> None:
    pieces = shelf(locale).pieces
    assert len(pieces) > 100
    for piece in pieces:
        payload = piece.payload
        if piece.kind == "message":
            assert check_text(payload["text"], update=True) is None, piece.name
            problems = check_blocks(payload.get("blocks", []), "message")
        else:
            problems = check_view(payload)
        assert problems == [], piece.name


@pytest.mark.parametrize("locale", LOCALES)
def test_each_text_makes_sense_read_aloud(locale: str) -> None:
    for piece in shelf(locale).pieces:
        if piece.kind == "message" and "blocks" in piece.payload:
            text = piece.payload["text"]
            assert len(text.split()) >= 1, piece.name
            assert not MARKS.search(text), f"{piece.name}: {text}"
            assert "{" not in text, f"{piece.name}: {text}"


def test_one_file_for_each_piece_and_one_page_for_all(tmp_path: Path) -> None:
    pieces = shelf().pieces
    page = pages.write(tmp_path, pieces)
    assert len(list((tmp_path / "json").glob("*.json"))) == len(pieces)
    text = page.read_text(encoding="utf-8")
    assert all(piece.name in text for piece in pieces)
    assert "https://pictures." not in text


LOOK = """() => ({
    shown: [...document.querySelectorAll("[data-name]")].filter(one => one.offsetHeight > 50).map(one => one.dataset.name),
    broken: [...document.querySelectorAll("[role=note]")].map(one => one.textContent),
    unseen: [...document.images].filter(one => !one.naturalWidth).map(one => one.src),
    tooWide: document.documentElement.scrollWidth > window.innerWidth,
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def tab(tabs: chromium.Tabs) -> AsyncIterator[Page]:
    page = await tabs.take(zone=pages.ZONE)
    yield page
    await tabs.give_back(page, zone=pages.ZONE)


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_the_page_shows_every_piece_narrow_and_wide(tmp_path: Path, tab: Page) -> None:
    pieces = shelf().pieces
    await pages.show(pages.write(tmp_path, pieces), tab)
    for width in pages.SIZES.values():
        await tab.set_viewport_size({"width": width, "height": 900})
        found = await tab.evaluate(LOOK)
        assert found == {"shown": [piece.name for piece in pieces], "broken": [], "unseen": [], "tooWide": False}


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_the_whole_page_is_photographed_narrow_and_wide(tmp_path: Path, tab: Page) -> None:
    """As few pieces as are longer than a screen: a picture of all takes ten seconds of a processor."""
    taken = await pages.photograph(pages.write(tmp_path, shelf().pieces[:6]), tab)
    assert [path.name for path in taken] == ["narrow.png", "wide.png"]
    for path, width in zip(taken, pages.SIZES.values(), strict=True):
        with Image.open(path) as picture:
            assert width - 20 < picture.width <= width  # less where the scrollbar takes its place
            assert picture.height > 900
            assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 50  # something is drawn on it
