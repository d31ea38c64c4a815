"""Every query about the bank of questions and its pictures."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import customers, quizzes, stories
from bot.db.upsert import insert_new, upsert
from bot.features.quizzes.choosing import Candidate
from bot.features.quizzes.rules import Content, Quiz, content_from
from bot.features.quizzes.store import as_quiz

OWED_FOR = timedelta(hours=2)  # longer than the lateness: what has not gone out by then never will
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


async def bank(
    session: AsyncSession, ws: str, channel_id: str, *, now: datetime, not_again_within: timedelta
) -> list[Candidate]:
    """The whole bank as this channel's choice sees it."""
    question, customer = quizzes.Question, customers.Customer
    rows = (
        await session.execute(
            select(question, customer.confidential, customer.may_be_named)
            .outerjoin(customer, customer.id == question.customer_id)
            .where(question.workspace_id == ws, question.withdrawn_at.is_(None))
        )
    ).all()
    rounds = await _rounds(session, ws, now=now)
    had = await _had(session, ws, channel_id, now=now)
    makers = await _makers(session, ws)
    return [
        Candidate(
            question_id=row.id,
            nameable=row.customer_id is None or (may_be_named is True and not confidential),
            about_customer=row.customer_id is not None,
            consent=row.consent,
            makers=makers.get(row.product_id or "", frozenset()) | makers.get(row.customer_id or "", frozenset()),
            languages=tuple(content_from(row.content).wordings),
            open_since=rounds.get(row.id, (None, None))[0],
            revealed_at=rounds.get(row.id, (None, None))[1],
            taken_until=had[row.id] + not_again_within if row.id in had else None,
        )
        for row, confidential, may_be_named in rows
    ]


