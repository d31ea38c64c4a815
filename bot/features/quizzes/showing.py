"""Whoever was shown a right answer before it was out: their own does not count. In the caller's transaction."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.quizzes import bank, store
from bot.features.quizzes.rules import Quiz


async def shown(session: AsyncSession, ws: str, question_id: str, user: str) -> bool:
    """Remember that this person is shown it, in a draft or a question that may be open. True where they had answered:
    that answer is deleted, as it could be changed now by one who knows."""
    await bank.remember_shown(session, ws, question_id, user)
    quiz = await store.open_quiz_of(session, ws, question_id)
    return quiz is not None and await store.forget_answers(session, quiz, of={user})


async def leave_out(session: AsyncSession, quiz: Quiz) -> None:
    """Before its answers are counted: who pressed in the moment in which they were shown it."""
    knew = await bank.shown_to(session, quiz.workspace_id, quiz.question_id)
    if knew:
        await store.forget_answers(session, quiz, of=knew)
