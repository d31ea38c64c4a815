"""Everything from an SQLite file into a PostgreSQL database, table by table, in batches; and whether it is the same.

Both are read in the order of their keys, so that what an earlier attempt has copied is recognised row by row, whatever
the size. Nothing is written before all that is there already is known to come from this file.
"""

import sqlite3
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from asyncpg import PostgresError  # type: ignore[import-untyped]
from sqlalchemy import Table

from bot.core.errors import UserMistakeError
from bot.db.carried import NUL, Column, Row, Sum, UncarriableError
from bot.db.levels import COPYING
from bot.db.tables import Base
from bot.db.tables.schema import SchemaFact

BATCH = 1000
BATCH_BYTES = 4 * 1024 * 1024
FEW = 4  # rows at a time of a table with files in it
LOCK = 4_242_002  # PostgreSQL's advisory lock: one `canteen move` at a time

Server = Any  # asyncpg's own connection, which has no types
Progress = Callable[[str, int], None]  # what is done, and with how many rows more


@dataclass(frozen=True, kw_only=True)
class Part:
    """A table and its columns, in their order in the source."""

    name: str
    columns: tuple[Column, ...]

    @property
    def keys(self) -> list[int]:
        return [at for at, column in enumerate(self.columns) if column.key]

    @property
    def own(self) -> list[int]:
        return [at for at, column in enumerate(self.columns) if column.own]

    def key_of(self, row: Row) -> Row:
        return tuple(row[at] for at in self.keys)

    def names(self) -> str:
        return ", ".join(f'"{column.name}"' for column in self.columns)


def tables() -> list[Table]:
    """In the order of what refers to what."""
    return [table for table in Base.metadata.sorted_tables if table.name != SchemaFact.__tablename__]


KINDS = """
SELECT table_name, column_name, data_type, character_maximum_length
FROM information_schema.columns WHERE table_schema = current_schema()
"""


async def parts_of(target: Server) -> list[Part]:
    kinds = {(row[0], row[1]): (row[2], row[3]) for row in await target.fetch(KINDS)}
    return [
        Part(
            name=table.name,
            columns=tuple(
                Column(
                    name=column.name,
                    kind=kinds[table.name, column.name][0],
                    longest=kinds[table.name, column.name][1],
                    key=column.primary_key,
                    own=any(key.column.table is table for key in column.foreign_keys),
                )
                for column in table.columns
            ),
        )
        for table in tables()
    ]


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file that nobody else can write to meanwhile, and that is only read. `nuls`: texts that lost a NUL."""

    file: sqlite3.Connection
    nuls: set[str]

    def level(self) -> str | None:
        """Of the schema; None for a file that Canteen has never used."""
        try:
            found = self.file.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        return str(found[0]) if found else None

    def processes(self) -> set[str]:
        """Whose signs of life stand here, and come along."""
        return {str(row[0]) for row in self.file.execute("SELECT process FROM heartbeats")}

    def count(self, part: Part) -> int:
        return int(self.file.execute(f'SELECT count(*) FROM "{part.name}"').fetchone()[0])  # noqa: S608 - our names

    def rows(self, part: Part) -> Iterator[Row]:
        """As PostgreSQL gets them, in the order of their keys."""
        order = ", ".join(f'"{part.columns[at].name}"' for at in part.keys)
        cursor = self.file.execute(f'SELECT {part.names()} FROM "{part.name}" ORDER BY {order}')  # noqa: S608
        cursor.arraysize = BATCH
        for raw in cursor:
            yield self._read(part, raw)

    def _read(self, part: Part, raw: Row) -> Row:
        row = []
        for column, value in zip(part.columns, raw, strict=True):
            try:
                row.append(column.read(value))
            except UncarriableError as error:
                what = f"{part.name}.{column.name} of {part.key_of(raw)} cannot be in PostgreSQL: {error}"
                raise UserMistakeError(what, "mend that row in the file, then run `canteen move` again") from None
            if isinstance(value, str) and NUL in value:
                self.nuls.add(f"{part.name}.{column.name}")
        return tuple(row)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Readers go on beside; whoever writes is told that the file is locked."""
    file = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=2)
    try:
        file.execute("BEGIN IMMEDIATE")
        file.execute("PRAGMA query_only = ON")
        yield Source(file=file, nuls=set())
    finally:
        file.close()


