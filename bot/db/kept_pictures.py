"""Pictures that we keep, by the hash of their bytes: what is the same picture is kept, and uploaded, once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.stories import Picture
from bot.db.upsert import insert_new


@dataclass(frozen=True, kw_only=True)
class Kept:
    """`slack_file`: Slack's id, once it is uploaded."""

    mimetype: str
    data: bytes
    slack_file: str | None


async def keep(session: AsyncSession, ws: str, digest: str, mimetype: str, data: bytes, now: datetime) -> None:
    row = {"workspace_id": ws, "hash": digest, "mimetype": mimetype, "data": data, "slack_file": None, "added_at": now}
    await insert_new(session, Picture, row, key=("workspace_id", "hash"))


async def find(session: AsyncSession, ws: str, digest: str) -> Kept | None:
    query = select(Picture.mimetype, Picture.data, Picture.slack_file)
    row = (await session.execute(query.where(Picture.workspace_id == ws, Picture.hash == digest))).first()
    return None if row is None else Kept(mimetype=row.mimetype, data=row.data, slack_file=row.slack_file)


async def slack_file(session: AsyncSession, ws: str, digest: str) -> str | None:
    """Without reading the bytes."""
    return await session.scalar(select(Picture.slack_file).where(Picture.workspace_id == ws, Picture.hash == digest))


async def uploaded(session: AsyncSession, ws: str, digest: str, file_id: str) -> None:
    mine = (Picture.workspace_id == ws, Picture.hash == digest)
    await session.execute(update(Picture).where(*mine).values(slack_file=file_id))
