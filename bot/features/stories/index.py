"""The library as the chooser looks through it, read from the database only when it has changed."""

from collections.abc import Hashable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.stories import store
from bot.features.stories.rules import Candidate


class Index:
    """Kept in the process. Each look costs a few counts that say whether anything has changed: stories, their
    products and languages, what customers use, who makes what, and which customers may be named."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[Hashable, list[Candidate]]] = {}

    async def candidates(self, session: AsyncSession, ws: str, kind: str) -> list[Candidate]:
        """The whole library of one kind, without its texts. Not to be changed by the caller."""
        version = await store.version(session, ws)
        kept = self._kept.get((ws, kind))
        if kept is not None and kept[0] == version:
            return kept[1]
        found = await store.candidates(session, ws, kind)
        self._kept[ws, kind] = (version, found)
        return found
