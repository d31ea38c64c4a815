"""The hot path's queries: what one batch of presses reads and writes, in few statements whatever its size."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import CursorResult, and_, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.quizzes import Quiz as QuizRow
from bot.db.tables.quizzes import QuizAnswer, QuizDesk, QuizPost, QuizShown
from bot.features.quizzes.rules import Post, Quiz
from bot.features.quizzes.store import as_post, as_quiz

Key = tuple[str, str]  # quiz, user


@dataclass(frozen=True, kw_only=True)
class Row:
    """One person's newest press of a batch."""

    quiz_id: str
    user_id: str
    workspace_id: str
    option: int
    acted_at: int
    channel_id: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A pressed message. `scores`: an admin's word on receipts that name an answer; None for the default. `shown_to`:
    who was shown the right answer already."""

    quiz: Quiz
    post: Post
    scores: bool | None
    shown_to: frozenset[str] = frozenset()


# Statements are made once: putting them together takes longer than asking.
ROUNDS = (
    select(QuizRow, QuizPost, QuizDesk.scores, QuizShown.user_id)
    .join(QuizPost, QuizPost.quiz_id == QuizRow.id)
    .outerjoin(QuizDesk, QuizDesk.workspace_id == QuizRow.workspace_id)
    .outerjoin(
        QuizShown,
        and_(QuizShown.workspace_id == QuizRow.workspace_id, QuizShown.question_id == QuizRow.question_id),
    )
    .where(QuizPost.id.in_(bindparam("posts", expanding=True)))
    .order_by(QuizRow.id)
    .with_for_update(read=True, of=QuizRow)
    .execution_options(populate_existing=True)
)


async def rounds(session: AsyncSession, post_ids: Collection[str]) -> dict[str, Asked]:
    """The pressed messages by id. Their rounds are held shared until the commit (SQLite has one writer anyway): a
    reveal, which takes them exclusively, waits, and a press that waited for a reveal sees it. Whoever is being shown
    the answer in this very moment may be missed: the reveal leaves them out."""
    rows = await session.execute(ROUNDS, {"posts": sorted(post_ids)})
    found: dict[str, Asked] = {}
    for quiz, post, scores, user in rows:
        one = found.get(post.id) or Asked(quiz=as_quiz(quiz), post=as_post(post), scores=scores)
        found[post.id] = one if user is None else replace(one, shown_to=one.shown_to | {user})
    return found


COLUMNS = ("quiz_id", "user_id", "workspace_id", "option", "acted_at", "channel_id")
# One statement whatever the number of rows, and none is given back: with SQLite each row that goes in or out is a step
# of its thread, which waits for its turn while the loop is busy.
WRITE = {
    "sqlite": text(
        """
        INSERT INTO quiz_answers AS was (quiz_id, user_id, workspace_id, option, acted_at, channel_id)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(:rows) WHERE true
        ON CONFLICT (quiz_id, user_id) DO UPDATE
        SET option = excluded.option, acted_at = excluded.acted_at, channel_id = excluded.channel_id
        WHERE was.acted_at < excluded.acted_at
        """
    ),
    "postgresql": text(
        """
        INSERT INTO quiz_answers AS was (quiz_id, user_id, workspace_id, option, acted_at, channel_id)
        SELECT value ->> 0, value ->> 1, value ->> 2,
               CAST(value ->> 3 AS integer), CAST(value ->> 4 AS bigint), value ->> 5
        FROM json_array_elements(CAST(:rows AS json))
        ON CONFLICT (quiz_id, user_id) DO UPDATE
        SET option = excluded.option, acted_at = excluded.acted_at, channel_id = excluded.channel_id
        WHERE was.acted_at < excluded.acted_at
        """
    ),
}


async def write(session: AsyncSession, rows: Sequence[Row]) -> dict[Key, int]:
    """What stands there now, by key. No key twice, and in the order of the keys: two processes that lock the same rows
    must not wait in a circle. A press that is older than what stands there changes nothing."""
    values = json.dumps([[getattr(row, name) for name in COLUMNS] for row in rows])
    done = await session.execute(WRITE[session.get_bind().dialect.name], {"rows": values})
    if cast(CursorResult[Any], done).rowcount == len(rows):
        return {(row.quiz_id, row.user_id): row.option for row in rows}
    return await standing(session, [(row.quiz_id, row.user_id) for row in rows])


async def standing(session: AsyncSession, keys: Collection[Key]) -> dict[Key, int]:
    """What is stored for people whose press in this batch was not their newest."""
    users: dict[str, list[str]] = {}
    for quiz_id, user_id in sorted(keys):
        users.setdefault(quiz_id, []).append(user_id)
    found: dict[Key, int] = {}
    for quiz_id, ids in users.items():
        rows = await session.execute(
            select(QuizAnswer.user_id, QuizAnswer.option).where(
                and_(QuizAnswer.quiz_id == quiz_id, QuizAnswer.user_id.in_(ids))
            )
        )
        found.update({(quiz_id, user): option for user, option in rows})
    return found
