"""Levels of the schema, and which code runs on which: migrations expand first and contract later.

A migration only adds, so that the code of the level before it goes on beside the new one. One that takes something away
says `contract_of = "000N"`: from level N on no code has used it. The database keeps the oldest level that it still
serves (`schema_facts`), so that code which does not know the newest level can tell whether it may run on it.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import UserMistakeError
from bot.db.tables.schema import SchemaFact

FOLDER = Path(__file__).parent.parent.parent / "migrations"
FIRST_SERVED = "0002"  # the level before the first one that says what it serves
SERVES, COPYING = "serves", "copying"


def config(connection: Connection | None = None) -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("path_separator", "os")
    if connection is not None:
        made.attributes["connection"] = connection
    return made


@cache
def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(config())


def head() -> str:
    return str(scripts().get_current_head())


def known() -> list[str]:
    """The levels that this version knows, the oldest first."""
    return [one.revision for one in reversed(list(scripts().walk_revisions()))]


def serves(level: str) -> str:
    """The oldest level whose code runs on the schema of `level`."""
    oldest = FIRST_SERVED
    for one in reversed(list(scripts().walk_revisions())):
        oldest = getattr(one.module, "contract_of", None) or oldest
        if one.revision == level:
            break
    return oldest


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a database stands. `level`: None for one that was never migrated. `copying`: from where, while
    `canteen move` has not finished."""

    level: str | None
    serves: str | None
    copying: str | None = None

    @property
    def newer(self) -> bool:
        return self.level is not None and self.level not in known()

    @property
    def older(self) -> bool:
        return self.level is not None and not self.newer and self.level != head()

    def mistake(self) -> UserMistakeError | None:
        """Why no code of this version may work on it; a database that is empty or older is none."""
        if self.newer and self.serves not in known():
            return UserMistakeError(
                f"the database is at {self.level}, which this version does not know: a newer one has used it",
                "run that version again, or restore the backup made before it",
            )
        if self.copying is not None:
            return UserMistakeError(
                f"the database is half copied: `canteen move` from {self.copying} has not finished",
                "run that `canteen move` again (it goes on where it was), or empty this database",
            )
        return None

    def outdated(self) -> UserMistakeError | None:
        if not self.older:
            return None
        return UserMistakeError(f"the database is at revision {self.level}, not {head()}", "run `canteen migrate`")


async def standing(engine: AsyncEngine) -> Standing:
    async with engine.connect() as connection:
        return await connection.run_sync(_standing)


def _standing(connection: Connection) -> Standing:
    level = MigrationContext.configure(connection).get_current_revision()
    facts: dict[str, str] = {}
    if inspect(connection).has_table(SchemaFact.__tablename__):
        facts = {row.key: row.value for row in connection.execute(select(SchemaFact.key, SchemaFact.value))}
    return Standing(level=level, serves=facts.get(SERVES), copying=facts.get(COPYING))


def write_serves(connection: Connection, level: str) -> None:
    """In the transaction of the migration to `level`, so that no old code starts on what was taken away from it."""
    if not inspect(connection).has_table(SchemaFact.__tablename__):
        return
    connection.execute(delete(SchemaFact).where(SchemaFact.key == SERVES))
    connection.execute(insert(SchemaFact).values(key=SERVES, value=serves(level)))
