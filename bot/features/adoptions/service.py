"""Having a customer of one's own: adopt, pause, end. Inside the caller's transaction; an expected "no" is a value."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.features.adoptions import owing, rules, store
from bot.features.adoptions.owing import intro_key
from bot.features.adoptions.rules import BY_ADMIN, BY_MANAGER, LEFT, OVER, OWN, Adoption, Asked, Ended, Outcome
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing

__all__ = ["Adoption", "Ended", "Outcome", "intro_key"]

AT_ONCE = 50


async def adopters(session: AsyncSession, ws: str, customer_id: str) -> list[Adoption]:
    """Who has the customer now, the longest first; paused ones too."""
    return await store.adopters(session, ws, [customer_id])


async def adopters_of(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> list[Adoption]:
    return await store.adopters(session, ws, customer_ids)


async def of_member(session: AsyncSession, ws: str, user: str) -> list[Adoption]:
    """The customers this person has now, the longest first."""
    return await store.of_member(session, ws, user)


async def get(session: AsyncSession, ws: str, adoption_id: str) -> Adoption | None:
    """Also one that has ended."""
    return await store.adoption(session, ws, adoption_id)


async def find(session: AsyncSession, ws: str, user: str, customer_id: str) -> Adoption | None:
    """The one this person has with the customer now."""
    found = await store.of_member(session, ws, user)
    return next((one for one in found if one.customer_id == customer_id), None)


def may_receive(adoption: Adoption, adopter: Person, *, now: datetime) -> bool:
    """Whether news of the customer may go to the adopter at this moment; read both anew at every send. Somebody not
    read from Slack yet counts as a member, as everywhere: else what is owed to them would be dropped for good."""
    return adoption.is_active and not adoption.is_paused(now) and members.able(adopter, Action.READ_INSIDE)


# -- adopting ---------------------------------------------------------------------------------------------------------


async def outcome_for(
    session: AsyncSession, person: Person, customer: CustomerCard | None, *, now: datetime, outsider: bool = False
) -> Outcome:
    """What would become of this person's wish to have the customer. Call it with the customer locked to act on it."""
    ws = person.workspace_id
    if outsider or not members.allowed(Action.ADOPT, Standing(person=person)):
        return Outcome.NOT_FOR_GUESTS
    if customer is None or not customers.visible(customer, customers.viewer_of(person)):
        return Outcome.NOT_FOUND
    manages = await manages_customer(session, customer, person.user_id, now=now)
    held = await store.of_member(session, ws, person.user_id)
    last = await store.last_end(session, ws, person.user_id, customer.id)
    decided = rules.outcome(
        Asked(
            adoptable=customer.adoptable,
            confidential=customer.confidential,
            limit=customer.max_adopters,
            adopters=len(await store.adopters(session, ws, [customer.id])),
            has_it=any(one.customer_id == customer.id for one in held),
            held=len(held),
            manages=manages,
            ended_at=last.ended_at if last else None,
            ended_why=last.ended_why if last else None,
        ),
        now=now,
    )
    if decided is Outcome.ADOPTED and not await members.may(
        session, ws, person.user_id, Action.ADOPT, manages_customer=manages
    ):
        return Outcome.NOT_FOR_GUESTS
    return decided


async def has_room(session: AsyncSession, customer: CustomerCard) -> bool:
    """Whether anybody could adopt it now, as far as the customer goes."""
    if not customer.adoptable or customer.confidential:
        return False
    limit = customer.max_adopters
    return limit is None or len(await store.adopters(session, customer.workspace_id, [customer.id])) < limit


async def manages_customer(session: AsyncSession, customer: CustomerCard, user: str, *, now: datetime) -> bool:
    """As account manager or deputy."""
    return await customers.manages(session, customer.workspace_id, customer.id, user, now=now)


async def acting_manager(session: AsyncSession, ws: str, customer_id: str, *, now: datetime) -> Person | None:
    """The account manager, or the deputy meanwhile; None where neither can be reached."""
    return (await customers.managers(session, ws, customer_id, now=now)).acting


