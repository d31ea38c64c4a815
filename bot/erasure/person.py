"""Erasing a person: found first, then done, in short transactions that may be broken off and begun again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Table, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.adoptions import HatDraw
from bot.db.tables.members import Member
from bot.db.tables.quizzes import Quiz
from bot.db.tables.stories import Story
from bot.db.tables.updates import CustomerUpdate, SharedPicture
from bot.delivery import saying
from bot.delivery.forgetting import About
from bot.erasure import rows as erased
from bot.erasure.needles import Needles
from bot.erasure.rows import EMPTIED, NAMED, STOOD_IN, Found
from bot.erasure.rules import BRIEF, PERSON, STAND_IN, Rule
from bot.erasure.tables import Row, each_table, is_text, patiently
from bot.features.adoptions import hats
from bot.features.members import service as members
from bot.features.members.rules import ADMIN, MEMBER, Person, is_user_id
from bot.features.quizzes import service as quizzes
from bot.features.stories import writing as stories
from bot.features.updates import store as update_store
from bot.features.updates import writing as updates

UNSENT = frozenset({"waiting", "owed"})
NAMES_TOO = frozenset({("customers", "overridden"), ("hat_draws", "result")})


@dataclass(frozen=True, kw_only=True)
class Whom:
    """`still_here`: Slack will say their name again tonight. `last_admin`: nobody else could be one."""

    workspace_id: str
    user_id: str
    email: str | None = None
    name: str = ""
    dm_channel: str | None = None
    still_here: bool = False
    last_admin: bool = False

    def needles(self, new_id: NewId, *, also: Sequence[str] = ()) -> Needles:
        ids = tuple(one for one in (self.user_id, self.email, self.dm_channel, *also) if one)
        names = (self.name,) if len(self.name) > 2 and not is_user_id(self.name) else ()
        return Needles(ids=ids, names=names, stand_in=f"{STAND_IN}{new_id()[-12:]}")

    def about(self, found: Found, needles: Needles) -> About:
        places = {one for one in (self.user_id, self.dm_channel) if one}
        return About(ids=found.ids, named=needles.found_in, targets=places)


async def whom(session: AsyncSession, ws: str, given: str) -> Whom | None:
    """By Slack's id or e-mail. An id that is not known (any more) may still stand somewhere; an e-mail may not."""
    person: Person | None
    if is_user_id(given):
        person = await members.known(session, ws, given)
    else:
        person = await members.by_email(session, ws, given.casefold())
    if person is None:
        return Whom(workspace_id=ws, user_id=given) if is_user_id(given) else None
    admins = [one.user_id for one in await members.with_role(session, ws, ADMIN)]
    return Whom(
        workspace_id=ws,
        user_id=person.user_id,
        email=person.email,
        name=person.name,
        dm_channel=person.dm_channel,
        still_here=person.is_person,
        last_admin=person.kind == MEMBER and admins == [person.user_id],
    )


async def through_tables(sessions: Sessions, one: Whom, needles: Needles, found: Found, *, new_id: NewId) -> None:
    work = partial(_rows, user=one.user_id, needles=needles, found=found, new_id=new_id)
    await each_table(sessions, one.workspace_id, needles, work)


async def _rows(
    session: AsyncSession,
    rows: Sequence[Row],
    *,
    table: Table,
    user: str,
    needles: Needles,
    found: Found,
    new_id: NewId,
) -> None:
    rule = PERSON.get(table.name, Rule())
    still_open = await _still_open(session, table, rows)
    going = [row for row in rows if _goes(table, rule, row, needles, still_open)]
    await erased.go(session, table, going, found)
    for row in rows:
        if not found.goes(table, row):
            changes = _changes(table, rule, row, user=user, needles=needles, new_id=new_id)
            await erased.change(session, table, row, changes, found)
            _count_names(table, row, changes, needles, found)


async def _still_open(session: AsyncSession, table: Table, rows: Sequence[Row]) -> set[str]:
    """Rounds that still count answers."""
    if table.name != "quiz_answers" or not rows:
        return set()
    ids = {row["quiz_id"] for row in rows}
    return set(await session.scalars(select(Quiz.id).where(Quiz.id.in_(ids), Quiz.revealed_at.is_(None))))


def _goes(table: Table, rule: Rule, row: Row, needles: Needles, still_open: set[str]) -> bool:
    if any(needles.is_one(row[name]) for name in rule.row.split()):
        return True
    if table.name == "seen_events":
        return needles.found_in(row["key"]) or needles.found_in(row["outcome"])
    if table.name in BRIEF:
        return any(needles.found_in(value) for value in row.values())
    if table.name == "quiz_answers":
        return needles.is_one(row["user_id"]) and row["quiz_id"] in still_open
    return table.name == "relays" and needles.is_one(row["user_id"]) and row["state"] in UNSENT


