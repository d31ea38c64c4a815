"""By the clock: pictures that people shared in Slack are fetched and made safe, whichever feature wants them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.edge import Edge
from bot.slack.fetching import Fetched, fetch

AT_ONCE = 10
LEASE = timedelta(minutes=1)


class Due(Protocol):
    @property
    def workspace_id(self) -> str: ...
    @property
    def file_id(self) -> str: ...
    @property
    def url(self) -> str: ...


D = TypeVar("D", bound=Due)


async def fetch_due(
    edge: Edge,
    *,
    now: datetime,
    due: Callable[[AsyncSession, datetime, int], Awaitable[Sequence[D]]],
    change: Callable[..., Awaitable[Any]],
    note: Callable[[AsyncSession, D, Fetched, datetime], Awaitable[None]],
) -> None:
    """`due` gives those whose `try_at` has come, locked; `change(session, ws, file_id, try_at=...)` puts one off;
    `note` says, in a transaction of its own, what became of it."""

    async def take(session: AsyncSession) -> Sequence[D]:
        found = await due(session, now, AT_ONCE)
        for one in found:  # another process, or the next tick, does not take it as well
            await change(session, one.workspace_id, one.file_id, try_at=now + LEASE)
        return found

    async def say(session: AsyncSession, one: D, got: Fetched) -> None:
        await note(session, one, got, now)

    for one in await edge.sessions.run(take):
        got = await fetch(edge.gateway, one.workspace_id, one.url)
        await edge.sessions.run(partial(say, one=one, got=got))
