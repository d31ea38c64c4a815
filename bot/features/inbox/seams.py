"""What a kind of content implements so that editors can write, preview, approve and schedule it in the inbox.

Naming one (in `registry/seams.py`) is all it takes: `inbox_handlers.register(..., kinds=[...])`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.inbox.rules import Content, Draft

if TYPE_CHECKING:
    from bot.core.ids import NewId
    from bot.slack.kit import Block, Message
    from bot.slack.payloads import Submission
    from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class ReadForm:
    """What a submitted form says: the content, or the errors by block id, in the editor's words. With errors the form
    keeps all that was typed. `files`: Slack's file objects out of a `file_input`."""

    content: Content | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When and where an approved draft is posted. Without channels it is left to the chooser."""

    channel_ids: tuple[str, ...] = ()
    at: datetime | None = None


class DraftKind(Protocol):
    """Everything runs in the caller's transaction. `draft` holds what was stored last; a form for something new gets
    one with empty content, and the id ""."""

    @property
    def name(self) -> str:
        """story, news, question: `Draft.kind`."""
        ...

    @property
    def can_schedule(self) -> bool:
        """Whether `publish` heeds a plan; otherwise approving offers only the chooser."""
        ...

    def label(self, words: Words) -> str:
        """For menus and lists: "Story"."""
        ...

    async def form(self, session: AsyncSession, draft: Draft, words: Words) -> Sequence[Block]:
        """The input blocks of the editor's modal with what is known filled in; at most 90. Block ids are the kind's own
        and do not begin with "inbox"."""
        ...

    async def read(self, session: AsyncSession, draft: Draft, given: Submission, words: Words) -> ReadForm:
        """Everything that Slack or a reader could not take is an error here, never at send."""
        ...

    async def why_unfinished(self, session: AsyncSession, draft: Draft, words: Words) -> str | None:
        """What still has to be written before it can be approved, as a sentence; None where it is ready. An offered
        draft may be unfinished, what `read` let through is not."""
        ...

    async def preview(self, session: AsyncSession, draft: Draft, words: Words) -> Message:
        """The post as it will look: made by the very function that makes the post."""
        ...

    def for_approver(self, draft: Draft, words: Words) -> str:
        """What the preview must not show and an approver has to know, such as a quiz's right answer; "" for nothing."""
        ...

    async def opened(self, session: AsyncSession, draft: Draft, words: Words, *, by: str) -> str:
        """Called whenever `by` is shown `form` or `for_approver`, so that the kind can remember who knows what; what
        they are told above it, "" for nothing."""
        ...

    async def why_not_planned(self, session: AsyncSession, draft: Draft, plan: Plan, words: Words) -> str | None:
        """Why it cannot be posted there and then, as a sentence that names the channel; None where it can. The channels
        are configured ones and the time is to come."""
        ...

    async def publish(
        self, session: AsyncSession, draft: Draft, plan: Plan, *, by: str, now: datetime, new_id: NewId
    ) -> str:
        """Put it where the chooser finds it, and owe the posts of the plan; the id of what it became. Called once for
        each draft, with the plan's channels and time checked."""
        ...


@runtime_checkable
class Corrects(DraftKind, Protocol):
    """A kind whose posts editors correct where they stand, in its own form."""

    @property
    def prefix(self) -> str:
        """What ids of posted things begin with while they are corrected: "story" in "story:abc". Kinds may share it."""
        ...

    async def as_draft(self, session: AsyncSession, ws: str, posted: str, *, now: datetime) -> Draft | None:
        """What was posted, with the id "<prefix>:<posted>"; None where it is not there, or another kind's."""
        ...

    def about_correcting(self, words: Words) -> str:
        """Above the form."""
        ...

    async def standing_in(self, session: AsyncSession, draft: Draft) -> int:
        """In how many places it stands or is about to."""
        ...

    async def correct(
        self, session: AsyncSession, draft: Draft, *, by: str, now: datetime, new_id: NewId
    ) -> int | None:
        """A draft from `as_draft` with its content changed: in every place, and how many; None as in `as_draft`."""
        ...
