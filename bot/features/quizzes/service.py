"""What happens to rounds once they are asked: tallies, reveals, records and names. In the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.delivery import queue, saying
from bot.delivery.queue import Rank
from bot.features.channels import service as channels
from bot.features.inbox import telling
from bot.features.members import manners
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.quizzes import rules, showing, standings, store
from bot.features.quizzes.rounds import (
    MESSAGE,
    NOTHING_LEFT,
    PICTURE,
    POST,
    TEST,
    fill,
    left,
    owe_message,
    owe_test,
    preview,
)
from bot.features.quizzes.rules import Content, Limits, Past, Post, Quiz, Record
from bot.features.quizzes.standings import Played, Standings
from bot.features.quizzes.withdrawing import (
    OUT,
    STANDINGS,
    WITHDRAW,
    take_standings_back,
    withdraw,
    withdrawable_by,
)

__all__ = [
    "MESSAGE",
    "NOTHING_LEFT",
    "OUT",
    "PICTURE",
    "POST",
    "STANDINGS",
    "TEST",
    "WITHDRAW",
    "Content",
    "fill",
    "left",
    "owe_message",
    "owe_test",
    "preview",
    "withdraw",
    "withdrawable_by",
]

EACH = timedelta(seconds=2.4)  # half of chat.update's 50 a minute for a whole workspace
QUARTER = timedelta(days=92)
SAME = timedelta(seconds=3)  # no message is edited more often


# -- reading ----------------------------------------------------------------------------------------------------------


async def get_post(session: AsyncSession, ws: str, post_id: str) -> tuple[Post, Quiz] | None:
    post = await store.post(session, ws, post_id)
    quiz = await store.quiz(session, ws, post.quiz_id) if post else None
    return (post, quiz) if post and quiz else None


async def any_quiz(session: AsyncSession, ws: str) -> bool:
    """Whether the workspace has a bank or has ever asked anything."""
    return await store.any_question(session, ws)


async def team_names(session: AsyncSession, ws: str, teams: Sequence[str]) -> dict[str, str]:
    """By id, of those that there still are."""
    return await store.team_names(session, ws, teams)


async def scores_on(session: AsyncSession, ws: str, limits: Limits) -> bool:
    """Whether persons' scores and receipts are shown: an admin's word, else the default."""
    said = await store.scores_said(session, ws)
    return limits.scores if said is None else said


async def set_scores(session: AsyncSession, ws: str, scores: bool, *, by: str, now: datetime, new_id: NewId) -> bool:
    """False, and nothing changed, where `by` may not."""
    if not await members.may(session, ws, by, Action.CHANGE_SETTINGS):
        await members.refused(session, ws, by, Action.CHANGE_SETTINGS, now=now, new_id=new_id)
        return False
    await store.set_scores(session, ws, scores)
    if not scores:
        for post in await store.posts_revealed(session, ws, since=now - QUARTER):
            await take_standings_back(session, post, now=now)
    detail = {"scores": scores}
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="quiz.scores", subject=ws, detail=detail
    )
    return True


# -- tallies ----------------------------------------------------------------------------------------------------------


async def tally(session: AsyncSession, *, now: datetime) -> int:
    """Owe each workspace at most one edit: of the message that was tallied longest ago among those whose number has
    changed. Called every `EACH`, so that a message is edited every max(3 s, 2.4 s x messages with news). Also those
    whose channel's time is over while the round still runs elsewhere."""
    posts = await store.standing_posts(session)
    counts = await store.answered(session, {post.quiz_id for post in posts}) if posts else {}
    owed = 0
    for ws in sorted({post.workspace_id for post in posts}):
        mine = [post for post in posts if post.workspace_id == ws]
        post = next((one for one in mine if _has_news(one, counts.get(one.quiz_id, 0), now)), None)
        if post is None or not await store.take_tally(session, ws, now=now, gap=EACH):
            continue
        count, shut = counts.get(post.quiz_id, 0), now >= post.closes_at
        await store.change_post(session, ws, post.id, shown=count, tallied_at=now, shut=shut)
        await owe_message(session, post, shown=count, rank=Rank.TALLY, now=now)
        owed += 1
    return owed


def _has_news(post: Post, count: int, now: datetime) -> bool:
    if now >= post.closes_at:
        return not post.shut
    return count != post.shown and (post.tallied_at is None or now - post.tallied_at >= SAME)


# -- the reveal -------------------------------------------------------------------------------------------------------


async def due_to_reveal(session: AsyncSession, *, limit: int) -> list[tuple[str, str]]:
    """Workspace and id of rounds that have closed everywhere by the database's clock."""
    return await store.due_to_reveal(session, now=await db_now(session), limit=limit)


async def reveal(session: AsyncSession, ws: str, quiz_id: str, *, limits: Limits) -> bool:
    """Count, and owe every channel its answer; False where another process has, or a channel joined meanwhile."""
    quiz = await store.lock_quiz(session, ws, quiz_id)
    now = await db_now(session)
    if quiz is None or quiz.revealed_at is not None or now < quiz.closes_at:
        return False
    await showing.leave_out(session, quiz)
    result = rules.result_of(quiz.content, await store.answers(session, quiz))
    await store.set_revealed(session, quiz.id, result.stored(), now=now)
    scores = await scores_on(session, ws, limits)
    if not scores:
        await store.forget_answers(session, quiz)  # nothing will ever be shown of them: who chose what is not kept
    for post in await store.posts_of(session, quiz.id):
        if post.ts is not None:
            await _owe_answer(session, post, result.answered, scores=scores, now=now)
    return True


