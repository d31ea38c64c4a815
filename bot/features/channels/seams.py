"""What a kind of content implements so that channels can schedule, preview and recall what they cannot import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.channels.rules import QUIZ_WINDOW

if TYPE_CHECKING:
    from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class Audience:
    """A channel as content sees it. `has_guests`: people of other companies or guests may read here; then only what has
    public consent, unless `guests_see_internal`. `outsiders` (Slack Connect): nothing that names a customer.
    `quiz_window`: how long a quiz stays open; `guests_answer`: whether guests' answers to it count."""

    workspace_id: str
    channel_id: str
    name: str
    zone: str
    locale: str
    team_ids: frozenset[str]
    has_guests: bool
    guests_see_internal: bool
    outsiders: bool
    quiz_window: timedelta = QUIZ_WINDOW
    guests_answer: bool = False

    @property
    def public_only(self) -> bool:
        return self.outsiders or (self.has_guests and not self.guests_see_internal)


@dataclass(frozen=True, kw_only=True)
class Due:
    """One occurrence that content is asked to fill."""

    occurrence_id: str
    kind: str
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be chosen. `headline` None: nothing left, `why` says so. Both in the words that were passed in."""

    due_at: datetime
    headline: str | None
    why: str


class ContentKind(Protocol):
    @property
    def name(self) -> str:
        """The slot's kind: "story", "news"."""
        ...

    @property
    def lateness(self) -> timedelta:
        """Later than this an occurrence is skipped and recorded."""
        ...

    def label(self, words: Words) -> str: ...

    async def preview(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Sequence[Preview]:
        """For each of `due`, in order, as if the ones before had been posted. Writes nothing."""
        ...

    async def planned(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Mapping[str, Preview]:
        """By occurrence, what is owed for times that editors chose, as far as it still is; `headline` None where it
        could not be posted there as things are now. Writes nothing."""
        ...

    async def fill(self, session: AsyncSession, audience: Audience, due: Due, *, now: datetime) -> str | None:
        """Choose and owe the post, in the caller's transaction; None, or the code why there is nothing
        (`nothing_left`). Tells the editors itself when nothing is left."""
        ...

    async def test_post(
        self, session: AsyncSession, audience: Audience, *, to_user: str, request: str, now: datetime
    ) -> bool:
        """Owe the person a DM with what would come next in that channel; False where nothing is left."""
        ...

    async def left(self, session: AsyncSession, audience: Audience, *, now: datetime) -> int:
        """How many items the channel could still get (for "weeks of content left")."""
        ...
