"""What the page must never follow or hide, shown in the gallery page, which takes any payload."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

import sandbox
from tests.browser.chromium import Tabs

Gallery = Callable[..., Awaitable[Page]]
DIST = Path(sandbox.__file__).parent / "page" / "dist"
BAD = "javascript:document.body.dataset.broken='yes'"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


LINKS: dict[str, list[dict[str, Any]]] = {
    "mrkdwn": [{"type": "section", "text": {"type": "mrkdwn", "text": f"<{BAD}|press me>"}}],
    "rich text": [rich({"type": "link", "url": BAD, "text": "press me"})],
    "markdown": [{"type": "markdown", "text": f"[press me](<{BAD}>)"}],
    "date": [{"type": "section", "text": {"type": "mrkdwn", "text": f"<!date^1795341600^press me^{BAD}|press me>"}}],
    "video": [{"type": "video", "title": plain("press me"), "title_url": BAD, "video_url": BAD, "alt_text": "x"}],
    "data link": [rich({"type": "link", "url": "data:text/html,<script>1</script>", "text": "press me"})],
}
HIDDEN: dict[str, list[dict[str, Any]]] = {
    "block hologram": [{"type": "hologram", "text": "x"}],
    "element lever": [{"type": "actions", "elements": [{"type": "lever", "action_id": "x"}]}],
    "image": [{"type": "image", "image_url": "data:image/svg+xml,<svg/>", "alt_text": "x"}],
    "block rich_text": [{"type": "rich_text", "elements": [{"type": "rich_text_list"}]}],
}


@pytest_asyncio.fixture(loop_scope="session")
async def gallery(tabs: Tabs, tmp_path: Path) -> AsyncIterator[Gallery]:
    """`await gallery(pieces, width)`: a tab that shows them."""
    tab = await tabs.take()

    async def show(pieces: list[dict[str, Any]], width: int = 1280) -> Page:
        await tab.set_viewport_size({"width": width, "height": 800})
        await tab.goto(_file(tmp_path, pieces).as_uri())
        await tab.locator(f'main[data-pieces="{len(pieces)}"]').wait_for()
        return tab

    yield show
    await tabs.give_back(tab)


def _file(folder: Path, pieces: list[dict[str, Any]]) -> Path:
    html = (DIST / "gallery.html").read_text(encoding="utf-8")
    marker = "/*GALLERY*/ []"
    assert marker in html
    inlined = json.dumps(pieces).replace("</", "<\\/")
    (folder / "gallery.html").write_text(html.replace(marker, inlined), encoding="utf-8")
    for name in ("gallery.js", "gallery.css"):
        (folder / name).write_bytes((DIST / name).read_bytes())
    return folder / "gallery.html"


def message(blocks: list[dict[str, Any]], name: str = "one") -> dict[str, Any]:
    return {"name": name, "kind": "message", "payload": {"text": "x", "blocks": blocks}}


async def test_only_web_and_mail_links_can_be_followed(gallery: Gallery) -> None:
    page = await gallery([message(blocks, kind) for kind, blocks in LINKS.items()])
    for kind in LINKS:
        words = page.locator(f'[data-name="{kind}"]').get_by_role("article").get_by_text("press me")
        await expect(words, kind).to_have_count(1)
        await words.click(force=True)
        assert page.context.pages == [page], kind
    assert await page.evaluate("document.body.dataset.broken") is None
    hrefs = await page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert [href for href in hrefs if href] == []


async def test_good_links_are_links(gallery: Gallery) -> None:
    text = "<https://example.com/a|web> <mailto:a@b.example|mail> https://bare.example/x."
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    page = await gallery([message(blocks)])
    await expect(page.get_by_role("link", name="web")).to_have_attribute("href", "https://example.com/a")
    await expect(page.get_by_role("link", name="mail")).to_have_attribute("href", "mailto:a@b.example")
    await expect(page.get_by_role("link", name="bare")).to_have_attribute("href", "https://bare.example/x")
    await expect(page.get_by_role("link", name="web")).to_have_attribute("rel", "noreferrer noopener")


async def test_what_cannot_be_drawn_says_so(gallery: Gallery) -> None:
    after = {"type": "section", "text": plain("still here")}
    page = await gallery([message([*blocks, after], what) for what, blocks in HIDDEN.items()])
    for what in HIDDEN:
        piece = page.locator(f'[data-name="{what}"]')
        await expect(piece.get_by_role("note")).to_contain_text(f"Cannot show {what}")
        await expect(piece.get_by_text("still here")).to_be_visible()


async def test_escaped_text_is_words_and_nothing_else(gallery: Gallery) -> None:
    text = "&lt;!channel&gt; &lt;@U1&gt; <b>not html</b> a*b*c `*code*` *bold _both_*\n&gt; quoted\n```raw *x*```"
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    page = await gallery([message(blocks)])
    shown = page.get_by_role("article")
    await expect(shown).to_contain_text("<!channel> <@U1>")
    await expect(shown).to_contain_text("a*b*c *code* bold both")
    await expect(shown.locator(".mention")).to_have_count(0)
    await expect(shown.locator("blockquote")).to_have_text("quoted")
    await expect(shown.locator("pre")).to_have_text("raw *x*")


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_gallery_shows_all_kinds_in_all_widths(gallery: Gallery, width: int) -> None:
    element = {"type": "plain_text_input", "action_id": "a"}
    field = {"type": "input", "block_id": "b", "label": plain("Why"), "element": element}
    modal = {"type": "modal", "title": plain("Ask"), "submit": plain("Send"), "blocks": [field]}
    rows = [[{"type": "raw_text", "text": cell} for cell in row] for row in (("Name", "Sets"), ("Vega", "101"))]
    table = {"type": "data_table", "caption": "Customers", "rows": rows}
    pieces = [
        message([{"type": "section", "text": plain("A story")}, table]),
        {"name": "form", "kind": "modal", "payload": modal, "state": {"errors": {"b": "Say why."}}},
        {"name": "mine", "kind": "home", "payload": {"type": "home", "blocks": [{"type": "divider"}]}, "state": "new"},
    ]
    page = await gallery(pieces, width)
    await expect(page.get_by_role("heading", level=2)).to_contain_text(["one", "form", "Ask", "mine"])
    await expect(page.get_by_role("alert")).to_have_text("Say why.")
    await expect(page.get_by_role("table", name="Customers").get_by_role("cell", name="Vega")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
