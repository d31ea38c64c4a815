"""Markdown as Slack rich text. Rich text is never parsed by Slack, so names and mentions in it stay dead text."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.core.texts import Text, worded
from bot.slack import kit, text

Piece = dict[str, Any]
Style = dict[str, bool]

LONGEST_PART = 3000
DEEPEST = 8
FACES = {"strong": "bold", "em": "italic", "s": "strike"}
LOOKS_LIKE_LINK = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)

_parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 40}).enable("strikethrough").disable("html_block")
_parser.disable("html_inline")
# What a link may be is decided below, where its label is still known.
_parser.validateLink = lambda url: True  # type: ignore[method-assign] # noqa: ARG005


class TooMuchError(ValueError):
    """Content that Slack would not take: what has how many, and how many may be."""

    def __init__(self, what: Text, count: int, limit: int) -> None:
        super().__init__(f"{what} has {count}; {limit} are allowed")
        self.what, self.count, self.limit = what, count, limit


def units(value: str) -> int:
    """Characters as the strictest reader counts them: those outside the basic plane (emoji) are two."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def blocks(markdown: str) -> list[kit.Block]:
    """One block for each paragraph, heading, list, quote, code and picture. Raises `TooMuchError` for a part of more
    than 3,000 characters."""
    tree = SyntaxTreeNode(_parser.parse(text.clean(markdown)))
    return [block for node in tree.children for block in _block(node)]


def _block(node: SyntaxTreeNode) -> Iterator[kit.Block]:
    if node.type == "heading":
        yield from _heading(node)
    elif node.type == "hr":
        yield kit.divider()
    elif node.type == "paragraph" and (pictures := _only_pictures(node)):
        for picture in pictures:
            yield _image(picture)
    elif parts := [part for part in _parts(node, 0) if part["elements"]]:
        yield {"type": "rich_text", "elements": [_within(part) for part in parts]}


def _heading(node: SyntaxTreeNode) -> Iterator[kit.Block]:
    pieces = _inline(node, {"bold": True})
    words = "".join(piece.get("text", "") for piece in pieces).strip()
    linked = any(piece["type"] == "link" for piece in pieces)
    if words and node.tag in {"h1", "h2"} and not linked and units(words) <= 150:
        yield kit.header(words)
    elif pieces:
        yield {"type": "rich_text", "elements": [_within(_section(pieces))]}


def _section(pieces: list[Piece]) -> Piece:
    return {"type": "rich_text_section", "elements": pieces}


def _within(part: Piece) -> Piece:
    """The very part, if none of what it says is longer than Slack's longest text."""
    for holder in part["elements"] if part["type"] == "rich_text_list" else [part]:
        length = sum(units(piece.get("text", "")) for piece in holder["elements"])
        if length > LONGEST_PART:
            raise TooMuchError(worded("one paragraph or list item (characters)"), length, LONGEST_PART)
    return part


def _parts(node: SyntaxTreeNode, depth: int) -> Iterator[Piece]:
    if node.type in {"bullet_list", "ordered_list"}:
        yield from _list(node, depth)
    elif node.type == "blockquote":
        yield {"type": "rich_text_quote", "elements": _flat(node, {})}
    elif node.type in {"fence", "code_block"}:
        yield {"type": "rich_text_preformatted", "elements": _plain(node.content.rstrip("\n"))}
    else:
        yield _section(_flat(node, {}))


def _list(node: SyntaxTreeNode, depth: int) -> Iterator[Piece]:
    """Slack has no lists inside lists: a deeper one is a list of its own, further in, between two halves of this."""
    ordered = node.type == "ordered_list"
    items: list[Piece] = []
    done = (int(node.attrs.get("start", 1)) - 1) if ordered else 0

    def so_far() -> Iterator[Piece]:
        nonlocal done
        if items:
            part: Piece = {"type": "rich_text_list", "style": "ordered" if ordered else "bullet"}
            part |= {"indent": min(depth, DEEPEST), "elements": list(items)}
            if ordered and done > 0:
                part["offset"] = done
            done += len(items)
            items.clear()
            yield part

    for item in node.children:
        own, inner = _item(item)
        if own:
            items.append(_section(own))
        for deeper in inner:
            yield from so_far()
            yield from _list(deeper, depth + 1)
    yield from so_far()


