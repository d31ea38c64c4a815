"""Calls of one method and workspace go in single file, so that a 429 to one is heard before the next is made."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PATIENCE = 0.25  # s; a little more than the pace of posts, so that a slow answer costs a fifth of the speed at most


@dataclass(kw_only=True)
class InFile:
    """The pace keeps calls apart by the clock; on a busy machine two that were due one after the other begin together,
    and the second would reach Slack after the first was told to wait."""

    _last: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, workspace_id: str, api: str) -> AsyncIterator[None]:
        """Entered when the call before has been answered, or after `PATIENCE`."""
        key = (workspace_id, api)
        before, mine = self._last.get(key), asyncio.Event()
        self._last[key] = mine
        try:
            if before is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PATIENCE):
                        await before.wait()
            yield
        finally:
            mine.set()
            if self._last.get(key) is mine:
                del self._last[key]
