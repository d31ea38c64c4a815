"""What updates owe Slack, rendered from the state at the moment of sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.delivery.uploads import Uploads
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.updates import blocks, holding, owed_holding, owing, pictures, receipts, relaying, store, writing
from bot.features.updates.blocks import Item, Placed, Receipt
from bot.features.updates.exchanges import owed as owed_exchanges
from bot.features.updates.reminders import owed as owed_reminders
from bot.features.updates.rules import FAILED, LEFT_OUT, OWED, Relay, Update, tally
from bot.slack.errors import Fault, classify
from bot.slack.words import Words, words_of


async def item(session: AsyncSession, update: Update, words: Words, *, can_ask: bool = True) -> Item:
    ws = update.workspace_id
    author = await members.get(session, ws, update.author)
    customer = await customers.get(session, ws, update.customer_id)
    shown = await pictures.ready(session, ws, [update.picture]) if update.picture else {}
    return Item(
        update=update,
        customer=customer.name if customer else "",
        author=blocks.somebody(words, author.name),
        picture=shown.get(update.picture or ""),
        can_ask=can_ask,
    )


class Relays(Quiet):
    """One update or several to one adopter. Rights are read again here, and so is what people have said since about
    when they want to be written to."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user = owed.workspace_id, str(owed.target)
        bundle = await store.bundle(session, ws, str(owed.ref["bundle"]))
        if bundle is None:
            return Skip(reason="gone")
        user, now = bundle.user_id, await db_now(session)
        person = await members.get(session, ws, user, now=now)
        if owed.method == "update":
            return await self._again(session, bundle.id, person, now=now)
        await members.lock(session, ws, user)  # before the message: whoever puts something into it does the same
        bundle = await store.bundle(session, ws, bundle.id, lock=True) or bundle
        if bundle.key != owed.key:
            return Skip(reason="moved")
        when = await members.when_to_write(session, ws, user, now=now)
        if when is None or when > now:
            here = members.able(person, Action.READ_INSIDE)
            return Later(until=when) if when is not None else Skip(reason="stopped" if here else "gone")
        return await self._first(session, owed, bundle.id, person, now=now)

    async def _first(
        self, session: AsyncSession, owed: Owed, bundle_id: str, person: Person, *, now: datetime
    ) -> Rendered:
        ws = owed.workspace_id
        found = await self._readable(session, ws, bundle_id, person, now=now)
        if not found:
            await store.change_bundle(session, ws, bundle_id, closed_at=now)
            return Skip(reason="nothing_left")
        waiting = [one for one in found if one.picture and now < one.at + pictures.PATIENCE]
        if await pictures.settling(session, ws, [one.picture for one in waiting if one.picture]):
            return Later(until=now + pictures.LOOK_AGAIN)
        turn = await members.take_turn(session, ws, person.user_id, key=f"relays:{bundle_id}", now=now)
        if turn > now:
            return Later(until=turn)
        await store.change_bundle(session, ws, bundle_id, closed_at=now)
        words = words_of(person)
        return blocks.relayed(words, [await self._item(session, one, person, words, now=now) for one in found])

    async def _readable(
        self, session: AsyncSession, ws: str, bundle_id: str, person: Person, *, now: datetime
    ) -> list[Update]:
        """Those that this person may still have; the others are left out for good."""
        carried = [one for one in await store.in_bundle(session, ws, bundle_id) if one.state == OWED]
        updates = await store.some(session, ws, {one.update_id for one in carried})
        found: list[Update] = []
        for relay in carried:
            update = updates[relay.update_id]
            why = await relaying.why_not(session, update, relay, person, now=now)
            if why is None:
                found.append(update)
            else:
                await relaying.leave_out(session, relay, why, now=now)
        return sorted(found, key=lambda one: (one.at, one.id))

    async def _again(self, session: AsyncSession, bundle_id: str, person: Person, *, now: datetime) -> Rendered:
        ws = person.workspace_id
        carried: list[Relay] = [one for one in await store.in_bundle(session, ws, bundle_id) if one.state != LEFT_OUT]
        updates = await store.some(session, ws, {one.update_id for one in carried})
        if not updates:
            return Skip(reason="nothing_left")
        shown = [
            updates[one.update_id] for one in carried if await self._may_still(session, updates, one, person, now=now)
        ]
        if not shown:
            return Skip(reason="may_not_read")
        words = words_of(person)
        ordered = sorted(shown, key=lambda one: (one.at, one.id))
        return blocks.relayed(words, [await self._item(session, one, person, words, now=now) for one in ordered])

    @staticmethod
    async def _may_still(
        session: AsyncSession, updates: Mapping[str, Update], relay: Relay, person: Person, *, now: datetime
    ) -> bool:
        """What has changed is for those only who might have it today; that it was taken back is for everybody."""
        why = await relaying.why_not(session, updates[relay.update_id], relay, person, now=now)
        return why in {None, "withdrawn", "paused"}

    @staticmethod
    async def _item(session: AsyncSession, update: Update, person: Person, words: Words, *, now: datetime) -> Item:
        manages = await customers.manages(session, update.workspace_id, update.customer_id, person.user_id, now=now)
        return await item(session, update, words, can_ask=not manages)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.method == "post":
            await relaying.delivered(session, owed.workspace_id, str(owed.ref["bundle"]), now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """Where the thread's head never came, the message goes by itself; where a picture was refused, without it."""
        ws = owed.workspace_id
        bundle = await store.bundle(session, ws, str(owed.ref["bundle"]), lock=True)
        if bundle is None:
            return
        shown = await self._pictures(session, ws, bundle.id) if error in pictures.REFUSED else []
        if owed.method == "update":
            await pictures.change_without(session, owed, shown, now=now)
        elif bundle.key != owed.key:
            return
        elif error == "parent_failed":
            await relaying.place(session, bundle, now=now, again=True)
        elif shown and not owed.ref.get("plain"):  # a channel's post may have given up the picture a moment ago
            await relaying.without_pictures(session, bundle, owed, now=now)
        else:
            await relaying.not_delivered(session, ws, bundle.id, state=FAILED, why=error, now=now)

    @staticmethod
    async def _pictures(session: AsyncSession, ws: str, bundle_id: str) -> list[str]:
        carried = await store.in_bundle(session, ws, bundle_id)
        updates = await store.some(session, ws, {one.update_id for one in carried})
        return [one.picture for one in updates.values() if one.picture]

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        if owed.method == "post" and reason not in {"moved", "nothing_left"}:
            ws, bundle_id = owed.workspace_id, str(owed.ref["bundle"])
            await store.change_bundle(session, ws, bundle_id, closed_at=now)
            await relaying.not_delivered(session, ws, bundle_id, state=LEFT_OUT, why=reason, now=now)


class Receipts(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        update = await store.get(session, ws, str(owed.ref["update"]))
        if update is None:
            return Skip(reason="gone")
        author = await members.get(session, ws, update.author)
        customer = await customers.get(session, ws, update.customer_id)
        if customer is None or not members.able(author, Action.READ_INSIDE):
            return Skip(reason="may_not_read")
        now = await db_now(session)
        showing = receipts.next_showing(update, now)
        if owed.method == "update" and not owed.ref.get("at_once") and showing > now:
            return Later(until=showing)
        counted = tally(await store.relays_of(session, ws, update.id))
        unreached = [user for users in counted.unreached.values() for user in users]
        by = [update.withdrawn_by] if update.withdrawn_by else []
        people = await members.people(session, ws, [*counted.thanked, *unreached, *by])
        shown = Receipt(
            update=update,
            customer=customer.name,
            tally=counted,
            names={user: person.name for user, person in people.items()},
            placed=await self._placed(session, update),
            now=now,
        )
        return blocks.receipt(words_of(author), shown)

    @staticmethod
    async def _placed(session: AsyncSession, update: Update) -> Sequence[Placed]:
        found = []
        for channel in update.channels:
            made = await owing.post_in(session, update.workspace_id, update.id, channel)
            if made is not None:
                found.append(Placed(channel=channel, state=made.state))
        return found

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        await receipts.shown(session, owed.workspace_id, str(owed.ref["update"]), now=now)


@dataclass(frozen=True, kw_only=True)
class Posts(Quiet):
    """An update in a channel. Who reads there now counts."""

    new_id: NewId

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, channel_id = owed.workspace_id, str(owed.ref["channel"])
        update = await store.get(session, ws, str(owed.ref["update"]))
        customer = await customers.get(session, ws, update.customer_id) if update else None
        audience = await channels.audience(session, ws, channel_id)
        if update is None or update.withdrawn or customer is None or audience is None:
            return Skip(reason="gone")
        if channel_id not in update.channels:
            return Skip(reason="recalled")
        if owed.method == "post" and (why := await channels.why_not_now(session, ws, channel_id)):
            return Skip(reason=why)
        barred = await writing.barred_channels(session, customer, [channel_id])
        if barred:
            return Skip(reason=barred[channel_id].value)
        now = await db_now(session)
        if owed.method == "post" and await holding.hold_back(session, update, now=now, new_id=self.new_id):
            return Skip(reason="held_back")
        picture = [update.picture] if update.picture else []
        if (
            owed.method == "post"
            and now < update.at + pictures.PATIENCE
            and await pictures.settling(session, ws, picture)
        ):
            return Later(until=now + pictures.LOOK_AGAIN)
        words = words_of(audience)
        return blocks.channel_post(words, await item(session, update, words))

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.method == "post":
            await channels.count(session, owed.workspace_id, str(owed.ref["channel"]), "post", now)
        await self._told(session, owed, now=now)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A picture that Slack does not take is left out; a channel that takes nothing is paused."""
        ws, channel_id = owed.workspace_id, str(owed.ref["channel"])
        update = await store.get(session, ws, str(owed.ref["update"]))
        if owed.method == "post" and classify(error) is Fault.PLACE:
            await channels.place_failed(session, ws, channel_id, error, new_id=self.new_id, now=now)
        elif error in pictures.REFUSED and update is not None and update.picture:
            if owed.method == "post":
                await self._plain(session, owed, update.picture, now=now)
            else:
                await pictures.change_without(session, owed, [update.picture], now=now)
        await self._told(session, owed, now=now)

    @staticmethod
    async def _plain(session: AsyncSession, owed: Owed, picture: str, *, now: datetime) -> None:
        await pictures.give_up(session, owed.workspace_id, [picture])
        await queue.enqueue(
            session,
            now=now,
            workspace_id=owed.workspace_id,
            kind=owed.kind,
            key=f"{owed.key.removesuffix(':plain')}:plain",
            method="post",
            target=owed.target,
            ref=owed.ref,
        )

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:  # noqa: ARG002
        await self._told(session, owed, now=now)

    @staticmethod
    async def _told(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.method == "post":
            await receipts.refresh(session, owed.workspace_id, str(owed.ref["update"]), now=now)


class SharedPictures(Uploads):
    async def ready(self, session: AsyncSession, ws: str, digest: str, *, now: datetime) -> None:
        await relaying.picture_ready(session, ws, digest, now=now)


def renderers(*, new_id: NewId) -> dict[str, Renderer]:
    return {
        owing.RELAYS: Relays(),
        owing.RECEIPT: Receipts(),
        owing.POST: Posts(new_id=new_id),
        owing.PICTURE: SharedPictures(),
        **owed_exchanges.renderers(),
        **owed_holding.renderers(),
        **owed_reminders.renderers(),
    }
