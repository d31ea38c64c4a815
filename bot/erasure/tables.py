"""Every table, a window at a time: short transactions beside a running bot, whatever the table's size."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
    false,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.db.types import AnyEnciphered
from bot.erasure.needles import Needles

T = TypeVar("T")
WINDOW = 5_000  # rows looked at in one transaction
SHORT = 32  # what is no longer than an id holds one id or none
AT_MOST = 250  # rows changed in one
TRIES = 20  # the one writer of SQLite may be busy: each try waits two seconds
APART = frozenset({"deliveries", "pictures"})  # messages are read in another order; pictures go once nothing shows them
Row = dict[str, Any]


class Work(Protocol):
    async def __call__(self, session: AsyncSession, rows: Sequence[Row], *, table: Table) -> None: ...


def of_workspaces() -> list[Table]:
    """Every table that says which workspace its rows are of, and the workspaces themselves."""
    return [table for table in Base.metadata.sorted_tables if "workspace_id" in table.c or table.name == "workspaces"]


def workspace_of(table: Table) -> Column[Any]:
    return table.c["workspace_id" if "workspace_id" in table.c else "id"]


def is_text(column: Column[Any]) -> bool:
    """May hold words or ids. Secrets are neither read nor changed."""
    held = column.type
    if column.info.get("secret"):
        return False
    return isinstance(held, String | JSON | AnyEnciphered)


def may_hold(table: Table, needles: Needles) -> ColumnElement[bool]:
    """What the database can say of it; the rest is for Python to find out."""
    tests: list[ColumnElement[bool]] = []
    for column in table.c:
        if not is_text(column) or column.name == "workspace_id":
            continue
        if isinstance(column.type, AnyEnciphered):
            tests.append(column.is_not(None))
            continue
        if (getattr(column.type, "length", None) or SHORT + 1) <= SHORT:
            tests.append(func.lower(column).in_(sorted({one.lower() for one in needles.ids})))
            continue
        shown = cast(column, Text) if isinstance(column.type, JSON) else column
        tests += [func.lower(shown).like(like.lower(), escape="\\") for like in needles.likes]
        if any(not like.isascii() for like in needles.likes):  # lower() of SQLite knows ASCII only
            tests += [shown.like(like, escape="\\") for like in needles.likes if not like.isascii()]
    return or_(false(), *tests)


def read(table: Table) -> list[Column[Any]]:
    """All but large bytes, which are looked at nowhere but in files that live for a day."""
    return [
        column
        for column in table.c
        if not column.info.get("secret") and not (isinstance(column.type, LargeBinary) and table.name == "pictures")
    ]


async def each_table(sessions: Sessions, ws: str, needles: Needles, work: Work) -> None:
    """`work` with all of the workspace's rows that may hold what is looked for, but for those that are done apart."""
    for table in of_workspaces():
        if table.name not in APART:
            conditions = (workspace_of(table) == ws, may_hold(table, needles))
            await each_window(sessions, table, *conditions, work=partial(work, table=table))


async def each_window(
    sessions: Sessions,
    table: Table,
    *conditions: ColumnElement[bool],
    work: Callable[[AsyncSession, Sequence[Row]], Awaitable[None]],
) -> None:
    """`work` with the rows of each window that meet the conditions, in the transaction that found them."""
    place = Place()
    while not place.over:

        async def window(session: AsyncSession, after: Any = place.after) -> Place:
            found, following = await _window(session, table, conditions, after)
            await work(session, found)
            return following

        place = await patiently(sessions, window)


async def windows(
    sessions: Sessions, table: Table, *conditions: ColumnElement[bool], by_index: bool = False
) -> AsyncIterator[list[Row]]:
    """The rows that meet the conditions, some at a time, each read in a transaction of its own. `by_index`: an index
    finds them, so the table need not be gone through."""
    place, step = Place(), _found if by_index else _window
    while not place.over:

        async def window(session: AsyncSession, after: Any = place.after) -> tuple[list[Row], Place]:
            return await step(session, table, conditions, after)

        found, place = await patiently(sessions, window)
        if found:
            yield found


@dataclass(frozen=True, kw_only=True)
class Place:
    """How far a table has been gone through: all up to the key `after`."""

    after: Any = None
    over: bool = False


async def _window(
    session: AsyncSession, table: Table, conditions: Sequence[ColumnElement[bool]], after: Any
) -> tuple[list[Row], Place]:
    keys = list(table.primary_key.columns)
    key: Any = keys[0] if len(keys) == 1 else tuple_(*keys)
    beyond = () if after is None else (key > _bound(keys, after),)
    edge = (await session.execute(select(*keys).where(*beyond).order_by(*keys).offset(WINDOW - 1).limit(1))).first()
    # Said as it is, for the index: a "not later" would read the table to its end.
    within = beyond if edge is None else (*beyond, key <= _bound(keys, tuple(edge)))
    found = await session.execute(select(*read(table)).where(*within, *conditions).order_by(*keys).limit(AT_MOST))
    named = [dict(row._mapping) for row in found]
    if len(named) == AT_MOST:
        return named, Place(after=tuple(named[-1][one.key] for one in keys))
    return named, Place(after=None if edge is None else tuple(edge), over=edge is None)


async def _found(
    session: AsyncSession, table: Table, conditions: Sequence[ColumnElement[bool]], after: Any
) -> tuple[list[Row], Place]:
    keys = list(table.primary_key.columns)
    key: Any = keys[0] if len(keys) == 1 else tuple_(*keys)
    beyond = () if after is None else (key > _bound(keys, after),)
    found = await session.execute(select(*read(table)).where(*beyond, *conditions).order_by(*keys).limit(AT_MOST))
    named = [dict(row._mapping) for row in found]
    over = len(named) < AT_MOST
    return named, Place(after=None if over else tuple(named[-1][one.key] for one in keys), over=over)


def finds(table: Table, columns: Collection[str]) -> bool:
    """Whether an index finds, within a workspace, what stands in each of the columns."""
    indexes = [
        list(table.primary_key.columns.keys()),
        *([one.name for one in index.columns] for index in table.indexes),
    ]
    leading = {next((name for name in names if name != "workspace_id"), "") for names in indexes}
    return leading.issuperset(columns)


async def patiently(sessions: Sessions, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """A transaction; again where the one writer of SQLite was busy with others."""
    for left in range(TRIES - 1, -1, -1):
        try:
            return await sessions.run(work)
        except (OperationalError, TimeoutError) as error:
            if left == 0 or (isinstance(error, OperationalError) and "locked" not in str(error.orig)):
                raise
            await asyncio.sleep(0.05)
    raise AssertionError("unreachable")


def _bound(keys: Sequence[Column[Any]], values: Sequence[Any]) -> Any:
    return values[0] if len(keys) == 1 else tuple_(*values, types=[one.type for one in keys])
