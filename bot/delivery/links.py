"""Addresses of threads: the workspace's own, the place, the time, and the first message of the thread, so that Slack
opens the thread beside it (https://docs.slack.dev/reference/methods/chat.getPermalink)."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace


async def of_messages(session: AsyncSession, workspace_id: str, keys: Collection[str]) -> dict[str, str]:
    """By the key of the delivery; none of what is not there (yet), nor where Slack was not asked for the workspace's
    address."""
    found = await session.execute(
        select(Delivery.key, Workspace.url, Delivery.channel, Delivery.ts, Delivery.thread_ts)
        .join(Workspace, Workspace.id == Delivery.workspace_id)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.key.in_(sorted(keys)),
            Delivery.method == "post",
            Delivery.state == "sent",
        )
    )
    return {
        key: f"{url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}?thread_ts={first or ts}&cid={channel}"
        for key, url, channel, ts, first in found
        if url and channel and ts
    }
