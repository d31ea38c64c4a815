"""Every query about rounds and answers, but for the hot path's (`counting`) and the bank's (`bank`)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import customers, members, quizzes
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new, upsert
from bot.features.quizzes.rules import Answer, Past, Post, Quiz, content_from, result_from

# -- the desk ---------------------------------------------------------------------------------------------------------


async def lock_choice(session: AsyncSession, ws: str) -> None:
    """One choice at a time in a workspace: channels that are due together must end up in one round."""
    await session.execute(select(Workspace.id).where(Workspace.id == ws).with_for_update(key_share=True))


async def scores_said(session: AsyncSession, ws: str) -> bool | None:
    """An admin's word; None where nobody has given one."""
    return await session.scalar(select(quizzes.QuizDesk.scores).where(quizzes.QuizDesk.workspace_id == ws))


async def set_scores(session: AsyncSession, ws: str, scores: bool) -> None:
    row = {"workspace_id": ws, "scores": scores}
    await upsert(session, quizzes.QuizDesk, [row], key=("workspace_id",))


async def take_tally(session: AsyncSession, ws: str, *, now: datetime, gap: timedelta) -> bool:
    """True for one caller in each `gap`, over any number of processes: chat.update is the whole workspace's."""
    row = {"workspace_id": ws, "scores": None, "tallied_at": None}
    await insert_new(session, quizzes.QuizDesk, row, key=("workspace_id",))
    desk = quizzes.QuizDesk
    taken = await session.execute(
        update(desk)
        .where(desk.workspace_id == ws, or_(desk.tallied_at.is_(None), desk.tallied_at <= now - gap))
        .values(tallied_at=now)
        .returning(desk.workspace_id)
    )
    return taken.first() is not None


async def any_question(session: AsyncSession, ws: str) -> bool:
    found = await session.scalar(select(quizzes.Question.id).where(quizzes.Question.workspace_id == ws).limit(1))
    return found is not None


# -- rounds -----------------------------------------------------------------------------------------------------------


def as_quiz(row: quizzes.Quiz) -> Quiz:
    return Quiz(
        id=row.id,
        workspace_id=row.workspace_id,
        question_id=row.question_id,
        secret=row.secret,
        content=content_from(row.content),
        author=row.author,
        approver=row.approver,
        editor=row.editor,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        revealed_at=row.revealed_at,
        corrected_at=row.corrected_at,
        result=result_from(row.result),
    )


def as_post(row: quizzes.QuizPost) -> Post:
    return Post(
        id=row.id,
        workspace_id=row.workspace_id,
        quiz_id=row.quiz_id,
        channel_id=row.channel_id,
        locale=row.locale,
        zone=row.zone,
        due_at=row.due_at,
        closes_at=row.closes_at,
        ts=row.ts,
        posted_at=row.posted_at,
        outcome=row.outcome,
        shown=row.shown,
        tallied_at=row.tallied_at,
        shut=row.shut,
    )


async def quiz(session: AsyncSession, ws: str, quiz_id: str) -> Quiz | None:
    row = await session.scalar(
        select(quizzes.Quiz)
        .where(quizzes.Quiz.workspace_id == ws, quizzes.Quiz.id == quiz_id)
        .execution_options(populate_existing=True)
    )
    return None if row is None else as_quiz(row)


