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
    """The frame, then each section below a divider. What is over the limit is left out, which `more` says."""
    blocks = list(frame)
    for section in sections:
        if section:
            blocks += [divider, *section[:SECTION_LIMIT]]
    return blocks if len(blocks) <= VIEW_LIMIT else [*blocks[: VIEW_LIMIT - 1], more]
