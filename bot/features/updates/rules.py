"""What updates, relays and exchanges are, what a form must have, and when a customer is without news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.core.strings import https_url, why_unusable

NEWS, PROGRESS, WIN, PRAISE, COMPLAINT, VISIT, MILESTONE = KINDS = (
    "news",
    "progress",
    "win",
    "praise",
    "complaint",
    "visit",
    "milestone",
)
LONGEST, LONGEST_HEADLINE, MOST_CHANNELS = 3000, 150, 10
LONGEST_EMBARGO = timedelta(days=365)
AT_MOST = 6  # updates in one message: Slack takes 50 blocks
WAITING, OWED, SENT, LEFT_OUT, FAILED = "waiting", "owed", "sent", "left_out", "failed"
HELD, KEPT = "held", "kept"
ASKED, AGREED, DECLINED = "asked", "yes", "no"
REMIND_AT_MOST = 5
UNANSWERED_BEFORE_DEPUTY = 2
WEEK = timedelta(days=7)
WORKS_FROM, WORKS_UNTIL, SATURDAY = time(9), time(17), 5
RECEIPT_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """From config/defaults.toml, `[updates]`. `news_every`: a customer with adopters and no news for so long is due."""

    news_every: timedelta = timedelta(days=21)


@dataclass(frozen=True, kw_only=True)
class Update:
    """`channels`: where it stands or is to. `withdrawn_by` None: its author, or it was not. `recalled_in`: the channels
    out of which an owner took it."""

    workspace_id: str
    id: str
    customer_id: str
    author: str
    kind: str
    headline: str | None
    text: str
    link: str | None
    picture: str | None
    channels: tuple[str, ...]
    offered: bool
    draft_id: str | None
    embargo_until: datetime | None
    at: datetime
    edited: bool
    withdrawn: bool
    receipt_at: datetime | None
    held_back: bool = False
    withdrawn_by: str | None = None
    recalled_in: tuple[str, ...] = ()

    def embargoed(self, now: datetime) -> bool:
        """Nobody may read it yet. One that was held back at the end of its embargo stays so."""
        return self.held_back or (self.embargo_until is not None and now < self.embargo_until)


@dataclass(frozen=True, kw_only=True)
class Relay:
    workspace_id: str
    update_id: str
    user_id: str
    adoption_id: str
    bundle_id: str | None
    state: str
    why: str | None
    thanked_at: datetime | None
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Form:
    """What was typed into the window. `embargo` in UTC; `picture`: Slack's file as (id, url), None where none was
    chosen; `tick`: nothing personal or inside in it."""

    customer_id: str
    text: str
    kind: str = NEWS
    headline: str = ""
    link: str = ""
    channels: tuple[str, ...] = ()
    offer: bool = False
    tick: bool = False
    embargo: datetime | None = None
    picture: tuple[str, str] | None = None

    @property
    def goes_further(self) -> bool:
        """Beyond the customer's adopters."""
        return bool(self.channels) or self.offer


class Problem(Enum):
    """Stands below the field it is about."""

    NO_CUSTOMER = "no_customer"
    NO_TEXT = "no_text"
    TOO_LONG = "too_long"
    UNUSABLE = "unusable"
    NOT_HTTPS = "not_https"
    NO_TICK = "no_tick"
    PAST = "past"
    TOO_FAR = "too_far"
    TOO_MANY_CHANNELS = "too_many_channels"
    NOT_A_PICTURE = "not_a_picture"


CUSTOMER, TEXT, KIND, HEADLINE, PICTURE, LINK, CHANNELS, OFFER, EMBARGO, TICK = (
    "customer",
    "text",
    "kind",
    "headline",
    "picture",
    "link",
    "channels",
    "offer",
    "embargo",
    "tick",
)


