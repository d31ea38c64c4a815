"""When the next post of all channels falls due: a figure for whoever runs Canteen."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import due_between
from bot.db.tables.channels import Channel, Slot
from bot.db.tables.workspaces import Workspace
from bot.features.channels.occurrences import falling_due, set_for

LOOKS = tuple(timedelta(hours=hours) for hours in (1, 4, 16, 64, 192))


async def next_slot(session: AsyncSession, *, since: datetime, dead: bool = False) -> datetime | None:
    """The first due time after `since`, within a week; `dead`: of workspaces whose token Slack refuses. Quiet dates are
    not looked at. Where there are many slots the next is soon found."""
    begin = since
    for look in LOOKS:
        until = since + look
        found = await _between(session, begin, until, since=since, dead=dead)
        if found is not None:
            return found
        begin = until
    return None


async def _between(
    session: AsyncSession, begin: datetime, until: datetime, *, since: datetime, dead: bool
) -> datetime | None:
    """Thousands of channels have few different times, so the database folds them."""
    shape, asked = await falling_due(session, begin, until)
    if not shape:
        return None
    found = await session.execute(
        select(Channel.zone, Slot.weekday, Slot.local_time)
        .join(Channel, (Channel.workspace_id == Slot.workspace_id) & (Channel.channel_id == Slot.channel_id))
        .join(Workspace, Workspace.id == Slot.workspace_id)
        .where(
            *set_for(shape),
            Slot.removed_at.is_(None),
            Slot.starts_at <= since,
            Channel.state == "active",
            Channel.outsiders.is_(False),
            Workspace.posting_stopped_at.is_(None),
            Workspace.state != "active" if dead else Workspace.state == "active",
        )
        .distinct(),
        asked,
    )
    dues = [
        due
        for zone, weekday, at in found
        for due in due_between(weekday=weekday, at=at, zone=zone, since=begin, until=until)
    ]
    return min(dues, default=None)
