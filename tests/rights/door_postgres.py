"""The same door before PostgreSQL: what is in its tables is compared there, and put back there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.engine import Sessions
from tests.rights import door as doors
from tests.rights.door import COLUMNS, TABLES, Door, Dump

KEPT = "kept_by_the_door"
_DELIVERIES = COLUMNS["deliveries"][1]
DIGESTS = " UNION ALL ".join(
    f"SELECT '{table}', md5(string_agg(one::text, ',' ORDER BY one::text))"
    f' FROM (SELECT * FROM "{table}" {_DELIVERIES if table == "deliveries" else ""}) one'
    for table in TABLES
    if table != "audit"
)
AUDIT = f"SELECT {COLUMNS['audit'][0]} FROM audit"
NO_KEYS = "SET LOCAL session_replication_role = replica"  # foreign keys sleep meanwhile


@dataclass(kw_only=True)
class PostgresDoor(Door):
    async def dumped(self) -> Dump:
        async with self.sessions.engine.connect() as connection:
            digests = await connection.execute(text(DIGESTS))
            made = {table: frozenset({(digest,)}) for table, digest in digests}
            audited = await connection.execute(text(AUDIT))
            return {**made, "audit": frozenset(tuple(row) for row in audited)}

    async def put_back(self) -> None:
        """What has changed, and the deliveries, of which not all are compared."""
        now = await self.dumped()
        changed = {table for table in TABLES if now[table] != self.before[table]} | {"deliveries"}
        async with self.sessions.engine.begin() as connection:
            await connection.exec_driver_sql(NO_KEYS)
            again = [f'DELETE FROM "{one}";' for one in changed]
            again += [f'INSERT INTO "{one}" SELECT * FROM {KEPT}."{one}";' for one in changed & self.filled()]
            await connection.exec_driver_sql(f"DO $$ BEGIN {' '.join(again)} END $$")

    def filled(self) -> set[str]:
        """The tables that had rows from the start."""
        return {table for table, rows in self.before.items() if rows not in ({(None,)}, set())}


@asynccontextmanager
async def opened(sessions: Sessions) -> AsyncIterator[PostgresDoor]:
    """`sessions` of an empty database."""
    async with aiohttp.ClientSession() as http:
        door = await doors.made(PostgresDoor, sessions, http, Path())
        door.before = await door.dumped()
        async with sessions.engine.begin() as connection:
            await _keep(connection, door.filled())
        try:
            yield door
        finally:
            async with sessions.engine.begin() as connection:
                await connection.exec_driver_sql(f"DROP SCHEMA {KEPT} CASCADE")


async def _keep(connection: AsyncConnection, filled: set[str]) -> None:
    copies = (f'CREATE UNLOGGED TABLE {KEPT}."{table}" AS TABLE "{table}";' for table in sorted(filled))
    await connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {KEPT} CASCADE")
    await connection.exec_driver_sql(f"CREATE SCHEMA {KEPT}")
    await connection.exec_driver_sql(f"DO $$ BEGIN {' '.join(copies)} END $$")
