"""Every query about who is in a channel, and who owns it."""

from collections.abc import Collection

from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.groups import groups
from bot.db.tables.channels import Channel as ChannelRow
from bot.db.tables.channels import ChannelOwner, ChannelPerson
from bot.db.tables.members import Member
from bot.db.upsert import insert_new, upsert

INSIDERS = ("member", "bot", "deactivated")
SOME = 500


async def people(session: AsyncSession, workspace_id: str, channel_id: str) -> set[str]:
    rows = await session.scalars(
        select(ChannelPerson.user_id).where(
            ChannelPerson.workspace_id == workspace_id, ChannelPerson.channel_id == channel_id
        )
    )
    return set(rows)


async def strangers(session: AsyncSession, workspace_id: str, channel_id: str) -> set[str]:
    """Who is in the channel and not known as a member, a bot or somebody who has left: found without reading everybody,
    since a channel of 50,000 is looked at for every post. Some are enough to know that there are any."""
    known = (Member.workspace_id == ChannelPerson.workspace_id) & (Member.user_id == ChannelPerson.user_id)
    rows = await session.scalars(
        select(ChannelPerson.user_id)
        .outerjoin(Member, known)
        .where(
            ChannelPerson.workspace_id == workspace_id,
            ChannelPerson.channel_id == channel_id,
            or_(Member.kind.is_(None), Member.kind.not_in(INSIDERS)),
        )
        .limit(SOME)
    )
    return set(rows)


async def set_people(session: AsyncSession, workspace_id: str, channel_id: str, user_ids: Collection[str]) -> None:
    """Exactly these are in the channel."""
    was = await people(session, workspace_id, channel_id)
    here = (ChannelPerson.workspace_id == workspace_id, ChannelPerson.channel_id == channel_id)
    for group in groups(sorted(was - set(user_ids))):
        await session.execute(delete(ChannelPerson).where(*here, ChannelPerson.user_id.in_(group)))
    rows = [
        {"workspace_id": workspace_id, "channel_id": channel_id, "user_id": user}
        for user in sorted(set(user_ids) - was)
    ]
    await upsert(session, ChannelPerson, rows, key=("workspace_id", "channel_id", "user_id"))


async def person_came(session: AsyncSession, workspace_id: str, channel_id: str, user_id: str) -> None:
    row = {"workspace_id": workspace_id, "channel_id": channel_id, "user_id": user_id}
    await insert_new(session, ChannelPerson, row, key=("workspace_id", "channel_id", "user_id"))


async def person_left(session: AsyncSession, workspace_id: str, channel_id: str, user_id: str) -> None:
    await session.execute(
        delete(ChannelPerson).where(
            ChannelPerson.workspace_id == workspace_id,
            ChannelPerson.channel_id == channel_id,
            ChannelPerson.user_id == user_id,
        )
    )


async def channel_ids_of(session: AsyncSession, workspace_id: str, user_id: str) -> list[str]:
    rows = await session.scalars(
        select(ChannelPerson.channel_id)
        .where(ChannelPerson.workspace_id == workspace_id, ChannelPerson.user_id == user_id)
        .order_by(ChannelPerson.channel_id)
    )
    return list(rows)


async def maybe_owned_by(session: AsyncSession, workspace_id: str, user_id: str) -> set[str]:
    """Ids of channels that somebody is a named owner of, or added."""
    named = await session.scalars(
        select(ChannelOwner.channel_id).where(
            ChannelOwner.workspace_id == workspace_id, ChannelOwner.user_id == user_id
        )
    )
    added = await session.scalars(
        select(ChannelRow.channel_id).where(ChannelRow.workspace_id == workspace_id, ChannelRow.added_by == user_id)
    )
    return {*named, *added}
