"""Taking a question back: out of the bank, and out of every channel that was asked it. In the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.inbox import telling
from bot.features.members import service as members
from bot.features.members.service import Action, Standing
from bot.features.quizzes import bank, recent_store, rules, store
from bot.features.quizzes.rounds import POST
from bot.features.quizzes.rules import Post, Quiz

WITHDRAW, OUT, STANDINGS = "quizzes.withdraw", "quizzes.out", "quizzes.standings"


async def may_withdraw(session: AsyncSession, post: Post, quiz: Quiz, user: str) -> bool:
    """As a story is recalled: editors, admins, the customer's account manager; and who owns all of its channels, since
    it is taken back in each."""
    customer = quiz.content.customer_id
    manages = customer is not None and await customers.manages(
        session, quiz.workspace_id, customer, user, now=post.due_at
    )
    places = {one.channel_id for one in await store.posts_of(session, quiz.id)}
    owns = all([await channels.owns(session, post.workspace_id, place, user) for place in sorted(places)])
    return await members.may(
        session, post.workspace_id, user, Action.RECALL, manages_customer=manages, owns_channel=owns
    )


async def withdraw(
    session: AsyncSession, ws: str, post_id: str, *, by: str, now: datetime, new_id: NewId
) -> int | None:
    """In how many channels it stood or was about to; None, and nothing changed, where `by` may not or it is not there.
    The question comes back only with a changed file. Its answers are deleted: they count for nothing."""
    post = await store.post(session, ws, post_id)
    quiz = await store.lock_quiz(session, ws, post.quiz_id) if post else None
    if post is None or quiz is None:
        return None
    if not await may_withdraw(session, post, quiz, by):
        await members.refused(session, ws, by, Action.RECALL, about=[post.channel_id], now=now, new_id=new_id)
        return None
    posts = [one for one in await store.posts_of(session, quiz.id) if one.outcome in {None, "sent", "uncertain"}]
    await bank.withdraw(session, ws, quiz.question_id, now=now)
    await store.set_withdrawn(session, quiz.id, now=now)
    await store.forget_answers(session, quiz)
    await telling.came_back(session, ws, quiz.question_id)
    for one in posts:
        await _take_back(session, one, now=now)
    detail = {"posts": [one.id for one in posts][:100]}
    about = [quiz.content.customer_id, *(one.channel_id for one in posts)]  # no secret any more: nobody is asked it
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="quiz.withdraw", subject=quiz.id, detail=detail,
        about=about,
    )  # fmt: skip
    return len(posts)


async def _take_back(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """Drop what is not on its way yet; what is, or has gone out, is deleted as soon as its place is known. Where the
    question had not gone out, its time has no post after all, and says why."""
    ws, dropped = post.workspace_id, False
    for key in (f"{POST}:{post.id}", f"{POST}:{post.id}:plain", f"{OUT}:{post.id}", f"{STANDINGS}:{post.id}"):
        owed = await queue.find(session, workspace_id=ws, key=key)
        if owed is None or owed.state in {"failed", "skipped"}:
            continue
        if await queue.cancel(session, workspace_id=ws, key=key, reason="recalled"):
            dropped = dropped or key.startswith(POST)
            continue
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=WITHDRAW,
            key=f"{WITHDRAW}:{owed.id}",
            method="delete",
            target=owed.channel or owed.target,
            ref={},
            under=owed.id,
        )
    if dropped and post.posted_at is None:
        await store.change_post(session, ws, post.id, outcome="recalled")
        await channels.left_out(session, ws, post.channel_id, rules.KIND, post.due_at, reason="recalled", now=now)


async def take_standings_back(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """Scores of persons are turned off: what names somebody does not stay."""
    owed = await queue.find(session, workspace_id=post.workspace_id, key=f"{STANDINGS}:{post.id}")
    if owed is not None and owed.ts is not None:
        await queue.enqueue(
            session,
            now=now,
            workspace_id=post.workspace_id,
            kind=WITHDRAW,
            key=f"{WITHDRAW}:{owed.id}",
            method="delete",
            target=owed.channel or owed.target,
            ref={},
            under=owed.id,
        )


async def withdrawable_by(session: AsyncSession, ws: str, user: str, *, limit: int) -> Sequence[tuple[Post, Quiz]]:
    """The newest posts: all for editors and admins; else of rounds that stand in channels they own alone, and of their
    customers what is revealed. Before that it would say which customer a question is about."""
    person = await members.get(session, ws, user)
    if members.allowed(Action.RECALL, Standing(person=person)):
        return await recent_store.latest_posts(session, ws, limit=limit)
    if not members.allowed(Action.RECALL, Standing(person=person, owns_channel=True)):
        return []
    own = {one.channel_id for one in await channels.owned_by(session, ws, user)}
    whose = {card.id for card in await customers.managed_by(session, ws, user)}
    found = await recent_store.latest_posts(session, ws, limit=limit, channel_ids=own, customer_ids=whose)
    places = await recent_store.places_of(session, {quiz.id for _, quiz in found})
    return [
        (post, quiz)
        for post, quiz in found
        if places[quiz.id] <= own or (quiz.result is not None and quiz.content.customer_id in whose)
    ]
