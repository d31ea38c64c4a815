"""What people write in their direct message with Canteen: below a question, below an answer, or outside any thread."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import why_unusable
from bot.delivery import saying
from bot.delivery.queue import Owed
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.questions import holding, owing, service, store
from bot.features.questions.rules import (
    ANSWERED,
    CLOSED,
    FOLLOW_UP,
    LONGEST,
    WAITING,
    Answer,
    Heard,
    KeptText,
    Question,
    Refusal,
    mentioned,
    readable,
)


async def in_plain_words(session: AsyncSession, heard: Heard) -> Heard:
    people = await members.people(session, heard.workspace_id, mentioned(heard.text))
    names = {user: person.name for user, person in people.items()}
    text = readable(heard.text, names)
    return replace(heard, text=text if why_unusable(text) is None else "")


@dataclass(frozen=True, kw_only=True)
class QuestionThreads:
    """A `ThreadOwner`: below a question its answers, below an answer what the asker says further."""

    new_id: NewId
    kinds: Collection[str] = (owing.TO_MANAGER, owing.TO_EDITOR, owing.ANSWER)

    async def on_message(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        question = await store.locked(session, heard.workspace_id, str(owed.ref.get("question")))
        if question is None:
            return
        said = await store.answer_by_request(session, heard.workspace_id, heard.message)
        if said is not None:
            await _changed(session, question, said, heard, under=owed.id, now=now)
        elif heard.change != "deleted" and (heard.text.strip() or heard.files):
            await self._new(session, question, heard, owed, now=now)

    async def _new(self, session: AsyncSession, question: Question, heard: Heard, owed: Owed, *, now: datetime) -> None:
        if owed.kind == owing.ANSWER:
            if heard.user_id == question.asker and await _fits(session, heard, under=owed.id, now=now):
                await service.follow_up(session, question, heard, now=now, new_id=self.new_id)
            return
        ws, user = heard.workspace_id, heard.user_id
        if question.state == CLOSED or not await holding.may_answer(session, question, user):
            about = [question.customer_id]
            await members.refused(session, ws, user, Action.ANSWER, about=about, now=now, new_id=self.new_id)
            refusal = Refusal.NOT_FOUND if question.state == CLOSED else Refusal.NOT_YOURS
            await not_relayed(session, heard, refusal, under=owed.id, now=now)
            return
        if not await _fits(session, heard, under=owed.id, now=now):
            return
        await service.answer(
            session,
            question,
            user,
            heard.text,
            request=heard.message,
            now=now,
            new_id=self.new_id,
            files=heard.files,
        )


async def not_relayed(
    session: AsyncSession, heard: Heard, refusal: Refusal, *, now: datetime, under: int | None = None
) -> None:
    await saying.owe_message(
        session,
        now=now,
        ws=heard.workspace_id,
        kind=owing.NOT_RELAYED,
        key=f"not_relayed:{heard.message}",
        target=heard.user_id,
        ref={"user": heard.user_id, "why": refusal.value, "count": len(heard.text.strip())},
        under=under,
    )


async def _fits(session: AsyncSession, heard: Heard, *, now: datetime, under: int | None = None) -> bool:
    """What is too long goes no further, rather than cut; its author is told, and told again where an edit mends it."""
    count, key = len(heard.text.strip()), f"not_relayed:{heard.message}"
    too_long = count > LONGEST
    _, before = await saying.living(session, heard.workspace_id, key)
    if before is None and too_long:
        await not_relayed(session, heard, Refusal.TOO_LONG, under=under, now=now)
    elif before is not None:
        why = Refusal.TOO_LONG.value if too_long else owing.SENT_ON
        await saying.show_again(session, replace(before, ref={**before.ref, "why": why, "count": count}), now=now)
    return not too_long


async def _changed(
    session: AsyncSession, question: Question, said: Answer, heard: Heard, *, now: datetime, under: int | None = None
) -> None:
    """Edited or deleted by its author: the copies follow."""
    if heard.user_id != said.author or said.deleted or heard.change == "new":
        return
    if heard.change == "edited" and not await _fits(session, heard, under=under, now=now):
        return
    ws = question.workspace_id
    if heard.change == "deleted":
        await store.change_answer(session, ws, said.id, text="", files=[], deleted_at=now)
    else:
        files = store.as_json(heard.files)
        await store.change_answer(session, ws, said.id, text=heard.text.strip(), files=files, edited_at=now)
        await service.want_pictures(session, question, said, heard.files, now=now)
    if said.direction == FOLLOW_UP:
        await _show_follow_up(session, said, deleted=heard.change == "deleted", now=now)
        return
    owed, opens = await owing.delivery_of(session, question, said)
    if owed is not None and heard.change == "deleted" and not opens:
        await saying.take_back(session, owed, now=now)
    elif owed is not None:
        await saying.show_again(session, owed, now=now)
    if heard.change == "deleted" and question.state == ANSWERED:
        await _unanswered_again(session, question, now=now)


async def _show_follow_up(session: AsyncSession, said: Answer, *, deleted: bool, now: datetime) -> None:
    for user in said.sent_to:
        _, owed = await saying.living(session, said.workspace_id, owing.follow_up_key(said, user))
        if owed is not None:
            await (saying.take_back if deleted else saying.show_again)(session, owed, now=now)


async def _unanswered_again(session: AsyncSession, question: Question, *, now: datetime) -> None:
    """Where the only answer was taken back."""
    ws = question.workspace_id
    if await store.answers_to(session, ws, [question.id]):
        return
    await store.change_question(session, ws, question.id, state=WAITING, answered_at=None)
    reopened = await store.question(session, ws, question.id) or question
    await holding.settle(session, reopened, now=now)
    await holding.refresh_all(session, reopened, now=now)


# -- outside any thread -----------------------------------------------------------------------------------------------


async def outside(session: AsyncSession, heard: Heard, *, now: datetime, new_id: NewId) -> None:
    """A text of no thread is kept until its author says which customer it is about; in the thread of such a text goes
    what belongs to it."""
    ws = heard.workspace_id
    own = await store.kept_at(session, ws, heard.channel, heard.ts)
    if own is not None:
        await _kept_changed(session, own, heard, now=now)
        return
    said = await store.answer_by_request(session, ws, heard.message)
    above = await store.kept_at(session, ws, heard.channel, heard.thread_ts) if heard.thread_ts else None
    question = await store.locked(session, ws, above.question_id) if above and above.question_id else None
    if said is not None:
        question = question or await store.locked(session, ws, said.question_id)
        if question is not None:
            await _changed(session, question, said, heard, now=now)
    elif question is not None and heard.change != "deleted":
        if await _fits(session, heard, now=now):
            await service.follow_up(session, question, heard, now=now, new_id=new_id)
    elif heard.change == "new" and (heard.text.strip() or heard.files):
        await _keep(session, heard, now=now, new_id=new_id)


async def _keep(session: AsyncSession, heard: Heard, *, now: datetime, new_id: NewId) -> None:
    ws = heard.workspace_id
    person = await members.get(session, ws, heard.user_id, now=now)
    if heard.outsider or not members.able(person, Action.READ_INSIDE):
        await not_relayed(session, heard, Refusal.NOT_FOR_GUESTS, now=now)
        return
    values = {
        "id": new_id(),
        "workspace_id": ws,
        "user_id": heard.user_id,
        "channel_id": heard.channel,
        "ts": heard.ts,
        "text": heard.text.strip(),
        "files": store.as_json(heard.files),
        "at": now,
    }
    if await store.keep_text(session, values):
        await saying.owe_message(
            session,
            now=now,
            ws=ws,
            kind=owing.WHICH,
            key=which_key(values["id"]),
            target=heard.user_id,
            ref={"kept": values["id"]},
        )


def which_key(kept_id: object) -> str:
    return f"kept:{kept_id}"


async def _kept_changed(session: AsyncSession, kept: KeptText, heard: Heard, *, now: datetime) -> None:
    if heard.change == "new" or heard.user_id != kept.user_id:
        return
    ws = kept.workspace_id
    asked = kept.question_id is not None
    if asked and heard.change == "edited" and not await _fits(session, heard, now=now):
        return
    _, which = await saying.living(session, ws, which_key(kept.id))
    if heard.change == "edited":
        text, files = heard.text.strip(), store.as_json(heard.files)
        await store.change_kept(session, ws, kept.id, text=text, files=files)
        if kept.question_id is None:
            if which is not None:
                await saying.show_again(session, which, now=now)
            return
        await store.change_question(session, ws, kept.question_id, text=text, files=files)
    elif kept.question_id is None:
        if which is not None:
            await saying.take_back(session, which, now=now)
        await store.forget_kept(session, ws, kept.id)
        return
    await _question_changed(session, kept, heard, now=now)


async def _question_changed(session: AsyncSession, kept: KeptText, heard: Heard, *, now: datetime) -> None:
    """Its asker edited the question, or took it back: whoever was asked sees that."""
    ws = kept.workspace_id
    question = await store.locked(session, ws, kept.question_id or "")
    if question is None:
        return
    if heard.change == "deleted":
        await store.change_question(session, ws, question.id, state=CLOSED, text="", files=[])
        await store.change_kept(session, ws, kept.id, text="", files=[])
        if question.with_user is not None:
            await owing.refresh_for(session, question, question.with_user, now=now)
            await holding.promote(session, ws, question.with_user, now=now)
    else:
        await service.want_pictures(session, question, None, heard.files, now=now)
    await holding.refresh_all(session, question, now=now)


async def chosen(
    session: AsyncSession,
    ws: str,
    user: str,
    kept_id: str,
    customer_id: str,
    *,
    outsider: bool,
    now: datetime,
    new_id: NewId,
) -> service.Asked:
    """The kept text becomes a question, once."""
    kept = await store.kept_text(session, ws, kept_id, lock=True)
    if kept is None or kept.user_id != user or kept.question_id is not None or kept.became is not None:
        return service.Asked(refusal=Refusal.NOT_FOUND)
    person = await members.get(session, ws, user, now=now)
    asked = await service.ask(
        session,
        person,
        customer_id,
        kept.text,
        request=f"kept:{kept.id}",
        outsider=outsider,
        now=now,
        new_id=new_id,
        files=kept.files,
        source_ts=kept.ts,
    )
    if asked.question is not None:
        await store.change_kept(session, ws, kept.id, question_id=asked.question.id)
        _, which = await saying.living(session, ws, which_key(kept.id))
        if which is not None:
            await saying.show_again(session, which, now=now)
    return asked
