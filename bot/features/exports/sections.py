"""The part of Home about files that somebody may have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.exports import blocks
from bot.features.members import service as members
from bot.features.members.service import Action, Person

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer
    from bot.slack.kit import Block
    from bot.slack.words import Words


class FilesSection:
    """Data of one's own customers; totals, for editors and admins, and for owners of channels."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        person = await members.known(session, viewer.workspace_id, viewer.user_id)
        if person is None:
            return ()
        return [*await self._customers(session, person, words), *await self._totals(session, person, words)]

    @staticmethod
    async def _customers(session: AsyncSession, person: Person, words: Words) -> Sequence[Block]:
        mine = await customers.managed_by(session, person.workspace_id, person.user_id)
        allowed = mine and members.able(person, Action.EXPORT_CUSTOMER, manages_customer=True)
        return blocks.customers_section(words, mine) if allowed else ()

    @staticmethod
    async def _totals(session: AsyncSession, person: Person, words: Words) -> Sequence[Block]:
        if members.able(person, Action.EXPORT_TOTALS):
            return blocks.totals_section(words, all_channels=True)
        owns = bool(await channels.owned_by(session, person.workspace_id, person.user_id))
        allowed = members.able(person, Action.EXPORT_TOTALS, owns_channel=owns)
        return blocks.totals_section(words, all_channels=False) if allowed else ()
