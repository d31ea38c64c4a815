"""What Slack says about configured channels: facts that were read, events that came. In the caller's transaction."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.seen import first_time
from bot.features.channels import people as inside
from bot.features.channels import store
from bot.features.channels.facts import GONE, Facts, Happened
from bot.features.channels.service import get, place_failed, tell_trouble
from bot.features.members import service as members


async def learned(
    session: AsyncSession,
    workspace_id: str,
    channel_id: str,
    facts: Facts,
    people: Collection[str],
    *,
    new_id: NewId,
    now: datetime,
) -> None:
    """Store what was read from Slack; the owner is told when it means that nothing can be posted any more."""
    channel = await get(session, workspace_id, channel_id)
    if channel is None:
        return
    if facts.archived:
        await place_failed(session, workspace_id, channel_id, "is_archived", new_id=new_id, now=now)
        return
    await store.set_channel(
        session,
        workspace_id,
        channel_id,
        name=facts.name or channel.name,
        private=facts.private,
        outsiders=facts.outsiders,
        refreshed_at=now,
    )
    bot = await store.bot_user(session, workspace_id)
    await inside.set_people(session, workspace_id, channel_id, set(people) - {bot or ""})
    if facts.outsiders and not channel.outsiders:
        await tell_trouble(session, workspace_id, channel_id, "outsiders", now=now)


async def happened(session: AsyncSession, event: Happened, *, new_id: NewId, now: datetime) -> None:
    """An event of Slack's about a channel: once, and only where the channel is configured."""
    workspace_id, channel_id = event.workspace_id, event.channel_id
    if not await first_time(session, workspace_id=workspace_id, key=f"event:{event.event_id}", now=now):
        return
    channel = await get(session, workspace_id, channel_id)
    if channel is None:
        return
    itself = bool(event.user_id) and event.user_id == await store.bot_user(session, workspace_id)
    if event.what in GONE or (event.what == "member_left_channel" and itself):
        error = GONE.get(event.what, "not_in_channel")
        await place_failed(session, workspace_id, channel_id, error, new_id=new_id, now=now)
    elif event.what == "member_left_channel":
        await inside.person_left(session, workspace_id, channel_id, event.user_id)
    elif event.what == "member_joined_channel" and event.user_id and not itself:
        await members.get(session, workspace_id, event.user_id, now=now)  # someone unknown is looked up
        await inside.person_came(session, workspace_id, channel_id, event.user_id)
    elif event.what in {"channel_rename", "group_rename"} and event.other:
        await store.set_channel(session, workspace_id, channel_id, name=event.other)
    elif event.what == "channel_shared":
        await store.set_channel(session, workspace_id, channel_id, outsiders=True)
        if not channel.outsiders:
            await tell_trouble(session, workspace_id, channel_id, "outsiders", now=now)
    elif event.what == "channel_unshared":
        await store.set_channel(session, workspace_id, channel_id, outsiders=event.still_shared)
    elif event.what == "channel_id_changed" and event.other:
        await store.change_id(session, workspace_id, channel_id, event.other)
