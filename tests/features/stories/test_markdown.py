"""Markdown as rich text: valid blocks from any text, and nothing alive in them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.stories import markdown
from sandbox.kit import check_blocks

ALIVE = {"user", "usergroup", "channel", "broadcast", "team", "color", "date", "emoji"}

MARKS = ["# ", "- ", "1. ", "> ", "```\n", "    ", "**", "*", "_", "~~", "`", "[x](", "](", ")", "![a](", "\\", " "]
HOSTILE = ["https://a.example", "javascript:alert(1)", "<!channel>", "<@U1>", "<b>", "@here", "&lt;", "\u202e"]
marks = st.sampled_from([*MARKS, *HOSTILE, "\n\n", "\n", "---\n"])
texts = st.lists(marks | st.text(max_size=12), max_size=40).map("".join)


def everything(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from everything(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from everything(inner)


@given(texts.filter(lambda text: "\x00" not in text))
def test_any_text_gives_blocks_that_slack_takes(text: str) -> None:
    found = markdown.blocks(text)
    assert check_blocks(found[:100], "modal") == []


@given(texts)
@pytest.mark.row("F1")
def test_nothing_in_them_is_alive(text: str) -> None:
    for part in everything(markdown.blocks(text)):
        assert part.get("type") not in ALIVE
        assert part.get("type") != "mrkdwn"
        if part.get("type") == "link":
            assert part["url"].startswith("https://")
        if "image_url" in part:
            assert part["image_url"].startswith("https://")


@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=200))
def test_plain_words_come_through_whole(text: str) -> None:
    assert markdown.blocks(text) == [
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]}
    ]


def pieces(text: str) -> list[dict[str, Any]]:
    return [part for part in everything(markdown.blocks(text)) if part.get("type") in {"text", "link"}]


def test_faces() -> None:
    assert pieces("**a *b*** `c` ~~d~~") == [
        {"type": "text", "text": "a ", "style": {"bold": True}},
        {"type": "text", "text": "b", "style": {"bold": True, "italic": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "c", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "d", "style": {"strike": True}},
    ]


@pytest.mark.parametrize(
    ("source", "url", "shown"),
    [
        ("[here](https://a.example/x)", "https://a.example/x", "here"),
        ("[a.example](https://a.example/x)", "https://a.example/x", "a.example"),
        ("[https://good.example](https://evil.example)", "https://evil.example", "https://evil.example"),
        ("[good.example/login](https://evil.example)", "https://evil.example", "https://evil.example"),
        ("<https://a.example>", "https://a.example", "https://a.example"),
    ],
)
@pytest.mark.row("F2")
def test_a_link_shows_where_it_goes(source: str, url: str, shown: str) -> None:
    assert pieces(source) == [{"type": "link", "url": url, "text": shown}]


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "http://a.example", "https://u@a.example", "data:text/html,x"]
)
@pytest.mark.row("F2")
def test_other_links_are_only_words(target: str) -> None:
    assert pieces(f"[word]({target})") == [{"type": "text", "text": "word"}]


def test_lists_in_lists_are_lists_further_in() -> None:
    found = markdown.blocks("1. a\n   - b\n     - c\n2. d\n")
    parts = found[0]["elements"]
    assert [(part["style"], part["indent"], part.get("offset")) for part in parts] == [
        ("ordered", 0, None),
        ("bullet", 1, None),
        ("bullet", 2, None),
        ("ordered", 0, 1),
    ]
    assert check_blocks(found, "modal") == []


def test_headings_quotes_code_and_pictures() -> None:
    found = markdown.blocks(
        "# Big\n\n### Small\n\n> said\n> - so\n\n```\nx < y\n```\n\n![alt](https://a.example/p.png)"
    )
    assert [block["type"] for block in found] == ["header", "rich_text", "rich_text", "rich_text", "image"]
    assert found[1]["elements"][0]["elements"] == [{"type": "text", "text": "Small", "style": {"bold": True}}]
    assert found[2]["elements"][0]["type"] == "rich_text_quote"
    assert found[3]["elements"][0] == {
        "type": "rich_text_preformatted",
        "elements": [{"type": "text", "text": "x < y"}],
    }
    assert found[4]["alt_text"] == "alt"


def test_a_picture_that_cannot_be_shown_is_its_words() -> None:
    assert pieces("![the oven](oven.png)") == [{"type": "text", "text": "the oven", "style": {"italic": True}}]


@pytest.mark.parametrize(("length", "fits"), [(3000, True), (3001, False)])
def test_a_paragraph_of_three_thousand_characters(length: int, fits: bool) -> None:
    if fits:
        assert check_blocks(markdown.blocks("x" * length), "modal") == []
    else:
        with pytest.raises(markdown.TooMuchError, match="3001"):
            markdown.blocks("x" * length)


def test_characters_outside_the_basic_plane_count_twice() -> None:
    markdown.blocks("😀" * 1500)
    with pytest.raises(markdown.TooMuchError, match="3002"):
        markdown.blocks("😀" * 1501)
