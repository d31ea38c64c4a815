"""Presses below an exchange: *Send it on*, *Keep it*, *Offer this as a story* and the answer to that."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.updates import blocks
from bot.features.updates.exchanges import blocks as exchange_blocks
from bot.features.updates.exchanges import offering, threads
from bot.features.updates.exchanges import rules as exchange_rules
from bot.features.updates.exchanges import store as exchange_store
from bot.features.updates.exchanges.blocks import AGREE, DECLINE, KEEP, OFFER, SEND_ON
from bot.slack import kit
from bot.slack.listening import readable
from bot.slack.payloads import Press, press
from bot.slack.words import words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(app: AsyncApp, edge: Edge) -> None:
    presses = Exchanging(edge=edge)
    app.action(re.compile(f"^{SEND_ON}:"))(readable(presses.on_send))
    app.action(KEEP)(readable(presses.on_keep))
    app.action(OFFER)(readable(presses.on_offer))
    app.action(AGREE)(readable(presses.on_decide))
    app.action(DECLINE)(readable(presses.on_decide))


@dataclass(frozen=True, kw_only=True)
class Exchanging:
    """Everything said here is private, beneath the message."""

    edge: Edge

    async def on_send(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        await self._answer(ack, pressed, await self.edge.sessions.run(lambda session: self._send(session, pressed)))

    async def _answer(self, ack: AsyncAck, pressed: Press, text: str) -> None:
        await ack()
        self.edge.receipts.send(pressed.response_url, kit.told(text))

    async def _send(self, session: AsyncSession, pressed: Press) -> str:
        ws, now = pressed.who.workspace_id, self.edge.clock.now()
        person = await members.get(session, ws, pressed.who.user_id, now=now)
        customer_id = pressed.action.removeprefix(f"{SEND_ON}:")
        sent = exchange_rules.SentOn(refusal=exchange_rules.GONE)
        if not await self._outside(session, pressed):
            sent = await threads.send_on(session, person, pressed.value, customer_id, now=now, new_id=self.edge.new_id)
        words = words_of(person)
        shown = sent.refusal in {exchange_rules.NOBODY, exchange_rules.NOT_ADOPTED}
        customer = await customers.get(session, ws, customer_id) if shown else None
        partner = blocks.somebody(words, sent.partner.name) if sent.partner else ""
        return exchange_blocks.sent_on(words, sent, partner, customer.name if customer else "")

    async def _outside(self, session: AsyncSession, pressed: Press) -> bool:
        if pressed.who.outsider:
            await asking.refused(self.edge, session, pressed.who, Action.EXCHANGE)
        return pressed.who.outsider

    async def on_keep(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> str:
            now = self.edge.clock.now()
            person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id, now=now)
            words = words_of(person)
            outside = await self._outside(session, pressed)
            if not outside and await threads.keep(session, person, pressed.value, now=now, new_id=self.edge.new_id):
                return words.say("Nothing is sent.")
            return words.say("You have decided about this already.")

        await self._answer(ack, pressed, await self.edge.sessions.run(work))

    async def on_offer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> str:
            ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
            words = words_of(await members.get(session, ws, user, now=now))
            what = exchange_rules.Offered.NOT_YOURS
            if not await self._outside(session, pressed):
                what = await offering.offer(session, ws, user, pressed.value, now=now, new_id=self.edge.new_id)
            exchange = await exchange_store.exchange(session, ws, pressed.value)
            asked = exchange is not None and what is exchange_rules.Offered.ASKED
            other = await members.get(session, ws, exchange.other(user)) if exchange and asked else None
            return exchange_blocks.offered(words, what, blocks.somebody(words, other.name) if other else "")

        await self._answer(ack, pressed, await self.edge.sessions.run(work))

    async def on_decide(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> str:
            ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
            words = words_of(await members.get(session, ws, user, now=now))
            what, yes = exchange_rules.Offered.NOT_YOURS, pressed.action == AGREE
            if not await self._outside(session, pressed):
                what = await offering.decide(
                    session, ws, user, pressed.value, yes=yes, now=now, new_id=self.edge.new_id
                )
            return exchange_blocks.offered(words, what, "")

        await self._answer(ack, pressed, await self.edge.sessions.run(work))
