"""*Get its data*, on the card of a customer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.features.exports import blocks
from bot.features.members import service as members
from bot.features.members.service import Action

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.features.customers.service import CustomerCard
    from bot.slack.kit import Element
    from bot.slack.words import Words


async def get_data(session: AsyncSession, words: Words, customer: CustomerCard, *, user: str) -> Sequence[Element]:
    """A `customers.seams.CardButtons`: for whoever looks after the customer."""
    if not user or not customer.looked_after_by(user):
        return []
    person = await members.get(session, customer.workspace_id, user)
    allowed = members.able(person, Action.EXPORT_CUSTOMER, manages_customer=True)
    return [blocks.customer_button(words, customer.id)] if allowed else []
