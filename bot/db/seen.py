"""Natural keys of what Slack sends: an event, press, submission or command has its effect once."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.workspaces import SeenEvent
from bot.db.upsert import insert_new


async def first_time(session: AsyncSession, *, workspace_id: str, key: str, now: datetime) -> bool:
    """True exactly once per key. Call it in the transaction of the effect, before the effect."""
    return await insert_new(
        session, SeenEvent, {"workspace_id": workspace_id, "key": key[:255], "at": now}, key=("workspace_id", "key")
    )


async def remember_outcome(session: AsyncSession, *, workspace_id: str, key: str, outcome: str) -> None:
    """What a repeat of `key` shall be told."""
    await session.execute(
        update(SeenEvent)
        .where(SeenEvent.workspace_id == workspace_id, SeenEvent.key == key[:255])
        .values(outcome=outcome)
    )


async def outcome_of(session: AsyncSession, *, workspace_id: str, key: str) -> str | None:
    return await session.scalar(
        select(SeenEvent.outcome).where(SeenEvent.workspace_id == workspace_id, SeenEvent.key == key[:255])
    )
