"""What features implement to be reachable by `/customer` and `/customer-admin` (wiring registers them)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

if TYPE_CHECKING:
    from bot.slack.kit import Message, View
    from bot.slack.payloads import SlashCommand
    from bot.slack.words import Words


PeopleSaved = Callable[[AsyncSession, str], Awaitable[object]]
"""Called with a session and a workspace, in the transaction that saved people: to match what was waiting for them."""


OwnersOfChannels = Callable[[AsyncSession, str], Awaitable[Sequence[tuple[str, Sequence[str]]]]]
"""The ids of a workspace's channels, each with those of its owners: whose role is named where channels are set up."""


NamesOfCustomers = Callable[[AsyncSession, str, Collection[str]], Awaitable[Mapping[str, str]]]
"""Of those ids in a workspace that are customers', by id: for the audit trail that an admin reads."""


@dataclass(frozen=True, kw_only=True)
class Theirs:
    """The ids of the customers that somebody looks after, and of the channels they own."""

    customers: Sequence[str] = ()
    channels: Sequence[str] = ()


ThingsOf = Callable[[AsyncSession, str, str], Awaitable[Theirs]]
"""Of a workspace and a user's id: of what they may read the audit trail."""


class RefreshHome(Protocol):
    """Show these people's Home tabs anew where they are open; in the caller's transaction."""

    async def __call__(self, session: AsyncSession, *, now: datetime, ws: str, users: Collection[str]) -> None: ...


class Unnamed(Protocol):
    """Somebody no longer wants their name in standings and results: taken out where it stands or would come to stand,
    in the caller's transaction."""

    async def __call__(self, session: AsyncSession, ws: str, user: str, *, now: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the person gets, privately: a message, or a modal opened with the command's own trigger."""

    message: Message | None = None
    view: View | None = None


class Command(Protocol):
    """One word after a slash command, such as `find` of `/customer find NAME`."""

    @property
    def command(self) -> str:
        """`/customer` or `/customer-admin`."""
        ...

    @property
    def word(self) -> str:
        """In lower case; "" answers the bare command."""
        ...

    def help(self, words: Words) -> str:
        """One line for the help: `find NAME` and what it does."""
        ...

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        """`rest` is the text after the word. Opens its own transaction.

        Slack may send the same command twice: an effect goes under `invoked.key` (`db.seen`), and the repeat gives the
        reply of the first.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Commands:
    all: Sequence[Command] = field(default_factory=tuple)
