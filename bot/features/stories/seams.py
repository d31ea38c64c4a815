"""What other features are told about stories (wiring registers them)."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.stories.rules import Post


class Posted(Protocol):
    """Called when a post has come to stand in its channel, in the transaction that notes it. Once for each post."""

    async def __call__(self, session: AsyncSession, post: Post, *, now: datetime) -> None: ...
