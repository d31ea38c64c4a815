"""What a database keeps of rows that are gone.

SQLite: freed space is overwritten at once (`secure_delete`), the rollback journal, which holds pages as they were
before, is cut off after each commit, and the file is written anew at the end: bytes of rows that were deleted or moved
before may lie in its gaps. https://www.sqlite.org/pragma.html#pragma_secure_delete
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

QUICKLY = 128 * 1024 * 1024  # bytes that are written anew well within the 2.5 s that a press waits
PATIENCE = 2.0


def overwrite(engine: AsyncEngine) -> None:
    """From now on, by this process. Call it before the first transaction that erases."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine.sync_engine, "checkout")
    def _on_checkout(connection: Any, _record: Any, _proxy: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.execute("PRAGMA journal_mode")
        if str(cursor.fetchone()[0]).lower() != "wal":
            cursor.execute("PRAGMA journal_mode=TRUNCATE")
        cursor.close()


async def compact(engine: AsyncEngine, *, whatever_size: bool = False) -> bool:
    """Write SQLite's file anew; whoever writes meanwhile waits. False where it is so large that they would give up, or
    it is too busy. PostgreSQL's own vacuum does its part in time."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path:
        return True
    return await asyncio.to_thread(_vacuum, path, None if whatever_size else QUICKLY)


def _vacuum(path: str, largest: int | None) -> bool:
    if largest is not None and Path(path).stat().st_size > largest:
        return False
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
        wal = connection.execute("PRAGMA journal_mode").fetchone()[0].lower() == "wal"
        connection.execute("PRAGMA secure_delete=ON")
        if not wal:
            connection.execute("PRAGMA journal_mode=TRUNCATE")
        try:
            connection.execute("VACUUM")
            if wal:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError:
            return False
    return True
