"""What is owed about updates that were held back, rendered from the state at the moment of sending."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.updates import blocks, holding, owing, store
from bot.features.updates.blocks import Item
from bot.slack.words import words_of

MAY_NOT = "may_not_read"


class HeldBack(Quiet):
    """In their waking hours: it is theirs to decide, and nobody else is asked."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user, now = owed.workspace_id, str(owed.ref["user"]), await db_now(session)
        update = await store.get(session, ws, str(owed.ref["update"]))
        if update is None or update.withdrawn:
            return Skip(reason="gone")
        person = await members.get(session, ws, user, now=now)
        if not await holding.may_have(session, update, person, now=now):
            return Skip(reason=MAY_NOT)
        awake = await members.when_awake(session, ws, user, now=now)
        if awake > now:
            return Later(until=awake)
        words = words_of(person)
        author = await members.get(session, ws, update.author)
        customer = await customers.get(session, ws, update.customer_id)
        item = Item(
            update=update,
            customer=customer.name if customer else "",
            author=blocks.somebody(words, author.name),
        )
        can_send = [one.name for one in await holding.can_send(session, update, now=now)]
        return blocks.held_back(words, item, can_send=can_send, mine=user == update.author)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """The customer has changed hands once more."""
        update = await store.get(session, owed.workspace_id, str(owed.ref["update"])) if reason == MAY_NOT else None
        if update is not None:
            await holding.tell(session, update, now=now)


def renderers() -> dict[str, Renderer]:
    return {owing.HELD_BACK: HeldBack()}
