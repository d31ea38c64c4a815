"""Whose a question is: the account manager's, five at most at a time, or the editors'. All of it is repeatable."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import saying
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members.service import ADMIN, EDITOR, Action, Person, Standing
from bot.features.questions import owing, store
from bot.features.questions.rules import ANSWERED, MOST_OPEN, OPEN, WAITING, Gone, Question, place


async def manager_for(session: AsyncSession, question: Question) -> Person | None:
    """The account manager to ask; nobody is asked their own question."""
    manager = await customers.account_manager_of(session, question.workspace_id, question.customer_id)
    return None if manager is None or manager.user_id == question.asker else manager


async def desk(session: AsyncSession, question: Question) -> tuple[Gone, list[Person]]:
    """The editors, or the admins, who can at least make somebody an editor."""
    for role, gone in ((EDITOR, Gone.TO_EDITORS), (ADMIN, Gone.TO_ADMINS)):
        found = await members.with_role(session, question.workspace_id, role)
        people = [person for person in found if person.user_id != question.asker]
        if people:
            return gone, people
    return Gone.TO_NOBODY, []


async def may_answer(session: AsyncSession, question: Question, user: str) -> bool:
    """The account manager; the editors while it is theirs: nobody can be asked, five are open, or it was passed on."""
    customer = await customers.get(session, question.workspace_id, question.customer_id)
    person = await members.get(session, question.workspace_id, user)
    return customer is not None and await may_answer_about(session, question, person, customer)


async def may_answer_about(session: AsyncSession, question: Question, person: Person, customer: CustomerCard) -> bool:
    """As `may_answer`, for whoever has read both already. Whether a manager can be asked matters to editors only."""
    if person.user_id == question.asker:
        return False
    manages = customer.looked_after_by(person.user_id)
    with_editors = question.state == WAITING or question.with_user is None
    reachable = not with_editors and not manages and await manager_for(session, question) is not None
    standing = Standing(person=person, manages_customer=manages, manager_reachable=reachable)
    return members.allowed(Action.ANSWER, standing)


async def settle(session: AsyncSession, question: Question, *, now: datetime) -> Gone:
    """Give an unanswered question to whom it belongs now, and owe it to them."""
    manager = None if question.passed else await manager_for(session, question)
    if manager is not None:
        await members.lock(session, question.workspace_id, manager.user_id)
    current = await store.locked(session, question.workspace_id, question.id)
    if current is None or not current.is_unanswered:
        return Gone.TO_NOBODY
    question = current
    state, holder = await _placed(session, question, manager)
    if (state, holder) != (question.state, question.with_user):
        await store.change_question(session, question.workspace_id, question.id, state=state, with_user=holder)
        await _tell_before(session, question, holder, now=now)
    moved = await store.question(session, question.workspace_id, question.id) or question
    if state == OPEN and manager is not None:
        await owe_to(session, moved, manager, now=now)
        return Gone.TO_MANAGER
    return await _owe_to_desk(session, moved, now=now)


async def is_settled(session: AsyncSession, question: Question) -> bool:
    """Whether an unanswered question is with whom it belongs and all of them have been told."""
    ws = question.workspace_id
    manager = None if question.passed else await manager_for(session, question)
    holder = manager.user_id if manager is not None else None
    if question.with_user != holder:
        return False
    if holder is not None and question.state == WAITING and await store.count_open(session, ws, holder) < MOST_OPEN:
        return False
    people = [manager] if question.state == OPEN and manager is not None else (await desk(session, question))[1]
    for person in people:
        _, owed = await saying.living(session, ws, owing.to_key(question, person.user_id))
        if owed is None:
            return False
    return True


async def _placed(session: AsyncSession, question: Question, manager: Person | None) -> tuple[str, str | None]:
    if manager is None:
        return WAITING, None
    if question.state == OPEN and question.with_user == manager.user_id:
        return OPEN, manager.user_id
    open_now = await store.count_open(session, question.workspace_id, manager.user_id)
    return place(manager_reachable=True, open_now=open_now, passed=question.passed), manager.user_id


async def _tell_before(session: AsyncSession, question: Question, holder: str | None, *, now: datetime) -> None:
    """Whoever had it sees that it is with somebody else."""
    _, editors = await desk(session, question)
    before = {person.user_id for person in editors} | ({question.with_user} if question.with_user else set())
    for user in sorted(before - {holder}):
        await owing.refresh_for(session, question, user, now=now)


async def _owe_to_desk(session: AsyncSession, question: Question, *, now: datetime) -> Gone:
    gone, people = await desk(session, question)
    for person in people:
        await owe_to(session, question, person, now=now)
    return gone


async def owe_to(session: AsyncSession, question: Question, person: Person, *, now: datetime) -> int:
    """By direct message, once their quiet hours are over; the delivery's id."""
    holds = question.with_user == person.user_id and question.state in {OPEN, ANSWERED}
    delivery = await saying.owe_message(
        session,
        now=now,
        ws=question.workspace_id,
        kind=owing.TO_MANAGER if holds else owing.TO_EDITOR,
        key=owing.to_key(question, person.user_id),
        target=person.user_id,
        ref={"question": question.id, "user": person.user_id},
        due=members.next_waking(person, now),
    )
    await home.owe_if_open_today(session, now=now, ws=question.workspace_id, users=[person.user_id])
    return delivery


