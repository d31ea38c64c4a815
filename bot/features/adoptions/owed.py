"""What adoptions owe Slack, rendered from the state at the moment of sending."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import local_day
from bot.db.moment import db_now
from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Quiet, Rendered, Renderer, Skip
from bot.features.adoptions import blocks, hats_owed, owing, service, store, swaps, visit_blocks, visits
from bot.features.adoptions.blocks import Greeter, Intro, NewAdopter, Offer
from bot.features.adoptions.rules import HAT, Adoption, Visit
from bot.features.adoptions.visit_blocks import Proposal
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.blocks import manners_buttons
from bot.features.members.service import Action, Person
from bot.slack.kit import Element, Message
from bot.slack.words import Words, words_of

Button = Callable[[Words, str], Element]
"""Words and a customer's id in, such as *Ask about this customer*."""


def renderers(*, buttons: Sequence[Button] = ()) -> dict[str, Renderer]:
    """`buttons` stand in an introduction before *Propose a first visit*."""
    return {
        owing.INTRO: Intros(buttons=tuple(buttons)),
        owing.NOTE: Notes(),
        owing.ADOPTERS: NewAdopters(),
        owing.VISIT: Visits(),
        owing.SWAP: Swaps(),
        owing.TOLD: Told(),
        owing.HAT: hats_owed.HatPost(),
        owing.RESULT: hats_owed.HatResult(),
    }


async def name_of(session: AsyncSession, words: Words, ws: str, user: str) -> str:
    return (await members.get(session, ws, user)).name or words.say("Somebody")


async def customer_name(session: AsyncSession, ws: str, customer_id: str) -> str:
    customer = await customers.get(session, ws, customer_id)
    return customer.name if customer else "…"


async def _adoption(session: AsyncSession, owed: Owed) -> Adoption | None:
    return await store.adoption(session, owed.workspace_id, str(owed.ref.get("adoption")))


def _waking(person: Person, now: datetime) -> Later | None:
    """For account managers: what concerns their customers waits for their day, as questions do."""
    waking = members.next_waking(person, now)
    return Later(until=waking) if waking > now else None


async def _unasked(session: AsyncSession, owed: Owed, user: str, now: datetime, *, turn: bool) -> Skip | Later | None:
    """What nobody asked for waits for the person's time and, with `turn`, for their one message of the day."""
    when = await members.when_to_write(session, owed.workspace_id, user, now=now)
    if when is None:
        return Skip(reason="stopped")
    if when > now:
        return Later(until=when)
    if turn:
        when = await members.take_turn(session, owed.workspace_id, user, key=owed.key, now=now)
    return Later(until=when) if when > now else None


@dataclass(frozen=True, kw_only=True)
class Intros(Quiet):
    """The head of an adopter's thread. After one's own press it goes at once."""

    buttons: tuple[Button, ...]

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        adoption = await _adoption(session, owed)
        if adoption is None or (owed.method == "post" and not adoption.is_active):
            return Skip(reason="ended")
        person = await members.get(session, ws, adoption.user_id)
        customer = await customers.get(session, ws, adoption.customer_id)
        shown = await customers.shown(session, customer, customers.viewer_of(person)) if customer else None
        if not members.able(person, Action.READ_INSIDE) or shown is None:
            return Skip(reason="may_not_read")
        drawn = adoption.via == HAT
        if owed.method == "post" and drawn and (held := await _unasked(session, owed, person.user_id, now, turn=True)):
            return held
        words = words_of(person)
        visit = await store.visit_of(session, ws, adoption.id)
        manager = await service.acting_manager(session, ws, adoption.customer_id, now=now)
        return blocks.introduction(
            words,
            Intro(
                adoption=adoption,
                shown=shown,
                now=now,
                visit=visit,
                can_visit=manager is not None and visits.can_propose(visit, local_day(now, person.zone)),
                buttons=[button(words, adoption.customer_id) for button in self.buttons],
                manners=manners_buttons(words) if drawn else (),
            ),
        )


