"""Cursor paging as Slack does it."""

import base64
import binascii
from typing import Any

from sandbox.api.registry import Call
from sandbox.errors import SlackError
from sandbox.store import Json

_MARK = "next:"


def page(call: Call, rows: list[Any], *, default: int, most: int = 1000) -> tuple[list[Any], Json]:
    """One page of rows and the `response_metadata` that goes with it."""
    limit = call.args.number("limit", default) or default
    if limit < 1 or limit > most:
        raise SlackError("invalid_limit")
    start = _start(call.args.text("cursor"))
    if start > len(rows):
        raise SlackError("invalid_cursor")
    end = start + limit
    return rows[start:end], {"response_metadata": {"next_cursor": cursor(end) if end < len(rows) else ""}}


def cursor(at: int | str) -> str:
    return base64.b64encode(f"{_MARK}{at}".encode()).decode()


def read_cursor(given: str) -> str:
    try:
        plain = base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise SlackError("invalid_cursor") from None
    if not plain.startswith(_MARK):
        raise SlackError("invalid_cursor")
    return plain.removeprefix(_MARK)


def _start(given: str) -> int:
    if not given:
        return 0
    found = read_cursor(given)
    if not found.isdigit():
        raise SlackError("invalid_cursor")
    return int(found)
