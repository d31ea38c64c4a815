"""What `/customer-update` opens for whom: the window with what was typed in it, or the list of one's customers."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.strings import why_unusable
from bot.features.adoptions import service as adoptions
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.updates import store, writing
from bot.features.updates.parsing import Named, meant
from bot.features.updates.rules import LONGEST, Form
from bot.features.updates.writing import Allowed, Refusal

LOOKED_AT = 50


@dataclass(frozen=True, kw_only=True)
class Mine:
    """A customer of the caller's. `at`: when it last had news, None for never."""

    customer: CustomerCard
    adopters: int
    at: datetime | None = None
    nothing_new: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """`form` None: nothing to write in; then `mine`, or `allowed`, says why. `several` fit what was typed."""

    form: Form | None = None
    customer: CustomerCard | None = None
    mine: Sequence[Mine] = ()
    allowed: Allowed = field(default_factory=Allowed)
    several: Sequence[CustomerCard] = ()
    adopters: int = 0
    typed: str = ""
    can_open_hat: bool = False


def without_looking(typed: str, *, outsider: bool) -> Opening:
    """For when reading takes too long: the window with all that was typed, and nothing filled in. Who may send it is
    asked when it is sent."""
    if outsider:
        return Opening(allowed=Allowed(refusal=Refusal.NOT_FOR_GUESTS))
    return Opening(form=Form(customer_id="", text=_usable(typed)[:LONGEST]))


def _usable(typed: str) -> str:
    """Neither a search nor a window takes the rest."""
    return "".join(one for one in typed if why_unusable(one) is None)


async def opening(session: AsyncSession, person: Person, typed: str, *, outsider: bool, now: datetime) -> Opening:
    if outsider or not writing.could_write(person):
        return Opening(allowed=Allowed(refusal=Refusal.NOT_FOR_GUESTS))
    typed = _usable(typed)
    own = await customers.managed_by(session, person.workspace_id, person.user_id)
    everything = members.allowed(Action.WRITE_UPDATE, Standing(person=person))
    if not typed.strip():
        return Opening(
            mine=await mine(session, own), form=None if own or not everything else Form(customer_id="", text="")
        )
    found = await _among(session, person, typed, own)
    if found.customer is None and not found.several:
        others = await _named_so(session, person, typed)
        wider = await _among(session, person, typed, others)
        found = wider if everything or wider.customer is None else await _not_theirs(session, person, wider, now=now)
    return found if own or everything else replace(found, form=None, several=(), typed=typed)


async def _among(session: AsyncSession, person: Person, typed: str, cards: Sequence[CustomerCard]) -> Opening:
    by_id = {card.id: card for card in cards}
    hit = meant(typed, [Named(id=card.id, names=(card.name, *card.aliases)) for card in cards])
    customer = by_id[hit.customer_id] if hit.customer_id else None
    return Opening(
        form=Form(customer_id=customer.id if customer else "", text=(hit.text or "")[:LONGEST]),
        customer=customer,
        several=[by_id[one] for one in hit.candidates[:10]],
        adopters=await _adopters(session, person.workspace_id, customer),
        can_open_hat=customer is not None and await can_open_hat(session, person),
    )


async def may_write_any(session: AsyncSession, person: Person) -> bool:
    """About some customer at least."""
    own = bool(await customers.managed_by(session, person.workspace_id, person.user_id))
    return members.allowed(Action.WRITE_UPDATE, Standing(person=person, manages_customer=own))


async def can_open_hat(session: AsyncSession, person: Person) -> bool:
    """In some channel at least."""
    ws, user = person.workspace_id, person.user_id
    owner = bool(await channels.owned_by(session, ws, user))
    return await members.may(session, ws, user, Action.OPEN_HAT, owns_channel=owner)


async def _adopters(session: AsyncSession, ws: str, customer: CustomerCard | None) -> int:
    return len(await adoptions.adopters(session, ws, customer.id)) if customer is not None else 0


async def _named_so(session: AsyncSession, person: Person, typed: str) -> list[CustomerCard]:
    """Among all that the person may see: whose name begins with, or contains, the first word."""
    viewer = customers.viewer_of(person)
    return await customers.search(session, person.workspace_id, typed.split(maxsplit=1)[0], viewer, limit=LOOKED_AT)


async def _not_theirs(session: AsyncSession, person: Person, found: Opening, *, now: datetime) -> Opening:
    """The text is kept, the customer is not: the person is told whose it is."""
    customer, form = found.customer, found.form
    if customer is None or form is None:
        return found
    allowed = await writing.may_write(session, person, customer.id, outsider=False, now=now)
    return Opening(form=replace(form, customer_id=""), allowed=allowed)


async def mine(session: AsyncSession, cards: Sequence[CustomerCard]) -> list[Mine]:
    """Those that somebody has before the others; of each, those without news for the longest time first."""
    if not cards:
        return []
    ws, ids = cards[0].workspace_id, [card.id for card in cards]
    written = await store.last_written(session, ws, ids)
    counted: dict[str, int] = {}
    for one in await adoptions.adopters_of(session, ws, ids):
        counted[one.customer_id] = counted.get(one.customer_id, 0) + 1
    quiet = await store.nothing_new(session, ws, ids)
    found = [
        Mine(customer=card, adopters=counted.get(card.id, 0), at=written.get(card.id), nothing_new=quiet.get(card.id))
        for card in cards
    ]
    return sorted(
        found,
        key=lambda one: (
            not one.adopters,
            one.at.timestamp() if one.at is not None else 0.0,
            one.customer.name.casefold(),
        ),
    )


async def options(session: AsyncSession, person: Person, query: str, *, outsider: bool) -> list[CustomerCard]:
    """For the customer's field, as it is typed: the caller's own, and for admins all others."""
    if outsider or not writing.could_write(person) or why_unusable(query):
        return []
    ws, key = person.workspace_id, customers.name_key(query)
    own = [
        card
        for card in await customers.managed_by(session, ws, person.user_id)
        if any(key in customers.name_key(name) for name in (card.name, *card.aliases))
    ]
    if members.allowed(Action.WRITE_UPDATE, Standing(person=person)):
        own += await customers.search(session, ws, query, customers.viewer_of(person), limit=LOOKED_AT)
    return list({card.id: card for card in own}.values())