class Notes(Quiet):
    """A line in an adopter's thread."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        adoption = await _adoption(session, owed)
        if adoption is None:
            return Skip(reason="gone")
        person = await members.get(session, owed.workspace_id, adoption.user_id)
        if not members.able(person, Action.READ_INSIDE):
            return Skip(reason="gone")
        now = await db_now(session)
        if owed.method == "post" and (held := await self._held(session, owed, adoption, person, now)):
            return held
        return await _note(session, owed, adoption, words_of(person)) or Skip(reason="gone")

    @staticmethod
    async def _held(
        session: AsyncSession, owed: Owed, adoption: Adoption, person: Person, now: datetime
    ) -> Skip | Later | None:
        """What answers the adopter's own press goes at once; what others say waits for their day, and for a pause."""
        what = owed.ref["what"]
        if what in {"paused", "resumed"} or (what == "ended" and owed.ref["why"] == "own"):
            return None
        if what == "hello":
            if not adoption.is_active:
                return Skip(reason="ended")
            if adoption.is_paused(now) and adoption.paused_until:
                return Later(until=adoption.paused_until)
            return await _unasked(session, owed, person.user_id, now, turn=False)
        return _waking(person, now)


async def _note(session: AsyncSession, owed: Owed, adoption: Adoption, words: Words) -> Message | None:
    ws, ref, what = owed.workspace_id, owed.ref, owed.ref["what"]
    name = await customer_name(session, ws, adoption.customer_id)
    if what in {"paused", "resumed"}:
        return blocks.paused_note(words, adoption)
    if what == "ended":
        return blocks.ended_note(words, str(ref["why"]), name)
    if what == "hello":
        said = await store.hello(session, ws, str(ref["hello"]))
        return blocks.hello_note(words, await _greeter(session, adoption, said[0], words), said[1]) if said else None
    if what == swaps.DECLINED_NOTE:
        swap = await store.swap(session, ws, str(ref["swap"]))
        return blocks.swap_declined(words, name=await name_of(session, words, ws, swap.asked)) if swap else None
    visit = await store.visit(session, ws, str(ref["visit"]))
    if visit is None:
        return None
    manager = await name_of(session, words, ws, visit.manager)
    return _visit_note(words, ref, visit, manager, name)


async def _greeter(session: AsyncSession, adoption: Adoption, author: str, words: Words) -> Greeter:
    ws = adoption.workspace_id
    customer, name = await customers.get(session, ws, adoption.customer_id), await name_of(session, words, ws, author)
    if customer is None or not customer.looked_after_by(author):
        return Greeter(name=name)
    manager = customer.account_manager
    if manager == author or manager is None:
        return Greeter(name=name, looks_after=True)
    return Greeter(name=name, stands_in_for=await name_of(session, words, ws, manager))


def _visit_note(words: Words, ref: Mapping[str, object], visit: Visit, other: str, customer: str) -> Message:
    """`other`: the name of the other side."""
    if ref["what"] == visits.OTHER_NOTE:
        turn = int(str(ref["turn"]))
        return visit_blocks.counter_proposed(words, Proposal(visit=visit, turn=turn, name=other, customer=customer))
    if ref["what"] == visits.AGREED_NOTE:
        return visit_blocks.agreed(words, visit, name=other, customer=customer)
    return visit_blocks.declined(words, visit, name=other, customer=customer)


