"""What exchanges owe Slack, rendered from the state at the moment of sending."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import saying
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.features.adoptions import service as adoptions
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.questions.blocks import Shared
from bot.features.updates import blocks, owing, pictures
from bot.features.updates.exchanges import blocks as exchange_blocks
from bot.features.updates.exchanges import offering, threads
from bot.features.updates.exchanges import store as exchange_store
from bot.features.updates.exchanges.blocks import Hold, Said
from bot.features.updates.exchanges.rules import Exchange, Note
from bot.features.updates.rules import ASKED, HELD, KEPT, SENT
from bot.slack.words import Words, words_of


class Holds(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        notes = await exchange_store.group(session, ws, str(owed.ref["group"]))
        if not notes:
            return Skip(reason="gone")
        standing = [one for one in notes if not one.deleted]
        if not standing and owed.method == "post":
            return Skip(reason="taken_back")
        person = await members.get(session, ws, notes[0].author)
        if not members.able(person, Action.EXCHANGE, own=True):
            return Skip(reason="gone")
        states = {one.state for one in standing or notes}
        state = HELD if HELD in states else KEPT if KEPT in states else SENT
        partners = await self._partners(session, ws, int(owed.ref["root"])) if state == HELD else {}
        shown = Hold(
            group=notes[0].group_id,
            count=len(standing),
            state=state,
            partners=partners,
            sent_to=await self._sent_to(session, notes),
        )
        return exchange_blocks.hold(words_of(person), shown)

    @staticmethod
    async def _partners(session: AsyncSession, ws: str, root: int) -> dict[str, tuple[str, str]]:
        now, found = await db_now(session), {}
        for customer_id in await threads.about(session, ws, root):
            customer = await customers.get(session, ws, customer_id)
            acting = (await customers.managers(session, ws, customer_id, now=now)).acting
            if customer is not None:
                found[customer_id] = (customer.name, acting.name if acting else "")
        return found

    @staticmethod
    async def _sent_to(session: AsyncSession, notes: list[Note]) -> str:
        sent = next((one for one in notes if one.exchange_id), None)
        if sent is None or sent.exchange_id is None:
            return ""
        exchange = await exchange_store.exchange(session, sent.workspace_id, sent.exchange_id)
        return (await members.get(session, sent.workspace_id, exchange.partner)).name if exchange else ""


class WithNote(Quiet):
    """A message that carries a note, whose author hears where it is lost. A new one never waits for its pictures: the
    edit that follows shows them."""

    async def _found(self, session: AsyncSession, owed: Owed) -> tuple[Note, Exchange, CustomerCard] | Skip:
        ws = owed.workspace_id
        note = await exchange_store.note(session, ws, str(owed.ref["note"]))
        exchange = await exchange_store.exchange(session, ws, str(owed.ref["exchange"]))
        customer = await customers.get(session, ws, exchange.customer_id) if exchange else None
        if note is None or exchange is None or customer is None:
            return Skip(reason="gone")
        if note.deleted and owed.method == "post":
            return Skip(reason="taken_back")
        return note, exchange, customer

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        ws = owed.workspace_id
        note = await exchange_store.note(session, ws, str(owed.ref["note"])) if error in pictures.REFUSED else None
        files = [one.id for one in note.files] if note else []
        if owed.method == "update":
            await pictures.change_without(session, owed, files, now=now)
        elif owed.method == "post" and not await self._again(session, owed, files, error=error, now=now):
            await threads.reply_lost(session, owed, now=now)

    @staticmethod
    async def _again(session: AsyncSession, owed: Owed, files: Sequence[str], *, error: str, now: datetime) -> bool:
        """Without the pictures that Slack would not take; what was to stand below such a message, below the one that
        goes instead."""
        ws, under = owed.workspace_id, owed.under_id
        shown = await pictures.ready(session, ws, files)
        await pictures.give_up(session, ws, list(shown))
        if error == "parent_failed" and owed.kind == owing.NOTE and not owed.ref.get("plain"):
            exchange = await exchange_store.exchange(session, ws, str(owed.ref["exchange"]))
            opener = await threads.opener_of(session, exchange) if exchange else None
            under = opener.id if opener is not None else under
        if not shown and under == owed.under_id:
            return False
        await saying.owe_plain(session, replace(owed, under_id=under), now=now)
        return True

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        if owed.method == "post" and reason != "taken_back":
            await threads.reply_lost(session, owed, now=now)

    @staticmethod
    async def _said(session: AsyncSession, note: Note, customer: CustomerCard, words: Words) -> Said:
        author = await members.get(session, note.workspace_id, note.author)
        name = blocks.somebody(words, author.name)
        shown = await pictures.ready(session, note.workspace_id, [one.id for one in note.files])
        return Said(
            note=note,
            author=name,
            customer=customer.name,
            shared=Shared(by=name, files=note.files, pictures=shown),
        )


class ToPartner(WithNote):
    """An adopter's words, sent on to whoever acts for the customer."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        found = await self._found(session, owed)
        if isinstance(found, Skip):
            return found
        note, exchange, customer = found
        partner = await members.get(session, owed.workspace_id, exchange.partner)
        if not await self._may_read(session, exchange, partner):
            return Skip(reason="may_not_read")
        now = await db_now(session)
        awake = await members.when_awake(session, owed.workspace_id, partner.user_id, now=now)
        if owed.method == "post" and awake > now:
            return Later(until=awake)
        words = words_of(partner)
        opener = await threads.opener_of(session, exchange)
        heads = opener is not None and opener.ref.get("note") == note.id
        shown = await self._said(session, note, customer, words)
        offer = exchange.id if heads and await offering.can_offer(session, exchange) else ""
        return exchange_blocks.to_partner(words, replace(shown, opens=heads, offer=offer))

    @staticmethod
    async def _may_read(session: AsyncSession, exchange: Exchange, partner: Person) -> bool:
        ws, now = exchange.workspace_id, await db_now(session)
        manages = await customers.manages(session, ws, exchange.customer_id, partner.user_id, now=now)
        return members.able(partner, Action.ANSWER, manages_customer=manages)