def _item(item: SyntaxTreeNode) -> tuple[list[Piece], list[SyntaxTreeNode]]:
    inner = [child for child in item.children if child.type in {"bullet_list", "ordered_list"}]
    own = _joined([_flat(child, {}) for child in item.children if child not in inner])
    return own, inner


def _joined(groups: Sequence[list[Piece]]) -> list[Piece]:
    said = [group for group in groups if group]
    pieces: list[Piece] = []
    for group in said:
        pieces += [*_plain("\n"), *group] if pieces else group
    return pieces


def _flat(node: SyntaxTreeNode, style: Style) -> list[Piece]:
    """Everything below a node as one run of text, a line for each of its blocks."""
    if node.type in {"fence", "code_block"}:
        return _plain(node.content.rstrip("\n"), {**style, "code": True})
    if node.type in {"paragraph", "heading"}:
        return _inline(node, style)
    marker = "• " if node.type in {"bullet_list", "ordered_list"} else ""
    below = [_flat(child, style) for child in node.children]
    return _joined([[*_plain(marker), *pieces] if pieces else [] for pieces in below])


def _inline(node: SyntaxTreeNode, style: Style) -> list[Piece]:
    pieces: list[Piece] = []
    for child in node.children:
        inner = child.children if child.type == "inline" else [child]
        for one in inner:
            pieces += _piece(one, style)
    return _merged(pieces)


def _piece(node: SyntaxTreeNode, style: Style) -> list[Piece]:
    if node.type in FACES:
        return [piece for child in node.children for piece in _piece(child, {**style, FACES[node.type]: True})]
    if node.type == "link":
        return _link(node, style)
    if node.type == "image":
        return _plain(_alt(node), {**style, "italic": True})
    if node.type == "code_inline":
        return _plain(node.content, {**style, "code": True})
    if node.type in {"softbreak", "hardbreak"}:
        return _plain("\n" if node.type == "hardbreak" else " ", style)
    return _plain(node.content, style)


def _link(node: SyntaxTreeNode, style: Style) -> list[Piece]:
    """Only https, and a label that looks like an address must be the address that it leads to."""
    inner = [piece for child in node.children for piece in _piece(child, style)]
    label = "".join(piece.get("text", "") for piece in inner)
    url = text.https_url(str(node.attrs.get("href", "")))
    if url is None:
        return inner
    claims = LOOKS_LIKE_LINK.fullmatch(label.strip())
    if claims and claims[1].casefold() != (urlsplit(url).hostname or "").casefold():
        label = url
    piece: Piece = {"type": "link", "url": url, "text": label or url}
    return [{**piece, "style": style} if style else piece]


def _plain(value: str, style: Style | None = None) -> list[Piece]:
    if not value:
        return []
    piece: Piece = {"type": "text", "text": value}
    return [{**piece, "style": style} if style else piece]


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last and last["type"] == piece["type"] == "text" and last.get("style") == piece.get("style"):
            merged[-1] = {**last, "text": last["text"] + piece["text"]}
        else:
            merged.append(piece)
    return merged


def _only_pictures(node: SyntaxTreeNode) -> list[SyntaxTreeNode]:
    """The pictures of a paragraph that holds nothing else and whose pictures Slack can fetch."""
    inline = [one for child in node.children for one in child.children if one.type not in {"softbreak", "hardbreak"}]
    shown = [one for one in inline if one.type == "image" and _shown(one)]
    return shown if shown and len(shown) == len(inline) else []


def _shown(node: SyntaxTreeNode) -> bool:
    return text.https_url(str(node.attrs.get("src", ""))) is not None and bool(_alt(node).strip())


def _image(node: SyntaxTreeNode) -> kit.Block:
    alt = _alt(node)
    if units(alt) > 2000:
        raise TooMuchError(worded("a picture's alt text (characters)"), units(alt), 2000)
    return kit.image(alt=alt, url=str(node.attrs["src"]))


def _alt(node: SyntaxTreeNode) -> str:
    return "".join(_words(node.children))


def _words(nodes: Sequence[SyntaxTreeNode]) -> Iterator[str]:
    for node in nodes:
        if node.children:
            yield from _words(node.children)
        elif node.type in {"softbreak", "hardbreak"}:
            yield " "
        else:
            yield node.content
