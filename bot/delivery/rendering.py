"""What features implement so that the sender can pay what they owe (wiring registers them by kind)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.queue import Owed
from bot.slack.kit import Message, View


@dataclass(frozen=True, kw_only=True)
class Skip:
    """Not to be sent after all (recalled, paused, no longer true); `reason` is a code kept with the delivery."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Later:
    """Not yet: quiet hours, a picture that is still being processed."""

    until: datetime


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Bytes for Slack, made ahead of the post that shows them."""

    name: str
    data: bytes
    alt: str

    @classmethod
    def of(cls, digest: str, mimetype: str, data: bytes, *, alt: str = "") -> Self:
        """A picture that we keep under the hash of its bytes."""
        return cls(name=f"{digest[:16]}.{'png' if mimetype == 'image/png' else 'jpg'}", data=data, alt=alt)


class TooLargeError(Exception):
    """A document would not fit into what we send."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A file for one person, made just before it is sent and kept nowhere. `make` opens its own transactions, and
    raises `TooLargeError`. A `share` under the upload hands it over."""

    name: str
    make: Callable[[], Awaitable[bytes]]


Rendered = Message | View | Upload | Document | Skip | Later


class Renderer(Protocol):
    """Renders from the *current* state; every method runs in a transaction of the sender's and calls no Slack."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered: ...

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """`owed.channel` and `owed.ts` say where it is now; for an upload `owed.ts` is the file's id."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """Ended without being sent (failed or uncertain); tell the owner here, once, by owing them a message.

        `error` is Slack's code, `late`, or `uncertain`.
        """

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """Dropped before it was sent: `reason` is the renderer's own `Skip.reason`, or `nothing_there` for an update or
        delete of what was never made."""


class Quiet:
    """Of what nobody needs to hear more about; a renderer overrides what it does take note of."""

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """It is where it should be."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """The operator sees it among the failed deliveries."""

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        """Nothing hangs on it."""
