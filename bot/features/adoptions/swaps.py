"""Swapping customers by mutual consent: one asks, the other gives one of theirs, and both begin anew."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.features.adoptions import owing, rules, service, store
from bot.features.adoptions.rules import SWAPPED, Adoption, Swap, SwapOutcome
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person

MOST_GIVEN = 5
DECLINED_NOTE = "swap_declined"


async def givable(session: AsyncSession, adoption: Adoption, colleague: Person, *, now: datetime) -> list[Adoption]:
    """Those of the colleague's adoptions that could be swapped for `adoption`, a few."""
    ws = adoption.workspace_id
    asker = await members.get(session, ws, adoption.user_id, now=now)
    both = all(members.able(one, Action.SWAP, own=True) for one in (colleague, asker))
    if not both or not adoption.is_active:
        return []
    theirs = await store.of_member(session, ws, colleague.user_id)
    if not await _takes(session, colleague, adoption.customer_id, theirs, now=now):
        return []
    own = await store.of_member(session, ws, asker.user_id)
    fit = [one for one in theirs if await _takes(session, asker, one.customer_id, own, now=now)]
    return fit[:MOST_GIVEN]


async def _takes(
    session: AsyncSession, person: Person, customer_id: str, held: list[Adoption], *, now: datetime
) -> bool:
    """Whether this person could have the customer, its limit aside: a swap does not change how many have it."""
    customer = await customers.get(session, person.workspace_id, customer_id)
    if customer is None or not customer.adoptable or customer.confidential:
        return False
    if any(one.customer_id == customer_id for one in held):
        return False
    last = await store.last_end(session, person.workspace_id, person.user_id, customer_id)
    if last is not None and rules.ended_for_now(last.ended_at, last.ended_why, now=now):
        return False
    return not await service.manages_customer(session, customer, person.user_id, now=now)


async def ask(
    session: AsyncSession,
    ws: str,
    user: str,
    adoption_id: str,
    colleague: str,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
) -> SwapOutcome:
    """The colleague is not told of what cannot be."""
    adoption = await service.theirs(session, ws, user, adoption_id, Action.SWAP, now=now, new_id=new_id)
    if adoption is None:
        return SwapOutcome.NOT_FOUND
    if colleague == user:
        return SwapOutcome.NOT_WITH_YOURSELF
    person = await members.known(session, ws, colleague)
    if person is None or not await givable(session, adoption, person, now=now):
        return SwapOutcome.NOTHING_TO_SWAP
    if any(one.asked == colleague for one in await store.asked_swaps(session, ws, adoption_id)):
        return SwapOutcome.ASKED
    values = {
        "id": new_id(),
        "workspace_id": ws,
        "request": request[:128],
        "adoption_id": adoption_id,
        "asked": colleague,
        "state": "asked",
        "asked_at": now,
        "ended_at": None,
    }
    await store.add_swap(session, values)
    swap = await store.swap(session, ws, str(values["id"]))
    if swap is not None:
        await owing.swap(session, swap, now=now)
    return SwapOutcome.ASKED


@dataclass(frozen=True, kw_only=True)
class Pair:
    mine: Adoption
    theirs: Adoption


async def agree(
    session: AsyncSession, ws: str, user: str, swap_id: str, given_id: str, *, now: datetime, new_id: NewId
) -> SwapOutcome:
    """By the colleague who was asked, who gives their adoption `given_id`."""
    swap = await _asked(session, ws, user, swap_id, now=now, new_id=new_id)
    if swap is None:
        return SwapOutcome.NOT_FOUND
    if swap.state != "asked":
        return SwapOutcome.OVER
    pair = await _pair(session, swap, given_id, now=now)
    if pair is None:
        await owing.swap(session, swap, now=now)
        return SwapOutcome.OVER
    await store.change_swap(session, ws, swap.id, state="agreed", ended_at=now)
    for adoption in (pair.mine, pair.theirs):
        await service.close(session, adoption, why=SWAPPED, by=user, now=now, new_id=new_id)
    for person, customer_id in ((pair.mine.user_id, pair.theirs.customer_id), (user, pair.mine.customer_id)):
        begun = await service.begin(
            session,
            ws,
            person,
            customer_id,
            via=rules.SWAP,
            request=f"swap:{swap.id}:{person}",
            now=now,
            new_id=new_id,
        )
        await service.tell_manager(session, begun, now=now)
    await owing.swap(session, swap, now=now)
    return SwapOutcome.AGREED


async def _pair(session: AsyncSession, swap: Swap, given_id: str, *, now: datetime) -> Pair | None:
    """Both, with their customers and people locked, where the swap is still possible."""
    ws = swap.workspace_id
    mine, theirs = await store.adoption(session, ws, swap.adoption_id), await store.adoption(session, ws, given_id)
    if mine is None or theirs is None or theirs.user_id != swap.asked:
        return None
    await store.lock_customers(session, ws, [mine.customer_id, theirs.customer_id])
    for user in sorted({mine.user_id, theirs.user_id}):
        await members.lock(session, ws, user)
    mine = await store.adoption(session, ws, mine.id) or mine
    colleague = await members.get(session, ws, swap.asked, now=now)
    fit = await givable(session, mine, colleague, now=now)
    found = next((one for one in fit if one.id == given_id), None)
    return Pair(mine=mine, theirs=found) if found is not None else None


async def _asked(
    session: AsyncSession, ws: str, user: str, swap_id: str, *, now: datetime, new_id: NewId
) -> Swap | None:
    """The swap, locked, where it is this person who was asked."""
    swap = await store.swap(session, ws, swap_id, lock=True)
    if swap is None:
        return None
    own = swap.asked == user
    return swap if await members.permitted(session, ws, user, Action.SWAP, own=own, now=now, new_id=new_id) else None


async def decline(
    session: AsyncSession, ws: str, user: str, swap_id: str, *, now: datetime, new_id: NewId
) -> SwapOutcome:
    swap = await _asked(session, ws, user, swap_id, now=now, new_id=new_id)
    if swap is None:
        return SwapOutcome.NOT_FOUND
    if swap.state != "asked":
        return SwapOutcome.OVER
    await store.change_swap(session, ws, swap.id, state="declined", ended_at=now)
    await owing.swap(session, swap, now=now)
    adoption = await store.adoption(session, ws, swap.adoption_id)
    if adoption is not None and adoption.is_active:
        await owing.note(session, adoption, DECLINED_NOTE, now=now, once=swap.id, ref={"swap": swap.id})
    return SwapOutcome.DECLINED
