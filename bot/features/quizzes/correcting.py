"""A question corrected after it was posted: its words, wherever it was asked, but never which option is right. In the
caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.delivery import queue, saying
from bot.delivery.queue import Rank
from bot.features.members import service as members
from bot.features.quizzes import bank, rounds, rules, store
from bot.features.quizzes.rules import Post, Wording
from bot.features.quizzes.withdrawing import OUT

UNSENT = frozenset({*saying.DEAD, "pending"})  # what has not gone out yet is rendered anew anyway


async def standing_in(session: AsyncSession, ws: str, post_id: str) -> int:
    """In how many channels the post's round stands or is about to."""
    post = await store.post(session, ws, post_id)
    return len(_standing(await store.posts_of(session, post.quiz_id))) if post else 0


async def correct(
    session: AsyncSession, ws: str, post_id: str, wording: Wording, *, by: str, now: datetime, new_id: NewId
) -> int | None:
    """In how many channels it stands or is about to; None for what is not there or was withdrawn. Every round that asks
    the same is corrected, and the question itself, unless it was imported anew since. The caller has checked the right
    and the words. Answers count as before: an option keeps its number, whatever it says."""
    post = await store.post(session, ws, post_id)
    quiz = await store.quiz(session, ws, post.quiz_id) if post else None
    if quiz is None or quiz.is_withdrawn:
        return None
    was, content, at = quiz.content, rules.corrected(quiz.content, wording), await db_now(session)
    posts: list[Post] = []
    for one in await bank.lock_rounds_of(session, ws, quiz.question_id):
        if one.content == was and not one.is_withdrawn:
            await bank.set_content(session, one.id, content.stored(), at=at)
            posts += _standing(await store.posts_of(session, one.id))
    for standing in posts:
        await _show_again(session, standing, now=now)
    await bank.correct(session, ws, quiz.question_id, was, content)
    detail = {"posts": [one.id for one in posts][:100]}
    # Not the customer: that may be the answer, and a round may be open.
    about = [one.channel_id for one in posts]
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="quiz.correct", subject=quiz.id, detail=detail,
        about=about,
    )  # fmt: skip
    return len(posts)


def _standing(posts: list[Post]) -> list[Post]:
    return [post for post in posts if post.outcome in {None, "sent", "uncertain"}]


async def _show_again(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """The quiz itself, and the message that says the answer is out."""
    made = await rounds.made_by(session, post)
    if made is not None and made.state not in UNSENT:
        await rounds.owe_message(session, post, shown=post.shown, rank=Rank.FIRST, now=now)
    out = await queue.find(session, workspace_id=post.workspace_id, key=f"{OUT}:{post.id}")
    if out is not None and out.state not in UNSENT:
        await saying.show_again(session, out, now=now)
