"""The three questions: when they are asked, who has answered, what may be shown, and who starts when. Pure."""

import hashlib
import hmac
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.core.times import due_on

QUESTIONS = ("who", "why", "what")  # who our customers are, why they buy, what my work does for them
LOWEST, HIGHEST = 1, 5
LEAST = 5  # answers to a question before anything of it is shown or kept
MARK = 12  # bytes
MORNING, EVENING = time(8), time(18)
SOON = timedelta(hours=12)
FEWEST_DRAWN, MOST_WEEKS = 2, 26


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """From config/defaults.toml, `[pulse]`."""

    lead: timedelta = timedelta(days=3)  # asked so long before a channel's first post
    open_for: timedelta = timedelta(days=7)
    every: timedelta = timedelta(days=91)
    again_before_start: timedelta = timedelta(days=28)


@dataclass(frozen=True, kw_only=True)
class Round:
    id: str
    workspace_id: str
    channel_id: str
    number: int
    before_posts: bool
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    key: str | None = None

    def is_open(self, now: datetime) -> bool:
        return self.closed_at is None and now < self.closes_at


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Of one question: `answers`, and the sum of the points from 1 to 5."""

    answers: int = 0
    points: int = 0

    @property
    def average(self) -> float:
        return self.points / self.answers


Totals = Mapping[str, Tally]


class Outcome(Enum):
    """What became of somebody's answers. ALREADY is also what a repeat of the same submission gets."""

    COUNTED = "counted"
    ALREADY = "already"
    CLOSED = "closed"
    NOTHING = "nothing"
    NOT_THERE = "not_there"


# -- answers ----------------------------------------------------------------------------------------------------------


def read_answers(chosen: Mapping[str, str]) -> dict[str, int]:
    """Only what is one of the questions and on its scale: nothing has to be answered."""
    found = {question: chosen.get(question, "") for question in QUESTIONS}
    scale = {str(value) for value in range(LOWEST, HIGHEST + 1)}
    return {question: int(value) for question, value in found.items() if value in scale}


def counted(totals: Totals, answers: Mapping[str, int]) -> dict[str, Tally]:
    """The totals with one more person's answers."""
    return {
        question: Tally(
            answers=totals.get(question, Tally()).answers + (question in answers),
            points=totals.get(question, Tally()).points + answers.get(question, 0),
        )
        for question in QUESTIONS
    }


def shown(totals: Totals) -> dict[str, Tally]:
    """What may be kept and shown of a round that has closed."""
    return {question: tally for question, tally in totals.items() if tally.answers >= LEAST}


def mark(key: str, secret: bytes, user_id: str) -> bytes:
    """Stands for a person in one round. `key` lies in the database until the round closes, `secret` never does: with
    one of them alone nobody can tell whose mark it is."""
    inner = hmac.new(secret, key.encode(), hashlib.sha256).digest()
    return hmac.new(inner, user_id.encode(), hashlib.sha256).digest()[:MARK]


