"""The one place that reads the time."""

import time


class Clock:
    """Wall-clock seconds; a test may move it forward instead of sleeping."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