async def _owe_answer(session: AsyncSession, post: Post, answered: int, *, scores: bool, now: datetime) -> None:
    """The message becomes the result; a new one says so, since an edit alone may not show as unread."""
    ws = post.workspace_id
    await owe_message(session, post, shown=answered, rank=Rank.REVEAL, now=now)
    out = await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=OUT,
        key=f"{OUT}:{post.id}",
        method="post",
        target=post.channel_id,
        ref={"post": post.id},
    )
    if scores:
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=STANDINGS,
            key=f"{STANDINGS}:{post.id}",
            method="post",
            target=post.channel_id,
            ref={"post": post.id},
            under=out,
        )


# -- standings and records --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ChannelStandings:
    """`names` by id; `teams`: how often each team knew best, by name, the most often first."""

    standings: Standings
    names: dict[str, str]
    teams: tuple[tuple[str, int], ...]


async def standings_at(session: AsyncSession, post: Post, quiz: Quiz) -> ChannelStandings:
    """As of this round, in its quarter there."""
    begin, _ = standings.quarter_of(quiz.closes_at, post.zone)
    until = quiz.closes_at + timedelta(microseconds=1)
    place = (post.workspace_id, post.channel_id)
    rounds = await store.played(session, *place, since=begin, until=until)
    played = [Played(quiz_id=one.quiz_id, right=one.right, void=one.void) for one in rounds]
    names = await store.named_among(session, post.workspace_id, {user for one in played for user in one.right})
    won: dict[str, int] = {}
    for one in rounds:
        if one.winner:
            won[one.winner] = won.get(one.winner, 0) + 1
    teams = await store.team_names(session, post.workspace_id, won)
    ordered = sorted(
        ((teams[team], times) for team, times in won.items() if team in teams), key=lambda one: (-one[1], one[0])
    )
    return ChannelStandings(standings=standings.standings_of(played, names), names=names, teams=tuple(ordered))


async def record_of(session: AsyncSession, ws: str, user: str, *, zone: str, now: datetime) -> Record:
    """Somebody's own, of this quarter as it is where they are."""
    begin, end = standings.quarter_of(now, zone)
    pasts: Sequence[Past] = await store.pasts_of(session, ws, user, since=begin, until=end)
    return Record(
        answered=len(pasts),
        right=sum(past.was_right for past in pasts),
        named=await store.is_named(session, ws, user),
        recent=tuple(pasts[:3]),
    )


@dataclass(frozen=True, kw_only=True)
class Mine:
    """What one person is told about one revealed round. `option` None: they did not answer."""

    quiz: Quiz
    post: Post
    option: int | None
    record: Record


async def mine(session: AsyncSession, ws: str, user: str, post_id: str, *, zone: str, now: datetime) -> Mine | None:
    """None for what is not there or not revealed yet."""
    found = await get_post(session, ws, post_id)
    if found is None or found[1].result is None:
        return None
    post, quiz = found
    option = await store.answer_of(session, ws, quiz.id, user)
    return Mine(quiz=quiz, post=post, option=option, record=await record_of(session, ws, user, zone=zone, now=now))


async def set_named(session: AsyncSession, ws: str, user: str, named: bool, *, now: datetime) -> bool:
    """From now on, and in the standings of this quarter that are out already. False where the person has not been read
    from Slack yet: nothing is kept."""
    if await store.is_named(session, ws, user) is named:
        return True
    if not await manners.show_name(session, ws, user, named):
        return False
    if not named:
        await unnamed(session, ws, user, now=now)
    return True


async def unnamed(session: AsyncSession, ws: str, user: str, *, now: datetime) -> None:
    """A `members.seams.Unnamed`: taken out of the standings of this quarter that are out already."""
    for post in await store.posts_answered(session, ws, user, since=now - timedelta(days=92)):
        await _owe_standings_again(session, post, now=now)


async def _owe_standings_again(session: AsyncSession, post: Post, *, now: datetime) -> None:
    out = await queue.find(session, workspace_id=post.workspace_id, key=f"{STANDINGS}:{post.id}")
    if out is not None and out.ts is not None:
        await saying.show_again(session, out, now=now)


# -- what Slack said --------------------------------------------------------------------------------------------------


async def sent(session: AsyncSession, post: Post, ts: str | None, *, now: datetime) -> None:
    first = post.posted_at is None
    await store.change_post(session, post.workspace_id, post.id, ts=ts, posted_at=now, outcome="sent")
    if not first:
        return
    await channels.count(session, post.workspace_id, post.channel_id, "post", now)
    found = await get_post(session, post.workspace_id, post.id)
    if found is not None and not found[1].is_withdrawn:
        place = {"channel": post.channel_id}
        await telling.came_to_stand(session, post.workspace_id, found[1].question_id, place, now=now)
    if found is not None and found[1].result is not None:
        # What became of the call was found out only after the reveal: nobody has owed this message its answer yet.
        scores = await store.scores_said(session, post.workspace_id) is not False
        await _owe_answer(session, found[0], found[1].result.answered, scores=scores, now=now)


async def not_sent(session: AsyncSession, post: Post, error: str) -> None:
    """`uncertain`, or why it was never made: the question is then free to be chosen again."""
    await store.change_post(session, post.workspace_id, post.id, outcome=error[:64])


async def skipped(session: AsyncSession, post: Post, reason: str, *, now: datetime) -> None:
    """Not sent after all, because of what changed since it was chosen."""
    await not_sent(session, post, reason)
    place = (post.workspace_id, post.channel_id, rules.KIND)
    await channels.left_out(session, *place, post.due_at, reason=reason, now=now)


async def too_late(session: AsyncSession, post: Post, *, now: datetime) -> None:
    await channels.came_too_late(session, post.workspace_id, post.channel_id, rules.KIND, post.due_at, now=now)