def _changes(
    table: Table, rule: Rule, row: Row, *, user: str, needles: Needles, new_id: NewId
) -> Mapping[str, tuple[Any, str]]:
    if table.name in {"quiz_answers", "relays"}:
        return _counted(table, row, needles, new_id)
    changes: dict[str, tuple[Any, str]] = {
        name: (None, EMPTIED) for name in rule.nobody.split() if needles.is_one(row[name])
    }
    changes |= {name: (None, EMPTIED) for name in rule.given.split() if needles.is_named(row[name])}
    for whose, names in rule.words.items():
        if row[whose] == user:
            changes |= {name: (erased.empty(table.c[name], row[name]), EMPTIED) for name in names.split() if row[name]}
    for column in table.c:
        if column.name in changes or not is_text(column) or row[column.name] is None:
            continue
        new = needles.replaced(row[column.name], names=(table.name, column.name) in NAMES_TOO)
        if new != row[column.name]:
            changes[column.name] = (new, STOOD_IN)
    return changes


def _counted(table: Table, row: Row, needles: Needles, new_id: NewId) -> Mapping[str, tuple[Any, str]]:
    """What is counted in totals that are out stays, each under a name of its own: nothing ties one to the next."""
    if not needles.is_one(row["user_id"]):
        return {}
    nobody = (f"{STAND_IN}{new_id()[-16:]}", STOOD_IN)
    if table.name == "quiz_answers":
        return {"user_id": nobody, "acted_at": (0, EMPTIED)}
    return {"user_id": nobody, **({"why": (None, EMPTIED)} if row["why"] is not None else {})}


def _count_names(
    table: Table, row: Row, changes: Mapping[str, tuple[Any, str]], needles: Needles, found: Found
) -> None:
    for column in table.c:
        value = changes[column.name][0] if column.name in changes else row.get(column.name)
        if needles.names and is_text(column) and needles.named_in(value):
            found.counts[table.name, column.name, NAMED] += 1


# -- before the rows go: what the features themselves know how to take back -------------------------------------------


async def take_back(sessions: Sessions, one: Whom, *, served: bool, now: datetime) -> None:
    """Out of standings and results that are out, with their updates, and as who sent a story in."""
    await patiently(sessions, partial(_out_of_lists, one=one, now=now))
    ws, user = one.workspace_id, one.user_id
    by_them = (CustomerUpdate.workspace_id == ws, CustomerUpdate.author == user)
    async with sessions.begin() as session:
        wrote = list(await session.scalars(select(CustomerUpdate.id).where(*by_them)))
        theirs = select(Story.id).where(Story.workspace_id == ws, Story.credit_user == user)
        credited = list(await session.scalars(theirs))
    for update_id in wrote:
        await patiently(sessions, partial(_withdrawn, ws=ws, update_id=update_id, by=user, now=now))
    for story_id in credited:
        await patiently(sessions, partial(_uncredited, ws=ws, story_id=story_id, served=served, now=now))


async def _out_of_lists(session: AsyncSession, *, one: Whom, now: datetime) -> None:
    ws, user = one.workspace_id, one.user_id
    await session.execute(
        update(Member).where(Member.workspace_id == ws, Member.user_id == user).values(shows_name=False)
    )
    await quizzes.unnamed(session, ws, user, now=now)
    await hats.unnamed(session, ws, user, now=now)
    drawn = await session.execute(
        select(HatDraw.id, HatDraw.result).where(HatDraw.workspace_id == ws, HatDraw.state == "drawn")
    )
    for hat_id, result in drawn:
        if user in result.get("names", ()):
            await saying.show_key_again(session, ws, f"hat:{hat_id}:result", now=now)


async def _withdrawn(session: AsyncSession, *, ws: str, update_id: str, by: str, now: datetime) -> None:
    written = await update_store.locked(session, ws, update_id)
    if written is not None and not written.withdrawn:
        await updates.withdraw(session, written, by=by, now=now)
    await session.execute(
        delete(SharedPicture).where(SharedPicture.workspace_id == ws, SharedPicture.update_id == update_id)
    )
    await session.execute(update(CustomerUpdate).where(CustomerUpdate.id == update_id).values(picture=None))


async def _uncredited(session: AsyncSession, *, ws: str, story_id: str, served: bool, now: datetime) -> None:
    await stories.uncredit(session, ws, story_id, served=served, now=now)
