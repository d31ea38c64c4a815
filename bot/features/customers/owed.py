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
        if viewer.team_id is None:
            return ()
        teams = {team.id: team for team in await service.teams(session, viewer.workspace_id)}
        team = teams.get(viewer.team_id)
        if team is None:
            return ()
        products = await service.products_of_team(session, viewer.workspace_id, team.id)
        users = await service.customers_of_products(
            session, viewer.workspace_id, [product.id for product in products], Reader(guest=viewer.guest)
        )
        return blocks.team_products(words, team, products, users)


@dataclass(frozen=True, kw_only=True)
class NamingSection:
    """For admins: customers of whom nobody has said whether they may be named."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if ADMIN not in viewer.roles:
            return ()
        count, first = await service.unanswered_naming(session, viewer.workspace_id, blocks.MOST_ASKED)
        return blocks.naming(words, count, first)
