"""A row in every table that enciphers, every enciphered value a canary."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, Date, DateTime, Integer, String, event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import TypeDecorator

from bot.db.engine import Sessions
from bot.db.keys import places
from bot.db.types import EncipheredBytes, EncipheredJson

CANARY = "kanarie-é-🛹"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def value(column: Column[Any], number: int = 0) -> Any:
    held = column.type
    if isinstance(held, EncipheredJson):
        return {"said": [CANARY, number]}
    if isinstance(held, EncipheredBytes):
        return f"{CANARY}\xff{number}".encode()
    if isinstance(held, TypeDecorator) and isinstance(held.impl_instance, String):
        return f"{CANARY} {number}"
    return _plain(held, number)


def _plain(held: Any, number: int) -> Any:
    if isinstance(held, String):
        return f"x{number}"
    if isinstance(held, JSON):
        return {}
    if isinstance(held, Integer):
        return number
    if isinstance(held, Date) and not isinstance(held, DateTime):
        return NOW.date()
    return NOW if isinstance(held, TypeDecorator | DateTime) else False


async def write(sessions: Sessions, *, rows: int = 1) -> None:
    """Without the rows that these would belong to."""
    loosen(sessions.engine)
    async with sessions.begin() as session:
        if sessions.engine.dialect.name == "postgresql":
            await session.execute(text("SET LOCAL session_replication_role = replica"))
        for table in dict.fromkeys(place.table for place in places()):
            made = [{column.name: value(column, number) for column in table.columns} for number in range(rows)]
            await session.execute(table.insert(), made)


def loosen(engine: AsyncEngine) -> None:
    if engine.dialect.name == "sqlite":
        engine.sync_engine.pool.dispose()

        @event.listens_for(engine.sync_engine, "connect", once=True)
        def _loose(connection: Any, _record: Any) -> None:
            connection.cursor().execute("PRAGMA foreign_keys=OFF")


async def raw(sessions: Sessions) -> str:
    """Everything that stands in the columns, as it stands there."""
    async with sessions.begin() as session:
        found = [
            str(one)
            for place in places()
            for one in await session.scalars(place.table.select().with_only_columns(place.raw))
        ]
    return "\n".join(found)
