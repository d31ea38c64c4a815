"""Every query for the files, some rows at a time."""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.adoptions import Adoption
from bot.db.tables.channels import Channel, WeeklyTotal
from bot.db.tables.questions import Answer, Question
from bot.db.tables.quizzes import Quiz, QuizAnswer
from bot.db.tables.stories import Post, Story
from bot.db.tables.updates import CustomerUpdate, Exchange, Note, Relay

PAGE = 250
Found = Sequence[Any]


async def pages(sessions: Sessions, chosen: Select[*tuple[Any, ...]], *order: Any) -> AsyncIterator[Found]:
    """All rows, each page in a transaction of its own. `order` is unique, and what `chosen` begins with."""
    after: tuple[Any, ...] | None = None
    while True:
        beyond = chosen if after is None else chosen.where(_after(order, after))
        async with sessions.begin() as session:
            rows = (await session.execute(beyond.order_by(*order).limit(PAGE))).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = tuple(rows[-1])[: len(order)]


def _after(order: Sequence[Any], after: Sequence[Any]) -> ColumnElement[bool]:
    return tuple_(*order) > tuple_(*after, types=[one.type for one in order])


def updates(sessions: Sessions, ws: str, customer: str) -> AsyncIterator[Found]:
    """What went out and stands, with those that were taken back, or wait, but for drafts."""
    U = CustomerUpdate  # noqa: N806 - a table
    chosen = select(
        U.at,
        U.id,
        U.author,
        U.kind,
        U.headline,
        U.text,
        U.link,
        U.channels,
        U.withdrawn_at,
        U.embargo_until,
        U.held_back_at,
    ).where(U.workspace_id == ws, U.customer_id == customer)
    return pages(sessions, chosen, U.at, U.id)


async def reached(session: AsyncSession, ws: str, updates: Collection[str]) -> dict[str, tuple[int, int, int]]:
    """By update: to how many it was delivered, how many thanked, how many asked."""
    rows = await session.execute(
        select(Relay.update_id, func.count(Relay.sent_at), func.count(Relay.thanked_at), func.count(Relay.asked_at))
        .where(Relay.workspace_id == ws, Relay.update_id.in_(updates))
        .group_by(Relay.update_id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def questions(sessions: Sessions, ws: str, customer: str, reader: str | None) -> AsyncIterator[Found]:
    """What `reader` was asked, and what was answered, which others may read too."""
    Q = Question  # noqa: N806 - a table
    readable = or_(Q.state == "answered", Q.with_user == reader if reader else literal(False))
    chosen = select(Q.asked_at, Q.id, Q.asker, Q.with_user, Q.state, Q.text).where(
        Q.workspace_id == ws, Q.customer_id == customer, readable
    )
    return pages(sessions, chosen, Q.asked_at, Q.id)


async def answers(session: AsyncSession, ws: str, questions: Collection[str]) -> Found:
    """The oldest first."""
    chosen = select(Answer.question_id, Answer.direction, Answer.author, Answer.text, Answer.at).where(
        Answer.workspace_id == ws, Answer.question_id.in_(questions), Answer.deleted_at.is_(None)
    )
    return (await session.execute(chosen.order_by(Answer.at, Answer.id))).all()


def notes(sessions: Sessions, ws: str, customer: str, reader: str) -> AsyncIterator[Found]:
    """What `reader` and adopters have sent one another, and what still stands of it."""
    chosen = (
        select(Exchange.id, Note.at, Note.id, Exchange.adopter, Note.author, Note.text)
        .join(Exchange, Exchange.id == Note.exchange_id)
        .where(
            Note.workspace_id == ws,
            Exchange.customer_id == customer,
            Exchange.partner == reader,
            Note.state == "sent",
            Note.deleted_at.is_(None),
        )
    )
    return pages(sessions, chosen, Exchange.id, Note.at, Note.id)


def adopters(sessions: Sessions, ws: str, customer: str) -> AsyncIterator[Found]:
    A = Adoption  # noqa: N806 - a table
    chosen = select(A.since, A.id, A.user_id).where(
        A.workspace_id == ws, A.customer_id == customer, A.ended_at.is_(None)
    )
    return pages(sessions, chosen, A.since, A.id)


def news(sessions: Sessions, ws: str, customer: str) -> AsyncIterator[Found]:
    """Stories and news that stand in channels."""
    chosen = (
        select(Post.posted_at, Post.id, Channel.name, Story.kind, Story.headline, Story.snippet)
        .join(Story, Story.id == Post.story_id)
        .outerjoin(Channel, (Channel.workspace_id == ws) & (Channel.channel_id == Post.channel_id))
        .where(
            Post.workspace_id == ws,
            Story.customer_id == customer,
            Post.posted_at.is_not(None),
            Post.recalled_at.is_(None),
            Story.withdrawn_at.is_(None),
        )
    )
    return pages(sessions, chosen, Post.posted_at, Post.id)


def weeks(sessions: Sessions, ws: str, channels: Collection[str]) -> AsyncIterator[Found]:
    """(channel, week, what, count)."""
    W = WeeklyTotal  # noqa: N806 - a table
    chosen = select(W.channel_id, W.week, W.what, W.count).where(W.workspace_id == ws, W.channel_id.in_(channels))
    return pages(sessions, chosen, W.channel_id, W.week, W.what)


def revealed(sessions: Sessions, ws: str) -> AsyncIterator[Found]:
    """(round, when its result came out)."""
    chosen = select(Quiz.id, Quiz.revealed_at).where(Quiz.workspace_id == ws, Quiz.revealed_at.is_not(None))
    return pages(sessions, chosen, Quiz.id)


async def answered(
    session: AsyncSession, rounds: Collection[str], channels: Collection[str]
) -> list[tuple[str, str, int]]:
    """(round, channel, how many answered there)."""
    A = QuizAnswer  # noqa: N806 - a table
    rows = await session.execute(
        select(A.quiz_id, A.channel_id, func.count())
        .where(A.quiz_id.in_(rounds), A.channel_id.in_(channels))
        .group_by(A.quiz_id, A.channel_id)
    )
    return [(row[0], row[1], row[2]) for row in rows]