async def open_quiz_of(session: AsyncSession, ws: str, question_id: str) -> Quiz | None:
    """The open round of a question, held until the transaction ends: it cannot be revealed meanwhile."""
    row = await session.scalar(
        select(quizzes.Quiz)
        .where(
            quizzes.Quiz.workspace_id == ws,
            quizzes.Quiz.question_id == question_id,
            quizzes.Quiz.revealed_at.is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else as_quiz(row)


async def add_quiz(session: AsyncSession, values: Mapping[str, Any]) -> None:
    await insert_new(session, quizzes.Quiz, values, key=("id",))


async def close_later(session: AsyncSession, quiz_id: str, closes_at: datetime) -> None:
    """Another channel has joined."""
    await session.execute(
        update(quizzes.Quiz)
        .where(quizzes.Quiz.id == quiz_id, quizzes.Quiz.closes_at < closes_at)
        .values(closes_at=closes_at)
    )


async def due_to_reveal(session: AsyncSession, *, now: datetime, limit: int) -> list[tuple[str, str]]:
    rows = await session.execute(
        select(quizzes.Quiz.workspace_id, quizzes.Quiz.id)
        .where(quizzes.Quiz.revealed_at.is_(None), quizzes.Quiz.closes_at <= now)
        .order_by(quizzes.Quiz.closes_at, quizzes.Quiz.id)
        .limit(limit)
    )
    return [(ws, quiz_id) for ws, quiz_id in rows]


async def lock_quiz(session: AsyncSession, ws: str, quiz_id: str) -> Quiz | None:
    """Exclusively: whoever counts presses holds it shared, so that each is either counted or told that it is closed."""
    row = await session.scalar(
        select(quizzes.Quiz)
        .where(quizzes.Quiz.workspace_id == ws, quizzes.Quiz.id == quiz_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else as_quiz(row)


async def set_revealed(session: AsyncSession, quiz_id: str, result: Mapping[str, Any], *, now: datetime) -> None:
    await session.execute(
        update(quizzes.Quiz).where(quizzes.Quiz.id == quiz_id).values(revealed_at=now, result=dict(result))
    )


async def set_withdrawn(session: AsyncSession, quiz_id: str, *, now: datetime) -> None:
    """Ended without a result, or what there was is taken back."""
    await session.execute(update(quizzes.Quiz).where(quizzes.Quiz.id == quiz_id).values(revealed_at=now, result=None))


async def answers(session: AsyncSession, quiz: Quiz) -> list[Answer]:
    """With each person's team as it is now."""
    answer, member = quizzes.QuizAnswer, members.Member
    rows = await session.execute(
        select(answer.user_id, answer.option, member.team_id)
        .outerjoin(member, and_(member.workspace_id == answer.workspace_id, member.user_id == answer.user_id))
        .where(answer.workspace_id == quiz.workspace_id, answer.quiz_id == quiz.id)
        .order_by(answer.user_id)
    )
    return [Answer(user_id=user, option=option, team_id=team) for user, option, team in rows]


async def forget_answers(session: AsyncSession, quiz: Quiz, *, of: Collection[str] | None = None) -> bool:
    """Everybody's, or `of` these people; whether there was one."""
    answer = quizzes.QuizAnswer
    those = (answer.workspace_id == quiz.workspace_id, answer.quiz_id == quiz.id)
    whose = () if of is None else (answer.user_id.in_(sorted(of)),)
    gone = await session.execute(delete(answer).where(*those, *whose).returning(answer.user_id))
    return gone.first() is not None


async def answered(session: AsyncSession, quiz_ids: Collection[str]) -> dict[str, int]:
    """How many have answered each."""
    rows = await session.execute(
        select(quizzes.QuizAnswer.quiz_id, func.count())
        .where(quizzes.QuizAnswer.quiz_id.in_(sorted(quiz_ids)))
        .group_by(quizzes.QuizAnswer.quiz_id)
    )
    return {row[0]: row[1] for row in rows}


async def answer_of(session: AsyncSession, ws: str, quiz_id: str, user: str) -> int | None:
    return await session.scalar(
        select(quizzes.QuizAnswer.option).where(
            quizzes.QuizAnswer.workspace_id == ws,
            quizzes.QuizAnswer.quiz_id == quiz_id,
            quizzes.QuizAnswer.user_id == user,
        )
    )


async def pasts_of(session: AsyncSession, ws: str, user: str, *, since: datetime, until: datetime) -> list[Past]:
    """Somebody's answers to rounds that closed then and are revealed, the newest first."""
    rows = await session.execute(
        select(quizzes.Quiz.content, quizzes.QuizAnswer.option, quizzes.Quiz.closes_at)
        .join(quizzes.Quiz, quizzes.Quiz.id == quizzes.QuizAnswer.quiz_id)
        .where(
            quizzes.QuizAnswer.workspace_id == ws,
            quizzes.QuizAnswer.user_id == user,
            quizzes.Quiz.result.is_not(None),
            quizzes.Quiz.closes_at >= since,
            quizzes.Quiz.closes_at < until,
        )
        .order_by(quizzes.Quiz.closes_at.desc(), quizzes.Quiz.id)
    )
    return [Past(content=content_from(content), option=option, closed_at=at) for content, option, at in rows]


@dataclass(frozen=True, kw_only=True)
class PlayedRow:
    """A revealed round: who was right in that channel, and the team that knew best. `void`: withdrawn since."""

    quiz_id: str
    right: frozenset[str]
    winner: str | None
    void: bool = False


async def played(
    session: AsyncSession, ws: str, channel_id: str, *, since: datetime, until: datetime
) -> list[PlayedRow]:
    """The channel's rounds that closed then and are revealed, in the order in which they closed."""
    post, quiz, answer = quizzes.QuizPost, quizzes.Quiz, quizzes.QuizAnswer
    rows = await session.execute(
        select(quiz.id, quiz.content, quiz.result)
        .join(post, post.quiz_id == quiz.id)
        .where(
            post.workspace_id == ws,
            post.channel_id == channel_id,
            post.outcome == "sent",
            or_(quiz.result.is_not(None), quiz.revealed_at >= quiz.closes_at),
            quiz.closes_at >= since,
            quiz.closes_at < until,
        )
        .order_by(quiz.closes_at, quiz.id)
    )
    found = [(quiz_id, content_from(content).right, result_from(result)) for quiz_id, content, result in rows]
    rights = {quiz_id: right for quiz_id, right, _ in found}
    chosen = await session.execute(
        select(answer.quiz_id, answer.user_id, answer.option).where(
            answer.workspace_id == ws, answer.channel_id == channel_id, answer.quiz_id.in_(sorted(rights))
        )
    )
    knew: dict[str, set[str]] = defaultdict(set)
    for quiz_id, user, option in chosen:
        if option == rights[quiz_id]:
            knew[quiz_id].add(user)
    return [
        PlayedRow(
            quiz_id=quiz_id,
            right=frozenset(knew[quiz_id]),
            winner=result.winner if result else None,
            void=result is None,
        )
        for quiz_id, _, result in found
    ]


async def posts_answered(session: AsyncSession, ws: str, user: str, *, since: datetime) -> list[Post]:
    """Revealed, in channels where they answered."""
    post, quiz, answer = quizzes.QuizPost, quizzes.Quiz, quizzes.QuizAnswer
    where = select(answer.channel_id).where(answer.workspace_id == ws, answer.user_id == user)
    rows = await session.scalars(
        select(post)
        .join(quiz, quiz.id == post.quiz_id)
        .where(
            post.workspace_id == ws,
            post.channel_id.in_(where),
            quiz.result.is_not(None),
            quiz.closes_at >= since,
        )
        .order_by(quiz.closes_at, post.id)
    )
    return [as_post(row) for row in rows]


async def team_names(session: AsyncSession, ws: str, teams: Collection[str]) -> dict[str, str]:
    rows = await session.execute(
        select(customers.Team.id, customers.Team.name).where(
            customers.Team.workspace_id == ws, customers.Team.id.in_(sorted(teams))
        )
    )
    return {row[0]: row[1] for row in rows}


# -- posts ------------------------------------------------------------------------------------------------------------


async def add_post(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """False where the occurrence has its post already."""
    return await insert_new(session, quizzes.QuizPost, values, key=("occurrence_id",))


async def post(session: AsyncSession, ws: str, post_id: str) -> Post | None:
    row = await session.scalar(
        select(quizzes.QuizPost)
        .where(quizzes.QuizPost.workspace_id == ws, quizzes.QuizPost.id == post_id)
        .execution_options(populate_existing=True)
    )
    return None if row is None else as_post(row)


async def posts_of(session: AsyncSession, quiz_id: str) -> list[Post]:
    rows = await session.scalars(
        select(quizzes.QuizPost)
        .where(quizzes.QuizPost.quiz_id == quiz_id)
        .order_by(quizzes.QuizPost.due_at, quizzes.QuizPost.id)
        .execution_options(populate_existing=True)
    )
    return [as_post(row) for row in rows]


async def change_post(session: AsyncSession, ws: str, post_id: str, **values: Any) -> None:
    await session.execute(
        update(quizzes.QuizPost)
        .where(quizzes.QuizPost.workspace_id == ws, quizzes.QuizPost.id == post_id)
        .values(**values)
    )


async def posts_revealed(session: AsyncSession, ws: str, *, since: datetime) -> list[Post]:
    post, quiz = quizzes.QuizPost, quizzes.Quiz
    rows = await session.scalars(
        select(post)
        .join(quiz, quiz.id == post.quiz_id)
        .where(post.workspace_id == ws, post.ts.is_not(None), quiz.result.is_not(None), quiz.closes_at >= since)
        .order_by(quiz.closes_at, post.id)
    )
    return [as_post(row) for row in rows]


async def standing_posts(session: AsyncSession) -> list[Post]:
    """Posts of rounds that are not revealed, whose messages stand there; the one tallied longest ago first."""
    post = quizzes.QuizPost
    still_open = select(quizzes.Quiz.id).where(quizzes.Quiz.revealed_at.is_(None))
    rows = await session.scalars(
        select(post)
        .where(post.quiz_id.in_(still_open), post.ts.is_not(None), post.outcome == "sent")
        .order_by(func.coalesce(post.tallied_at, post.posted_at), post.id)
        .execution_options(populate_existing=True)
    )
    return [as_post(row) for row in rows]


# -- names -----------------------------------------------------------------------------------------------


async def is_named(session: AsyncSession, ws: str, user: str) -> bool:
    member = members.Member
    found = await session.scalar(select(member.shows_name).where(member.workspace_id == ws, member.user_id == user))
    return bool(found)


async def named_among(session: AsyncSession, ws: str, users: Collection[str]) -> dict[str, str]:
    """Names by id of those who let standings name them and are still members."""
    member = members.Member
    rows = await session.execute(
        select(member.user_id, member.name).where(
            member.workspace_id == ws, member.kind == "member", member.shows_name.is_(True)
        )
    )
    wanted = set(users)
    return {user: name for user, name in rows if user in wanted}
