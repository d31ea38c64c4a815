"""An exchange becomes a story of the editors' when both who wrote it wish so."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import saying
from bot.features.inbox import service as inbox
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.updates import owing
from bot.features.updates.exchanges import store as exchange_store
from bot.features.updates.exchanges import threads
from bot.features.updates.exchanges.rules import Exchange, Offered
from bot.features.updates.rules import AGREED, ASKED, DECLINED


async def can_offer(session: AsyncSession, exchange: Exchange) -> bool:
    """Once both have said something, and until one of them has offered it."""
    said = {one.author for one in await exchange_store.of_exchange(session, exchange.workspace_id, exchange.id)}
    return exchange.offer_state is None and {exchange.adopter, exchange.partner} <= said


async def offer(
    session: AsyncSession, ws: str, user: str, exchange_id: str, *, now: datetime, new_id: NewId
) -> Offered:
    """The other one is asked."""
    exchange = await exchange_store.exchange(session, ws, exchange_id, lock=True)
    if exchange is None:
        return Offered.NOT_YOURS
    own = user in {exchange.adopter, exchange.partner}
    if not await members.permitted(
        session, ws, user, Action.EXCHANGE, own=own, about=[exchange.customer_id], now=now, new_id=new_id
    ):
        return Offered.NOT_YOURS
    if exchange.offer_state is not None:
        return Offered.ALREADY
    if not await members.permitted(
        session, ws, user, Action.SUGGEST, about=[exchange.customer_id], now=now, new_id=new_id
    ):
        return Offered.NOT_YOURS
    if not await can_offer(session, exchange):
        return Offered.TOO_EARLY
    await exchange_store.change_exchange(session, ws, exchange_id, offer_state=ASKED, offered_by=user, offered_at=now)
    other = exchange.other(user)
    person = await members.get(session, ws, other, now=now)
    await saying.owe_message(
        session,
        now=now,
        ws=ws,
        kind=owing.OFFER,
        key=owing.offer_key(exchange_id, 1),
        target=other,
        ref={"exchange": exchange_id, "user": other},
        under=await _thread(session, exchange, other),
        due=members.next_waking(person, now),
        again=False,
    )
    await threads.show_opener_again(session, exchange, now=now)
    return Offered.ASKED


async def _thread(session: AsyncSession, exchange: Exchange, user: str) -> int | None:
    if user == exchange.adopter:
        return exchange.root_id
    opener = await threads.opener_of(session, exchange)
    return opener.id if opener is not None else None


async def decide(
    session: AsyncSession, ws: str, user: str, exchange_id: str, *, yes: bool, now: datetime, new_id: NewId
) -> Offered:
    """By the one who was asked; the other hears of it in their thread."""
    exchange = await exchange_store.exchange(session, ws, exchange_id, lock=True)
    if exchange is None or exchange.offered_by is None:
        return Offered.NOT_YOURS
    own = user == exchange.other(exchange.offered_by)
    if not await members.permitted(
        session, ws, user, Action.EXCHANGE, own=own, about=[exchange.customer_id], now=now, new_id=new_id
    ):
        return Offered.NOT_YOURS
    if exchange.offer_state != ASKED:
        return Offered.ALREADY
    draft_id = await _draft(session, exchange, now=now, new_id=new_id) if yes else None
    state = AGREED if yes else DECLINED
    await exchange_store.change_exchange(session, ws, exchange_id, offer_state=state, draft_id=draft_id)
    await saying.show_key_again(session, ws, owing.offer_key(exchange_id, 1), now=now)
    await saying.owe_message(
        session,
        now=now,
        ws=ws,
        kind=owing.OFFER,
        key=owing.offer_key(exchange_id, 2),
        target=exchange.offered_by,
        ref={"exchange": exchange_id, "user": exchange.offered_by},
        under=await _thread(session, exchange, exchange.offered_by),
        due=members.next_waking(await members.get(session, ws, exchange.offered_by, now=now), now),
        again=False,
    )
    return Offered.AGREED if yes else Offered.DECLINED


async def _draft(session: AsyncSession, exchange: Exchange, *, now: datetime, new_id: NewId) -> str:
    ws = exchange.workspace_id
    notes = await exchange_store.of_exchange(session, ws, exchange.id)
    people = await members.people(session, ws, {exchange.adopter, exchange.partner})
    names = {user: person.name for user, person in people.items()}
    text = "\n\n".join(f"{names.get(one.author, '…')}: {one.text}" for one in notes if one.text)
    author = exchange.offered_by or exchange.partner
    return await inbox.offer(
        session,
        ws=ws,
        kind="story",
        author=author,
        headline="",
        text=text,
        customer_id=exchange.customer_id,
        origin={"what": "exchange", "id": exchange.id},
        language=people[author].locale if author in people else None,
        request=f"exchange:{exchange.id}",
        now=now,
        new_id=new_id,
        credit=True,
    )
