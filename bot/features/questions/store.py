"""Every query about questions, answers, kept texts and copied pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import questions as tables
from bot.db.tables.stories import Picture
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new
from bot.features.questions.rules import (
    ANSWER,
    ANSWERED,
    CLOSED,
    OPEN,
    UNANSWERED,
    WAITING,
    Answer,
    File,
    KeptText,
    Question,
    read_files,
)

BATCH = 500
A_LOOK = 50  # each costs a few queries of its own: SQLite lets nobody else write meanwhile


def _question(row: tables.Question) -> Question:
    return Question(
        workspace_id=row.workspace_id,
        id=row.id,
        customer_id=row.customer_id,
        asker=row.asker,
        text=row.text,
        files=read_files(row.files),
        state=row.state,
        with_user=row.with_user,
        passed=row.passed_at is not None,
        asked_at=row.asked_at,
    )


def _answer(row: tables.Answer) -> Answer:
    return Answer(
        workspace_id=row.workspace_id,
        id=row.id,
        request=row.request,
        question_id=row.question_id,
        direction=row.direction,
        author=row.author,
        text=row.text,
        files=read_files(row.files),
        at=row.at,
        sent_to=tuple(row.sent_to),
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
    )


def _kept(row: tables.KeptText) -> KeptText:
    return KeptText(
        workspace_id=row.workspace_id,
        id=row.id,
        user_id=row.user_id,
        channel_id=row.channel_id,
        ts=row.ts,
        text=row.text,
        files=read_files(row.files),
        question_id=row.question_id,
        became=row.became,
    )


def as_json(files: Sequence[File]) -> list[dict[str, Any]]:
    return [file.as_json() for file in files]


# -- questions --------------------------------------------------------------------------------------------------------


async def add_question(session: AsyncSession, values: dict[str, Any]) -> bool:
    return await insert_new(session, tables.Question, {"answered_at": None, **values}, key=("workspace_id", "request"))


async def _questions(
    session: AsyncSession, *conditions: Any, limit: int = BATCH, newest: bool = False
) -> list[Question]:
    order = (tables.Question.asked_at, tables.Question.id)
    rows = await session.scalars(
        select(tables.Question)
        .where(*conditions)
        .order_by(*((one.desc() for one in order) if newest else order))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_question(row) for row in rows]


async def question(session: AsyncSession, ws: str, question_id: str) -> Question | None:
    found = await _questions(session, tables.Question.workspace_id == ws, tables.Question.id == question_id)
    return found[0] if found else None


async def locked(session: AsyncSession, ws: str, question_id: str) -> Question | None:
    row = await session.scalar(
        select(tables.Question)
        .where(tables.Question.workspace_id == ws, tables.Question.id == question_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else _question(row)


async def change_question(session: AsyncSession, ws: str, question_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.Question)
        .where(tables.Question.workspace_id == ws, tables.Question.id == question_id)
        .values(**values)
    )


async def count_open(session: AsyncSession, ws: str, user: str) -> int:
    query = select(func.count()).where(
        tables.Question.workspace_id == ws, tables.Question.with_user == user, tables.Question.state == OPEN
    )
    return int((await session.execute(query)).scalar_one())


async def unanswered(session: AsyncSession, ws: str, *, after: str = "") -> list[Question]:
    """By id, in groups: pass the last one's id to go on."""
    rows = await session.scalars(
        select(tables.Question)
        .where(tables.Question.workspace_id == ws, tables.Question.state.in_(UNANSWERED), tables.Question.id > after)
        .order_by(tables.Question.id)
        .limit(A_LOOK)
        .execution_options(populate_existing=True)
    )
    return [_question(row) for row in rows]


async def with_unanswered(session: AsyncSession) -> list[str]:
    """The workspaces whose token works in which a question is."""
    asked = select(tables.Question.workspace_id).where(tables.Question.state.in_(UNANSWERED)).distinct()
    return sorted(
        await session.scalars(select(Workspace.id).where(Workspace.id.in_(asked), Workspace.state == "active"))
    )


async def waiting_for(session: AsyncSession, ws: str, user: str, limit: int = BATCH) -> list[Question]:
    """The oldest first."""
    Q = tables.Question  # noqa: N806
    return await _questions(session, Q.workspace_id == ws, Q.with_user == user, Q.state == WAITING, limit=limit)


async def open_with(session: AsyncSession, ws: str, user: str, limit: int) -> list[Question]:
    Q = tables.Question  # noqa: N806
    return await _questions(session, Q.workspace_id == ws, Q.with_user == user, Q.state == OPEN, limit=limit)


async def waiting(session: AsyncSession, ws: str, limit: int) -> list[Question]:
    Q = tables.Question  # noqa: N806
    return await _questions(session, Q.workspace_id == ws, Q.state == WAITING, limit=limit)


async def asked_by(session: AsyncSession, ws: str, user: str, limit: int) -> list[Question]:
    """The newest first."""
    Q = tables.Question  # noqa: N806
    return await _questions(session, Q.workspace_id == ws, Q.asker == user, Q.state != CLOSED, limit=limit, newest=True)


async def answered_before(session: AsyncSession, ws: str, customer_id: str, limit: int) -> list[Question]:
    """The newest first."""
    Q = tables.Question  # noqa: N806
    return await _questions(
        session, Q.workspace_id == ws, Q.customer_id == customer_id, Q.state == ANSWERED, limit=limit, newest=True
    )


# -- answers ----------------------------------------------------------------------------------------------------------


async def add_answer(session: AsyncSession, values: dict[str, Any]) -> bool:
    row = {"edited_at": None, "deleted_at": None, "sent_to": [], **values}
    return await insert_new(session, tables.Answer, row, key=("workspace_id", "request"))