class NewAdopters(Quiet):
    """To an account manager: one message for a day, or for a draw."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        manager = await members.get(session, ws, str(owed.ref["manager"]))
        if not members.able(manager, Action.GREET, manages_customer=True):
            return Skip(reason="gone")
        found = await self._found(session, owed, manager.user_id, now)
        if owed.method == "post":
            if not found:
                return Skip(reason="ended")
            if held := _waking(manager, now):
                return held
        if len(found) > blocks.LISTED:  # so that nobody stays out of reach of *Say hello*
            found.sort(key=lambda one: one.hello_at is not None)
        words = words_of(manager)
        names = await members.people(session, ws, {one.user_id for one in found})
        cards = await customers.customers(session, ws, [one.customer_id for one in found])
        somebody = words.say("Somebody")
        shown = [
            NewAdopter(
                adoption=one,
                name=names[one.user_id].name if one.user_id in names else somebody,
                customer=cards[one.customer_id].name if one.customer_id in cards else "…",
            )
            for one in found
        ]
        return blocks.new_adopters(words, shown[: blocks.LISTED], count=len(shown))

    @staticmethod
    async def _found(session: AsyncSession, owed: Owed, manager: str, now: datetime) -> list[Adoption]:
        """Of the customers they look after now: whoever does not any more reads no names."""
        ws = owed.workspace_id
        cards = await customers.managed_by(session, ws, manager)
        mine = {card.id for card in cards if await _hears_of(session, owed, card, manager, now)}
        if "draw" in owed.ref:
            found = await store.of_draw(session, ws, str(owed.ref["draw"]))
            return [one for one in found if one.is_active and one.customer_id in mine]
        day = datetime.combine(datetime.fromisoformat(str(owed.ref["day"])).date(), time(), tzinfo=UTC)
        return await store.begun_between(session, ws, mine, *store.day_of(day))


async def _hears_of(
    session: AsyncSession, owed: Owed, customer: customers.CustomerCard, user: str, now: datetime
) -> bool:
    """The account manager does; the deputy while they are away, and where they were not told themselves."""
    if user == customer.account_manager:
        return True
    acting = await service.acting_manager(session, customer.workspace_id, customer.id, now=now)
    if acting is not None and acting.user_id == user:
        return True
    key = owed.key.removesuffix(":again").replace(f":{user}", f":{customer.account_manager}", 1)
    return await queue.find(session, workspace_id=owed.workspace_id, key=key) is None


class Visits(Quiet):
    """Proposed days, to the account manager."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        visit = await store.visit(session, ws, str(owed.ref["visit"]))
        adoption = await store.adoption(session, ws, visit.adoption_id) if visit else None
        if visit is None or adoption is None:
            return Skip(reason="gone")
        manager = await members.get(session, ws, owed.target)
        manages = await customers.manages(session, ws, adoption.customer_id, manager.user_id, now=now)
        if not members.able(manager, Action.VISIT, manages_customer=manages):
            return Skip(reason="may_not_read")
        turn = int(owed.ref["turn"])
        if owed.method == "post":
            if visit.state != "with_manager" or visit.turn != turn:
                return Skip(reason="settled")
            if held := _waking(manager, now):
                return held
        words = words_of(manager)
        return visit_blocks.proposed(
            words,
            Proposal(
                visit=visit,
                turn=turn,
                name=await name_of(session, words, ws, adoption.user_id),
                customer=await customer_name(session, ws, adoption.customer_id),
            ),
        )


class Swaps(Quiet):
    """A colleague is asked."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        swap = await store.swap(session, ws, str(owed.ref["swap"]))
        adoption = await store.adoption(session, ws, swap.adoption_id) if swap else None
        if swap is None or adoption is None:
            return Skip(reason="gone")
        colleague = await members.get(session, ws, swap.asked)
        if not members.able(colleague, Action.SWAP, own=True):
            return Skip(reason="gone")
        given = await swaps.givable(session, adoption, colleague, now=now) if swap.state == "asked" else []
        if owed.method == "post":
            if not given:
                return Skip(reason="no_longer_true")
            if held := await _unasked(session, owed, colleague.user_id, now, turn=True):
                return held
        words = words_of(colleague)
        offer = Offer(
            swap_id=swap.id,
            state=swap.state,
            name=await name_of(session, words, ws, adoption.user_id),
            customer=await customer_name(session, ws, adoption.customer_id),
            mine=[(one.id, await customer_name(session, ws, one.customer_id)) for one in given],
        )
        return blocks.swap_offer(words, offer, manners_buttons(words))


class Told(Quiet):
    """A line by itself: to an account manager about a visit, to somebody who found no place in a hat."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        ws, now = owed.workspace_id, await db_now(session)
        person = await members.get(session, ws, str(owed.ref["user"]))
        if not members.able(person, Action.READ_INSIDE):
            return Skip(reason="gone")
        if held := _waking(person, now):
            return held
        words = words_of(person)
        if "hat" in owed.ref:
            return await hats_owed.told(session, owed, words)
        visit = await store.visit(session, ws, str(owed.ref["visit"]))
        adoption = await store.adoption(session, ws, visit.adoption_id) if visit else None
        if visit is None or adoption is None:
            return Skip(reason="gone")
        name = await name_of(session, words, ws, adoption.user_id)
        return _visit_note(words, owed.ref, visit, name, await customer_name(session, ws, adoption.customer_id))
