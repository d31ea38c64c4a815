"""Channels that start one after the other, in an order that is drawn and can be drawn again. In the caller's
transaction."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import due_on, monday_of
from bot.features.channels import service as channels
from bot.features.channels.service import Channel
from bot.features.pulse import rules, store
from bot.features.pulse.rules import Draw

__all__ = ["Draw"]


async def waiting(session: AsyncSession, workspace_id: str) -> list[Channel]:
    """The channels that have had no post yet: only these can still be compared with what was before."""
    found = await channels.all(session, workspace_id)
    posted = await store.has_posts(session, workspace_id, {one.channel_id for one in found})
    return [one for one in found if one.channel_id not in posted]


def first_day(now: datetime, *, lead: timedelta) -> date:
    """The first Monday by which everyone can have been asked."""
    day = (now + lead).date()
    return monday_of(day) + timedelta(days=0 if day.weekday() == 0 else 7)


async def draw(
    session: AsyncSession,
    workspace_id: str,
    channel_ids: Collection[str],
    *,
    weeks: int,
    lead: timedelta,
    seed: str,
    by: str,
    new_id: NewId,
    now: datetime,
) -> Draw:
    """Draw, record, and let each channel begin on its day, at midnight of its own zone. `channel_ids`: two or more of
    `waiting`."""
    begin = first_day(now, lead=lead)
    days = rules.drawn(seed, channel_ids, first_day=begin, weeks=weeks)
    made = Draw(
        id=new_id(),
        seed=seed,
        first_day=begin,
        weeks=weeks,
        channels=tuple(sorted(days)),
        drawn=days,
        drawn_at=now,
        drawn_by=by,
    )
    await store.keep_draw(session, workspace_id, made)
    for channel in await channels.some(session, workspace_id, days.keys()):
        day = days[channel.channel_id]
        midnight = due_on(day, time(0), channel.zone)
        if midnight is not None:
            await channels.start_at(session, workspace_id, channel.channel_id, midnight)
    detail = {"draw": made.id, "channels": list(made.channels), "weeks": weeks}
    await channels.record(session, new_id, now, workspace_id, by, "pulse.draw", made.id, detail, about=made.channels)
    return made


async def find(session: AsyncSession, workspace_id: str, draw_id: str) -> Draw | None:
    found = await store.draws(session, workspace_id, draw_id)
    return found[0] if found else None


async def draws(session: AsyncSession, workspace_id: str) -> list[Draw]:
    """The newest first."""
    return await store.draws(session, workspace_id)


def again(draw: Draw) -> Mapping[str, date]:
    """The draw made once more from what was recorded."""
    return rules.drawn(draw.seed, draw.channels, first_day=draw.first_day, weeks=draw.weeks)
