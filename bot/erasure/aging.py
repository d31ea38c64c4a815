"""What has grown old goes by itself, in groups, so that no transaction is long and no look reads a whole table.

Each look takes the oldest first by an index; nothing is looked for in what is young.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Table, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.core.keeping import Keep
from bot.db.engine import Sessions
from bot.db.groups import groups
from bot.db.tables import Base
from bot.db.tables.delivery import Delivery
from bot.db.tables.inbox import Draft
from bot.db.tables.members import AuditEntry
from bot.db.tables.questions import KeptText, Question
from bot.db.tables.quizzes import Quiz, QuizAnswer
from bot.db.tables.stories import Picture
from bot.db.tables.updates import Exchange, NewsReminder, Note
from bot.db.tables.workspaces import SeenEvent, Workspace
from bot.erasure import rows as erased
from bot.erasure.pictures import POINTING
from bot.erasure.rows import Found

A_GROUP = 1_000  # rows of one transaction: about 30 ms
WITH_MORE = 50  # of what takes other rows with it
AT_MOST = 20  # groups of each kind in one run: 20,000 rows, many times what a large company makes between two runs
OVER = ("sent", "skipped")

Step = Callable[[AsyncSession], Awaitable[bool]]


@dataclass(kw_only=True)
class Aging:
    """`passed`: up to which delivery this process has looked: what stays (failed, or the head of a thread that goes
    on) is not read again in each run."""

    sessions: Sessions
    keep: Keep
    passed: int = 0

    async def by_index(self, now: datetime) -> None:
        """What there is most of."""
        keep = self.keep
        await self._groups(partial(_seen, before=now - keep.events))
        self.passed = 0 if now.hour == 0 else self.passed  # once a day from the beginning: threads have ended since
        await self._groups(partial(self._deliveries, before=now - keep.deliveries))
        for ws in await self._workspaces():
            await self._groups(partial(_audit, ws=ws, before=now - keep.audit))

    async def by_looking(self, now: datetime) -> None:
        """What people said and answered, and pictures: looked for now and then."""
        keep = self.keep
        await self._groups(partial(_answers, before=now - keep.answers))
        await self._groups(partial(_questions, before=now - keep.questions))
        await self._groups(partial(_exchanges, before=now - keep.exchanges))
        for model, old in (
            (KeptText, (KeptText.at < now - keep.texts,)),
            (Draft, (Draft.state.in_(("rejected", "taken_back")), Draft.decided_at < now - keep.drafts)),
            (NewsReminder, (NewsReminder.at < now - keep.reminders,)),
        ):
            await self._groups(partial(_with_what_hangs_on_it, table=model.__tablename__, old=old))
        await drop_pictures(self.sessions, keep, now)

    async def _groups(self, step: Step) -> None:
        for _ in range(AT_MOST):
            async with self.sessions.begin() as session:
                if not await step(session):
                    return

    async def _workspaces(self) -> list[str]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(Workspace.id)))

    async def _deliveries(self, session: AsyncSession, *, before: datetime) -> bool:
        """By their numbers, which rise with time: there is no other way to the oldest. Whether there are older ones."""
        window = await session.execute(
            select(Delivery.id, Delivery.state, Delivery.created_at)
            .where(Delivery.id > self.passed)
            .order_by(Delivery.id)
            .limit(A_GROUP)
        )
        found = window.all()
        old = [row.id for row in found if row.state in OVER and row.created_at < before]
        if old:
            child = aliased(Delivery)
            waits = select(1).where(child.under_id == Delivery.id).exists()
            await session.execute(delete(Delivery).where(Delivery.id.in_(old), ~waits))
        if not found or found[-1].created_at >= before:
            return False
        self.passed = found[-1].id
        return len(found) == A_GROUP


async def _seen(session: AsyncSession, *, before: datetime) -> bool:
    old = select(SeenEvent.workspace_id, SeenEvent.key).where(SeenEvent.at < before).order_by(SeenEvent.at)
    return await _delete_some(session, Base.metadata.tables["seen_events"], old)


async def _audit(session: AsyncSession, *, ws: str, before: datetime) -> bool:
    old = select(AuditEntry.id).where(AuditEntry.workspace_id == ws, AuditEntry.at < before).order_by(AuditEntry.at)
    return await _delete_some(session, Base.metadata.tables["audit"], old)


async def _answers(session: AsyncSession, *, before: datetime) -> bool:
    """What was counted at the reveal stays; who it was does not."""
    left = select(1).where(QuizAnswer.quiz_id == Quiz.id).exists()
    over = (Quiz.revealed_at.is_not(None), Quiz.closes_at < before, left)
    quiz_id = await session.scalar(select(Quiz.id).where(*over).limit(1))
    if quiz_id is None:
        return False
    old = select(QuizAnswer.quiz_id, QuizAnswer.user_id).where(QuizAnswer.quiz_id == quiz_id)
    await _delete_some(session, Base.metadata.tables["quiz_answers"], old)
    return True


async def _questions(session: AsyncSession, *, before: datetime) -> bool:
    over = Question.state.in_(("answered", "closed"))
    old = (over, func.coalesce(Question.answered_at, Question.asked_at) < before)
    return await _with_what_hangs_on_it(session, table="questions", old=old)


async def _exchanges(session: AsyncSession, *, before: datetime) -> bool:
    later = select(1).where(Note.exchange_id == Exchange.id, Note.at >= before).exists()
    old = (Exchange.opened_at < before, or_(Exchange.offered_at.is_(None), Exchange.offered_at < before), ~later)
    return await _with_what_hangs_on_it(session, table="exchanges", old=old)


async def _delete_some(session: AsyncSession, table: Table, old: Any) -> bool:
    keys = [tuple(row) for row in await session.execute(old.limit(A_GROUP))]
    for group in groups(keys, erased.AT_ONCE):
        await session.execute(delete(table).where(erased.same(table, group)))
    return len(keys) == A_GROUP


async def _with_what_hangs_on_it(session: AsyncSession, *, table: str, old: Sequence[Any]) -> bool:
    found = Base.metadata.tables[table]
    rows = [dict(row._mapping) for row in await session.execute(select(found).where(*old).limit(WITH_MORE))]
    await erased.go(session, found, rows, Found(writes=True))
    return len(rows) == WITH_MORE


async def drop_pictures(sessions: Sessions, keep: Keep, now: datetime) -> int:
    """Those that no row shows any more; how many. What shows a picture is read as a whole: run it now and then."""
    async with sessions.begin() as session:
        shown = {
            tuple(row)
            for whose, picture in POINTING
            for row in await session.execute(select(whose, picture).where(picture.is_not(None)))
        }
        old = await session.execute(
            select(Picture.workspace_id, Picture.hash).where(Picture.added_at < now - keep.pictures)
        )
        gone = [tuple(row) for row in old if tuple(row) not in shown]
    table = Base.metadata.tables["pictures"]
    for key in gone:
        async with sessions.begin() as session:
            await session.execute(delete(table).where(erased.same(table, [key])))
    return len(gone)
