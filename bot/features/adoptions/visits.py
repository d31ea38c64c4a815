"""A first visit: the adopter proposes days, the account manager agrees, proposes another, or declines kindly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.features.adoptions import owing, rules, service, store
from bot.features.adoptions.rules import (
    AGREED,
    DECLINED,
    OVER,
    WITH_ADOPTER,
    WITH_MANAGER,
    Adoption,
    DateProblem,
    Visit,
)
from bot.features.customers import service as customers
from bot.features.customers.seams import Moved
from bot.features.members import service as members
from bot.features.members.service import Action

OTHER_NOTE, AGREED_NOTE, DECLINED_NOTE = "visit_other", "visit_agreed", "visit_declined"


class VisitOutcome(Enum):
    DONE = "done"
    NOT_FOUND = "not_found"
    OVERTAKEN = "overtaken"  # other days were proposed since, or it is settled
    NOBODY = "nobody"  # there is no account manager who can be asked


@dataclass(frozen=True, kw_only=True)
class Said:
    outcome: VisitOutcome
    problem: DateProblem | None = None
    visit: Visit | None = None


def can_propose(visit: Visit | None, today: date) -> bool:
    if visit is None or visit.state in {DECLINED, OVER}:
        return True
    return visit.state == AGREED and visit.agreed_on is not None and visit.agreed_on < today


async def today_of(session: AsyncSession, ws: str, user: str, now: datetime) -> date:
    return local_day(now, (await members.get(session, ws, user, now=now)).zone)


async def propose(
    session: AsyncSession,
    ws: str,
    user: str,
    adoption_id: str,
    dates: Sequence[date],
    note: str,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
) -> Said:
    """By the adopter, for the first time or after an earlier visit."""
    adoption = await service.theirs(session, ws, user, adoption_id, Action.VISIT, now=now, new_id=new_id)
    if adoption is None:
        return Said(outcome=VisitOutcome.NOT_FOUND)
    days, today = tuple(sorted(set(dates))), await today_of(session, ws, user, now)
    problem = rules.dates_problem(days, today)
    if problem is not None:
        return Said(outcome=VisitOutcome.DONE, problem=problem)
    await members.lock(session, ws, user)
    if not can_propose(await store.visit_of(session, ws, adoption_id), today):
        return Said(outcome=VisitOutcome.OVERTAKEN)
    manager = await service.acting_manager(session, ws, adoption.customer_id, now=now)
    if manager is None:
        return Said(outcome=VisitOutcome.NOBODY)
    values = {
        "id": new_id(),
        "workspace_id": ws,
        "request": request[:128],
        "adoption_id": adoption_id,
        "manager": manager.user_id,
        "dates": [day.isoformat() for day in days],
        "note": note,
        "state": WITH_MANAGER,
        "agreed_on": None,
        "turn": 1,
        "at": now,
    }
    await store.add_visit(session, values)
    visit = await store.visit(session, ws, str(values["id"]))
    if visit is not None:
        await owing.to_manager(session, visit, now=now)
    await owing.intro_again(session, adoption, now=now)
    return Said(outcome=VisitOutcome.DONE, visit=visit)


async def answerable(
    session: AsyncSession, ws: str, user: str, visit_id: str, turn: int, *, now: datetime, new_id: NewId
) -> tuple[Visit | None, Adoption | None, VisitOutcome]:
    """The visit, locked, where it is this person's turn to say something about it."""
    visit = await store.visit(session, ws, visit_id, lock=True)
    adoption = await store.adoption(session, ws, visit.adoption_id) if visit else None
    if visit is None or adoption is None:
        return None, None, VisitOutcome.NOT_FOUND
    own = adoption.user_id == user
    manages = not own and await _manages(session, visit, adoption, user, now=now)
    if not await members.permitted(
        session, ws, user, Action.VISIT, own=own, manages_customer=manages, about=[adoption.customer_id], now=now,
        new_id=new_id,
    ):  # fmt: skip
        return None, None, VisitOutcome.NOT_FOUND
    theirs = WITH_ADOPTER if own else WITH_MANAGER
    if visit.state != theirs or visit.turn != turn or not adoption.is_active:
        return visit, adoption, VisitOutcome.OVERTAKEN
    return visit, adoption, VisitOutcome.DONE


async def _manages(session: AsyncSession, visit: Visit, adoption: Adoption, user: str, *, now: datetime) -> bool:
    customer = await customers.get(session, visit.workspace_id, adoption.customer_id)
    return customer is not None and await service.manages_customer(session, customer, user, now=now)


