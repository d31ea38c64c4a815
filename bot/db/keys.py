"""Which rows are under which key, and bringing all of them under the one that enciphers now.

`Key` and `Rotation` speak of fingerprints; a key itself is never shown.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Table, and_, case, delete, func, literal, not_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from bot.core.errors import UnreadableError
from bot.db.ciphers import AS_IT_IS, HEAD, MARK, Keyring, head_of, missing
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables import Base
from bot.db.tables.workspaces import CipherKey, Heartbeat
from bot.db.types import AnyEnciphered, EncipheredBytes, EncipheredJson
from bot.db.upsert import insert_new

A_BATCH = 200  # enciphered in a few milliseconds: on SQLite nobody else writes meanwhile
ALIVE = timedelta(seconds=30)  # a process beats every five


@dataclass(frozen=True, kw_only=True)
class Place:
    """A column whose values are enciphered."""

    table: Table
    column: Column[Any]
    type: AnyEnciphered

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"

    @property
    def keys(self) -> list[Column[Any]]:
        return list(self.table.primary_key.columns)

    @property
    def raw(self) -> ColumnElement[Any]:
        return self.type.raw(self.column)

    def _begins(self, with_: str) -> ColumnElement[bool]:
        start = f'"{with_}' if isinstance(self.type, EncipheredJson) else with_
        same: ColumnElement[bool] = self._start(len(start)) == self._literal(start)
        return same

    def _start(self, length: int) -> ColumnElement[Any]:
        return func.substr(self.raw, 1, length, type_=self.raw.type)

    def _literal(self, text: str) -> Any:
        return literal(text.encode() if isinstance(self.type, EncipheredBytes) else text, type_=self.raw.type)

    @property
    def head(self) -> ColumnElement[Any]:
        """Whose key it is under: the mark of a value, or nothing of one that is plain."""
        quote = 1 if isinstance(self.type, EncipheredJson) else 0
        return case((self._begins(MARK), self._start(HEAD + quote)), else_=self._literal(""))

    def left(self, ring: Keyring) -> ColumnElement[bool]:
        """Whether a value is not as the ring would write it now."""
        if ring.writes is not None:
            return and_(self.column.is_not(None), not_(self._begins(head_of(ring.writes))))
        return and_(self.column.is_not(None), self._begins(MARK), not_(self._begins(head_of(AS_IT_IS))))


def places() -> list[Place]:
    return [
        Place(table=table, column=column, type=column.type)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, AnyEnciphered)
    ]


async def check_at_start(sessions: Sessions) -> None:
    """Raises `UnreadableError` where something here is under a key that is not given. The key that enciphers is noted
    before it is used, so that this is known without looking at every row."""
    ring = sessions.keyring
    async with sessions.begin() as session:
        lacking = sorted(set(await session.scalars(select(CipherKey.fingerprint))) - ring.keys.keys())
        if lacking:
            raise missing(lacking)
        if ring.writes is not None:
            row = {"fingerprint": ring.writes, "since": await db_now(session)}
            await insert_new(session, CipherKey, row, key=("fingerprint",))


@dataclass(frozen=True, kw_only=True)
class Key:
    """`known`: it is among the settings. `writers`, `strangers`: running processes that encipher with it, and those
    that do not have it."""

    fingerprint: str
    rows: int
    known: bool
    writes: bool
    writers: tuple[str, ...]
    strangers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """`plain`: values that no key enciphers. One row may have several values."""

    keys: tuple[Key, ...]
    plain: int


async def in_use(sessions: Sessions) -> bool:
    """Whether something here was enciphered, and not all of it taken back."""
    async with sessions.begin() as session:
        return await session.scalar(select(CipherKey.fingerprint).limit(1)) is not None


async def counted(sessions: Sessions) -> Counted:
    ring, found, plain = sessions.keyring, dict[str, int](), 0
    for place in places():
        async with sessions.begin() as session:
            rows = await session.execute(
                select(place.head.label("head"), func.count()).where(place.column.is_not(None)).group_by("head")
            )
            for head, count in rows:
                said = head.decode() if isinstance(head, bytes) else head
                name = said.strip('"')[len(MARK) : -1] if said else AS_IT_IS
                if name == AS_IT_IS:
                    plain += count
                else:
                    found[name] = found.get(name, 0) + count
    async with sessions.begin() as session:
        noted = set(await session.scalars(select(CipherKey.fingerprint)))
        alive = await running(session)
    return Counted(
        keys=tuple(
            Key(
                fingerprint=name,
                rows=found.get(name, 0),
                known=name in ring.keys,
                writes=name == ring.writes,
                writers=tuple(process for process, names in alive if names[0] == name),
                strangers=tuple(process for process, names in alive if name not in names),
            )
            for name in sorted(noted | found.keys() | ring.keys.keys(), key=lambda name: (name != ring.writes, name))
        ),
        plain=plain,
    )


async def running(session: AsyncSession) -> list[tuple[str, list[str]]]:
    """Processes that have just been alive, and the keys they have; the first is the one they encipher with."""
    now: datetime = await db_now(session)
    rows = await session.execute(
        select(Heartbeat.process, Heartbeat.keys).where(Heartbeat.ticked_at > now - ALIVE).order_by(Heartbeat.process)
    )
    return [(process, (keys or "-").split(",")) for process, keys in rows]


@dataclass(frozen=True, kw_only=True)
class Step:
    """After one batch. `unreadable`: what could not be deciphered, by its place and key."""

    written: int = 0
    unreadable: tuple[str, ...] = ()


async def rotate(sessions: Sessions, place: Place, *, batch: int = A_BATCH) -> AsyncIterator[Step]:
    """All values of a column, as the ring writes them now, beside whoever else writes: a value that has changed since
    it was read is left to its writer. Can be stopped and begun again anywhere."""
    async for read in _read(sessions, place, batch, place.left(sessions.keyring)):
        written = 0
        async with sessions.begin() as session:
            for key, raw, value in read.values:
                same = [column == part for column, part in zip(place.keys, key, strict=True)]
                new = update(place.table).where(*same, place.raw == raw).values({place.column: value})
                written += (await session.execute(new)).rowcount  # type: ignore[attr-defined]
        yield Step(written=written, unreadable=read.unreadable)


async def read_all(sessions: Sessions, place: Place, *, batch: int = A_BATCH) -> AsyncIterator[Step]:
    """Every value of a column deciphered once, and nothing written."""
    async for read in _read(sessions, place, batch, place.column.is_not(None)):
        yield Step(unreadable=read.unreadable)


@dataclass(frozen=True, kw_only=True)
class _Read:
    """`values`: the row's key, what stands there, and what that says."""

    values: list[tuple[Sequence[Any], Any, Any]]
    unreadable: tuple[str, ...]


