"""The customer parts of Home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.customers import blocks, change_form, service
from bot.features.customers.rules import Viewer as Reader
from bot.features.members.service import Action

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
class ChangeSection:
    """For admins: find a customer and change who looks after it."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if not viewer.may(Action.CHANGE_CUSTOMER):
            return ()
        count = await service.count(session, viewer.workspace_id)
        return change_form.section(words, count) if count else ()


@dataclass(frozen=True, kw_only=True)
class ImportsSection:
    """For admins: the last import of each kind of file."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if not viewer.may(Action.IMPORT):
            return ()
        return blocks.imports(words, await service.last_imports(session, viewer.workspace_id))


@dataclass(frozen=True, kw_only=True)
class AwaySection:
    """For account managers: who is asked while they are away."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        theirs = await service.customers_of_manager(session, viewer.workspace_id, viewer.user_id)
        if viewer.guest or not theirs:
            return ()
        deputies = sorted({card.deputy for card in theirs if card.deputy})
        alone = sum(1 for card in theirs if not card.deputy)
        return blocks.away(words, count=len(theirs), deputies=deputies, alone=alone)


@dataclass(frozen=True, kw_only=True)
class NamingSection:
    """Customers of whom nobody has said whether they may be named: all of them for admins, for account managers and
    deputies their own."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        if not viewer.may(Action.CONSENT):
            theirs = await service.managed_by(session, viewer.workspace_id, viewer.user_id)
            asked = [card for card in theirs if card.may_be_named is None]
            return blocks.naming(words, len(asked), asked[: blocks.MOST_ASKED], own=True)
        count, first = await service.unanswered_naming(session, viewer.workspace_id, blocks.MOST_ASKED)
        return blocks.naming(words, count, first)
