"""Erasing a customer: what it is called, what was written about it, and what hangs on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Table, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.tables.adoptions import Adoption
from bot.db.tables.customers import Customer, CustomerName
from bot.db.tables.quizzes import Question, Quiz, QuizPost
from bot.db.tables.updates import CustomerUpdate, Relay, RelayBundle
from bot.delivery import saying
from bot.delivery.forgetting import About
from bot.erasure import rows as erased
from bot.erasure.needles import Needles
from bot.erasure.rows import EMPTIED, NAMED, STOOD_IN, Found, Line
from bot.erasure.rules import BRIEF, STAND_IN
from bot.erasure.tables import Row, each_table, is_text, patiently
from bot.features.customers.rules import name_key
from bot.features.home import service as home
from bot.features.quizzes import bank
from bot.features.quizzes import store as quizzes
from bot.features.quizzes.withdrawing import STANDINGS

WORDLESS = "…"


@dataclass(frozen=True, kw_only=True)
class Which:
    workspace_id: str
    id: str
    external_id: str
    names: tuple[str, ...]

    def needles(self, new_id: NewId, *, also: Sequence[str] = ()) -> Needles:
        names = tuple(name for name in self.names if len(name) > 2)
        return Needles(ids=(self.id, *also), names=names, stand_in=f"{STAND_IN}{new_id()[-12:]}")


async def which(session: AsyncSession, ws: str, given: str) -> list[Which]:
    """By the files' id, else by its name or one of its other names; several where the name is not one's own."""
    found = list(
        await session.scalars(
            select(Customer).where(
                Customer.workspace_id == ws, or_(Customer.external_id == given, Customer.id == given)
            )
        )
    )
    if not found:
        named = select(CustomerName.customer_id).where(
            CustomerName.workspace_id == ws, CustomerName.name_key == name_key(given)
        )
        found = list(await session.scalars(select(Customer).where(Customer.id.in_(named)).order_by(Customer.name)))
    return [
        Which(
            workspace_id=ws,
            id=row.id,
            external_id=row.external_id,
            names=tuple(dict.fromkeys((row.name, *row.aliases))),
        )
        for row in found
    ]


# -- what is about it -------------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Around:
    """What is found beside the rows that hang on the customer. `bundles`: messages with updates about it alone.
    `mixed`: with others too, by their key. `adopters`: whose Home shows it."""

    quizzes: list[str]
    questions: list[str]
    posts: list[str]
    bundles: list[str]
    mixed: list[str]
    adopters: list[str]
    hashes: list[str]


async def around(session: AsyncSession, one: Which) -> Around:
    asked = select(Question.id).where(Question.workspace_id == one.workspace_id, Question.customer_id == one.id)
    rounds = select(Quiz.id).where(Quiz.question_id.in_(asked))
    mine = select(CustomerUpdate.id).where(CustomerUpdate.customer_id == one.id)
    carried = select(Relay.bundle_id).where(Relay.update_id.in_(mine), Relay.bundle_id.is_not(None)).distinct()
    others = select(Relay.bundle_id).where(Relay.bundle_id.in_(carried), Relay.update_id.not_in(mine)).distinct()
    mixed = set(await session.scalars(others))
    bundles = {bundle for bundle in await session.scalars(carried) if bundle is not None}
    shown = list(await session.scalars(select(RelayBundle.key).where(RelayBundle.id.in_(mixed)))) if mixed else []
    shows = select(Question.picture_hash).where(Question.id.in_(asked), Question.picture_hash.is_not(None))
    adopters = select(Adoption.user_id).where(Adoption.customer_id == one.id, Adoption.ended_at.is_(None))
    return Around(
        quizzes=list(await session.scalars(rounds)),
        questions=list(await session.scalars(asked)),
        posts=list(await session.scalars(select(QuizPost.id).where(QuizPost.quiz_id.in_(rounds)))),
        bundles=sorted(bundles - mixed),
        mixed=shown,
        adopters=list(await session.scalars(adopters)),
        hashes=[one for one in await session.scalars(shows) if one is not None],
    )


def about(one: Which, near: Around, found: Found, needles: Needles) -> About:
    """Standings name people and points, and nothing that was asked."""
    ids = {one.id, *found.ids, *near.quizzes, *near.questions, *near.posts, *near.bundles}
    return About(ids=ids, named=needles.found_in, spared={STANDINGS})


# -- the rows ---------------------------------------------------------------------------------------------------------


async def take_back(sessions: Sessions, one: Which, near: Around, *, now: datetime) -> None:
    """Rounds that are open end without a result; what was asked before keeps its answers and loses its words."""
    for quiz_id in near.quizzes:
        await patiently(sessions, partial(_ended, ws=one.workspace_id, quiz_id=quiz_id, now=now))
    for question_id in near.questions:
        await patiently(sessions, partial(_wordless_question, ws=one.workspace_id, question_id=question_id, now=now))


async def _ended(session: AsyncSession, *, ws: str, quiz_id: str, now: datetime) -> None:
    quiz = await quizzes.lock_quiz(session, ws, quiz_id)
    if quiz is None:
        return
    row = await session.get(Quiz, quiz_id)
    if row is not None and row.revealed_at is None:
        await quizzes.set_withdrawn(session, quiz_id, now=now)
        await quizzes.forget_answers(session, quiz)
    if row is not None:
        await session.execute(update(Quiz).where(Quiz.id == quiz_id).values(content=wordless(row.content)))


async def _wordless_question(session: AsyncSession, *, ws: str, question_id: str, now: datetime) -> None:
    await bank.withdraw(session, ws, question_id, now=now)
    row = await session.get(Question, question_id)
    if row is not None:
        await session.execute(
            update(Question)
            .where(Question.id == question_id)
            .values(
                content=wordless(row.content),
                key=f"{STAND_IN}{question_id}",
                source=None,
                picture_hash=None,
                picture_url=None,
                customer_id=None,
                fingerprint="",
            )
        )


def wordless(content: Mapping[str, Any]) -> dict[str, Any]:
    """As many options as before, and the same one right: scores and standings stay what they were."""
    first = next(iter(content["wordings"]), {"language": "en", "options": []})
    options = [f"{number + 1}" for number in range(len(first["options"]))]
    words = {"language": first["language"], "text": WORDLESS, "options": options, "why": WORDLESS, "alt": None}
    nothing = {"customer": None, "picture": None, "picture_url": None, "source": None}
    return {**content, "wordings": [words], **nothing}


async def go(sessions: Sessions, one: Which, near: Around, found: Found, *, now: datetime) -> None:
    """The customer's row and all that hangs on it."""

    async def work(session: AsyncSession) -> None:
        table = Base.metadata.tables["customers"]
        rows = [dict(row._mapping) for row in await session.execute(select(table).where(table.c.id == one.id))]
        await erased.go(session, table, rows, found)
        if found.writes:
            for key in near.mixed:
                await saying.show_key_again(session, one.workspace_id, key, now=now)
            await home.owe_if_open_today(session, now=now, ws=one.workspace_id, users=near.adopters)

    await patiently(sessions, work)