async def _rounds(
    session: AsyncSession, ws: str, *, now: datetime
) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Of each question asked before: since when it is open, and when it was last revealed. A round that has closed and
    waits for its reveal can be neither joined nor begun anew."""
    found: dict[str, tuple[datetime | None, datetime | None]] = {}
    rows = await session.execute(
        select(quizzes.Quiz.question_id, quizzes.Quiz.opens_at, quizzes.Quiz.closes_at, quizzes.Quiz.revealed_at)
        .where(quizzes.Quiz.workspace_id == ws)
        .order_by(quizzes.Quiz.opens_at)
    )
    for question_id, opens_at, closes_at, revealed_at in rows:
        before = found.get(question_id, (None, None))[1]
        since = opens_at if now < closes_at else LONG_AGO
        found[question_id] = (since, before) if revealed_at is None else (None, revealed_at)
    return found


async def _had(session: AsyncSession, ws: str, channel_id: str, *, now: datetime) -> dict[str, datetime]:
    """When the channel had each question, may have had it, or is about to get it."""
    post = quizzes.QuizPost
    still_owed = and_(post.outcome.is_(None), post.due_at >= now - OWED_FOR)
    rows = await session.execute(
        select(post.question_id, func.max(post.due_at))
        .where(
            post.workspace_id == ws,
            post.channel_id == channel_id,
            or_(post.outcome.in_(("sent", "uncertain")), still_owed),
        )
        .group_by(post.question_id)
    )
    return {row[0]: row[1] for row in rows}


async def _makers(session: AsyncSession, ws: str) -> Mapping[str, frozenset[str]]:
    """Teams by product, and by customer who uses their products."""
    found: dict[str, set[str]] = defaultdict(set)
    product, uses = customers.Product, customers.ProductCustomer
    made = await session.execute(
        select(product.id, product.team_id).where(product.workspace_id == ws, product.team_id.is_not(None))
    )
    for product_id, team_id in made:
        found[product_id].add(team_id or "")
    asked = select(quizzes.Question.customer_id).where(
        quizzes.Question.workspace_id == ws, quizzes.Question.customer_id.is_not(None)
    )
    used = await session.execute(
        select(uses.customer_id, product.team_id)
        .join(product, product.id == uses.product_id)
        .where(uses.workspace_id == ws, uses.customer_id.in_(asked), product.team_id.is_not(None))
    )
    for customer_id, team_id in used:
        found[customer_id].add(team_id or "")
    return {key: frozenset(teams) for key, teams in found.items()}


async def question(session: AsyncSession, ws: str, question_id: str) -> quizzes.Question | None:
    return await session.scalar(
        select(quizzes.Question).where(quizzes.Question.workspace_id == ws, quizzes.Question.id == question_id)
    )


async def questions(session: AsyncSession, ws: str, ids: Collection[str]) -> dict[str, quizzes.Question]:
    rows = await session.scalars(
        select(quizzes.Question).where(quizzes.Question.workspace_id == ws, quizzes.Question.id.in_(sorted(ids)))
    )
    return {row.id: row for row in rows}


async def known(session: AsyncSession, ws: str) -> dict[str, quizzes.Question]:
    """The whole bank by its keys, for imports."""
    rows = await session.scalars(select(quizzes.Question).where(quizzes.Question.workspace_id == ws))
    return {row.key: row for row in rows}


async def put_question(session: AsyncSession, values: Mapping[str, Any]) -> None:
    """New, or in place of what stands under its key; its id, its secret and who wrote it stay."""
    kept = {"id", "workspace_id", "key", "secret", "author", "approver", "editor", "added_at"}
    changes = [name for name in values if name not in kept]
    await upsert(session, quizzes.Question, [values], key=("workspace_id", "key"), update=changes)


async def stories_about(session: AsyncSession, ws: str, customer_id: str, *, limit: int) -> list[str]:
    """Ids, the newest first."""
    story = stories.Story
    rows = await session.scalars(
        select(story.id)
        .where(
            story.workspace_id == ws,
            story.customer_id == customer_id,
            story.kind == "story",
            story.withdrawn_at.is_(None),
        )
        .order_by(story.published_on.desc(), story.id)
        .limit(limit)
    )
    return list(rows)


async def remember_shown(session: AsyncSession, ws: str, question_id: str, user: str) -> None:
    row = {"workspace_id": ws, "question_id": question_id, "user_id": user}
    await insert_new(session, quizzes.QuizShown, row, key=("workspace_id", "question_id", "user_id"))


async def shown_to(session: AsyncSession, ws: str, question_id: str) -> set[str]:
    """Who was shown its right answer before it was out."""
    shown = quizzes.QuizShown
    rows = await session.scalars(
        select(shown.user_id).where(shown.workspace_id == ws, shown.question_id == question_id)
    )
    return set(rows)


async def withdraw(session: AsyncSession, ws: str, question_id: str, *, now: datetime) -> None:
    await session.execute(
        update(quizzes.Question)
        .where(quizzes.Question.workspace_id == ws, quizzes.Question.id == question_id)
        .values(withdrawn_at=now)
    )


async def correct(session: AsyncSession, ws: str, question_id: str, was: Content, now_says: Content) -> None:
    """Unless it says something else by now. Its fingerprint stays, so that the same file again does not undo it."""
    row = await question(session, ws, question_id)
    if row is not None and content_from(row.content) == was:
        await session.execute(
            update(quizzes.Question).where(quizzes.Question.id == question_id).values(content=now_says.stored())
        )


async def lock_rounds_of(session: AsyncSession, ws: str, question_id: str) -> list[Quiz]:
    """Every round that asked it, exclusively."""
    quiz = quizzes.Quiz
    asked = select(quiz).where(quiz.workspace_id == ws, quiz.question_id == question_id).order_by(quiz.id)
    rows = await session.scalars(asked.with_for_update().execution_options(populate_existing=True))
    return [as_quiz(row) for row in rows]


async def owed_for(session: AsyncSession, ws: str, occurrences: Collection[str]) -> list[tuple[str, Quiz]]:
    """The rounds whose posts for these occurrences have not gone out, with the occurrence."""
    post, quiz = quizzes.QuizPost, quizzes.Quiz
    rows = await session.execute(
        select(post.occurrence_id, quiz)
        .join(quiz, quiz.id == post.quiz_id)
        .where(post.workspace_id == ws, post.occurrence_id.in_(sorted(occurrences)), post.outcome.is_(None))
    )
    return [(occurrence, as_quiz(row)) for occurrence, row in rows]


async def set_content(session: AsyncSession, quiz_id: str, content: Mapping[str, Any], *, at: datetime) -> None:
    """Corrected. `at`: by the clock that says when posts went out, the database's."""
    changes = {"content": dict(content), "corrected_at": at}
    await session.execute(update(quizzes.Quiz).where(quizzes.Quiz.id == quiz_id).values(**changes))


async def alt_of(session: AsyncSession, ws: str, digest: str) -> str:
    """What is to be seen on a question's picture."""
    content = await session.scalar(
        select(quizzes.Question.content)
        .where(quizzes.Question.workspace_id == ws, quizzes.Question.picture_hash == digest)
        .limit(1)
    )
    return "" if content is None else next(iter(content_from(content).wordings.values())).alt or ""


async def record_import(session: AsyncSession, values: Mapping[str, Any]) -> None:
    session.add(customers.ImportRecord(**values))
    await session.flush()


async def customer_names(session: AsyncSession, ws: str) -> Sequence[str]:
    """Every name and alias of every customer, as keys."""
    rows = await session.scalars(
        select(customers.CustomerName.name_key)
        .join(customers.Customer, customers.Customer.id == customers.CustomerName.customer_id)
        .where(customers.Customer.workspace_id == ws)
    )
    return list(rows)