async def promote(session: AsyncSession, ws: str, user: str, *, now: datetime) -> None:
    """Below five: the oldest that waits for this account manager goes to them."""
    await members.lock(session, ws, user)
    free = max(0, MOST_OPEN - await store.count_open(session, ws, user))
    for question in await store.waiting_for(session, ws, user, limit=free) if free else []:
        await settle(session, question, now=now)


async def pass_on(session: AsyncSession, question: Question, *, now: datetime) -> Gone:
    """To the editors for good."""
    before = question.with_user
    await store.change_question(
        session, question.workspace_id, question.id, state=WAITING, with_user=None, passed_at=now
    )
    moved = await store.question(session, question.workspace_id, question.id) or question
    gone = await _owe_to_desk(session, moved, now=now)
    if before is not None:
        await owing.refresh_for(session, moved, before, now=now)
        await home.owe_if_open_today(session, now=now, ws=question.workspace_id, users=[before])
        await promote(session, question.workspace_id, before, now=now)
    return gone


async def refresh_all(session: AsyncSession, question: Question, *, now: datetime) -> None:
    """Everybody who was asked sees how it stands, and so do the Home tabs that are open."""
    _, editors = await desk(session, question)
    everybody = {person.user_id for person in editors}
    everybody |= {user for user in (question.with_user, await _answered_by(session, question)) if user}
    for user in sorted(everybody):
        await owing.refresh_for(session, question, user, now=now)
    everybody.add(question.asker)
    await home.owe_if_open_today(session, now=now, ws=question.workspace_id, users=everybody)


async def _answered_by(session: AsyncSession, question: Question) -> str | None:
    return await store.last_author(session, question.workspace_id, question.id)


async def reachable_elsewhere(session: AsyncSession, question: Question, *, but: str) -> bool:
    """Whether anybody else was or can be asked."""
    _, people = await desk(session, question)
    for person in people:
        if person.user_id == but:
            continue
        _, found = await saying.living(session, question.workspace_id, owing.to_key(question, person.user_id))
        if found is not None:
            return True
    return False


async def talk_partners(session: AsyncSession, question: Question) -> list[Person]:
    """Who hears what the asker says further: whoever answered last, else whoever has the question."""
    author = await _answered_by(session, question)
    if author is not None and await may_answer(session, question, author):
        return [await members.get(session, question.workspace_id, author)]
    manager = None if question.passed else await manager_for(session, question)
    if manager is not None and question.state != WAITING:
        return [manager]
    return (await desk(session, question))[1]


async def thread_of(session: AsyncSession, question: Question, person: Person, *, now: datetime) -> int:
    """The delivery whose thread this person has for the question."""
    _, found = await saying.living(session, question.workspace_id, owing.to_key(question, person.user_id))
    return found.id if found is not None else await owe_to(session, question, person, now=now)
