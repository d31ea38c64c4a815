"""The plain text Slack derives from blocks when a message has none of its own."""

import re
from typing import Any

from sandbox.kit.clean import check_clean

_LABELLED = re.compile(r"<[^<>|]*\|([^<>]*)>")
_BARE = re.compile(r"<((?:https?|mailto):[^<>|]*)>")
_SHOWN = ("rich_text_title", "title", "subtitle", "caption", "label", "text", "body", "fields", "hint", "description")
_INSIDE = ("rows", "elements", "child_blocks", "tasks", "details", "output", "accessory", "element")


def fallback_text(blocks: object) -> str:
    """One line per block or part, in reading order; empty where nothing can be read."""
    if not isinstance(blocks, list) or check_clean(blocks, "", "invalid_blocks"):
        return ""
    lines = [line for block in blocks for line in _lines(block)]
    return "\n".join(line for line in lines if line.strip())


def _lines(value: object) -> list[str]:
    if isinstance(value, list):
        return [line for item in value for line in _lines(item)]
    if not isinstance(value, dict):
        return [value] if isinstance(value, str) else []
    kind = value.get("type")
    if kind in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
        pieces = value.get("elements")
        return ["".join(_piece(piece) for piece in pieces)] if isinstance(pieces, list) else []
    if kind in ("mrkdwn", "plain_text", "raw_text", "raw_number", "markdown"):
        return [_readable(str(value.get("text", "")), markup=kind == "mrkdwn")]
    if kind == "image":
        return [*_lines(value.get("title")), str(value.get("alt_text", ""))]
    if kind == "button":
        return _lines(value.get("text"))
    return [line for name in (*_SHOWN, *_INSIDE) for line in _lines(value.get(name))]


def _readable(text: str, *, markup: bool) -> str:
    return _BARE.sub(r"\1", _LABELLED.sub(r"\1", text)) if markup else text


def _piece(piece: object) -> str:
    if not isinstance(piece, dict):
        return ""
    known: dict[str, Any] = {
        "text": piece.get("text"),
        "link": piece.get("text") or piece.get("url"),
        "emoji": f":{piece.get('name')}:",
        "user": f"<@{piece.get('user_id')}>",
        "channel": f"<#{piece.get('channel_id')}>",
        "usergroup": f"<!subteam^{piece.get('usergroup_id')}>",
        "broadcast": f"@{piece.get('range')}",
        "color": piece.get("value"),
        "date": piece.get("fallback") or piece.get("format"),
    }
    return str(known.get(str(piece.get("type"))) or "")
