"""Time as an argument. Everything below wiring is handed a `Clock`; nothing else reads the process clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


@dataclass(frozen=True, kw_only=True)
class SystemClock:
    """`offset` shifts this clock and the database's together (days pass in a drill); `skew` shifts this one alone."""

    offset: timedelta = timedelta(0)
    skew: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset + self.skew


def ticks() -> float:
    """Seconds on a clock that never goes back: for measuring waits, not for dates."""
    return monotonic()
