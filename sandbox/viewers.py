"""Who is looking: a version per person that grows whenever what they see may have changed."""

import asyncio
from collections.abc import Iterable


class Viewers:
    def __init__(self) -> None:
        self._all = 1
        self._own: dict[str, int] = {}
        self._waiting: set[asyncio.Event] = set()
        self._open: dict[str, int] = {}
        self._left: dict[str, float] = {}
        self.closed = False

    def version(self, user: str) -> int:
        return self._all + self._own.get(user, 0)

    def touch(self, people: Iterable[str] | None = None) -> None:
        """Something these people see has changed; None means everyone."""
        if people is None:
            self._all += 1
        else:
            for user in people:
                self._own[user] = self._own.get(user, 0) + 1
        for event in self._waiting:
            event.set()

    def begin(self, user: str) -> None:
        """A page begins to look as this person."""
        self._open[user] = self._open.get(user, 0) + 1

    def end(self, user: str, now: float) -> None:
        self._open[user] -= 1
        self._left[user] = now

    def looked(self, now: float) -> dict[str, float]:
        """Seconds since a page last looked as each person; 0 while one does."""
        gone = {user: max(now - at, 0.001) for user, at in self._left.items()}
        return gone | {user: 0.0 for user, count in self._open.items() if count}

    def close(self) -> None:
        """There is nothing more to see: whoever waits is let go at once."""
        self.closed = True
        self.touch()

    async def changed(self, user: str, since: int, timeout: float) -> int:
        """The person's version once it is past `since`, or as it is after `timeout` seconds."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            async with asyncio.timeout(timeout):
                while self.version(user) <= since:
                    event.clear()
                    await event.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(event)
        return self.version(user)
