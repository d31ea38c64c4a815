"""The parts of Home about updates: what is due and how the last ones fared; for editors, customers without news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.customers import service as customers
from bot.features.members.service import EDITOR
from bot.features.updates import blocks, lists, opening, remind_blocks, reminding, service, store
from bot.features.updates.remind_blocks import Row
from bot.features.updates.rules import UNANSWERED_BEFORE_DEPUTY, Defaults, Update, tally
from bot.slack import kit
from bot.slack.kit import Block
from bot.slack.text import escape
from bot.slack.words import Words

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer

CUSTOMERS, RECEIPTS, WITHOUT_NEWS = 6, 3, 10


@dataclass(frozen=True, kw_only=True)
class NewsToWrite:
    """For account managers and deputies: the customers with adopters, those due first; the latest receipts."""

    defaults: Defaults

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        own = await customers.managed_by(session, ws, viewer.user_id)
        found = [one for one in await opening.mine(session, own) if one.adopters]
        recent = await store.by_author(session, ws, viewer.user_id, RECEIPTS)
        shown: list[Block] = []
        if found:
            due = await reminding.due_among(session, ws, own, now=now, defaults=self.defaults)
            found.sort(key=lambda one: one.customer.id not in due)
            shown.append(kit.header(words.say("News of your customers")))
            shown += [self._row(words, one, due=one.customer.id in due, now=now) for one in found[:CUSTOMERS]]
            if len(found) > CUSTOMERS:
                shown.append(kit.context(words.say("All of them: {command}", command="`/customer-update`")))
        if recent:
            shown.append(kit.header(words.say("Your latest updates")))
            shown += [await self._receipt(session, words, one) for one in recent]
        return shown

    @staticmethod
    def _row(words: Words, one: opening.Mine, *, due: bool, now: datetime) -> Block:
        line = lists.line(words, one, now=now)
        if due:
            line += f"\n:bell: {words.say('Its adopters would like to hear something.')}"
        return kit.section(line, accessory=lists.write_button(words, one.customer.id, one.customer.name))

    @staticmethod
    async def _receipt(session: AsyncSession, words: Words, update: Update) -> Block:
        ws = update.workspace_id
        customer = await customers.get(session, ws, update.customer_id)
        counted = tally(await store.relays_of(session, ws, update.id))
        name = escape(customer.name) if customer else "…"
        headline = escape(service.headline_of(update))
        if update.withdrawn:
            return kit.section(f"*{name}*: {headline}\n_{words.say('You took it back.')}_")
        parts = [
            words.say_n("delivered to {n}", "delivered to {n}", counted.delivered),
            words.say_n("{n} thanked you", "{n} thanked you", len(counted.thanked)),
            words.say_n("{n} asked", "{n} asked", counted.asked),
        ]
        if counted.waiting:
            parts.insert(0, words.say_n("on its way to {n}", "on its way to {n}", counted.waiting))
        edit = kit.button(words.say("Edit"), action=blocks.EDIT, value=update.id)
        return kit.section(f"*{name}*: {headline}\n_{' · '.join(parts)}_", accessory=edit)


@dataclass(frozen=True, kw_only=True)
class CustomersWithoutNews:
    """For editors: those of which two reminders came to nothing, or which nobody can be asked about."""

    defaults: Defaults

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest or EDITOR not in viewer.roles:
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        rows: list[Row] = []
        for one in await reminding.quiet(session, ws, now=now, defaults=self.defaults):
            if len(rows) == WITHOUT_NEWS:
                break
            unanswered = one.asked >= UNANSWERED_BEFORE_DEPUTY
            if unanswered or await reminding.whom_to_ask(session, one, now=now) is None:
                rows.append(
                    Row(
                        customer_id=one.customer.id,
                        customer=one.customer.name,
                        adopters=one.adopters,
                        last_news=one.last_news,
                    )
                )
        return remind_blocks.without_news(words, rows, now=now) if rows else ()
