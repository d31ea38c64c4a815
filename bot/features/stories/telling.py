"""Telling whoever keeps the library, by an ordinary owed message, once."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.features.channels.seams import Audience
from bot.features.members import service as members
from bot.features.members.service import Person
from bot.features.stories.rules import Post

NOTHING_LEFT, FAILED = "stories.nothing_left", "stories.failed"


async def nothing_left(session: AsyncSession, audience: Audience, kind: str, *, now: datetime) -> None:
    """Once a week for each channel and kind."""
    year, week, _ = now.isocalendar()
    for person in await keepers(session, audience.workspace_id):
        await _owe_person(
            session,
            person,
            kind=NOTHING_LEFT,
            key=f"{NOTHING_LEFT}:{audience.channel_id}:{kind}:{person.user_id}:{year}-{week:02}",
            ref={"user": person.user_id, "channel": audience.channel_id, "kind": kind},
            now=now,
        )


async def keepers(session: AsyncSession, ws: str) -> list[Person]:
    """Who keeps the library: the editors, else the admins."""
    return await members.with_role(session, ws, members.EDITOR) or await members.with_role(session, ws, members.ADMIN)


async def failed(session: AsyncSession, post: Post, error: str, *, now: datetime) -> None:
    for person in await keepers(session, post.workspace_id):
        await _owe_person(
            session,
            person,
            kind=FAILED,
            key=f"{FAILED}:{post.id}:{person.user_id}",
            ref={"user": person.user_id, "post": post.id, "error": error[:64]},
            now=now,
        )


async def _owe_person(
    session: AsyncSession, person: Person, *, kind: str, key: str, ref: dict[str, Any], now: datetime
) -> None:
    if await queue.find(session, workspace_id=person.workspace_id, key=key) is not None:
        return
    await queue.enqueue(
        session,
        now=now,
        workspace_id=person.workspace_id,
        kind=kind,
        key=key,
        method="post",
        target=person.user_id,
        ref=ref,
        due=members.next_waking(person, now),
    )
