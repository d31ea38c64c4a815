"""To whom an update goes and in which message: the first of a day at once, what follows the same day in the next."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.tables.updates import RelayBundle
from bot.delivery import queue, saying
from bot.delivery.queue import Owed
from bot.features.adoptions import service as adoptions
from bot.features.adoptions.service import Adoption
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.updates import holding, owing, picture_store, pictures, receipts, store
from bot.features.updates.rules import AT_MOST, LEFT_OUT, OWED, SENT, WAITING, Relay, Update

AT_ONCE = 20  # each costs a dozen small statements


async def to_adopters(session: AsyncSession, update: Update, *, now: datetime, new_id: NewId) -> None:
    """Owe the update to its adopters, or leave it to the job until its embargo is over. Of many, the first are put into
    their messages here, the rest by the job: whoever pressed *Send* waits for this."""
    ws = update.workspace_id
    if update.embargoed(now):
        return
    await go_out(session, update, now=now)
    customer = await customers.get(session, ws, update.customer_id)
    for relay in (await store.relays_of(session, ws, update.id))[:AT_ONCE]:
        await carry(session, update, customer, relay, now=now, new_id=new_id)


async def go_out(session: AsyncSession, update: Update, *, now: datetime) -> None:
    """Whoever has the customer at this moment gets the update, but its author; decided once."""
    ws = update.workspace_id
    if not await store.mark_gone_out(session, ws, update.id, now):
        return
    rows = [
        {"workspace_id": ws, "update_id": update.id, "user_id": one.user_id, "adoption_id": one.id, "state": WAITING}
        for one in await recipients(session, update)
    ]
    await store.add_relays(session, rows)


async def recipients(session: AsyncSession, update: Update) -> list[Adoption]:
    """Of those who have the customer now, all but the update's author."""
    found = await adoptions.adopters(session, update.workspace_id, update.customer_id)
    return [one for one in found if one.user_id != update.author]


async def carry(
    session: AsyncSession, update: Update, customer: CustomerCard | None, relay: Relay, *, now: datetime, new_id: NewId
) -> None:
    """Put the relay into the message that this person gets next."""
    ws, user = relay.workspace_id, relay.user_id
    await members.lock(session, ws, user)
    current = await store.relay(session, ws, update.id, user, lock=True)
    if current is None or current.state != WAITING:
        return  # another process has done it meanwhile
    person = await members.get(session, ws, user, now=now)
    why = _barred(update, customer, await adoptions.get(session, ws, relay.adoption_id), person, now=now)
    if why is None and members.earliest(person, now) is None:
        why = "stopped"
    if why is not None:
        await store.change_relay(session, ws, update.id, user, state=LEFT_OUT, why=why)
        return
    bundle = await store.open_bundle(session, ws, user)
    if bundle is None or len(await store.in_bundle(session, ws, bundle.id)) >= AT_MOST:
        bundle_id = new_id()
        await store.add_bundle(session, ws, bundle_id, user, f"relays:{bundle_id}", now)
        bundle = await store.bundle(session, ws, bundle_id)
    if bundle is not None:
        await store.change_relay(session, ws, update.id, user, state=OWED, bundle_id=bundle.id)
        await place(session, bundle, now=now)


async def why_not(session: AsyncSession, update: Update, relay: Relay, person: Person, *, now: datetime) -> str | None:
    """Read when it is written and again when it is sent: a code, or None where the adopter may have it."""
    customer = await customers.get(session, update.workspace_id, update.customer_id)
    adoption = await adoptions.get(session, update.workspace_id, relay.adoption_id)
    return _barred(update, customer, adoption, person, now=now)


def _barred(
    update: Update, customer: CustomerCard | None, adoption: Adoption | None, person: Person, *, now: datetime
) -> str | None:
    if update.withdrawn:
        return "withdrawn"
    if not members.able(person, Action.READ_INSIDE):
        return "gone"
    if customer is None or customer.confidential or not customers.visible(customer, customers.viewer_of(person)):
        return "customer"
    if adoption is None or not adoption.is_active or adoption.user_id != person.user_id:
        return "ended"
    if not adoptions.may_receive(adoption, person, now=now):
        return "paused"
    standing = Standing(person=person, in_audience=True)
    return None if members.allowed(Action.READ_UPDATE, standing) else "rights"


