"""What features above implement so that adoptions can show and tell what they cannot import (wiring registers them)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class News:
    """The latest of a customer. `headline` "" where it has none."""

    at: datetime
    headline: str


LatestNews = Callable[[AsyncSession, str, Collection[str]], Awaitable[Mapping[str, News]]]
"""With a session, a workspace and customers' ids: the latest news of each that has any."""


async def no_news(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> Mapping[str, News]:  # noqa: ARG001
    """Until a feature that has news is registered."""
    return {}
