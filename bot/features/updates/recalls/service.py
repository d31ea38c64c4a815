"""Taking an update's posts in channels back by others than its author, inside the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.delivery.saying import DEAD
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.stories.rules import read_reference
from bot.features.updates import owing, receipts, store, writing
from bot.features.updates.recalls.rules import Reach, Recalled
from bot.features.updates.rules import Update


async def find(session: AsyncSession, ws: str, text: str) -> Update | None:
    """By its id, or a Slack permalink or `channel:ts` of one of its posts in channels; locked."""
    reference = read_reference(text)
    if reference is None:
        return None
    update_id = reference.post_id
    if not update_id:
        made = await queue.by_message(session, workspace_id=ws, channel=reference.channel_id, ts=reference.ts)
        update_id = str(made.ref["update"]) if made is not None and made.kind == owing.POST else ""
    return await store.locked(session, ws, update_id)


async def _reach(session: AsyncSession, update: Update, person: Person, *, now: datetime) -> Reach:
    """Nothing of an update that went to no channel: that is its author's."""
    if not (update.channels or update.recalled_in):
        return Reach()
    manages = await customers.manages(session, update.workspace_id, update.customer_id, person.user_id, now=now)
    if members.allowed(Action.RECALL, Standing(person=person, manages_customer=manages)):
        return Reach(all=True)
    if not members.allowed(Action.RECALL, Standing(person=person, owns_channel=True)):
        return Reach()
    own = {one.channel_id for one in await channels.owned_by(session, update.workspace_id, person.user_id)}
    return Reach(
        channels=tuple(one for one in update.channels if one in own),
        taken=tuple(one for one in update.recalled_in if one in own),
    )


async def recall(
    session: AsyncSession, person: Person, update_id: str, *, outsider: bool, now: datetime, new_id: NewId
) -> Recalled:
    """As far as this person may; an attempt without the right is audited."""
    ws, user = person.workspace_id, person.user_id
    update = await store.locked(session, ws, update_id)
    reach = Reach() if update is None or outsider else await _reach(session, update, person, now=now)
    if update is None or reach.nothing:
        about = [update.customer_id, *update.channels] if update is not None else []
        await members.refused(session, ws, user, Action.RECALL, about=about, now=now, new_id=new_id)
        return Recalled()
    if update.withdrawn or not (reach.all or reach.channels):
        return Recalled(reach=reach, already=True)
    if reach.all:
        return Recalled(reach=reach, stays=await recall_all(session, update, by=user, now=now, new_id=new_id))
    await _out_of(session, update, reach.channels, now=now)
    await writing.audit_recall(session, update, reach.channels, by=user, now=now, new_id=new_id)
    return Recalled(reach=reach)


async def recall_all(session: AsyncSession, update: Update, *, by: str, now: datetime, new_id: NewId) -> bool:
    """As when its author takes it back. The caller has checked the right, and that it is not withdrawn."""
    stays = await writing.withdraw(session, update, by=by, now=now)
    await writing.audit_recall(session, update, update.channels, by=by, now=now, new_id=new_id)
    return stays


async def _out_of(session: AsyncSession, update: Update, channel_ids: Sequence[str], *, now: datetime) -> None:
    """Its adopters keep it; who read it only in these channels no longer can."""
    ws = update.workspace_id
    await store.change(session, ws, update.id, recalled_in=[*update.recalled_in, *channel_ids])
    for channel_id in channel_ids:
        await owing.take_back_post(session, ws, update.id, channel_id, now=now)
    await receipts.refresh(session, ws, update.id, now=now, at_once=True)


async def recallable_by(
    session: AsyncSession, person: Person, *, limit: int, now: datetime
) -> list[tuple[Update, Reach]]:
    """The newest that stand in channels: all for editors and admins; else of their own customers, and what is in the
    channels they own."""
    ws, user = person.workspace_id, person.user_id
    if members.allowed(Action.RECALL, Standing(person=person)):
        found = await store.in_channels(session, ws, now=now, limit=limit)
        reaches = [(one, Reach(all=True)) for one in found]
    elif members.allowed(Action.RECALL, Standing(person=person, owns_channel=True)):
        own = {one.channel_id for one in await channels.owned_by(session, ws, user)}
        whose = {card.id for card in await customers.managed_by(session, ws, user)}
        if not (own or whose):
            return []
        found = await store.in_channels(session, ws, now=now, limit=limit, channel_ids=own, customer_ids=whose)
        reaches = [
            (one, Reach(all=one.customer_id in whose, channels=tuple(place for place in one.channels if place in own)))
            for one in found
        ]
    else:
        return []
    shown = [(one, await _standing(session, one, reach)) for one, reach in reaches if reach.all or reach.channels]
    return [(one, reach) for one, reach in shown if reach.channels]


async def _standing(session: AsyncSession, update: Update, reach: Reach) -> Reach:
    """With the channels in which it stands, or is to, of those that it would be taken out of."""
    places = update.channels if reach.all else reach.channels
    made = [(place, await owing.post_in(session, update.workspace_id, update.id, place)) for place in places]
    kept = tuple(place for place, owed in made if owed is not None and owed.state not in DEAD)
    return Reach(all=reach.all, channels=kept)
