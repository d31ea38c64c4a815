"""Reminders and handovers, rendered from the state at the moment of sending."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.features.adoptions import service as adoptions
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.updates import owing, rules, store
from bot.features.updates.reminders import blocks as remind_blocks
from bot.features.updates.reminders import service as reminding
from bot.features.updates.reminders import store as remind_store
from bot.features.updates.reminders.blocks import Row, Taken
from bot.slack.words import words_of


async def manners(session: AsyncSession, owed: Owed, user: str, *, now: datetime) -> Skip | Later | None:
    """For what comes unasked: when this person may be written to, and whether it is its turn."""
    when = await members.when_to_write(session, owed.workspace_id, user, now=now)
    if when is None:
        return Skip(reason="stopped")
    if when <= now:
        when = await members.take_turn(session, owed.workspace_id, user, key=owed.key, now=now)
    return Later(until=when) if when > now else None


class Reminders(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws = owed.workspace_id
        reminder = await remind_store.reminder(session, ws, str(owed.ref["reminder"]))
        if reminder is None:
            return Skip(reason="gone")
        now, person = await db_now(session), await members.get(session, ws, reminder.user_id)
        rows = await self._rows(session, reminder, person, now=now)
        if not members.able(person, Action.WRITE_UPDATE, manages_customer=True) or not rows:
            return Skip(reason="gone")
        if owed.method == "post":
            if not any(row.open for row in rows):
                return Skip(reason="no_longer_true")
            working = rules.next_at_work(now, members.zone_of(person.zone))
            if working > now:
                return Later(until=working)
            against = await manners(session, owed, person.user_id, now=now)
            if against is not None:
                return against
        return remind_blocks.reminder(words_of(person), reminder.id, rows, now=now)

    @staticmethod
    async def _rows(
        session: AsyncSession, reminder: remind_store.Reminder, person: Person, *, now: datetime
    ) -> list[Row]:
        """Those that this person still looks after and that still have adopters."""
        ws = reminder.workspace_id
        cards = await customers.customers(session, ws, reminder.customers)
        quiet = await reminding.still_quiet(session, ws, reminder.customers, since=reminder.at)
        adopted = await remind_store.adopted(session, ws)
        written = await store.last_written(session, ws, reminder.customers)
        found = []
        for card in sorted(cards.values(), key=lambda card: card.name.casefold()):
            if card.id in adopted and await customers.manages(session, ws, card.id, person.user_id, now=now):
                found.append(
                    Row(
                        customer_id=card.id,
                        customer=card.name,
                        adopters=adopted[card.id].adopters,
                        last_news=written.get(card.id),
                        open=quiet[card.id],
                        as_deputy=card.account_manager != person.user_id,
                    )
                )
        return found


async def _taken(session: AsyncSession, ws: str, customer_ids: Sequence[str], *, now: datetime) -> list[Taken]:
    cards = await customers.customers(session, ws, list(customer_ids))
    asked = await remind_store.open_questions(session, ws, list(customer_ids))
    found = []
    for card in sorted(cards.values(), key=lambda card: card.name.casefold()):
        manager = await customers.account_manager_of(session, ws, card.id)
        found.append(
            Taken(
                customer_id=card.id,
                customer=card.name,
                manager=manager.name if manager else "",
                adopters=len(await adoptions.adopters(session, ws, card.id)),
                questions=asked.get(card.id, 0),
                latest=await store.of_customer(session, ws, card.id, now=now, limit=3),
            )
        )
    return found


class NewManagers(Quiet):
    """To an adopter: who looks after their customer from now on."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user, now = owed.workspace_id, str(owed.ref["user"]), await db_now(session)
        person = await members.get(session, ws, user)
        mine = {one.customer_id for one in await adoptions.of_member(session, ws, user)}
        named = [one for one in owed.ref["customers"] if one in mine]
        cards = await customers.customers(session, ws, named)
        seen = [
            card.id
            for card in cards.values()
            if not card.confidential and customers.visible(card, customers.viewer_of(person))
        ]
        taken = [one for one in await _taken(session, ws, seen, now=now) if one.manager]
        if not members.able(person, Action.READ_INSIDE) or not taken:
            return Skip(reason="gone")
        against = await manners(session, owed, user, now=now)
        return against if against is not None else remind_blocks.new_manager(words_of(person), taken)


class Handovers(Quiet):
    """To whoever looks after a customer from now on: its latest updates, its adopters, its open questions."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, user, now = owed.workspace_id, str(owed.ref["user"]), await db_now(session)
        person = await members.get(session, ws, user)
        cards = await customers.customers(session, ws, list(owed.ref["customers"]))
        own = [card.id for card in cards.values() if card.account_manager == user]
        if not members.able(person, Action.WRITE_UPDATE, manages_customer=True) or not own:
            return Skip(reason="gone")
        against = await manners(session, owed, user, now=now)
        if against is not None:
            return against
        return remind_blocks.handover(words_of(person), await _taken(session, ws, own, now=now))


def renderers() -> dict[str, Renderer]:
    return {owing.REMINDER: Reminders(), owing.NEW_MANAGER: NewManagers(), owing.HANDOVER: Handovers()}
