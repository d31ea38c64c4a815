"""What a feature implements to hear what people write below its own direct messages (wiring registers them)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from bot.delivery.queue import Owed
    from bot.features.questions.rules import Heard
    from bot.slack.kit import Element
    from bot.slack.words import Words


class ThreadOwner(Protocol):
    @property
    def kinds(self) -> Collection[str]:
        """Of deliveries whose threads are this feature's."""
        ...

    async def on_message(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        """Written, edited or deleted in the thread below `owed`, in the transaction that stores the event. The same
        message may come twice under two event ids: its own key is `heard.message`."""
        ...


class DropOwner(Protocol):
    """What a feature implements to take files that people drop into the direct message with Canteen, outside any
    thread (wiring registers them, the first that takes a message has it)."""

    async def takes(self, session: AsyncSession, heard: Heard, *, now: datetime) -> bool:
        """Asked for every message outside threads that carries files, and for every one that was edited or deleted, in
        the transaction that stores the event. True: it is this feature's, and nobody else hears of it; False: nothing
        was changed, or only something that needs no answer. The same message may come twice: its own key is
        `heard.message`. Nothing is downloaded here: a job does that."""
        ...


PictureButton = Callable[["Words", str], "Element"]
"""With the words and the id of a kept text that has pictures: what else may be made of it than a question."""

ChannelOfPost = Callable[[AsyncSession, str, str], Awaitable[str | None]]
"""With a session, a workspace and a post's id: where the post stands, for the channel's totals."""
