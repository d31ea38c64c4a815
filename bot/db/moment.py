"""The database's time: what deadlines are compared with, so that replicas whose clocks disagree decide alike."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

OFFSET = "clock_offset"


async def db_now(session: AsyncSession) -> datetime:
    """Aware, UTC, to the millisecond, moving on during a transaction. CANTEEN_CLOCK_OFFSET (drills) is added."""
    offset: timedelta = session.info.get(OFFSET, timedelta(0))
    if session.get_bind().dialect.name == "sqlite":
        raw = (await session.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))).scalar_one()
        return datetime.fromisoformat(raw).replace(tzinfo=UTC) + offset
    moment: datetime = (await session.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return moment.astimezone(UTC) + offset
