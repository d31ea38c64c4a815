"""*Adopt*, wherever a customer is shown: below a story, on its card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.db.moment import db_now
from bot.features.adoptions import service
from bot.features.adoptions.rules import Outcome
from bot.features.customers import blocks as customers_blocks
from bot.features.members import service as members

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.features.customers.service import CustomerCard
    from bot.slack.kit import Element
    from bot.slack.words import Words


async def adopt(session: AsyncSession, words: Words, customer: CustomerCard, *, user: str) -> Sequence[Element]:
    """A `customers.seams.CardButtons`: where this person could adopt the customer now; in a channel, where it has room
    for anybody."""
    if user:
        person = await members.get(session, customer.workspace_id, user)
        able = await service.outcome_for(session, person, customer, now=await db_now(session)) is Outcome.ADOPTED
    else:
        able = await service.has_room(session, customer)
    return [customers_blocks.adopt_button(words, customer)] if able else []