class Target:
    """The other end: one connection, and what to call the database."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name

    async def rows(self, part: Part, *, in_order: bool) -> AsyncGenerator[Row]:
        order = ", ".join(_ordered(part.columns[at]) for at in part.keys)
        names = ", ".join(_as_stored(column) for column in part.columns)
        query = f'SELECT {names} FROM "{part.name}"' + (f" ORDER BY {order}" if in_order else "")  # noqa: S608
        few = any(column.kind == "bytea" for column in part.columns)
        async with self.server.transaction(readonly=True):
            async for record in self.server.cursor(query, prefetch=FEW if few else BATCH):
                yield tuple(record)

    async def write(self, part: Part, rows: Sequence[Row], *, beside_others: bool) -> None:
        """All of them or none; of those that are there already (`beside_others`) no second one."""
        names = [column.name for column in part.columns]
        into = "carried" if beside_others else part.name
        try:
            async with self.server.transaction():
                if beside_others:
                    await self.server.execute(f'CREATE TEMP TABLE carried (LIKE "{part.name}") ON COMMIT DROP')
                await self.server.copy_records_to_table(into, records=rows, columns=names)
                if beside_others:
                    keys = ", ".join(f'"{part.columns[at].name}"' for at in part.keys)
                    given = f"SELECT {part.names()} FROM carried"  # noqa: S608 - our names
                    into = f'INSERT INTO "{part.name}" ({part.names()})'
                    await self.server.execute(f"{into} {given} ON CONFLICT ({keys}) DO NOTHING")
        except PostgresError as error:
            what = f"PostgreSQL did not take rows of {part.name} ({type(error).__name__} {error.constraint_name or ''})"
            raise UserMistakeError(what, "the file is damaged there; `canteen doctor` on it may say more") from None

    async def fill_in(self, part: Part, at: int, pairs: Sequence[tuple[Any, Any]]) -> None:
        """What was left empty. `pairs`: the key, and the row that it refers to."""
        key, column = part.columns[part.keys[0]].name, part.columns[at].name
        await self.server.executemany(
            f'UPDATE "{part.name}" SET "{column}" = $2 WHERE "{key}" = $1 AND "{column}" IS NULL',  # noqa: S608
            pairs,
        )

    async def alive(self, *, within: timedelta, offset: timedelta) -> set[str]:
        """The processes that have shown a sign of life. `offset`: of the clock, in drills."""
        query = "SELECT process FROM heartbeats WHERE ticked_at > clock_timestamp() + $1::interval"
        return {str(row[0]) for row in await self.server.fetch(query, offset - within)}

    async def alone(self) -> bool:
        """Whether no other `canteen move` is at work here; until this connection ends."""
        return bool(await self.server.fetchval("SELECT pg_try_advisory_lock($1)", LOCK))

    async def note(self, key: str, value: str | None) -> None:
        async with self.server.transaction():
            await self.server.execute("DELETE FROM schema_facts WHERE key = $1", key)
            if value is not None:
                await self.server.execute("INSERT INTO schema_facts (key, value) VALUES ($1, $2)", key, value)

    async def count_on(self, part: Part) -> None:
        """New rows get numbers after those that were copied."""
        for column in (one for one in part.columns if one.key and one.kind in {"bigint", "integer"}):
            found = await self.server.fetchval("SELECT pg_get_serial_sequence($1, $2)", part.name, column.name)
            if found is not None:
                last = f'SELECT max("{column.name}") FROM "{part.name}"'  # noqa: S608
                await self.server.execute(f"SELECT setval($1, m) FROM ({last}) AS s(m) WHERE m IS NOT NULL", found)  # noqa: S608


def _as_stored(column: Column) -> str:
    """Not as the driver would read it for the program."""
    return f'"{column.name}"::text' if column.kind == "json" else f'"{column.name}"'


def _ordered(column: Column) -> str:
    """As SQLite orders: texts by their bytes, whatever the database's own order is."""
    text = column.kind in {"text", "character varying"}
    return f'"{column.name}" COLLATE "C"' if text else f'"{column.name}"'


def without_later(part: Part, row: Row) -> Row:
    """As it can be written in the order of keys: it cannot refer to a row that is not there yet."""
    key = row[part.keys[0]]
    late = {at for at in part.own if row[at] is not None and row[at] > key}
    return tuple(None if at in late else value for at, value in enumerate(row)) if late else row


