"""What a feature implements to hear what people write below its own direct messages (wiring registers them)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from bot.delivery.queue import Owed
    from bot.features.questions.rules import Heard


class ThreadOwner(Protocol):
    @property
    def kinds(self) -> Collection[str]:
        """Of deliveries whose threads are this feature's."""
        ...

    async def on_message(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        """Written, edited or deleted in the thread below `owed`, in the transaction that stores the event. The same
        message may come twice under two event ids: its own key is `heard.message`."""
        ...


ChannelOfPost = Callable[[AsyncSession, str, str], Awaitable[str | None]]
"""With a session, a workspace and a post's id: where the post stands, for the channel's totals."""
