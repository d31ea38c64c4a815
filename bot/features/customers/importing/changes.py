"""What an import will write: finished rows in a file of their own, until one transaction takes them over in a few
statements. So SQLite's one writer is held for a second or two however long the file is
(docs/decisions/0010-imports-in-one-transaction.md)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    MetaData,
    Table,
    and_,
    create_engine,
    delete,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from bot.db.tables.base import Base

PAGE = 2_000
CACHE = 16  # MB of the database that are kept in memory meanwhile: with SQLite's own 2 it takes twice as long


@dataclass(frozen=True, kw_only=True)
class Target:
    """A table that imports write. `key`: the column by which a file knows a row. `seen`: the one that differs as soon
    as the row is not what it was. `links`: the table of what belongs to a row, by its column `owner`. `untouched`:
    columns that imports leave alone."""

    model: type[Base]
    key: str
    seen: str
    links: type[Base] | None = None
    owner: str = ""
    untouched: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Change:
    """A row as it is to stand. `seen`: of the row it was compared with, None for a new one. `links`: all that it has
    from now on; None: what it has."""

    values: Mapping[str, Any]
    seen: Any = None
    links: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """Copies of a target's tables without what makes writing slow. `was` and `relinked` are what a `Change` says."""

    rows: Table
    links: Table | None

    @property
    def all(self) -> list[Table]:
        return [self.rows] if self.links is None else [self.rows, self.links]

    @staticmethod
    def like(target: Target, schema: str | None) -> "_Tables":
        metadata = MetaData(schema=schema)
        seen = target.model.__table__.c[target.seen]
        extra = (Column("was", seen.type), Column("relinked", Boolean))
        return _Tables(
            rows=_copy(target.model, metadata, target.untouched, extra),
            links=None if target.links is None else _copy(target.links, metadata),
        )


def _copy(model: type[Base], metadata: MetaData, without: frozenset[str] = frozenset(), extra: Any = ()) -> Table:
    """In the order of its primary key, in which it is taken over quickest."""
    columns = [
        Column(column.name, column.type, primary_key=column.primary_key, autoincrement=False)
        for column in model.__table__.columns
        if column.name not in without
    ]
    return Table(
        f"new_{model.__tablename__}", metadata, *columns, *extra, sqlite_with_rowid=False, postgresql_on_commit="DROP"
    )


class Changes:
    """Of one import. `add` them, then `within` the transaction that writes."""

    def __init__(self, target: Target, folder: Path) -> None:
        self._target, self._path, self._here = target, folder / "changes.db", _Tables.like(target, None)
        # Used in turn, though not in one thread.
        connect = {"isolation_level": None, "check_same_thread": False}
        self._engine = create_engine(f"sqlite:///{self._path}", connect_args=connect)
        self._own = self._engine.connect()
        for setting in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "BEGIN"):
            self._own.exec_driver_sql(setting)
        self._here.rows.metadata.create_all(self._own)

    def add(self, changes: Sequence[Change]) -> None:
        for table, rows in zip(self._here.all, _parted(changes), strict=False):
            if rows:
                self._own.execute(insert(table), rows)

    def full(self) -> None:
        """Before the first `within`."""
        self._own.exec_driver_sql("COMMIT")

    def close(self) -> None:
        self._own.close()
        self._engine.dispose()

    async def within(self, session: AsyncSession) -> "Staged":
        """First of all in the transaction that writes."""
        connection = await session.connection()
        on_sqlite = connection.dialect.name == "sqlite"
        tables = _Tables.like(self._target, "staged" if on_sqlite else "pg_temp")
        if on_sqlite:
            (await connection.get_raw_connection()).detach()  # closed afterwards, with what is attached to it
            await connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE * 1024}")
            await connection.exec_driver_sql("ATTACH DATABASE ? AS staged", (str(self._path),))
        else:
            await self._send(connection, tables)
        return Staged(session=session, target=self._target, tables=tables)

    async def _send(self, connection: AsyncConnection, tables: _Tables) -> None:
        await connection.run_sync(lambda plain: tables.rows.metadata.create_all(plain, checkfirst=False))
        for here, there in zip(self._here.all, tables.all, strict=True):
            for page in self._own.execute(select(here)).mappings().partitions(PAGE):
                await connection.execute(insert(there), [dict(row) for row in page])


def _parted(changes: Sequence[Change]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows = [
        {**one.values, "was": one.seen, "relinked": one.seen is not None and one.links is not None} for one in changes
    ]
    return rows, [dict(link) for one in changes for link in one.links or ()]


@dataclass(frozen=True, kw_only=True)
class Staged:
    """The changes of an import beside the tables that they are for, until the transaction ends."""

    session: AsyncSession
    target: Target
    tables: _Tables
    _own: Table = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_own", self.target.model.__table__)

    @property
    def rows(self) -> Table:
        return self.tables.rows

    @property
    def _same(self) -> Any:
        own, rows = self._own.c, self.rows.c
        return and_(own.workspace_id == rows.workspace_id, own[self.target.key] == rows[self.target.key])

    async def stale(self) -> list[tuple[str, bool]]:
        """Rows that are not any more what they were compared with, by key, and whether they were new then. All others
        stay as they are until the transaction ends."""
        own, rows = self._own, self.rows
        if self.session.get_bind().dialect.name == "postgresql":
            locked = select(own.c[self.target.key]).join(rows, self._same).with_for_update(of=own).subquery()
            await self.session.execute(select(func.count()).select_from(locked))
        changed = own.c[self.target.seen].is_distinct_from(rows.c.was)
        statement = select(rows.c[self.target.key], rows.c.was.is_(None)).outerjoin(own, self._same).where(changed)
        return [(key, bool(new)) for key, new in await self.session.execute(statement)]

    async def replace(self, keys: Sequence[str], changes: Sequence[Change]) -> None:
        """`changes`: all there is to write of these keys."""
        links, mine = self.tables.links, self.rows.c[self.target.key].in_(keys)
        if links is not None:
            ids = select(self.rows.c.id).where(mine)
            await self.session.execute(delete(links).where(links.c[self.target.owner].in_(ids)))
        await self.session.execute(delete(self.rows).where(mine))
        for table, rows in zip(self.tables.all, _parted(changes), strict=False):
            if rows:
                await self.session.execute(insert(table), rows)

    async def apply(self) -> None:
        """Into the tables that they are for."""
        own, keys = self._own, [column.name for column in self._own.primary_key]
        statement = self._insert(own, self.rows)
        values: dict[str, ColumnElement[Any]] = {
            name: statement.excluded[name] for name in _both(own, self.rows) if name not in keys
        }
        if self.target.seen in self.target.untouched:
            values[self.target.seen] = own.c[self.target.seen] + 1
        await self.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
        if self.target.links is not None and self.tables.links is not None:
            links = _table(self.target.links)
            anew = select(self.rows.c.id).where(self.rows.c.relinked)
            await self.session.execute(delete(links).where(links.c[self.target.owner].in_(anew)))
            await self.session.execute(self._insert(links, self.tables.links))

    def _insert(self, table: Table, staged: Table) -> Any:
        names = _both(table, staged)
        order = [staged.c[column.name] for column in table.primary_key]
        rows = select(*(staged.c[name] for name in names)).where(true()).order_by(*order)
        dialect = sqlite if self.session.get_bind().dialect.name == "sqlite" else postgresql
        return dialect.insert(table).from_select(names, rows)


def _both(table: Table, staged: Table) -> list[str]:
    return [column.name for column in table.c if column.name in staged.c]


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - for the type checker: these are all plain tables
    return table
