"""Which workspaces have something to be read from Slack: asked every few seconds, so by index alone."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.members import LookUp, Member
from bot.db.tables.workspaces import Workspace
from bot.features.members.rules import to_read_again

ACTIVE = Workspace.state == "active"


async def people(session: AsyncSession, now: datetime) -> list[str]:
    """Where all people are due to be read, are being read, or somebody is to be looked up."""
    due = or_(Workspace.people_read_at.is_(None), Workspace.people_read_at <= to_read_again(now))
    wanted = select(LookUp.workspace_id).join(Workspace, Workspace.id == LookUp.workspace_id)
    found = union(
        select(Workspace.id).where(due, ACTIVE),
        select(Workspace.id).where(Workspace.people_cursor.is_not(None), ACTIVE),
        wanted.where(LookUp.due_at <= now, ACTIVE),
    )
    return sorted(await session.scalars(found))


async def do_not_disturb(session: AsyncSession) -> list[str]:
    """Where a direct message waits for it."""
    found = (
        select(Member.workspace_id)
        .join(Workspace, Workspace.id == Member.workspace_id)
        .where(Member.dnd_wanted_at.is_not(None), ACTIVE)
        .distinct()
    )
    return sorted(await session.scalars(found))


async def want_do_not_disturb(
    session: AsyncSession, ws: str, users: Collection[str], *, now: datetime, read_before: datetime
) -> None:
    """Of those of them of whom it is not known by now, nor asked for."""
    unknown = or_(Member.dnd_read_at.is_(None), Member.dnd_read_at <= read_before)
    await session.execute(
        update(Member)
        .where(Member.workspace_id == ws, Member.user_id.in_(sorted(users)), Member.dnd_wanted_at.is_(None), unknown)
        .values(dnd_wanted_at=now)
        .execution_options(synchronize_session=False)
    )