async def _read(sessions: Sessions, place: Place, batch: int, wanted: ColumnElement[bool]) -> AsyncIterator[_Read]:
    last: Sequence[Any] | None = None
    while True:
        async with sessions.begin() as session:
            rows = await _page(session, place, last, batch, wanted)
        if not rows:
            return
        values, unreadable = list[tuple[Sequence[Any], Any, Any]](), list[str]()
        for *key, raw in rows:
            try:
                values.append((key, raw, place.type.opened(raw, sessions.engine.dialect)))
            except UnreadableError as error:
                unreadable.append(f"{place.name} of {', '.join(map(str, key))}: {error}")
        yield _Read(values=values, unreadable=tuple(unreadable))
        last = rows[-1][:-1]


async def _page(
    session: AsyncSession, place: Place, last: Sequence[Any] | None, batch: int, wanted: ColumnElement[bool]
) -> list[Sequence[Any]]:
    query = select(*place.keys, place.raw.label("raw")).where(wanted).order_by(*place.keys).limit(batch)
    if last is not None:
        query = query.where(tuple_(*place.keys) > tuple_(*map(_bound, place.keys, last)))
    return list(await session.execute(query))


def _bound(column: Column[Any], value: Any) -> ColumnElement[Any]:
    return literal(value, type_=column.type)


async def forget_unused(sessions: Sessions, found: Counted) -> list[str]:
    """Keys that nothing is under and nobody enciphers with: their fingerprints, and that they are noted is over."""
    gone = [key.fingerprint for key in found.keys if not (key.rows or key.writes or key.writers)]
    async with sessions.begin() as session:
        await session.execute(delete(CipherKey).where(CipherKey.fingerprint.in_(gone)))
    return gone