def lines(near: Around) -> list[Line]:
    """What `found` does not count, since it is done apart."""
    counted = (("quizzes", "content", near.quizzes), ("quiz_questions", "content", near.questions))
    return [Line(table=table, column=column, rows=len(ids), what=EMPTIED) for table, column, ids in counted if ids]


async def through_tables(sessions: Sessions, one: Which, near: Around, needles: Needles, found: Found) -> None:
    work = partial(_rows, needles=needles, near=near, found=found)
    await each_table(sessions, one.workspace_id, needles, work)


async def _rows(
    session: AsyncSession, rows: Sequence[Row], *, table: Table, needles: Needles, near: Around, found: Found
) -> None:
    brief = table.name in BRIEF or table.name == "seen_events"
    going = [row for row in rows if brief and any(_found(needles, value) for value in row.values())]
    await erased.go(session, table, going, found)
    wordless_already = {*near.quizzes, *near.questions}
    for row in rows:
        if found.goes(table, row) or row.get("id") in wordless_already:
            continue
        changes: dict[str, tuple[Any, str]] = {}
        for column in table.c:
            if is_text(column) and row[column.name] is not None:
                new = needles.replaced(row[column.name])
                if new != row[column.name]:
                    changes[column.name] = (new, STOOD_IN)
                if needles.named_in(new):
                    found.counts[table.name, column.name, NAMED] += 1
        await erased.change(session, table, row, changes, found)


def _found(needles: Needles, value: object) -> bool:
    return needles.found_in(value) or needles.named_in(value)
