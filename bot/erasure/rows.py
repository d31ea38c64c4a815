"""What erasing finds and does, row by row: counted first, then done by the same code."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Table, delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.groups import groups
from bot.db.tables import Base
from bot.erasure.rules import BELONGS, HASHES
from bot.erasure.tables import Row

GONE, EMPTIED, STOOD_IN = "rows go", "emptied", "a stand-in takes its place"
NAMED = "stays: somebody else wrote the name here"
AT_ONCE = 500  # keys, of which some have several columns


@dataclass(frozen=True, kw_only=True)
class Line:
    """Of the table that a dry run prints."""

    table: str
    column: str
    rows: int
    what: str


@dataclass(kw_only=True)
class Found:
    """`writes` False: only looked. `ids`: of the rows that go, by which messages about them are found. `hashes`: of
    pictures that they showed. `apart`: what is done by other code, and counted there."""

    writes: bool
    apart: Sequence[Line] = ()
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    gone: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    hashes: set[str] = field(default_factory=set)

    def lines(self) -> list[Line]:
        going = [Line(table=name, column="*", rows=len(keys), what=GONE) for name, keys in self.gone.items() if keys]
        others = [
            Line(table=table, column=column, rows=rows, what=what)
            for (table, column, what), rows in self.counts.items()
        ]
        return sorted([*going, *others, *self.apart], key=lambda line: (line.table, line.column, line.what))

    def goes(self, table: Table, row: Row) -> bool:
        return key_of(table, row) in self.gone.get(table.name, ())


def key_of(table: Table, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in table.primary_key.columns)


def same(table: Table, keys: Collection[tuple[Any, ...]]) -> Any:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(list(keys))


async def go(session: AsyncSession, table: Table, rows: Sequence[Row], found: Found) -> None:
    """These rows, and before them what hangs on them: rows that cannot be without them, or belong to them; what only
    points at them points at nothing any more."""
    seen = found.gone.setdefault(table.name, set())
    new = [row for row in rows if found.writes or key_of(table, row) not in seen]
    if not new:
        return
    seen.update(key_of(table, row) for row in new)
    found.ids.update(row["id"] for row in new if isinstance(row.get("id"), str))
    found.hashes.update(row[name] for row in new for name in HASHES & row.keys() if row[name])
    for child, column, parent in _pointing_at(table):
        for values in groups({row[parent] for row in new if row.get(parent) is not None}, AT_ONCE):
            if column.nullable and (child.name, column.name) not in BELONGS:
                if found.writes:
                    await session.execute(update(child).where(column.in_(values)).values({column.name: None}))
                continue
            await go(session, child, await _short(session, child, column.in_(values)), found)
    if found.writes:
        for keys in groups((key_of(table, row) for row in new), AT_ONCE):
            await session.execute(delete(table).where(same(table, keys)))


async def _short(session: AsyncSession, table: Table, condition: Any) -> list[Row]:
    """What is needed of rows that go: their keys, what others point at, and their pictures."""
    pointed_at = {parent for _, _, parent in _pointing_at(table)}
    wanted = [column for column in table.c if column.primary_key or column.name in pointed_at or column.name in HASHES]
    return [dict(row._mapping) for row in await session.execute(select(*wanted).where(condition))]


def _pointing_at(table: Table) -> list[tuple[Table, Column[Any], str]]:
    """Child, its column, and which of ours it points at. Nothing that is erased has a key of several columns that
    others point at."""
    return [
        (child, key.parent, key.column.name)
        for child in Base.metadata.sorted_tables
        for key in child.foreign_keys
        if key.column.table is table and len(key.constraint.columns if key.constraint is not None else ()) == 1
    ]


async def change(
    session: AsyncSession, table: Table, row: Row, changes: Mapping[str, tuple[Any, str]], found: Found
) -> None:
    """`changes`: by column the new value and what that is called."""
    for name, (_, what) in changes.items():
        found.counts[table.name, name, what] += 1
    if found.writes and changes:
        values = {name: _fitting(table.c[name], value) for name, (value, _) in changes.items()}
        await session.execute(update(table).where(same(table, [key_of(table, row)])).values(values))


def _fitting(column: Column[Any], value: Any) -> Any:
    length = getattr(column.type, "length", None)
    return value[:length] if isinstance(value, str) and length else value


def empty(column: Column[Any], value: Any) -> Any:
    """As little as the column takes, in the kind of what stood there."""
    if column.nullable:
        return None
    return type(value)() if isinstance(value, str | list | dict | bytes) else value
