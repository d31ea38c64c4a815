"""Addresses of messages, as Slack gives them to whoever copies a link: the workspace's own, the place, the time."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace


async def of_messages(session: AsyncSession, workspace_id: str, keys: Collection[str]) -> dict[str, str]:
    """By the key of the delivery; none of what is not there (yet), nor where Slack was not asked for the workspace's
    address."""
    found = await session.execute(
        select(Delivery.key, Workspace.url, Delivery.channel, Delivery.ts)
        .join(Workspace, Workspace.id == Delivery.workspace_id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.key.in_(sorted(keys)),
            Delivery.method == "post",
            Delivery.state == "sent",
        )
    )
    return {
        key: f"{url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
        for key, url, channel, ts in found
        if url and channel and ts
    }
