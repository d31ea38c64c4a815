"""Every query about the audit trail."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, insert, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.groups import groups
from bot.db.tables.members import AuditAbout, AuditEntry
from bot.features.members.rules import Entry, Wanted

Chosen = TypeVar("Chosen", bound=Select[*tuple[Any, ...]])
EVERYTHING = Wanted()
SPANS = (timedelta(days=1), timedelta(days=10), timedelta(days=100), timedelta(days=400), None)


async def write(session: AsyncSession, row: Mapping[str, Any], *, about: Collection[str]) -> None:
    session.add(AuditEntry(**row))
    await session.flush()
    same = {"entry_id": row["id"], "workspace_id": row["workspace_id"], "at": row["at"]}
    things = [{**same, "thing": thing} for thing in sorted(about)]
    if things:
        await session.execute(insert(AuditAbout), things)


async def entry(session: AsyncSession, ws: str, entry_id: str) -> Entry | None:
    row = await session.scalar(select(AuditEntry).where(AuditEntry.workspace_id == ws, AuditEntry.id == entry_id))
    return None if row is None else _entry(row)


async def before(
    session: AsyncSession, ws: str, entry: Entry | None, *, limit: int, wanted: Wanted = EVERYTHING
) -> list[Entry]:
    """Those older than `entry`, else the newest; newest first."""
    return await _listed(session, ws, entry, limit=limit, wanted=wanted, newer=False)


async def after(session: AsyncSession, ws: str, entry: Entry, *, limit: int, wanted: Wanted) -> list[Entry]:
    """Those newer than `entry`, the nearest first."""
    return await _listed(session, ws, entry, limit=limit, wanted=wanted, newer=True)


async def _listed(
    session: AsyncSession, ws: str, entry: Entry | None, *, limit: int, wanted: Wanted, newer: bool
) -> list[Entry]:
    chosen = select(AuditEntry).where(AuditEntry.workspace_id == ws)
    if wanted.about is None:
        chosen = chosen.where(*_asked(wanted, AuditEntry.at, AuditEntry.id, entry, newer=newer))
        chosen = _in_order(chosen, AuditEntry.at, AuditEntry.id, newer=newer).limit(limit)
    else:
        found = await _ids_about(session, ws, entry, limit=limit, wanted=wanted, newer=newer)
        chosen = _in_order(chosen.where(AuditEntry.id.in_(found)), AuditEntry.at, AuditEntry.id, newer=newer)
    entries = [_entry(row) for row in await session.scalars(chosen)]
    return await _with_things(session, entries)


async def _ids_about(
    session: AsyncSession, ws: str, entry: Entry | None, *, limit: int, wanted: Wanted, newer: bool
) -> list[str]:
    """Of entries that concern one of the things, each once. They are looked for in ever longer spans of time from where
    the page begins, so that neither all there ever was about busy things is read, nor is each asked for by itself."""
    newest = select(AuditEntry.at).where(AuditEntry.workspace_id == ws).order_by(AuditEntry.at.desc()).limit(1)
    start = entry.at if entry is not None else await session.scalar(newest)
    found: set[tuple[datetime, str]] = set()
    for span in SPANS:
        end = None if start is None or span is None else start + span if newer else start - span
        for things in groups(sorted(wanted.about or ())):
            parts = _parts(ws, things, end, entry, wanted=wanted, newer=newer)
            limited = [_in_order(part, *part.selected_columns, newer=newer).limit(limit).subquery() for part in parts]
            rows = await session.execute(union_all(*(select(part.c.at, part.c.id) for part in limited)))
            found.update((row[0], row[1]) for row in rows)
        if len(found) >= limit:
            break
    return [entry_id for _, entry_id in sorted(found, reverse=not newer)[:limit]]


def _parts(
    ws: str, things: Sequence[str], end: datetime | None, entry: Entry | None, *, wanted: Wanted, newer: bool
) -> Iterator[Select[datetime, str]]:
    """What has one of the things as its subject, and what concerns one besides. `end`: of the span; None for all."""
    own = select(AuditEntry.at, AuditEntry.id).where(AuditEntry.workspace_id == ws, AuditEntry.subject.in_(things))
    at, key = AuditAbout.at, AuditAbout.entry_id.label("id")
    besides = select(at, key).where(AuditAbout.workspace_id == ws, AuditAbout.thing.in_(things)).distinct()
    if wanted.by or wanted.action:
        besides = besides.join(AuditEntry, AuditEntry.id == AuditAbout.entry_id)
    for part, moment, one in ((own, AuditEntry.at, AuditEntry.id), (besides, at, AuditAbout.entry_id)):
        within = () if end is None else (moment <= end if newer else moment >= end,)
        yield part.where(*_asked(wanted, moment, one, entry, newer=newer), *within)


def _asked(wanted: Wanted, at: Any, key: Any, entry: Entry | None, *, newer: bool) -> Iterator[ColumnElement[bool]]:
    """`at` and `key`: of the table whose index is read. That a moment is at most another's is said for the index, which
    cannot use what follows."""
    if entry is not None and newer:
        yield at >= entry.at
        yield or_(at > entry.at, key > entry.id)
    elif entry is not None:
        yield at <= entry.at
        yield or_(at < entry.at, key < entry.id)
    if wanted.since is not None:
        yield at >= wanted.since
    if wanted.by:
        yield AuditEntry.actor == wanted.by
    if wanted.action:
        yield AuditEntry.action.startswith(wanted.action, autoescape=True)


def _in_order(chosen: Chosen, at: Any, key: Any, *, newer: bool) -> Chosen:
    return chosen.order_by(at, key) if newer else chosen.order_by(at.desc(), key.desc())


async def _with_things(session: AsyncSession, entries: Sequence[Entry]) -> list[Entry]:
    """With what each concerns besides its subject."""
    things: dict[str, list[str]] = {}
    for ids in groups(one.id for one in entries):
        rows = await session.execute(
            select(AuditAbout.entry_id, AuditAbout.thing).where(AuditAbout.entry_id.in_(ids)).order_by(AuditAbout.thing)
        )
        for entry_id, thing in rows:
            things.setdefault(entry_id, []).append(thing)
    return [replace(one, about=tuple(things.get(one.id, ()))) for one in entries]


def _entry(row: AuditEntry) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        actor=row.actor,
        role=row.role,
        action=row.action,
        subject=row.subject,
        detail=row.detail,
    )
