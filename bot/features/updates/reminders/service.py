"""Customers with adopters and without news: whose turn it is to write, and when they are asked. Never a blame."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day, monday_of
from bot.delivery import queue, saying
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members.service import EDITOR, Action, Person
from bot.features.updates import owing, rules, store
from bot.features.updates.reminders import store as remind_store
from bot.features.updates.rules import UNANSWERED_BEFORE_DEPUTY, WEEK, Defaults, Quietness

SHOWN_AGAIN = 3


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """A customer that is due. `asked`: how often somebody was reminded since the last word about it."""

    customer: CustomerCard
    quietness: Quietness
    adopters: int
    last_news: datetime | None
    asked: int = 0


async def quiet(
    session: AsyncSession, ws: str, *, now: datetime, defaults: Defaults, among: Collection[str] | None = None
) -> list[Quiet]:
    """Every customer that is due, or those `among` some, the longest overdue first."""
    adopted = await remind_store.adopted(session, ws)
    ids = sorted(adopted if among is None else adopted.keys() & among)
    cards = await customers.customers(session, ws, ids)
    written = await store.last_written(session, ws, ids)
    nothing = await store.nothing_new(session, ws, ids)
    found = {
        card.id: _quietness(card, [adopted[card.id].first, written.get(card.id), nothing.get(card.id)], defaults)
        for card in cards.values()
    }
    due = rules.longest_quiet(list(found.values()), now, limit=len(found))
    reminded = await remind_store.reminded(session, ws, [one.customer_id for one in due])
    return [
        Quiet(
            customer=cards[one.customer_id],
            quietness=one,
            adopters=adopted[one.customer_id].adopters,
            last_news=written.get(one.customer_id),
            asked=sum(at > one.since for at in reminded.get(one.customer_id, ())),
        )
        for one in due
    ]


def _quietness(card: CustomerCard, words: Sequence[datetime | None], defaults: Defaults) -> Quietness:
    days = card.news_every_days
    every = timedelta(days=days) if days else defaults.news_every
    return Quietness(customer_id=card.id, since=max(at for at in words if at is not None), every=every)


async def whom_to_ask(session: AsyncSession, one: Quiet, *, now: datetime) -> Person | None:
    """Whoever acts for the customer; the deputy where two reminders led to nothing."""
    ws = one.customer.workspace_id
    found = await customers.managers_of(session, one.customer, now=now)
    deputy = found.deputy
    if one.asked < UNANSWERED_BEFORE_DEPUTY or deputy is None:
        return found.acting
    if not members.able(deputy, Action.WRITE_UPDATE, manages_customer=True):
        return found.acting
    return found.acting if await members.is_absent(session, ws, deputy.user_id, now=now) else deputy


async def remind(session: AsyncSession, ws: str, *, now: datetime, defaults: Defaults, new_id: NewId) -> int:
    """Owe each account manager who is due, and at work now, their one message of the week; how many."""
    asked: dict[str, tuple[Person, list[Quiet]]] = {}
    for one in await quiet(session, ws, now=now, defaults=defaults):
        person = await whom_to_ask(session, one, now=now)
        if person is not None:
            asked.setdefault(person.user_id, (person, []))[1].append(one)
    number = 0
    for person, due in asked.values():
        if await _is_the_time(session, person, now=now):
            number += await _owe(session, person, due[: rules.REMIND_AT_MOST], now=now, new_id=new_id)
    return number


async def _is_the_time(session: AsyncSession, person: Person, *, now: datetime) -> bool:
    """Also for somebody who has stopped what nobody asked for: see `_owe`."""
    ws, user = person.workspace_id, person.user_id
    if not rules.at_work(now, members.zone_of(person.zone)):
        return False
    if await members.when_to_write(session, ws, user, now=now) not in {None, now}:
        return False
    if await members.is_absent(session, ws, user, now=now):
        return False
    last = await remind_store.last_to(session, ws, user)
    return last is None or now - last >= WEEK


async def _owe(session: AsyncSession, person: Person, due: Sequence[Quiet], *, now: datetime, new_id: NewId) -> int:
    ws, reminder_id = person.workspace_id, new_id()
    week = monday_of(local_day(now, person.zone))
    ids = [one.customer.id for one in due]
    if not await remind_store.add(session, ws, reminder_id, person.user_id, week, ids, now):
        return 0
    if await members.when_to_write(session, ws, person.user_id, now=now) is None:
        return 0  # not sent, but counted: the deputy is asked when they would be, and nobody learns of the stop
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=owing.REMINDER,
        key=f"reminder:{reminder_id}",
        method="post",
        target=person.user_id,
        ref={"reminder": reminder_id},
    )
    editors = [one.user_id for one in await members.with_role(session, ws, EDITOR)]
    await home.owe_if_open_today(session, now=now, ws=ws, users=[person.user_id, *editors])
    return 1


async def still_quiet(
    session: AsyncSession, ws: str, customer_ids: Sequence[str], *, since: datetime
) -> Mapping[str, bool]:
    """Whether nothing was said about each since then."""
    written = await store.last_written(session, ws, customer_ids)
    nothing = await store.nothing_new(session, ws, customer_ids)
    said = {one: [at for at in (written.get(one), nothing.get(one)) if at is not None] for one in customer_ids}
    return {one: all(at < since for at in moments) for one, moments in said.items()}


async def nothing_new(session: AsyncSession, ws: str, user: str, reminder_id: str, *, now: datetime) -> int | None:
    """For all customers of the reminder that this person looks after; how many. None where it is not theirs, or none
    of them is any more. Recorded and shown on Home; nobody is sent anything."""
    reminder = await remind_store.reminder(session, ws, reminder_id)
    if reminder is None or reminder.user_id != user:
        return None
    theirs = [one for one in reminder.customers if await customers.manages(session, ws, one, user, now=now)]
    if not await members.may(session, ws, user, Action.WRITE_UPDATE, manages_customer=bool(theirs)) or not theirs:
        return None
    open_ones = await still_quiet(session, ws, theirs, since=reminder.at)
    ids = [one for one, quiet_still in open_ones.items() if quiet_still]
    await remind_store.nothing_new(session, ws, ids, user, now)
    await remind_store.answered(session, ws, reminder_id, now)
    await saying.show_key_again(session, ws, f"reminder:{reminder_id}", now=now)
    await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
    return len(ids)


async def written_about(session: AsyncSession, ws: str, customer_id: str, *, now: datetime) -> None:
    """Reminders that named the customer no longer ask for it."""
    for reminder_id in await remind_store.naming(session, ws, customer_id, SHOWN_AGAIN):
        await saying.show_key_again(session, ws, f"reminder:{reminder_id}", now=now)


async def due_among(
    session: AsyncSession, ws: str, cards: Sequence[CustomerCard], *, now: datetime, defaults: Defaults
) -> set[str]:
    """The ids of those that are due."""
    found = await quiet(session, ws, now=now, defaults=defaults, among={card.id for card in cards})
    return {one.customer.id for one in found}
