"""What `doctor` says about imports that were interrupted."""

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import select

from bot.commands.findings import Finding
from bot.db.moment import db_now
from bot.db.tables.customers import ImportRecord
from bot.wiring import Parts

STILL_RUNNING = timedelta(hours=1)  # the largest lists are through by then
SHOWN = 10


async def unfinished(parts: Parts) -> AsyncIterator[Finding]:
    async with parts.sessions.begin() as session:
        before = await db_now(session) - STILL_RUNNING
        rows = await session.scalars(
            select(ImportRecord)
            .where(ImportRecord.unfinished.is_(True), ImportRecord.at < before)
            .order_by(ImportRecord.at.desc())
            .limit(SHOWN)
        )
        for row in rows:
            when = f"{row.at:%Y-%m-%d %H:%M} UTC"
            stands = f"{row.added} added and {row.changed} changed rows of it stand"
            yield Finding(
                level="note",
                what=f"the import of {row.what} from {row.file_name!r}, {when}, is unfinished: {stands}",
                cure="import the same file again: it goes on where it stopped",
            )