def problems(form: Form, *, now: datetime) -> dict[str, Problem]:
    """By field; none where it can be sent."""
    found: dict[str, Problem] = {}
    if not form.customer_id:
        found[CUSTOMER] = Problem.NO_CUSTOMER
    text = _text_problem(form.text, LONGEST) if form.text.strip() else Problem.NO_TEXT
    if text is not None:
        found[TEXT] = text
    headline = _text_problem(form.headline, LONGEST_HEADLINE)
    if headline is not None:
        found[HEADLINE] = headline
    if form.link.strip() and https_url(form.link.strip()) is None:
        found[LINK] = Problem.NOT_HTTPS
    if len(form.channels) > MOST_CHANNELS:
        found[CHANNELS] = Problem.TOO_MANY_CHANNELS
    if form.embargo is not None and form.embargo <= now:
        found[EMBARGO] = Problem.PAST
    elif form.embargo is not None and form.embargo > now + LONGEST_EMBARGO:
        found[EMBARGO] = Problem.TOO_FAR
    if needs_tick(form) and not form.tick:
        found[TICK] = Problem.NO_TICK
    return found


def needs_tick(form: Form) -> bool:
    return form.goes_further or form.kind == COMPLAINT


def _text_problem(text: str, limit: int) -> Problem | None:
    if why_unusable(text):
        return Problem.UNUSABLE
    return Problem.TOO_LONG if len(text) > limit else None


class Barred(Enum):
    """Why a channel gets no update about a customer."""

    REMOVED = "removed"
    OUTSIDERS = "outsiders"
    GUESTS = "guests"
    CONFIDENTIAL = "confidential"
    NOT_NAMED = "not_named"


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How an update fares, for its receipt. `unreached`: user ids by why; `thanked` in the order of thanking."""

    waiting: int = 0
    delivered: int = 0
    thanked: tuple[str, ...] = ()
    asked: int = 0
    unreached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def tally(relays: Sequence[Relay]) -> Tally:
    unreached: dict[str, list[str]] = {}
    for one in relays:
        if one.state in {LEFT_OUT, FAILED}:
            unreached.setdefault(one.why or FAILED, []).append(one.user_id)
    thanked = sorted((one for one in relays if one.thanked_at), key=lambda one: (str(one.thanked_at), one.user_id))
    return Tally(
        waiting=sum(one.state in {WAITING, OWED} for one in relays),
        delivered=sum(one.state == SENT for one in relays),
        thanked=tuple(one.user_id for one in thanked),
        asked=sum(one.asked_at is not None for one in relays),
        unreached={why: tuple(users) for why, users in sorted(unreached.items())},
    )


# -- customers without news -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Quietness:
    """`since`: the last update, the last *nothing new*, or, where there was neither, the first adoption."""

    customer_id: str
    since: datetime
    every: timedelta

    def is_due(self, now: datetime) -> bool:
        return now - self.since >= self.every


def longest_quiet(found: Sequence[Quietness], now: datetime, limit: int = REMIND_AT_MOST) -> list[Quietness]:
    """The due ones, the longest overdue first."""
    due = [one for one in found if one.is_due(now)]
    return sorted(due, key=lambda one: (one.since + one.every, one.customer_id))[:limit]


def at_work(now: datetime, zone: ZoneInfo) -> bool:
    local = now.astimezone(zone)
    return local.weekday() < SATURDAY and WORKS_FROM <= local.time() < WORKS_UNTIL


def next_at_work(now: datetime, zone: ZoneInfo) -> datetime:
    """`now`, or when the next working hours begin."""
    if at_work(now, zone):
        return now
    local = now.astimezone(zone)
    for days in range(8):
        day = local.date() + timedelta(days=days)
        begins = datetime.combine(day, WORKS_FROM, tzinfo=zone)
        if day.weekday() < SATURDAY and begins > local:
            return begins.astimezone(UTC)
    raise AssertionError("every eight days have working hours to come")


def days_since(moment: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Midnights between, as the reader counts them."""
    return max(0, (now.astimezone(zone).date() - moment.astimezone(zone).date()).days)