async def other_days(
    session: AsyncSession,
    ws: str,
    user: str,
    visit_id: str,
    turn: int,
    dates: Sequence[date],
    note: str,
    *,
    now: datetime,
    new_id: NewId,
) -> Said:
    """By whoever's turn it is; then it is the other's."""
    visit, adoption, outcome = await answerable(session, ws, user, visit_id, turn, now=now, new_id=new_id)
    if visit is None or adoption is None or outcome is not VisitOutcome.DONE:
        return Said(outcome=outcome)
    days = tuple(sorted(set(dates)))
    problem = rules.dates_problem(days, await today_of(session, ws, user, now))
    if problem is not None:
        return Said(outcome=VisitOutcome.DONE, problem=problem)
    to_adopter = visit.state == WITH_MANAGER
    changed = await _change(
        session,
        visit,
        state=WITH_ADOPTER if to_adopter else WITH_MANAGER,
        dates=[day.isoformat() for day in days],
        note=note,
        turn=visit.turn + 1,
        manager=user if to_adopter else visit.manager,
        at=now,
    )
    await _show(session, visit, adoption, now=now)
    if to_adopter:
        once = f"{visit.id}:{changed.turn}"
        ref = {"visit": visit.id, "turn": changed.turn}
        await owing.note(session, adoption, OTHER_NOTE, now=now, once=once, ref=ref)
    else:
        await owing.to_manager(session, changed, now=now)
    return Said(outcome=VisitOutcome.DONE, visit=changed)


async def agree(
    session: AsyncSession, ws: str, user: str, visit_id: str, turn: int, number: int, *, now: datetime, new_id: NewId
) -> Said:
    """On one of the proposed days. Both are told: who agreed beneath the press, the other by a message."""
    visit, adoption, outcome = await answerable(session, ws, user, visit_id, turn, now=now, new_id=new_id)
    if visit is None or adoption is None or outcome is not VisitOutcome.DONE:
        return Said(outcome=outcome, visit=visit)
    if not 0 <= number < len(visit.dates):
        return Said(outcome=VisitOutcome.NOT_FOUND)
    if visit.dates[number] < await today_of(session, ws, user, now):
        return Said(outcome=VisitOutcome.DONE, problem=DateProblem.PAST, visit=visit)
    by_manager = visit.state == WITH_MANAGER
    manager = user if by_manager else visit.manager
    changed = await _change(session, visit, state=AGREED, agreed_on=visit.dates[number], manager=manager, at=now)
    await _show(session, changed, adoption, now=now)
    await owing.note(session, adoption, AGREED_NOTE, now=now, once=visit.id, ref={"visit": visit.id})
    if not by_manager:
        await _tell_manager(session, changed, AGREED_NOTE, now=now)
    return Said(outcome=VisitOutcome.DONE, visit=changed)


async def decline(
    session: AsyncSession, ws: str, user: str, visit_id: str, turn: int, note: str, *, now: datetime, new_id: NewId
) -> Said:
    visit, adoption, outcome = await answerable(session, ws, user, visit_id, turn, now=now, new_id=new_id)
    if visit is None or adoption is None or outcome is not VisitOutcome.DONE:
        return Said(outcome=outcome)
    by_manager = visit.state == WITH_MANAGER
    changed = await _change(session, visit, state=DECLINED, note=note, at=now)
    await _show(session, changed, adoption, now=now)
    if by_manager:
        await owing.note(session, adoption, DECLINED_NOTE, now=now, once=visit.id, ref={"visit": visit.id})
    else:
        await _tell_manager(session, changed, DECLINED_NOTE, now=now)
    return Said(outcome=VisitOutcome.DONE, visit=changed)


async def manager_changed(session: AsyncSession, ws: str, moved: Sequence[Moved], *, now: datetime) -> None:
    """A `customers.seams.ManagerChanged`: what an adopter has asked for does not wait for somebody who looks after the
    customer no more."""
    adopted = {one.id: one for one in await service.adopters_of(session, ws, [one.customer_id for one in moved])}
    for visit in await store.open_visits(session, ws, adopted):
        adoption = adopted[visit.adoption_id]
        acting = await service.acting_manager(session, ws, adoption.customer_id, now=now)
        if acting is not None and acting.user_id not in {visit.manager, adoption.user_id}:
            await _hand_over(session, visit, adoption, acting.user_id, now=now)


async def _hand_over(session: AsyncSession, visit: Visit, adoption: Adoption, manager: str, *, now: datetime) -> None:
    """Where it is the account manager's turn, the days are proposed to the new one by a message of their own."""
    if visit.state == WITH_ADOPTER:
        await _change(session, visit, manager=manager)
        await _show(session, visit, adoption, now=now)
        return
    await owing.to_manager(session, await _change(session, visit, manager=manager, turn=visit.turn + 1), now=now)


async def _change(session: AsyncSession, visit: Visit, **values: object) -> Visit:
    await store.change_visit(session, visit.workspace_id, visit.id, **values)
    return await store.visit(session, visit.workspace_id, visit.id) or visit


async def _show(session: AsyncSession, visit: Visit, adoption: Adoption, *, now: datetime) -> None:
    """What stands on both sides, as things are now."""
    await owing.visit_again(session, visit, now=now)
    for turn in range(2, visit.turn + 1):
        await owing.note_again(session, adoption, OTHER_NOTE, once=f"{visit.id}:{turn}", now=now)
    await owing.intro_again(session, adoption, now=now)


async def _tell_manager(session: AsyncSession, visit: Visit, what: str, *, now: datetime) -> None:
    await owing.told(session, visit.workspace_id, visit.manager, what, once=visit.id, now=now, ref={"visit": visit.id})