async def adopt(
    session: AsyncSession,
    ws: str,
    user: str,
    customer_id: str,
    *,
    via: str,
    request: str,
    now: datetime,
    new_id: NewId,
    outsider: bool = False,
) -> Outcome:
    """`via`: press or command. The same `request` again gives the outcome of the first."""
    if await store.by_request(session, ws, request) is not None:
        return Outcome.ADOPTED
    await store.lock_customer(session, ws, customer_id)
    await members.lock(session, ws, user)
    person = await members.get(session, ws, user, now=now)
    customer = await customers.get(session, ws, customer_id)
    decided = await outcome_for(session, person, customer, now=now, outsider=outsider)
    if decided is Outcome.NOT_FOR_GUESTS:
        about = [customer.id] if customer is not None else []
        await members.refused(session, ws, user, Action.ADOPT, about=about, now=now, new_id=new_id)
    if decided is Outcome.ADOPTED:
        adoption = await begin(session, ws, user, customer_id, via=via, request=request, now=now, new_id=new_id)
        await tell_manager(session, adoption, now=now)
    return decided


async def begin(
    session: AsyncSession,
    ws: str,
    user: str,
    customer_id: str,
    *,
    via: str,
    request: str,
    now: datetime,
    new_id: NewId,
) -> Adoption:
    """Write it and owe its introduction. Whether it may be is the caller's question."""
    values = row(ws, user, customer_id, via=via, request=request, now=now, adoption_id=new_id())
    await store.add(session, values)
    adoption = await store.by_request(session, ws, request[:192])
    if adoption is None:
        raise LookupError("an adoption that was just written")
    await owing.intro(session, adoption, now=now)
    await _audit(session, adoption, user, "adoption.begun", now=now, new_id=new_id)
    await refresh(session, adoption, now=now)
    return adoption


def row(
    ws: str,
    user: str,
    customer_id: str,
    *,
    via: str,
    request: str,
    now: datetime,
    adoption_id: str,
    draw_id: str | None = None,
) -> dict[str, Any]:
    """An adoption as it is written."""
    return {
        "id": adoption_id,
        "workspace_id": ws,
        "request": request[:192],
        "customer_id": customer_id,
        "user_id": user,
        "via": via,
        "draw_id": draw_id,
        "since": now,
    }


async def tell_manager(session: AsyncSession, adoption: Adoption, *, now: datetime) -> None:
    manager = await acting_manager(session, adoption.workspace_id, adoption.customer_id, now=now)
    if manager is not None:
        await owing.adopters_by_day(session, adoption.workspace_id, manager.user_id, now=now)


async def refresh(session: AsyncSession, adoption: Adoption, *, now: datetime) -> None:
    """Whose Home shows it: the adopter's and the account manager's."""
    customer = await customers.get(session, adoption.workspace_id, adoption.customer_id)
    users = {adoption.user_id} | ({customer.account_manager, customer.deputy} if customer else set())
    await home.owe_if_open_today(session, now=now, ws=adoption.workspace_id, users=[user for user in users if user])


async def _audit(
    session: AsyncSession,
    adoption: Adoption,
    actor: str,
    action: str,
    *,
    now: datetime,
    new_id: NewId,
    manages: bool = False,
) -> None:
    await members.audit(
        session,
        new_id=new_id,
        now=now,
        ws=adoption.workspace_id,
        actor=actor,
        action=action,
        subject=adoption.customer_id,
        detail={"adoption": adoption.id, "via": adoption.via},
        manages=manages,
    )


# -- pausing and ending -----------------------------------------------------------------------------------------------


