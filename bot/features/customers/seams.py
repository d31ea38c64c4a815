"""What whoever drives an import (the command line, Slack) sees of it, and who hears of a new account manager."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.core.ids import NewId
    from bot.db.engine import Sessions
    from bot.features.customers.rules import CustomerCard
    from bot.slack.kit import Element
    from bot.slack.words import Words

Progress = Callable[[int, int], None]


class CardButtons(Protocol):
    """Further buttons about a customer, such as *Adopt*, where this reader could use them. `user` "": everybody in a
    channel reads it."""

    async def __call__(
        self, session: AsyncSession, words: Words, customer: CustomerCard, *, user: str
    ) -> Sequence[Element]: ...


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A customer whose account manager became somebody else: by an import, by an admin, once people of a file are known
    in Slack, and when one has left (`after` None) or is back. `before` and `after` are Slack ids; None: nobody who can
    be reached."""

    customer_id: str
    before: str | None
    after: str | None


class ManagerChanged(Protocol):
    """Called in the transaction that changed it, with up to `matching.AT_ONCE` customers: an import may move thousands,
    of which few matter, and nobody else can write on SQLite meanwhile."""

    async def __call__(self, session: AsyncSession, ws: str, moved: Sequence[Moved], *, now: datetime) -> None: ...


class Picture(Protocol):
    """Re-encoded bytes and their hash."""

    @property
    def hash(self) -> str: ...
    @property
    def mimetype(self) -> str: ...
    @property
    def data(self) -> bytes: ...


ReadPicture = Callable[[Path], Picture]  # raises ValueError saying what is wrong with the file


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """`line` is where the row begins; `column` the header, "" where it is about the whole row."""

    file: str
    line: int
    column: str
    why: str
    cure: str


@dataclass(frozen=True, kw_only=True)
class NamingQuestion:
    """A customer of whom no admin has said whether it may be named. `customer_id` None: not written (a dry run)."""

    customer_id: str | None
    name: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """`written` False: a dry run, or refused as a whole (`strict` with a bad row, an unusable file).

    `refused` has one entry for every cell that is wrong, `refused_rows` counts rows. `questions` holds the first 100;
    `unanswered` says how many there are in all.
    """

    what: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()
    refused_rows: int = 0
    warnings: tuple[str, ...] = ()
    questions: tuple[NamingQuestion, ...] = ()
    unanswered: int = 0
    written: bool = False
    dry_run: bool = False


class Importer(Protocol):
    @property
    def what(self) -> str:
        """The word after `canteen import`."""
        ...

    async def run(
        self,
        edge_sessions: Sessions,
        path: Path,
        *,
        workspace_id: str,
        by: str,
        dry_run: bool,
        strict: bool,
        now: datetime,
        new_id: NewId,
        progress: Progress,
    ) -> Report:
        """Rows that the file does not have are left alone; the same file twice changes nothing. All of it is
        written in one transaction, and recorded under `what`, `by` and `now`. `progress` is told done and total, in
        steps of no particular unit, perhaps from another thread. Never raises for what is wrong with the file."""
        ...


@runtime_checkable
class Droppable(Protocol):
    """An `Importer` whose files are single ones, so that an admin may drop one into the direct message with Canteen."""

    @property
    def what(self) -> str: ...

    def suits(self, path: Path) -> int:
        """How well the file fits, by its name and its beginning: 0 not at all; for tables how many column names this
        importer knows. The one with the highest number gets the file; where two are equal the admin is asked."""
        ...
