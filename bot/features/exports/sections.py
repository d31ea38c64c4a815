"""The part of Home about totals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels import service as channels
from bot.features.exports import blocks
from bot.features.members import service as members
from bot.features.members.service import Action

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer
    from bot.slack.kit import Block
    from bot.slack.words import Words


class TotalsSection:
    """For editors and admins, and for owners of channels."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        ws, user = viewer.workspace_id, viewer.user_id
        person = await members.known(session, ws, user)
        if person is None:
            return ()
        if members.able(person, Action.EXPORT_TOTALS):
            return blocks.totals_section(words, all_channels=True)
        owns = bool(await channels.owned_by(session, ws, user))
        if not members.able(person, Action.EXPORT_TOTALS, owns_channel=owns):
            return ()
        return blocks.totals_section(words, all_channels=False)
