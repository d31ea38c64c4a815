"""Which question a channel gets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bot.core.languages import speaks
from bot.features.quizzes.rules import USUAL, Limits


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A question of the bank as the choice sees it. `nameable`: its customer may be named in channels (true where it
    has none). `makers`: the teams that make its product, or products its customer uses. `open_since`: it is being asked
    somewhere, since then. `revealed_at`: when it was last revealed anywhere."""

    question_id: str
    nameable: bool = True
    about_customer: bool = False
    consent: str = "internal"
    makers: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ("en",)
    open_since: datetime | None = None
    revealed_at: datetime | None = None
    taken_until: datetime | None = None  # this channel had it; not again before then


@dataclass(frozen=True, kw_only=True)
class Place:
    """The channel: `public_only` as its audience has it."""

    workspace_id: str
    channel_id: str
    locale: str
    team_ids: frozenset[str] = frozenset()
    public_only: bool = False
    outsiders: bool = False


def why_not(candidate: Candidate, place: Place) -> str | None:
    """The code why this question must not be asked in this channel; None where it may."""
    if not candidate.nameable:
        return "not_nameable"
    if place.outsiders and candidate.about_customer:
        return "outsiders"
    if place.public_only and candidate.consent != "public":
        return "consent"
    return None


def still_open(place: Place, bank: Sequence[Candidate], *, due_at: datetime, limits: Limits = USUAL) -> list[Candidate]:
    """What the channel could get then. What is being asked elsewhere can only be joined soon after it began: otherwise
    the channel that began would wait ever longer for its answer."""
    return [
        one
        for one in bank
        if why_not(one, place) is None
        and not (one.taken_until is not None and due_at < one.taken_until)
        and not (one.open_since is not None and abs(due_at - one.open_since) > limits.together)
    ]


def choose(place: Place, bank: Sequence[Candidate], *, due_at: datetime, limits: Limits = USUAL) -> str | None:
    """What is being asked elsewhere first (the question of the day is everybody's), then what its teams make, what was
    revealed nowhere, what speaks its language; by lot among equals, the same for the same workspace and time."""

    def rank(one: Candidate) -> tuple[object, ...]:
        return (
            one.open_since is None,
            one.revealed_at is not None,
            not one.makers & place.team_ids,
            one.revealed_at.timestamp() if one.revealed_at else 0.0,
            not speaks(one.languages, place.locale),
            sha256(f"{place.workspace_id} {due_at.timestamp():.3f} {one.question_id}".encode()).hexdigest(),
        )

    possible = still_open(place, bank, due_at=due_at, limits=limits)
    return min(possible, key=rank).question_id if possible else None
