"""An update that waited for its day, and whose author may not write about the customer any more: it does not go out."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import ADMIN, Action, Person
from bot.features.updates import owing, receipts, store
from bot.features.updates.rules import Update


async def hold_back(session: AsyncSession, update: Update, *, now: datetime, new_id: NewId) -> bool:
    """Whether it must not go out, asked when its embargo is over; decided once. Its text stays, and whoever can send it
    now is told."""
    ws = update.workspace_id
    if update.held_back:
        return True
    if update.embargo_until is None or await _may_write(session, update, update.author, now=now):
        return False
    if not await store.mark_held_back(session, ws, update.id, now):
        known = await store.get(session, ws, update.id)
        return known is not None and known.held_back
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=update.author, action="update.held_back", subject=update.id,
        about=[update.customer_id, *update.channels],
    )  # fmt: skip
    await tell(session, update, now=now)
    await receipts.refresh(session, ws, update.id, now=now)
    return True


async def _may_write(session: AsyncSession, update: Update, user: str, *, now: datetime) -> bool:
    ws = update.workspace_id
    manages = await customers.manages(session, ws, update.customer_id, user, now=now)
    return await members.may(session, ws, user, Action.WRITE_UPDATE, manages_customer=manages)


async def can_send(session: AsyncSession, update: Update, *, now: datetime) -> list[Person]:
    """Whoever acts for the customer at this moment; the admins, where nobody does."""
    ws = update.workspace_id
    acting = (await customers.managers(session, ws, update.customer_id, now=now)).acting
    return [acting] if acting is not None else await members.with_role(session, ws, ADMIN)


async def tell(session: AsyncSession, update: Update, *, now: datetime) -> None:
    """Them and its author, each once."""
    ws = update.workspace_id
    users = {one.user_id for one in await can_send(session, update, now=now)}
    if members.able(await members.get(session, ws, update.author, now=now), Action.READ_INSIDE):
        users.add(update.author)
    for user in sorted(users):
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=owing.HELD_BACK,
            key=owing.held_back_key(update.id, user),
            method="post",
            target=user,
            ref={"update": update.id, "user": user},
        )


async def may_have(session: AsyncSession, update: Update, person: Person, *, now: datetime) -> bool:
    """Its author, while they are here and may know of the customer; whoever may write about it."""
    customer = await customers.get(session, update.workspace_id, update.customer_id)
    if customer is None or not customers.visible(customer, customers.viewer_of(person)):
        return False
    if not members.able(person, Action.READ_INSIDE):
        return False
    return person.user_id == update.author or await _may_write(session, update, person.user_id, now=now)
