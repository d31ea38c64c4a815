"""The one place that reads the time."""

import asyncio
import contextlib
import time


class Clock:
    """Wall-clock seconds; a test may move it forward instead of sleeping."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._moved = asyncio.Event()

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def until(self, when: float) -> None:
        """Return once it is `when`, also if the clock was moved there."""
        while (left := when - self.now()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left)
