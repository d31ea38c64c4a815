"""What an import has come to so far, and what its writers are handed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.texts import Text, worded
from bot.features.customers.importing.changes import Change, Staged, Target
from bot.features.customers.importing.columns import Columns
from bot.features.customers.importing.rows import Row
from bot.features.customers.seams import NamingQuestion, Refusal

MOST_QUESTIONS = 100


@dataclass(kw_only=True)
class Tally:
    """The one thing that changes while an import runs."""

    file: str
    columns: Columns | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list)
    refused_rows: int = 0
    unanswered: int = 0
    questions: list[NamingQuestion] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)  # customers of whom the file says whether they may be named
    _warned: dict[Text, tuple[int, int]] = field(default_factory=dict)

    def fresh(self) -> "Tally":
        """For one transaction, to be taken once it stands."""
        return Tally(file=self.file, columns=self.columns)

    def refuse(self, line: int, problems: Sequence[tuple[str, Text, Text]]) -> None:
        """One row, with (field, why, cure) of each thing wrong with it."""
        self.refused_rows += 1
        for name, why, cure in problems:
            column = self.columns.header_of(name) if self.columns and name else ""
            self.refused.append(Refusal(file=self.file, line=line, column=column, why=why, cure=cure))

    def warn(self, text: Text, line: int = 0) -> None:
        """The same text is told once, with the first line and how many more."""
        first, count = self._warned.get(text, (line, 0))
        self._warned[text] = (first, count + 1)

    def take(self, part: "Tally", *, warnings: bool = True) -> None:
        """What one transaction has come to, once it stands."""
        self.added += part.added
        self.changed += part.changed
        self.unchanged += part.unchanged
        self.refused_rows += part.refused_rows
        self.refused += part.refused
        self.unanswered += part.unanswered
        self.questions = [one for one in (*self.questions, *part.questions) if one.customer_id not in part.answered]
        del self.questions[MOST_QUESTIONS:]
        for text, (line, count) in part._warned.items() if warnings else ():
            first, so_far = self._warned.get(text, (line, 0))
            self._warned[text] = (first, so_far + count)

    def ask(self, question: NamingQuestion) -> None:
        self.unanswered += 1
        if len(self.questions) < MOST_QUESTIONS:
            self.questions.append(question)

    def warnings(self) -> tuple[str, ...]:
        return tuple(_told(text, line, count) for text, (line, count) in self._warned.items())


def _told(text: Text, line: int, count: int) -> Text:
    if not line:
        return text
    if count == 1:
        return worded("line {line}: {text}", line=str(line), text=text)
    return worded("line {line} and {count} more: {text}", line=str(line), count=count - 1, text=text)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some of an import's rows in a transaction. `dry_run`: nothing of this import is ever written."""

    session: AsyncSession
    workspace_id: str
    dry_run: bool
    now: datetime
    new_id: NewId
    tally: Tally


class Writer(Protocol):
    """Made afresh for every import, so that it may remember what it has looked up."""

    @property
    def target(self) -> Target: ...

    async def prepare(self, rows: Sequence[Row], *, folder: Path, tally: Tally) -> None:
        """Before the transaction in which these rows are compared: whatever takes long. `folder` is where the file
        lies: paths in it begin there."""
        ...

    async def start(self, job: Job) -> None:
        """Before rows are compared, and once more after all is written."""
        ...

    async def compare(self, job: Job, rows: Sequence[Row]) -> Sequence[Change]:
        """Count and refuse these rows; keys do not repeat. Gives what is to be written of them. A transaction that is
        done again hands the same rows again, as does one that writes where they are not what they were."""
        ...

    async def write(self, job: Job, staged: Staged) -> None:
        """Apply all that `compare` gave, and do what follows from it."""
        ...
