"""What a question and a round of it are, which one a channel gets, and what a press means. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from bot.core.languages import best_language
from bot.core.strings import names_any

KIND = "quiz"
LEAST_OPTIONS, MOST_OPTIONS = 2, 6
ENOUGH = 5  # a spread, and a team, say nothing about one person from five answers on


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From config/defaults.toml, `[quizzes]`. `scores`: whether persons' scores and receipts are shown at all;
    `together`: how long after its first channel others may still join a round."""

    scores: bool = True
    not_again_within: timedelta = timedelta(days=365)
    together: timedelta = timedelta(hours=12)


USUAL = Limits()
LATENESS = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a question says, in one language. `options` in the order they were written in."""

    text: str
    options: tuple[str, ...]
    why: str
    alt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a round asks. `wordings` by language, the original's first; `right` counts in every wording's options."""

    wordings: Mapping[str, Wording]
    right: int
    customer_id: str | None = None
    picture_hash: str | None = None
    picture_url: str | None = None
    source: str | None = None

    @property
    def size(self) -> int:
        return len(next(iter(self.wordings.values())).options)

    def wording(self, locale: str) -> Wording:
        return self.wordings[best_language(tuple(self.wordings), locale)]

    def stored(self) -> dict[str, Any]:
        """As JSON. Languages are a list, since not every JSON type keeps the order of keys."""
        worded = [
            {"language": tag, "text": one.text, "options": list(one.options), "why": one.why, "alt": one.alt}
            for tag, one in self.wordings.items()
        ]
        return {
            "wordings": worded,
            "right": self.right,
            "customer": self.customer_id,
            "picture": self.picture_hash,
            "picture_url": self.picture_url,
            "source": self.source,
        }


def corrected(content: Content, wording: Wording) -> Content:
    """In other words. Translations go where the words change: they would still say what was wrong."""
    language, was = next(iter(content.wordings.items()))
    return content if was == wording else replace(content, wordings={language: wording})


def content_from(stored: Mapping[str, Any]) -> Content:
    """What `Content.stored` gave."""
    return Content(
        wordings={
            one["language"]: Wording(
                text=one["text"], options=tuple(one["options"]), why=one["why"], alt=one.get("alt")
            )
            for one in stored["wordings"]
        },
        right=int(stored["right"]),
        customer_id=stored.get("customer"),
        picture_hash=stored.get("picture"),
        picture_url=stored.get("picture_url"),
        source=stored.get("source"),
    )


def mentions(content: Content, names: Sequence[str]) -> bool:
    """Whether anything that is shown of it, before the answer or with it, mentions one of `names`."""
    return bool(names) and any(
        names_any(said, names)
        for one in content.wordings.values()
        for said in (one.text, *one.options, one.why, one.alt or "", content.source or "")
    )


# -- secrecy ----------------------------------------------------------------------------------------------------------


def secret_of(question_secret: str, occurrence_id: str) -> str:
    """A round's own secret, made from its question's: after a restore from a backup the same round shows the same
    options under the same ids, and the message that is there already still takes answers."""
    return sha256(f"round {question_secret} {occurrence_id}".encode()).hexdigest()


def order_of(secret: str, size: int) -> tuple[int, ...]:
    """The options as shown. Drawn from the secret alone: where the right one stands says nothing."""
    return tuple(sorted(range(size), key=lambda option: _drawn(secret, "order", option)))


def option_id(secret: str, option: int) -> str:
    """What a button carries for an option: nobody without the secret knows which one it is."""
    return _drawn(secret, "option", option)[:24]


def option_of(secret: str, size: int, given: str) -> int | None:
    """The option that a button carried; None for what this round never had."""
    return _options(secret, size).get(given)


@lru_cache(maxsize=256)
def _options(secret: str, size: int) -> Mapping[str, int]:
    """Of the few rounds that are open, for the thousands who press."""
    return {option_id(secret, option): option for option in range(size)}


def _drawn(secret: str, what: str, option: int) -> str:
    return sha256(f"{secret} {what} {option}".encode()).hexdigest()


# -- rounds and presses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Quiz:
    """A round. `result` is None until it is revealed, and of one that was withdrawn."""

    id: str
    workspace_id: str
    question_id: str
    secret: str
    content: Content
    author: str | None
    approver: str | None
    opens_at: datetime
    closes_at: datetime
    editor: str | None = None
    revealed_at: datetime | None = None
    corrected_at: datetime | None = None
    result: "Result | None" = None

    @property
    def is_withdrawn(self) -> bool:
        return self.revealed_at is not None and self.result is None

    def shown_options(self, locale: str) -> list[tuple[str, str]]:
        """Id and words of each option, in the order shown."""
        options = self.content.wording(locale).options
        return [(option_id(self.secret, one), options[one]) for one in order_of(self.secret, self.content.size)]

    def knew(self, user_id: str) -> tuple[bool, bool]:
        """Whether they wrote or changed the question, and whether they approved it."""
        return user_id in {self.author, self.editor}, user_id == self.approver