async def _answers(session: AsyncSession, *conditions: Any) -> list[Answer]:
    rows = await session.scalars(
        select(tables.Answer)
        .where(*conditions)
        .order_by(tables.Answer.at, tables.Answer.id)
        .execution_options(populate_existing=True)
    )
    return [_answer(row) for row in rows]


async def answer(session: AsyncSession, ws: str, answer_id: str) -> Answer | None:
    found = await _answers(session, tables.Answer.workspace_id == ws, tables.Answer.id == answer_id)
    return found[0] if found else None


async def answer_by_request(session: AsyncSession, ws: str, request: str) -> Answer | None:
    found = await _answers(session, tables.Answer.workspace_id == ws, tables.Answer.request == request)
    return found[0] if found else None


async def answers_to(session: AsyncSession, ws: str, question_ids: Sequence[str]) -> list[Answer]:
    """What has been answered and still stands, the oldest first."""
    A = tables.Answer  # noqa: N806
    ids = list(question_ids)
    return await _answers(
        session, A.workspace_id == ws, A.question_id.in_(ids), A.direction == ANSWER, A.deleted_at.is_(None)
    )


async def last_author(session: AsyncSession, ws: str, question_id: str) -> str | None:
    """Who answered last, also where that was taken back."""
    A = tables.Answer  # noqa: N806
    return await session.scalar(
        select(A.author)
        .where(A.workspace_id == ws, A.question_id == question_id, A.direction == ANSWER)
        .order_by(A.at.desc(), A.id.desc())
        .limit(1)
    )


async def change_answer(session: AsyncSession, ws: str, answer_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.Answer).where(tables.Answer.workspace_id == ws, tables.Answer.id == answer_id).values(**values)
    )


# -- kept texts -------------------------------------------------------------------------------------------------------


async def keep_text(session: AsyncSession, values: dict[str, Any]) -> bool:
    return await insert_new(
        session, tables.KeptText, {"question_id": None, **values}, key=("workspace_id", "channel_id", "ts")
    )


async def kept_text(session: AsyncSession, ws: str, kept_id: str, *, lock: bool = False) -> KeptText | None:
    query = select(tables.KeptText).where(tables.KeptText.workspace_id == ws, tables.KeptText.id == kept_id)
    query = query.with_for_update() if lock else query
    row = await session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _kept(row)


async def kept_at(session: AsyncSession, ws: str, channel: str, ts: str) -> KeptText | None:
    row = await session.scalar(
        select(tables.KeptText)
        .where(tables.KeptText.workspace_id == ws, tables.KeptText.channel_id == channel, tables.KeptText.ts == ts)
        .execution_options(populate_existing=True)
    )
    return None if row is None else _kept(row)


async def change_kept(session: AsyncSession, ws: str, kept_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.KeptText)
        .where(tables.KeptText.workspace_id == ws, tables.KeptText.id == kept_id)
        .values(**values)
    )


async def forget_kept(session: AsyncSession, ws: str, kept_id: str) -> None:
    await session.execute(
        delete(tables.KeptText).where(tables.KeptText.workspace_id == ws, tables.KeptText.id == kept_id)
    )


# -- pictures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class DueCopy:
    workspace_id: str
    file_id: str
    url: str
    tries: int


async def want_copy(session: AsyncSession, values: dict[str, Any]) -> None:
    row = {"state": "wanted", "tries": 0, "hash": None, **values}
    await insert_new(session, tables.PictureCopy, row, key=("workspace_id", "file_id"))


async def due_copies(session: AsyncSession, now: datetime, limit: int) -> list[DueCopy]:
    C = tables.PictureCopy  # noqa: N806
    rows = await session.execute(
        select(C.workspace_id, C.file_id, C.url, C.tries)
        .where(C.state == "wanted", C.try_at <= now)
        .order_by(C.try_at, C.file_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [DueCopy(workspace_id=row.workspace_id, file_id=row.file_id, url=row.url, tries=row.tries) for row in rows]


async def change_copy(session: AsyncSession, ws: str, file_id: str, **values: Any) -> None:
    await session.execute(
        update(tables.PictureCopy)
        .where(tables.PictureCopy.workspace_id == ws, tables.PictureCopy.file_id == file_id)
        .values(**values)
    )


async def give_up_copies(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> int:
    """How many had been kept."""
    given_up = await session.execute(
        update(tables.PictureCopy)
        .where(
            tables.PictureCopy.workspace_id == ws,
            tables.PictureCopy.file_id.in_(list(file_ids)),
            tables.PictureCopy.state == "kept",
        )
        .values(state="failed")
        .returning(tables.PictureCopy.file_id)
    )
    return len(given_up.all())


async def shown_in(session: AsyncSession, ws: str, digest: str) -> list[tuple[str, str | None]]:
    """Question and answer of every message that shares this picture."""
    C = tables.PictureCopy  # noqa: N806
    rows = await session.execute(select(C.question_id, C.answer_id).where(C.workspace_id == ws, C.hash == digest))
    return [(row.question_id, row.answer_id) for row in rows]


async def ready(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> dict[str, str]:
    """Slack's id of our copy, by the id of the file that was shared; only of those that can be shown."""
    C = tables.PictureCopy  # noqa: N806
    rows = await session.execute(
        select(C.file_id, Picture.slack_file)
        .join(Picture, (Picture.workspace_id == C.workspace_id) & (Picture.hash == C.hash))
        .where(C.workspace_id == ws, C.file_id.in_(list(file_ids)), C.state == "kept", Picture.slack_file.is_not(None))
    )
    return {row.file_id: row.slack_file for row in rows if row.slack_file}
