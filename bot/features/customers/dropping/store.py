"""Queries of dropped files. Their bytes are read and written only where they are needed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.customers import ImportRecord
from bot.db.tables.drops import DroppedFile
from bot.db.upsert import insert_new
from bot.features.customers.dropping.rules import WAITING, WORKING, Drop, State, unpack_report

MESSAGE = ("workspace_id", "channel_id", "ts", "file_id")
SHOWN = tuple(column for column in DroppedFile.__table__.columns if column.name != "data")


def _drop(row: Any) -> Drop:
    return Drop(
        workspace_id=row.workspace_id,
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        url=row.url,
        state=State(row.state),
        what=row.what,
        choices=tuple(row.choices),
        report=unpack_report(row.report),
        at=row.at,
        pressed_at=row.pressed_at,
        tries=row.tries,
        try_at=row.try_at,
    )


async def keep(session: AsyncSession, values: dict[str, Any]) -> bool:
    """False where this file of this message is there already."""
    return await insert_new(session, DroppedFile, values, key=MESSAGE)


async def get(session: AsyncSession, ws: str, drop_id: str, *, lock: bool = False) -> Drop | None:
    statement = select(*SHOWN).where(DroppedFile.workspace_id == ws, DroppedFile.id == drop_id)
    row = (await session.execute(statement.with_for_update() if lock else statement)).first()
    return None if row is None else _drop(row)


async def of_message(session: AsyncSession, ws: str, channel: str, ts: str) -> list[Drop]:
    statement = select(*SHOWN).where(
        DroppedFile.workspace_id == ws, DroppedFile.channel_id == channel, DroppedFile.ts == ts
    )
    return [_drop(row) for row in await session.execute(statement)]


async def change(session: AsyncSession, ws: str, drop_id: str, **values: Any) -> None:
    statement = update(DroppedFile).where(DroppedFile.workspace_id == ws, DroppedFile.id == drop_id)
    await session.execute(statement.values(**values))


async def change_if(
    session: AsyncSession, drop: Drop, *, states: Sequence[State], held_until: datetime | None = None, **values: Any
) -> bool:
    """Unless somebody else was quicker: the state has gone on, or, with `held_until`, another process took it over."""
    statement = update(DroppedFile).where(
        DroppedFile.workspace_id == drop.workspace_id, DroppedFile.id == drop.id, DroppedFile.state.in_(states)
    )
    if held_until is not None:
        statement = statement.where(DroppedFile.try_at == held_until)
    done = await session.execute(statement.values(**values).returning(DroppedFile.id))
    return done.first() is not None


async def data(session: AsyncSession, ws: str, drop_id: str) -> bytes | None:
    return await session.scalar(
        select(DroppedFile.data).where(DroppedFile.workspace_id == ws, DroppedFile.id == drop_id)
    )


async def to_work_on(session: AsyncSession, now: datetime) -> Drop | None:
    """The next one that nobody works on. On PostgreSQL it is locked, past those that others are taking."""
    statement = (
        select(*SHOWN)
        .where(DroppedFile.state.in_(WORKING), DroppedFile.try_at <= now)
        .order_by(DroppedFile.try_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else _drop(row)


async def waiting_since(session: AsyncSession, moment: datetime, limit: int) -> list[Drop]:
    """Those that nobody decided on since before `moment`."""
    statement = select(*SHOWN).where(DroppedFile.state.in_(WAITING), DroppedFile.at < moment).limit(limit)
    return [_drop(row) for row in await session.execute(statement)]


async def forget_before(session: AsyncSession, moment: datetime) -> None:
    """What has ended, and what nobody could work on for so long."""
    await session.execute(delete(DroppedFile).where(DroppedFile.state.not_in(WAITING), DroppedFile.at < moment))


async def import_record(session: AsyncSession, ws: str, what: str, by: str, at: datetime) -> ImportRecord | None:
    """What an import that began at `at` came to, if it was written."""
    return await session.scalar(
        select(ImportRecord).where(
            ImportRecord.workspace_id == ws,
            ImportRecord.what == what,
            ImportRecord.by == by,
            ImportRecord.at == at,
        )
    )
