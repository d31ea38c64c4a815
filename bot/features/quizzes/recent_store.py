"""Queries about what was asked lately, and where."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import quizzes
from bot.features.quizzes.rules import Post, Quiz
from bot.features.quizzes.store import as_post, as_quiz


async def latest_posts(
    session: AsyncSession,
    ws: str,
    *,
    limit: int,
    channel_ids: Collection[str] | None = None,
    customer_ids: Collection[str] = (),
) -> list[tuple[Post, Quiz]]:
    """Made and not withdrawn, the newest first: all, or those in these channels or about these customers."""
    post, quiz, question = quizzes.QuizPost, quizzes.Quiz, quizzes.Question
    if channel_ids is not None and not (channel_ids or customer_ids):
        return []
    about = select(question.id).where(question.workspace_id == ws, question.customer_id.in_(sorted(customer_ids)))
    concerning = or_(post.channel_id.in_(sorted(channel_ids or ())), post.question_id.in_(about))
    rows = await session.execute(
        select(post, quiz)
        .join(quiz, quiz.id == post.quiz_id)
        .where(
            post.workspace_id == ws,
            post.posted_at.is_not(None),
            or_(quiz.revealed_at.is_(None), quiz.result.is_not(None)),
            *(() if channel_ids is None else (concerning,)),
        )
        .order_by(post.posted_at.desc(), post.id)
        .limit(limit)
    )
    return [(as_post(one), as_quiz(of)) for one, of in rows]


async def places_of(session: AsyncSession, quiz_ids: Collection[str]) -> dict[str, set[str]]:
    """Every channel that was to be asked, by round."""
    post = quizzes.QuizPost
    found: dict[str, set[str]] = defaultdict(set)
    rows = await session.execute(select(post.quiz_id, post.channel_id).where(post.quiz_id.in_(sorted(quiz_ids))))
    for quiz_id, channel_id in rows:
        found[quiz_id].add(channel_id)
    return found