async def theirs(
    session: AsyncSession, ws: str, user: str, adoption_id: str, action: Action, *, now: datetime, new_id: NewId
) -> Adoption | None:
    """The adoption, while it goes on, where this person may do that with it as their own."""
    adoption = await store.adoption(session, ws, adoption_id)
    if adoption is None:
        return None
    own = adoption.user_id == user
    about = [adoption.customer_id]
    may = await members.permitted(session, ws, user, action, own=own, about=about, now=now, new_id=new_id)
    return adoption if may and adoption.is_active else None


async def pause(
    session: AsyncSession,
    ws: str,
    adoption_id: str,
    user: str,
    *,
    until: datetime | None,
    now: datetime,
    new_id: NewId,
) -> Adoption | None:
    """By the adopter; `until` None goes on again. None where they have no such adoption."""
    adoption = await theirs(session, ws, user, adoption_id, Action.PAUSE_ADOPTION, now=now, new_id=new_id)
    if adoption is None:
        return None
    await store.change(session, ws, adoption_id, paused_until=until)
    changed = await store.adoption(session, ws, adoption_id) or adoption
    once = until.isoformat() if until else now.isoformat()
    await owing.note(session, changed, "paused" if until else "resumed", now=now, once=once)
    await owing.intro_again(session, changed, now=now)
    await refresh(session, changed, now=now)
    return changed


async def end(session: AsyncSession, ws: str, adoption_id: str, by: str, *, now: datetime, new_id: NewId) -> Ended:
    """By the adopter, the customer's account manager or deputy, or an admin."""
    adoption = await store.adoption(session, ws, adoption_id)
    if adoption is None:
        return Ended.NOT_FOUND
    why = await _capacity(session, adoption, by, now=now)
    if why is None:
        about = [adoption.customer_id]
        await members.refused(session, ws, by, Action.END_ADOPTION, about=about, now=now, new_id=new_id)
        return Ended.NOT_YOURS
    return Ended.DONE if await close(session, adoption, why=why, by=by, now=now, new_id=new_id) else Ended.ALREADY


async def _capacity(session: AsyncSession, adoption: Adoption, by: str, *, now: datetime) -> str | None:
    customer = await customers.get(session, adoption.workspace_id, adoption.customer_id)
    own = adoption.user_id == by
    manages = customer is not None and await manages_customer(session, customer, by, now=now)
    if not await members.may(
        session, adoption.workspace_id, by, Action.END_ADOPTION, manages_customer=manages, own=own
    ):
        return None
    return OWN if own else BY_MANAGER if manages else BY_ADMIN


async def close(session: AsyncSession, adoption: Adoption, *, why: str, by: str, now: datetime, new_id: NewId) -> bool:
    """False where it had ended. The thread stays and says so, except to somebody who has left; open dates and swaps are
    over with it."""
    if not await store.end(session, adoption.workspace_id, adoption.id, why=why, now=now):
        return False
    ended = await store.adoption(session, adoption.workspace_id, adoption.id) or adoption
    await _audit(session, ended, by, f"adoption.ended.{why}", manages=why == BY_MANAGER, now=now, new_id=new_id)
    if why != LEFT:
        await owing.note(session, ended, "ended", now=now, once="", ref={"why": why})
        await owing.intro_again(session, ended, now=now)
    for visit in await store.open_visits(session, ended.workspace_id, [ended.id]):
        await store.change_visit(session, ended.workspace_id, visit.id, state=OVER)
        await owing.visit_again(session, visit, now=now)
    for swap in await store.asked_swaps(session, ended.workspace_id, ended.id):
        await store.change_swap(session, ended.workspace_id, swap.id, state=OVER, ended_at=now)
        await owing.swap(session, swap, now=now)
    await refresh(session, ended, now=now)
    return True


async def end_of_people_gone(session: AsyncSession, ws: str, *, now: datetime, new_id: NewId) -> int:
    """Whoever was deactivated or became a guest has no customers any more; nobody is told."""
    gone = await store.of_people_gone(session, ws, AT_ONCE)
    for adoption in gone:
        await close(session, adoption, why=LEFT, by="canteen", now=now, new_id=new_id)
    return len(gone)
