"""When a Home tab counts as open, and how much fits on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")
VIEW_LIMIT = 100  # Slack's, for a view
SECTION_LIMIT = 30


def open_today(opened_at: datetime | None, now: datetime, zone: ZoneInfo) -> bool:
    """Opened on the reader's own calendar day."""
    return opened_at is not None and opened_at.astimezone(zone).date() == now.astimezone(zone).date()


def fitting(frame: Sequence[T], sections: Sequence[Sequence[T]], divider: T, more: T) -> list[T]:
    """The frame, then each section below a divider. Where they are too many blocks together, the longest sections are
    shortened and none is left out; that something is missing `more` says."""
    shown = [section for section in sections if section]
    room = VIEW_LIMIT - len(frame) - len(shown)
    if sum(min(len(section), SECTION_LIMIT) for section in shown) <= room:
        longest, end = SECTION_LIMIT, []
    else:
        longest, end = _longest(shown, room - 1), [more]
    blocks = list(frame)
    for section in shown:
        blocks += [divider, *section[:longest]]
    return [*blocks[: VIEW_LIMIT - len(end)], *end]


def _longest(sections: Sequence[Sequence[T]], room: int) -> int:
    """How many blocks each section may have so that all of them fit."""
    fits = (limit for limit in range(SECTION_LIMIT, 0, -1) if sum(min(len(one), limit) for one in sections) <= room)
    return next(fits, 1)