@dataclass
class Compared:
    """How far a table has been copied already, and the checksum of what it shall hold."""

    part: Part
    there: int = 0
    lacking: int = 0
    late: int = 0
    wanted: Sum = field(default_factory=Sum)

    @property
    def complete(self) -> bool:
        return self.lacking == 0 and self.late == 0


async def compare(source: Source, target: Target, part: Part, moved: Progress) -> Compared:
    """Raises `UserMistakeError` where the target has a row that the source does not have just so."""
    found = Compared(part=part)
    if not await target.server.fetchval(f'SELECT EXISTS (SELECT FROM "{part.name}")'):  # noqa: S608
        found.lacking = source.count(part)
        moved(f"Looking at {part.name}", found.lacking)
        return found

    def next_of_mine() -> Row | None:
        row = next(mine, None)
        if row is not None:
            moved(f"Looking at {part.name}", 1)
            found.wanted.add([row])
        return row

    mine = source.rows(part)
    async with aclosing(target.rows(part, in_order=True)) as all_theirs:
        async for theirs in all_theirs:
            row = next_of_mine()
            while row is not None and part.key_of(row) < part.key_of(theirs):
                found.lacking += 1
                row = next_of_mine()
            if row is None or part.key_of(row) != part.key_of(theirs):
                raise _strange(target, part, theirs, "is not in the file")
            if theirs not in (row, without_later(part, row)):
                raise _strange(target, part, theirs, "is another one in the file")
            found.there, found.late = found.there + 1, found.late + (theirs != row)
    while next_of_mine() is not None:
        found.lacking += 1
    return found


def _strange(target: Target, part: Part, row: Row, why: str) -> UserMistakeError:
    what = f"{target.name} has rows of its own: in {part.name} the one of {part.key_of(row)} {why}"
    return UserMistakeError(what, "nothing was written; give an empty database, or empty this one")


async def copy(source: Source, target: Target, found: Compared, moved: Progress) -> None:
    """What the target lacks. A row that refers to a later one of its own table is completed at the end."""
    part, late = found.part, 0
    found.wanted = Sum()
    for batch in _batches(source.rows(part)):
        found.wanted.add(batch)
        first = [without_later(part, row) for row in batch]
        late += sum(one != row for one, row in zip(first, batch, strict=True))
        await target.write(part, first, beside_others=found.there > 0)
        moved(f"Copying {part.name}", len(batch))
    if late:
        await _complete(source, target, part)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Bounded in rows and, for tables with files in them, in bytes."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) == BATCH or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _complete(source: Source, target: Target, part: Part) -> None:
    for batch in _batches(row for row in source.rows(part) if row != without_later(part, row)):
        for at in part.own:
            await target.fill_in(part, at, [(row[part.keys[0]], row[at]) for row in batch if row[at] is not None])


async def verify(target: Target, found: Compared, moved: Progress) -> None:
    """Reads back what is there now."""
    part, there = found.part, Sum()
    async for row in target.rows(part, in_order=False):
        there.add([row])
        moved(f"Verifying {part.name}", 1)
    if there != found.wanted:
        what = f"{found.wanted.rows} rows ({found.wanted}) in the file, {there.rows} ({there}) in {target.name}"
        cure = "do not use it: give `canteen move` another, empty database, and report this"
        raise UserMistakeError(f"{part.name} is not the same: {what}", cure)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """`sums`: of each table. `changed`: whether anything had to be written."""

    sums: dict[str, Sum]
    changed: bool


async def move(source: Source, target: Target, parts: Sequence[Part], *, name: str, moved: Progress) -> Moved:
    """`name`: what to call the file, should this be interrupted. Afterwards both hold the same, or it raises."""
    compared = [await compare(source, target, part, moved) for part in parts]
    lacking = [one for one in compared if not one.complete]
    unfinished = await target.server.fetchval("SELECT count(*) FROM schema_facts WHERE key = $1", COPYING)
    if lacking or unfinished:
        await target.note(COPYING, name)
        for one in lacking:
            await copy(source, target, one, moved)
        for one in compared:
            await target.count_on(one.part)
            await verify(target, one, moved)
        await target.server.execute("ANALYZE")
        await target.note(COPYING, None)
    return Moved(sums={one.part.name: one.wanted for one in compared}, changed=bool(lacking or unfinished))
