"""Owing people their Home tab: on opening, and after a change to those who have it open today."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.features.home import rules
from bot.features.members import service as members

KIND = "home.view"


async def owe(session: AsyncSession, *, now: datetime, ws: str, user: str) -> None:
    """Publish this person's Home as it is when it is sent. Owed several times before that, it is published once."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=KIND,
        key=f"home:{user}",
        method="publish",
        target=user,
        ref={},
    )


async def owe_if_open_today(session: AsyncSession, *, now: datetime, ws: str, users: Collection[str]) -> None:
    """After a change that these people's Home shows. Whoever has not opened it today gets it fresh when they do."""
    for person in (await members.people(session, ws, users)).values():
        if members.able(person, members.Action.OPEN_HOME) and rules.open_today(
            person.home_opened_at, now, members.zone_of(person.zone)
        ):
            await owe(session, now=now, ws=ws, user=person.user_id)


async def opened(session: AsyncSession, *, now: datetime, ws: str, user: str) -> None:
    """Nothing is owed to bots, people of other companies and those who have left. The unknown are looked up."""
    if members.able(await members.get(session, ws, user, now=now), members.Action.OPEN_HOME):
        await members.home_opened(session, ws, user, now)
        await owe(session, now=now, ws=ws, user=user)
