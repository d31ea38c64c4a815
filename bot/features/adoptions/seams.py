"""What features above implement so that adoptions can show and tell what they cannot import (wiring registers them)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.adoptions.rules import Adoption


@dataclass(frozen=True, kw_only=True)
class News:
    """The latest of a customer. `headline` "" where it has none."""

    at: datetime
    headline: str


LatestNews = Callable[[AsyncSession, str, Collection[str]], Awaitable[Mapping[str, News]]]
"""With a session, a workspace and customers' ids: the latest news of each that has any."""


class Adopted(Protocol):
    """Called in the transaction that gave somebody a customer."""

    async def __call__(self, session: AsyncSession, adoption: Adoption, *, now: datetime) -> None: ...


class Ended(Protocol):
    """Called in the transaction that ended an adoption; `adoption.ended_why` says why."""

    async def __call__(self, session: AsyncSession, adoption: Adoption, *, now: datetime) -> None: ...


async def no_news(session: AsyncSession, ws: str, customer_ids: Collection[str]) -> Mapping[str, News]:  # noqa: ARG001
    """Until a feature that has news is registered."""
    return {}
