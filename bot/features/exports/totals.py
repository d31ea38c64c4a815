"""Totals of channels by month: nobody is named, and what could be about one person is left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import IO, TYPE_CHECKING

from bot.core.spreadsheet import sheet
from bot.features.exports import store
from bot.features.exports.rules import ENOUGH

if TYPE_CHECKING:
    from bot.db.engine import Sessions
    from bot.slack.words import Words

POSTS, READS, QUESTIONS = "post", "open", "question"  # what channels count by week
Month = tuple[int, int]


@dataclass(kw_only=True)
class Counted:
    """Of one channel in one month. `rounds`: quizzes whose results came out in it; `most`: answers of the largest."""

    weekly: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    answers: int = 0
    most: int = 0


@dataclass(frozen=True, kw_only=True)
class TotalsFile:
    """`channels`: names by id, of those whose totals the reader may have."""

    sessions: Sessions
    workspace_id: str
    channels: Mapping[str, str]
    words: Words

    async def write(self, into: IO[bytes]) -> None:
        say = self.words.say
        columns = [
            say("month"), say("channel"), say("posts"), say("whole stories read"), say("questions asked"),
            say("quizzes"), say("quiz answers"),
        ]  # fmt: skip
        counted = await self._counted()
        with sheet(into, columns) as add:
            for (year, month), channel in sorted(counted, key=lambda key: (key[0], self.channels[key[1]], key[1])):
                one = counted[(year, month), channel]
                add(
                    f"{year}-{month:02}",
                    f"#{self.channels[channel]}",
                    one.weekly[POSTS],
                    self._shown(one.weekly[READS]),
                    self._shown(one.weekly[QUESTIONS]),
                    one.rounds,
                    self._shown(one.answers, of=one.most),
                )

    def _shown(self, number: int, *, of: int | None = None) -> int | str:
        """None is told of nobody in particular."""
        enough = (number if of is None else of) >= ENOUGH
        return number if enough or not number else self.words.say("fewer than {n}", n=self.words.number(ENOUGH))

    async def _counted(self) -> dict[tuple[Month, str], Counted]:
        """A week counts in the month of its Monday, a quiz in the month its result came out."""
        counted: dict[tuple[Month, str], Counted] = {}
        async for rows in store.weeks(self.sessions, self.workspace_id, self.channels):
            for channel, week, what, count in rows:
                counted.setdefault((_month(week), channel), Counted()).weekly[what] += count
        async for rows in store.revealed(self.sessions, self.workspace_id):
            months = {row.id: _month(row.revealed_at.astimezone(UTC).date()) for row in rows}
            async with self.sessions.begin() as session:
                found = await store.answered(session, months, self.channels)
            for quiz, channel, answers in found:
                one = counted.setdefault((months[quiz], channel), Counted())
                one.rounds += 1
                one.answers += answers
                one.most = max(one.most, answers)
        return counted


def _month(day: date) -> Month:
    return day.year, day.month
