"""Asking about a customer and answering, inside the caller's transaction. Refusals are values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import why_unusable
from bot.delivery import saying
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.questions import holding, owing, store
from bot.features.questions.rules import (
    ANSWER,
    ANSWERED,
    CLOSED,
    FOLLOW_UP,
    LONGEST,
    SHOWN_ANSWERED,
    WAITING,
    Answer,
    File,
    Gone,
    Heard,
    Question,
    Refusal,
)


@dataclass(frozen=True, kw_only=True)
class Before:
    """Something answered about a customer earlier, without who asked."""

    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AskForm:
    """What the asker's window shows. `manager` None: the editors will answer."""

    refusal: Refusal | None = None
    customer: CustomerCard | None = None
    manager: str | None = None
    before: tuple[Before, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What became of it; exactly one of `refusal` and `question` is set."""

    refusal: Refusal | None = None
    question: Question | None = None
    gone: Gone = Gone.TO_NOBODY


def text_problem(text: str) -> Refusal | None:
    if not text.strip():
        return Refusal.EMPTY
    if why_unusable(text):
        return Refusal.UNUSABLE
    return Refusal.TOO_LONG if len(text) > LONGEST else None


async def may_ask(
    session: AsyncSession, person: Person, customer_id: str, *, outsider: bool
) -> tuple[CustomerCard | None, Refusal | None]:
    """Exactly one of the two."""
    if outsider or not members.allowed(Action.ASK, Standing(person=person)):
        return None, Refusal.NOT_FOR_GUESTS
    customer = await customers.get(session, person.workspace_id, customer_id)
    if customer is None or not customers.visible(customer, customers.viewer_of(person, outsider=outsider)):
        return None, Refusal.NOT_FOUND
    # A deputy may ask the account manager, as anybody may.
    manages = customer.account_manager == person.user_id
    if not members.allowed(Action.ASK, Standing(person=person, manages_customer=manages)):
        return None, Refusal.OWN_CUSTOMER
    return customer, None


async def ask_form(session: AsyncSession, person: Person, customer_id: str, *, outsider: bool) -> AskForm:
    customer, refusal = await may_ask(session, person, customer_id, outsider=outsider)
    if customer is None:
        return AskForm(refusal=refusal)
    manager = await customers.account_manager_of(session, person.workspace_id, customer.id)
    earlier = await store.answered_before(session, person.workspace_id, customer.id, SHOWN_ANSWERED)
    answers = await store.answers_to(session, person.workspace_id, [one.id for one in earlier])
    before = tuple(
        Before(question=one.text, answers=tuple(a.text for a in answers if a.question_id == one.id)) for one in earlier
    )
    return AskForm(customer=customer, manager=manager.name if manager else None, before=before)


async def ask(
    session: AsyncSession,
    person: Person,
    customer_id: str,
    text: str,
    *,
    request: str,
    outsider: bool,
    now: datetime,
    new_id: NewId,
    files: Sequence[File] = (),
    channel_id: str | None = None,
    source_ts: str | None = None,
) -> Asked:
    """`request` is the natural key: the same again gives the question it made the first time."""
    customer, refusal = await may_ask(session, person, customer_id, outsider=outsider)
    refusal = refusal or (None if files and not text.strip() else text_problem(text))
    if customer is None or refusal is not None:
        if refusal is Refusal.NOT_FOR_GUESTS:
            ws, user = person.workspace_id, person.user_id
            there = await customers.get(session, ws, customer_id)
            about = [there.id] if there is not None else []
            await members.refused(session, ws, user, Action.ASK, about=about, now=now, new_id=new_id)
        return Asked(refusal=refusal)
    question_id = new_id()
    values = {
        "id": question_id,
        "workspace_id": person.workspace_id,
        "request": request,
        "customer_id": customer.id,
        "channel_id": channel_id,
        "asker": person.user_id,
        "text": text.strip(),
        "files": store.as_json(files),
        "source_ts": source_ts,
        "state": WAITING,
        "with_user": None,
        "passed_at": None,
        "asked_at": now,
    }
    await store.add_question(session, values)
    question = await store.question(session, person.workspace_id, question_id)
    if question is None:
        return Asked(refusal=Refusal.NOT_FOUND)
    await want_pictures(session, question, None, question.files, now=now)
    gone = await holding.settle(session, question, now=now)
    if channel_id:
        await channels.count(session, person.workspace_id, channel_id, "question", now)
    await home.owe_if_open_today(session, now=now, ws=person.workspace_id, users=[person.user_id])
    return Asked(question=question, gone=gone)


async def want_pictures(
    session: AsyncSession, question: Question, answer: Answer | None, files: Sequence[File], *, now: datetime
) -> None:
    """A picture in a direct message with Canteen is visible there only: copies are made by a job."""
    for file in files:
        if file.is_picture and file.url:
            await store.want_copy(
                session,
                {
                    "workspace_id": question.workspace_id,
                    "file_id": file.id,
                    "question_id": question.id,
                    "answer_id": answer.id if answer else None,
                    "url": file.url,
                    "try_at": now,
                },
            )


# -- answering --------------------------------------------------------------------------------------------------------


async def get(session: AsyncSession, ws: str, question_id: str) -> Question | None:
    return await store.question(session, ws, question_id)


async def answerable(
    session: AsyncSession, ws: str, question_id: str, user: str
) -> tuple[Question | None, Refusal | None]:
    """The question, where this person may answer it now."""
    question = await store.locked(session, ws, question_id)
    if question is None or question.state == CLOSED:
        return None, Refusal.NOT_FOUND
    if not await holding.may_answer(session, question, user):
        return None, Refusal.NOT_YOURS
    return question, None


async def answer(
    session: AsyncSession,
    question: Question,
    author: str,
    text: str,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
    files: Sequence[File] = (),
) -> Answer | None:
    """Relay it to the asker. None for a repeat of `request`. Whether `author` may is the caller's question."""
    ws = question.workspace_id
    said = await _say(session, question, ANSWER, author, text, request=request, now=now, new_id=new_id, files=files)
    if said is None:
        return None
    await owing.answer_to_asker(session, question, said, now=now)
    customer = await customers.get(session, ws, question.customer_id)
    manages = customer is not None and customer.looked_after_by(author)
    before = question.with_user
    await store.change_question(
        session, ws, question.id, state=ANSWERED, answered_at=now, with_user=author if manages else None
    )
    await holding.refresh_all(session, await store.question(session, ws, question.id) or question, now=now)
    if before is not None:
        await owing.refresh_for(session, question, before, now=now)
        await holding.promote(session, ws, before, now=now)
    return said


async def _say(
    session: AsyncSession,
    question: Question,
    direction: str,
    author: str,
    text: str,
    *,
    request: str,
    now: datetime,
    new_id: NewId,
    files: Sequence[File],
    sent_to: Sequence[str] = (),
) -> Answer | None:
    answer_id = new_id()
    values = {
        "id": answer_id,
        "workspace_id": question.workspace_id,
        "request": request,
        "question_id": question.id,
        "direction": direction,
        "author": author,
        "text": text.strip(),
        "files": store.as_json(files),
        "sent_to": list(sent_to),
        "at": now,
    }
    if not await store.add_answer(session, values):
        return None
    said = await store.answer(session, question.workspace_id, answer_id)
    if said is not None:
        await want_pictures(session, question, said, files, now=now)
    return said


async def follow_up(session: AsyncSession, question: Question, heard: Heard, *, now: datetime, new_id: NewId) -> None:
    """What the asker says further goes into the thread of whoever answers."""
    partners = await holding.talk_partners(session, question)
    users = [person.user_id for person in partners]
    said = await _say(
        session,
        question,
        FOLLOW_UP,
        heard.user_id,
        heard.text,
        request=heard.message,
        now=now,
        new_id=new_id,
        files=heard.files,
        sent_to=users,
    )
    if said is None:
        return
    if not partners:
        await owing.not_reached(session, question, said, now=now)
    for person in partners:
        await saying.owe_message(
            session,
            now=now,
            ws=question.workspace_id,
            kind=owing.FOLLOW_UP,
            key=owing.follow_up_key(said, person.user_id),
            target=person.user_id,
            ref={"question": question.id, "answer": said.id, "user": person.user_id},
            under=await holding.thread_of(session, question, person, now=now),
            due=members.next_waking(person, now),
        )


async def pass_on(
    session: AsyncSession, ws: str, question_id: str, user: str, *, now: datetime
) -> tuple[Gone | None, Refusal | None]:
    """By the account manager who has it."""
    question, refusal = await answerable(session, ws, question_id, user)
    if question is None:
        return None, refusal
    if question.with_user != user or not question.is_unanswered:
        return None, Refusal.NOT_YOURS
    return await holding.pass_on(session, question, now=now), None
