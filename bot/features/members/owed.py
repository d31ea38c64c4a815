"""The members' parts of Home: what I get and how often, and who changed what of mine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.members import service, trail, trail_blocks, wish_blocks
from bot.features.members.seams import ThingsOf

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


@dataclass(frozen=True, kw_only=True)
class TrailSection:
    """For account managers and owners of channels; admins have the whole trail beside the roles."""

    theirs: ThingsOf

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        person = await service.known(session, viewer.workspace_id, viewer.user_id)
        found = await trail.readable(session, person, self.theirs) if person is not None else None
        return trail_blocks.section(words) if found else ()
