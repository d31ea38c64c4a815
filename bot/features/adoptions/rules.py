"""What an adoption is, when somebody may have a customer, and what a hat draw is. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

PRESS, COMMAND, HAT, SWAP = "press", "command", "hat", "swap"
OWN, BY_MANAGER, BY_ADMIN, SWAPPED, LEFT = "own", "manager", "admin", "swapped", "left"
OPEN, DRAWN, CANCELLED = "open", "drawn", "cancelled"

MOST_OF_ONE = 12  # customers that one person can follow
NOT_GIVEN_AGAIN = timedelta(days=30)  # by a hat, after an end; by one's own press only after somebody else ended it
PAUSE_SHORT, PAUSE_LONG = timedelta(days=14), timedelta(days=60)
MOST_DATES = 3
VISIT_AHEAD = timedelta(days=365)
LONGEST_TEXT = 500
SOONEST_DRAW, LATEST_DRAW = timedelta(minutes=1), timedelta(days=60)
TALLY_EVERY = timedelta(seconds=15)  # of one hat's message: edits are few for a whole workspace


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """`via`: press, command, hat, swap. `paused_until` in the past counts no more."""

    id: str
    workspace_id: str
    customer_id: str
    user_id: str
    since: datetime
    via: str
    paused_until: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str | None = None
    draw_id: str | None = None
    hello_at: datetime | None = None

    def is_paused(self, now: datetime) -> bool:
        return self.paused_until is not None and self.paused_until > now

    @property
    def is_active(self) -> bool:
        return self.ended_at is None


class Outcome(Enum):
    """What became of a wish to adopt."""

    ADOPTED = "adopted"
    ALREADY = "already"
    FULL = "full"  # the customer has as many adopters as it may have
    ENOUGH = "enough"  # the person has as many customers as one can follow
    NOT_ADOPTABLE = "not_adoptable"
    OWN_CUSTOMER = "own_customer"
    ENDED_LATELY = "ended_lately"  # by the account manager or an admin
    NOT_FOR_GUESTS = "not_for_guests"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is known when somebody wants a customer. `ended_at`, `ended_why`: their last end with this customer."""

    adoptable: bool
    confidential: bool
    limit: int | None
    adopters: int
    has_it: bool
    held: int
    manages: bool
    ended_at: datetime | None = None
    ended_why: str | None = None


def ended_for_now(ended_at: datetime | None, why: str | None, *, now: datetime) -> bool:
    """Whether somebody else ended it so lately that the person does not get the customer back, by a swap neither."""
    return ended_at is not None and why in {BY_MANAGER, BY_ADMIN} and now - ended_at < NOT_GIVEN_AGAIN


def outcome(asked: Asked, *, now: datetime) -> Outcome:
    """For a member of this company who may read the customer's name."""
    if asked.has_it:
        return Outcome.ALREADY
    if asked.manages:
        return Outcome.OWN_CUSTOMER
    if not asked.adoptable or asked.confidential:
        return Outcome.NOT_ADOPTABLE
    if ended_for_now(asked.ended_at, asked.ended_why, now=now):
        return Outcome.ENDED_LATELY
    if asked.limit is not None and asked.adopters >= asked.limit:
        return Outcome.FULL
    return Outcome.ENOUGH if asked.held >= MOST_OF_ONE else Outcome.ADOPTED


class Ended(Enum):
    DONE = "done"
    ALREADY = "already"
    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Of the customers in a hat; None: any."""

    product: str | None = None
    industry: str | None = None
    country: str | None = None

    def as_json(self) -> dict[str, Any]:
        given = {"product": self.product, "industry": self.industry, "country": self.country}
        return {name: value for name, value in given.items() if value}


def filters_of(stored: Mapping[str, Any]) -> Filters:
    return Filters(product=stored.get("product"), industry=stored.get("industry"), country=stored.get("country"))


@dataclass(frozen=True, kw_only=True)
class Hat:
    """A hat draw. `inputs` and `result` are set once it is drawn."""

    id: str
    workspace_id: str
    channel_id: str
    opened_by: str
    opened_at: datetime
    filters: Filters
    draw_at: datetime
    state: str
    seed: str
    ended_at: datetime | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Entry:
    user_id: str
    is_in: bool
    named: bool


class HatAnswer(Enum):
    """What somebody is told who pressed *I'm in*, *Not me* or *Name me*."""

    IN = "in"
    OUT = "out"
    NAMED = "named"
    NOT_NAMED = "not_named"
    OVER = "over"
    CANCELLED = "cancelled"
    NOT_FOR_GUESTS = "not_for_guests"
    NOT_FOUND = "not_found"


class HatProblem(Enum):
    """Why a hat cannot be opened or cancelled."""

    NOT_ALLOWED = "not_allowed"
    NOT_FOUND = "not_found"
    NO_CUSTOMERS = "no_customers"
    TOO_SOON = "too_soon"
    TOO_LATE = "too_late"
    OUTSIDERS = "outsiders"
    ONE_IS_OPEN = "one_is_open"
    OVER = "over"


def when_problem(draw_at: datetime, now: datetime) -> HatProblem | None:
    if draw_at < now + SOONEST_DRAW:
        return HatProblem.TOO_SOON
    return HatProblem.TOO_LATE if draw_at > now + LATEST_DRAW else None


def next_tally(now: datetime) -> datetime:
    """When a hat's message may next say how many are in: the same moment for all presses until then, so that they make
    one edit and a steady stream of presses does not put it off for ever."""
    step = int(TALLY_EVERY.total_seconds())
    left = -int(now.timestamp()) % step or step
    return now.replace(microsecond=0) + timedelta(seconds=left)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """`state`: with_manager, with_adopter, agreed, declined, over. `dates` and `note` are of whoever wrote last."""

    id: str
    workspace_id: str
    adoption_id: str
    manager: str
    dates: tuple[date, ...]
    note: str
    state: str
    turn: int
    agreed_on: date | None = None


WITH_MANAGER, WITH_ADOPTER, AGREED, DECLINED, OVER = "with_manager", "with_adopter", "agreed", "declined", "over"


class DateProblem(Enum):
    NONE = "none"
    PAST = "past"
    FAR = "far"


def dates_problem(dates: tuple[date, ...], today: date) -> DateProblem | None:
    if not dates:
        return DateProblem.NONE
    if min(dates) <= today:
        return DateProblem.PAST
    return DateProblem.FAR if max(dates) > today + VISIT_AHEAD else None


@dataclass(frozen=True, kw_only=True)
class Swap:
    """`state`: asked, agreed, declined, over."""

    id: str
    workspace_id: str
    adoption_id: str
    asked: str
    state: str


class SwapOutcome(Enum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    NOTHING_TO_SWAP = "nothing_to_swap"
    NOT_WITH_YOURSELF = "not_with_yourself"
    OVER = "over"
    NOT_FOUND = "not_found"