@dataclass(frozen=True, kw_only=True)
class Post:
    """A round in one channel. `outcome`: sent, uncertain, or why it was never sent; None while it is owed."""

    id: str
    workspace_id: str
    quiz_id: str
    channel_id: str
    locale: str
    zone: str
    due_at: datetime
    closes_at: datetime
    ts: str | None = None
    posted_at: datetime | None = None
    outcome: str | None = None
    shown: int = 0
    tallied_at: datetime | None = None
    shut: bool = False


@dataclass(frozen=True, kw_only=True)
class Click:
    """An option pressed. `value` is what the button carried; `acted_at` Slack's action_ts in microseconds."""

    workspace_id: str
    user_id: str
    outsider: bool
    channel_id: str
    message_ts: str
    value: str
    acted_at: int

    @property
    def post_id(self) -> str:
        return self.value.partition(":")[0]

    @property
    def option_id(self) -> str:
        return self.value.partition(":")[2]


ONLY_A_TEST = "test"  # stands for the post in what a test's buttons carry


def button_value(post_id: str, option: str) -> str:
    return f"{post_id}:{option}"


class Told(Enum):
    """What somebody who pressed is told."""

    COUNTED = "counted"
    CLOSED = "closed"  # the answer is not out yet
    REVEALED = "revealed"  # it is
    COPY = "copy"  # pressed on a copy of the message
    UNKNOWN = "unknown"
    OUTSIDER = "outsider"
    GUEST = "guest"
    NOT_A_PERSON = "not_a_person"
    KNEW = "knew"  # they wrote or approved the question, or were shown its answer


def micros(action_ts: str) -> int | None:
    """Slack's "1700000000.123456" in microseconds; None for what is not one."""
    seconds, _, rest = action_ts.partition(".")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        return None
    if rest and not (rest.isascii() and rest.isdigit()):
        return None
    return int(seconds) * 1_000_000 + int(rest[:6].ljust(6, "0"))


def refused_press(click: Click, quiz: Quiz, post: Post, *, now: datetime) -> Told | None:
    """`now` is the database's. A copy of the message, forwarded or stale, takes no answers. Its own ts may not be
    stored yet when somebody is very quick."""
    if quiz.is_withdrawn:
        return Told.UNKNOWN
    if quiz.revealed_at is not None:
        return Told.REVEALED
    if now >= post.closes_at:
        return Told.CLOSED
    moved = click.channel_id != post.channel_id or (post.ts is not None and click.message_ts != post.ts)
    return Told.COPY if moved else None


def newest(clicks: Sequence[Click]) -> Click:
    """Of one person's presses the last by Slack's own clock, however they arrived."""
    return max(clicks, key=lambda click: (click.acted_at, click.value))


# -- the result -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Result:
    """Counted once, at the reveal. `winner`: the team that knew best, where at least two had five answers each."""

    counts: tuple[int, ...]
    winner: str | None = None

    @property
    def answered(self) -> int:
        return sum(self.counts)

    @property
    def shows_spread(self) -> bool:
        return self.answered >= ENOUGH

    def stored(self) -> dict[str, Any]:
        return {"counts": list(self.counts), "winner": self.winner}


def result_from(stored: Mapping[str, Any] | None) -> Result | None:
    if stored is None:
        return None
    return Result(counts=tuple(stored["counts"]), winner=stored.get("winner"))


@dataclass(frozen=True, kw_only=True)
class Answer:
    user_id: str
    option: int
    team_id: str | None = None


def result_of(content: Content, answers: Sequence[Answer]) -> Result:
    counts = [0] * content.size
    teams: dict[str, list[bool]] = {}
    for answer in answers:
        counts[answer.option] += 1
        if answer.team_id is not None:
            teams.setdefault(answer.team_id, []).append(answer.option == content.right)
    return Result(counts=tuple(counts), winner=_winner(teams))


def _winner(teams: Mapping[str, Sequence[bool]]) -> str | None:
    """By share of right answers, among teams with five answers or more; nobody where two are equal. Which share it was
    is not said: all of a team would say it about each of its people."""
    shares = sorted(
        ((sum(right) / len(right), team) for team, right in teams.items() if len(right) >= ENOUGH), reverse=True
    )
    if len(shares) < 2 or shares[0][0] == shares[1][0]:
        return None
    return shares[0][1]


def shares(counts: Sequence[int]) -> list[int]:
    """Whole percentages that add up to 100 (largest remainders first), zeros where nobody answered."""
    total = sum(counts)
    if total == 0:
        return [0] * len(counts)
    whole = [count * 100 // total for count in counts]
    by_rest = sorted(range(len(counts)), key=lambda one: (-(counts[one] * 100 % total), one))
    for one in by_rest[: 100 - sum(whole)]:
        whole[one] += 1
    return whole


@dataclass(frozen=True, kw_only=True)
class Record:
    """What somebody did this quarter, for their own eyes."""

    answered: int = 0
    right: int = 0
    named: bool = False
    recent: tuple["Past", ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Past:
    """One answer of somebody's own to a round that was revealed."""

    content: Content
    option: int
    closed_at: datetime

    @property
    def was_right(self) -> bool:
        return self.option == self.content.right
