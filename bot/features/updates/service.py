"""Updates for everybody else: the latest news of customers, thanks, and who may read what."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.adoptions import service as adoptions
from bot.features.adoptions.seams import News
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.updates import receipts, store
from bot.features.updates.rules import Update

HEADLINE = 80


async def latest(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> Mapping[str, News]:
    """Of each customer the last update that adopters may read; an `adoptions.seams.LatestNews`."""
    now = await db_now(session)
    cards = await customers.customers(session, ws, sorted(customer_ids))
    told = sorted(card.id for card in cards.values() if not card.confidential)
    found = await store.latest(session, ws, told, now=now)
    return {customer: News(at=one.at, headline=headline_of(one)) for customer, one in found.items()}


def headline_of(update: Update) -> str:
    """Its headline, or the beginning of its text."""
    text = " ".join((update.headline or update.text).split())
    return text if len(text) <= HEADLINE else text[: HEADLINE - 1].rstrip() + "…"


async def readable(
    session: AsyncSession, person: Person, update_id: str, *, outsider: bool, now: datetime
) -> Update | None:
    """The update where this person may read it at this moment: an adopter, whoever looks after the customer, an editor,
    somebody in a channel it went to."""
    ws = person.workspace_id
    update = await store.get(session, ws, update_id)
    if update is None or update.withdrawn or outsider or not members.able(person, Action.READ_INSIDE):
        return None
    customer = await customers.get(session, ws, update.customer_id)
    if customer is None or not customers.visible(customer, customers.viewer_of(person, outsider=outsider)):
        return None
    manages = await customers.manages(session, ws, update.customer_id, person.user_id, now=now)
    reached = not (customer.confidential or update.embargoed(now)) and await _in_audience(session, person, update)
    may = await members.may(
        session, ws, person.user_id, Action.READ_UPDATE, manages_customer=manages, in_audience=reached
    )
    return update if may else None


async def _in_audience(session: AsyncSession, person: Person, update: Update) -> bool:
    ws, user = person.workspace_id, person.user_id
    if await adoptions.find(session, ws, user, update.customer_id) is not None:
        return True
    if not update.channels:
        return False
    return any(one.channel_id in update.channels for one in await channels.my_channels(session, ws, user))


async def thank(session: AsyncSession, update: Update, user: str, *, now: datetime) -> bool:
    """Counted once for each person who was sent it; whether it was this time."""
    first = await store.mark_once(session, update.workspace_id, update.id, user, "thanked_at", now)
    if first:
        await receipts.refresh(session, update.workspace_id, update.id, now=now)
    return first


async def asked(session: AsyncSession, update: Update, user: str, *, now: datetime) -> None:
    """Somebody asked a question about it, which has gone the way of all questions."""
    if await store.mark_once(session, update.workspace_id, update.id, user, "asked_at", now):
        await receipts.refresh(session, update.workspace_id, update.id, now=now)