class ToAdopter(WithNote):
    """The answer, in the adopter's thread. At once, also at night: it is the answer to one's own words."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        found = await self._found(session, owed)
        if isinstance(found, Skip):
            return found
        note, exchange, customer = found
        adopter = await members.get(session, owed.workspace_id, exchange.adopter)
        if not await self._may_read(session, customer, adopter):
            return Skip(reason="may_not_read")
        words = words_of(adopter)
        shown = await self._said(session, note, customer, words)
        offer = exchange.id if await offering.can_offer(session, exchange) else ""
        return exchange_blocks.to_adopter(words, replace(shown, offer=offer))

    @staticmethod
    async def _may_read(session: AsyncSession, customer: CustomerCard, adopter: Person) -> bool:
        if not customers.visible(customer, customers.viewer_of(adopter)) or customer.confidential:
            return False
        ws = adopter.workspace_id
        has_it = await adoptions.find(session, ws, adopter.user_id, customer.id) is not None
        return await members.may(session, ws, adopter.user_id, Action.READ_UPDATE, in_audience=has_it)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.method == "post":
            await threads.reply_sent(session, owed, now=now)


class NotSent(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        person = await members.get(session, owed.workspace_id, str(owed.ref["user"]))
        if not members.able(person, Action.BE_ANSWERED):
            return Skip(reason="gone")
        return exchange_blocks.not_sent(words_of(person), str(owed.ref["why"]), int(owed.ref["count"]))


class Offers(Quiet):
    """To whoever is asked whether the exchange may be offered; and what they said, to whoever offered it."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user = owed.workspace_id, str(owed.ref["user"])
        exchange = await exchange_store.exchange(session, ws, str(owed.ref["exchange"]))
        person = await members.get(session, ws, user)
        customer = await customers.get(session, ws, exchange.customer_id) if exchange else None
        if exchange is None or customer is None or not members.able(person, Action.EXCHANGE, own=True):
            return Skip(reason="gone")
        if customer.confidential or not customers.visible(customer, customers.viewer_of(person)):
            return Skip(reason="may_not_read")
        now = await db_now(session)
        awake = await members.when_awake(session, ws, user, now=now)
        if owed.method == "post" and awake > now:
            return Later(until=awake)
        notes = await exchange_store.of_exchange(session, ws, exchange.id)
        words = words_of(person)
        other = await members.get(session, ws, exchange.other(user))
        return exchange_blocks.consent(
            words,
            exchange.id,
            exchange.offer_state or ASKED,
            asked=user != exchange.offered_by,
            other=blocks.somebody(words, other.name),
            customer=customer.name,
            quoted=[one.text for one in notes],
        )


class Confirmations(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Skip(reason="a reaction shows nothing")


def renderers() -> dict[str, Renderer]:
    return {
        owing.HOLD: Holds(),
        owing.NOTE: ToPartner(),
        owing.REPLY: ToAdopter(),
        owing.NOT_SENT: NotSent(),
        owing.OFFER: Offers(),
        owing.CONFIRMED: Confirmations(),
    }
