"""The members' part of Home: what I get and how often."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.members import service, wish_blocks

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer
    from bot.slack.kit import Block
    from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class WishesSection:
    """Guests are never written to unasked, but have a language."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        person = await service.known(session, viewer.workspace_id, viewer.user_id)
        if person is None:
            return ()
        return wish_blocks.section(words, person, await db_now(session))