def with_mark(marks: bytes, one: bytes) -> bytes | None:
    """The sorted marks with one more; None where it is among them. Sorted: no order says who came when."""
    place = (
        bisect_left(range(len(marks) // MARK), one, key=lambda number: marks[number * MARK : (number + 1) * MARK])
        * MARK
    )
    return None if marks[place : place + MARK] == one else marks[:place] + one + marks[place:]


def has_mark(marks: bytes, one: bytes) -> bool:
    return with_mark(marks, one) is None


# -- when -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What decides whether a channel's people are asked now. `first_due`: its first post, None where it has had one.
    `together`: the first day on which any channel of its draw starts. `last`: when it was asked last."""

    zone: str
    first_due: datetime | None
    together: date | None = None
    last: datetime | None = None


def closing(asked: Asked, now: datetime, defaults: Defaults) -> datetime | None:
    """When a round that opens now closes; None where none is due now.

    The first is due `lead` before the first post and closes with it, but not before it has been open for `lead`.
    Channels of one draw are asked together, and once more before their own start. Then comes one every quarter.
    """
    if asked.last is not None and now - asked.last >= defaults.every:
        return now + defaults.open_for if _by_day(now, asked.zone) else None
    due = _first(asked, defaults)
    if due is None or now < due - defaults.lead:
        return None
    if due - now > SOON and not _by_day(now, asked.zone):
        return None
    return max(due, now + defaults.lead)


def _first(asked: Asked, defaults: Defaults) -> datetime | None:
    """The start that the people are to be asked before."""
    if asked.first_due is None:
        return None
    if asked.last is not None:
        asked_lately = asked.first_due - defaults.lead - asked.last < defaults.again_before_start
        return None if asked_lately else asked.first_due
    local = asked.first_due.astimezone(ZoneInfo(asked.zone))
    together = due_on(asked.together, local.time(), asked.zone) if asked.together else None
    return min(asked.first_due, together or asked.first_due)


def _by_day(now: datetime, zone: str) -> bool:
    return MORNING <= now.astimezone(ZoneInfo(zone)).time() < EVENING


# -- channels that start one after the other --------------------------------------------------------------------------


def drawn(seed: str, channels: Iterable[str], *, first_day: date, weeks: int) -> dict[str, date]:
    """The first day of each channel, spread over `weeks`: the same for the same seed, channels, day and weeks, in
    whatever order the channels are named."""
    order = sorted(set(channels), key=lambda one: hashlib.sha256(f"{seed}\n{one}".encode()).hexdigest())
    return {one: first_day + timedelta(weeks=place * weeks // len(order)) for place, one in enumerate(order)}


@dataclass(frozen=True, kw_only=True)
class Draw:
    """As recorded: `seed`, `channels`, `first_day` and `weeks` give `drawn`, the first day of each channel."""

    id: str
    seed: str
    first_day: date
    weeks: int
    channels: Sequence[str]
    drawn: Mapping[str, date]
    drawn_at: datetime
    drawn_by: str


# -- what may be compared ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A round that has closed, with what may be shown of it."""

    round: Round
    totals: Totals


def change(earlier: Totals, later: Totals) -> dict[str, float]:
    """By question, where both have enough answers."""
    return {one: later[one].average - earlier[one].average for one in QUESTIONS if one in earlier and one in later}


def baseline_of(rounds: Sequence[Closed]) -> Closed | None:
    """The first round before any post with something to show; without one the first of all."""
    useful = [one for one in rounds if one.totals]
    return next((one for one in useful if one.round.before_posts), useful[0] if useful else None)


def comparison(others: Iterable[Sequence[Closed]], *, until: datetime, least: int = 1) -> dict[str, float]:
    """The mean change, by question, in at least `least` channels while they had not started: from their first to their
    last round before any post, opened until then. Only channels that show both rounds by themselves count: nothing can
    be worked out of the mean that is not shown."""
    changes: dict[str, list[float]] = {}
    for rounds in others:
        waiting = [one for one in rounds if one.round.before_posts and one.totals and one.round.opened_at <= until]
        if len(waiting) > 1:
            for question, by in change(waiting[0].totals, waiting[-1].totals).items():
                changes.setdefault(question, []).append(by)
    return {question: sum(found) / len(found) for question, found in changes.items() if len(found) >= least}


@dataclass(frozen=True, kw_only=True)
class Result:
    """What may be seen of one channel. `latest`: the newest round with something to show; `change`: by question, since
    the baseline; `elsewhere`: the same in channels of its draw that had not started. `too_few`: the newest round had
    fewer than five answers to everything. `open_until`: a round is open, of which nothing is shown."""

    channel_id: str
    latest: Closed | None = None
    is_baseline: bool = False
    change: Mapping[str, float] = field(default_factory=dict)
    elsewhere: Mapping[str, float] = field(default_factory=dict)
    too_few: bool = False
    open_until: datetime | None = None
