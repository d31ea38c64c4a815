"""Whoever presses in a quiz, read for a whole group of presses at once."""

import json
from collections.abc import Collection
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.members.rules import Voter

# One parameter and one row, however many there are: with SQLite each row is a step of its thread, which waits for
# its turn while the loop is busy.
VOTERS = {
    "sqlite": text(
        """
        SELECT json_group_array(json_array(user_id, kind, zone, locale, own_locale)) FROM members
        WHERE workspace_id = :ws AND user_id IN (SELECT value FROM json_each(:users))
        """
    ),
    "postgresql": text(
        """
        SELECT CAST(json_agg(json_build_array(user_id, kind, zone, locale, own_locale)) AS text) FROM members
        WHERE workspace_id = :ws AND user_id = ANY(ARRAY(SELECT json_array_elements_text(CAST(:users AS json))))
        """
    ),
}


async def voters(session: AsyncSession, ws: str, users: Collection[str]) -> dict[str, Voter]:
    statement = VOTERS[session.get_bind().dialect.name]
    found = await session.scalar(statement, {"ws": ws, "users": json.dumps(sorted(users))})
    rows = json.loads(found or "[]")
    return {user: voter(kind, zone, own or locale) for user, kind, zone, locale, own in rows}


@lru_cache(maxsize=4096)
def voter(kind: str, zone: str, locale: str) -> Voter:
    return Voter(kind=kind, zone=zone, locale=locale)
