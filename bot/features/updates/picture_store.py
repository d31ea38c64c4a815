"""Every query about pictures that came with updates and notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.stories import Picture
from bot.db.tables.updates import SharedPicture
from bot.db.upsert import insert_new

P = SharedPicture
WANTED, KEPT, FAILED = "wanted", "kept", "failed"


@dataclass(frozen=True, kw_only=True)
class Copy:
    """`slack_file`: Slack's id of our own copy, once it is uploaded."""

    workspace_id: str
    file_id: str
    url: str
    state: str
    hash: str | None
    tries: int
    update_id: str | None
    note_id: str | None
    slack_file: str | None = None


def _copy(row: SharedPicture, slack_file: str | None = None) -> Copy:
    return Copy(
        workspace_id=row.workspace_id,
        file_id=row.file_id,
        url=row.url,
        state=row.state,
        hash=row.hash,
        tries=row.tries,
        update_id=row.update_id,
        note_id=row.note_id,
        slack_file=slack_file,
    )


async def want(session: AsyncSession, values: dict[str, Any]) -> None:
    row = {"state": WANTED, "tries": 0, "hash": None, "update_id": None, "note_id": None, **values}
    await insert_new(session, P, row, key=("workspace_id", "file_id"))


async def due(session: AsyncSession, now: datetime, limit: int) -> list[Copy]:
    rows = await session.scalars(
        select(P)
        .where(P.state == WANTED, P.try_at <= now)
        .order_by(P.try_at, P.file_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    return [_copy(row) for row in rows]


async def change(session: AsyncSession, ws: str, file_id: str, **values: Any) -> None:
    await session.execute(update(P).where(P.workspace_id == ws, P.file_id == file_id).values(**values))


async def some(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> dict[str, Copy]:
    rows = await session.execute(
        select(P, Picture.slack_file)
        .outerjoin(Picture, (Picture.workspace_id == P.workspace_id) & (Picture.hash == P.hash))
        .where(P.workspace_id == ws, P.file_id.in_(list(file_ids)))
        .execution_options(populate_existing=True)
    )
    return {row[0].file_id: _copy(row[0], row[1]) for row in rows}


async def showing(session: AsyncSession, ws: str, digest: str) -> list[Copy]:
    """Every copy of these bytes."""
    rows = await session.scalars(select(P).where(P.workspace_id == ws, P.hash == digest))
    return [_copy(row) for row in rows]