async def place(session: AsyncSession, bundle: RelayBundle, *, now: datetime, again: bool = False) -> None:
    """Owe the message: in the customer's thread while all in it are of one customer, else outside any. `again`: where
    it was owed it cannot be sent."""
    ws = bundle.workspace_id
    carried = await store.in_bundle(session, ws, bundle.id)
    root = None if again else await _root(session, ws, carried)
    key = f"relays:{bundle.id}" if root is not None else f"relays:{bundle.id}:by_itself"
    if key != bundle.key:
        await queue.cancel(session, workspace_id=ws, key=bundle.key, reason="moved")
        await store.change_bundle(session, ws, bundle.id, key=key)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=owing.RELAYS,
        key=key,
        method="post",
        target=bundle.user_id,
        ref={"bundle": bundle.id},
        under=root,
    )


async def _root(session: AsyncSession, ws: str, carried: Sequence[Relay]) -> int | None:
    """The delivery that opens the customer's thread."""
    adopted = {one.adoption_id for one in carried}
    if len(adopted) != 1:
        return None
    intro = await queue.find(session, workspace_id=ws, key=adoptions.intro_key(adopted.pop()))
    return intro.id if intro is not None and intro.state not in saying.DEAD else None


async def delivered(session: AsyncSession, ws: str, bundle_id: str, *, now: datetime) -> None:
    await _ended(session, ws, bundle_id, now=now, state=SENT, why=None, sent_at=now)


async def not_delivered(session: AsyncSession, ws: str, bundle_id: str, *, state: str, why: str, now: datetime) -> None:
    """`why`: a code of `why_not`, `stopped`, or Slack's."""
    await _ended(session, ws, bundle_id, now=now, state=state, why=why[:64], sent_at=None)


async def _ended(
    session: AsyncSession,
    ws: str,
    bundle_id: str,
    *,
    now: datetime,
    state: str,
    why: str | None,
    sent_at: datetime | None,
) -> None:
    for relay in await store.in_bundle(session, ws, bundle_id):
        if relay.state == OWED:
            await store.change_relay(session, ws, relay.update_id, relay.user_id, state=state, why=why, sent_at=sent_at)
            await receipts.refresh(session, ws, relay.update_id, now=now)


async def leave_out(session: AsyncSession, relay: Relay, why: str, *, now: datetime) -> None:
    ws = relay.workspace_id
    await store.change_relay(session, ws, relay.update_id, relay.user_id, state=LEFT_OUT, why=why)
    await receipts.refresh(session, ws, relay.update_id, now=now)


async def go_on(session: AsyncSession, ws: str, limit: int, *, now: datetime, new_id: NewId) -> int:
    """Put what waits, and may be read by now, into the messages people get; how many relays."""
    for update in await store.to_go_out(session, ws, now=now, limit=limit):
        if await holding.hold_back(session, update, now=now, new_id=new_id):
            continue
        await go_out(session, update, now=now)
        await receipts.refresh(session, ws, update.id, now=now)
    found = await store.waiting(session, ws, now, limit)
    updates = await store.some(session, ws, {one.update_id for one in found})
    about = await customers.customers(session, ws, sorted({one.customer_id for one in updates.values()}))
    for relay in found:
        update = updates[relay.update_id]
        await carry(session, update, about.get(update.customer_id), relay, now=now, new_id=new_id)
    for update_id in sorted(updates):
        await receipts.refresh(session, ws, update_id, now=now)
    return len(found)


async def show_again(session: AsyncSession, ws: str, update_id: str, *, now: datetime) -> None:
    """After an edit or a withdrawal: in every message that has gone out, once."""
    bundles = {one.bundle_id for one in await store.relays_of(session, ws, update_id) if one.state == SENT}
    for bundle_id in sorted(one for one in bundles if one):
        bundle = await store.bundle(session, ws, bundle_id)
        if bundle is not None:
            await saying.show_key_again(session, ws, bundle.key, now=now)


async def without_pictures(session: AsyncSession, bundle: RelayBundle, owed: Owed, *, now: datetime) -> None:
    """Slack does not take one of them: the message goes again without any."""
    ws = bundle.workspace_id
    carried = await store.in_bundle(session, ws, bundle.id)
    updates = await store.some(session, ws, {one.update_id for one in carried})
    await pictures.give_up(session, ws, [one.picture for one in updates.values() if one.picture])
    key = await saying.owe_plain(session, owed, now=now)
    await store.change_bundle(session, ws, bundle.id, key=key, closed_at=None)


async def picture_ready(session: AsyncSession, ws: str, digest: str, *, now: datetime) -> None:
    """Messages that went out without it show it now."""
    for copy in await picture_store.showing(session, ws, digest):
        if copy.note_id:
            await owing.show_note_again(session, ws, copy.note_id, now=now)
        update = await store.get(session, ws, copy.update_id) if copy.update_id else None
        if update is not None:
            await show_again(session, ws, update.id, now=now)
            for channel_id in update.channels:
                await owing.show_post_again(session, ws, update.id, channel_id, now=now)
