"""The customer parts of Home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.customers import blocks, service
from bot.features.customers.rules import Viewer as Reader
from bot.features.members.service import ADMIN

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer
    from bot.slack.kit import Block
    from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class TeamProductsSection:
    """My team's products, and which customers use them."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.team is None:
            return ()
        ws = viewer.workspace_id
        products = await service.products_of_team(session, ws, viewer.team.id)
        ids = [product.id for product in products]
        users = await service.customers_of_products(
            session, ws, ids, Reader(guest=viewer.guest), limit=blocks.MOST_NAMES
        )
        return blocks.team_products(words, viewer.team.name, products, users)


@dataclass(frozen=True, kw_only=True)
class NamingSection:
    """For admins: customers of whom nobody has said whether they may be named."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if ADMIN not in viewer.roles:
            return ()
        count, first = await service.unanswered_naming(session, viewer.workspace_id, blocks.MOST_ASKED)
        return blocks.naming(words, count, first)
