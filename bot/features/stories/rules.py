"""Which story a channel gets, and whether it may: pure, and the same for the same workspace, channel and occurrence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Literal

from bot.core.languages import best_language, speaks
from bot.core.times import local_day

FRESH_FOR = timedelta(days=7)

STORY, NEWS = "story", "news"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From config/defaults.toml, `[stories]`."""

    not_again_within: timedelta = timedelta(days=90)
    news_expires_after: timedelta = timedelta(days=14)
    post_words: int = 60
    sentence_words: int = 20


USUAL = Limits()

ReasonCode = Literal["team_makes_product", "customer_of_team", "fresh_news", "in_turn", "chosen"]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a story says, in one language."""

    headline: str
    snippet: str
    body: str
    quote: str | None = None
    alt: str | None = None


@dataclass(frozen=True, kw_only=True)
class Product:
    id: str
    name: str
    team_id: str | None = None
    team: str | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    """A story with all that its post and its reading show. `wordings` by language, the original's first."""

    id: str
    kind: str
    customer_id: str | None
    customer: str | None
    nameable: bool
    wordings: Mapping[str, Wording]
    quote_name: str | None = None
    quote_role: str | None = None
    picture_hash: str | None = None
    picture_url: str | None = None
    video_url: str | None = None
    consent: str = "internal"
    published_on: date
    expires_on: date | None = None
    withdrawn: bool = False
    products: tuple[Product, ...] = ()
    credit: str | None = None  # the name of whoever sent it in and asked to be named

    def wording(self, locale: str) -> Wording:
        return self.wordings[best_language(tuple(self.wordings), locale)]

    def candidate(self) -> "Candidate":
        """As `why_not` wants it; without what only the choice needs."""
        return Candidate(
            story_id=self.id,
            kind=self.kind,
            customer_id=self.customer_id,
            nameable=self.nameable,
            consent=self.consent,
            published_on=self.published_on,
            expires_on=self.expires_on,
            withdrawn=self.withdrawn,
        )


@dataclass(frozen=True, kw_only=True)
class Why:
    """A reason with the names as they are now."""

    code: str
    team: str | None = None
    product: str | None = None
    customer: str | None = None


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Where Slack finds a picture: an https `url`, or an uploaded `file`'s id."""

    url: str | None = None
    file: str | None = None


@dataclass(frozen=True, kw_only=True)
class Post:
    """A story in a channel. `outcome`: sent, uncertain, or why it was never sent; None while it is owed."""

    id: str
    workspace_id: str
    channel_id: str
    story_id: str
    customer_id: str | None
    reason: Mapping[str, str]
    due_at: datetime
    ts: str | None = None
    posted_at: datetime | None = None
    recalled: bool = False
    outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class Made:
    """A product and the team that makes it."""

    product_id: str
    team_id: str


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """`nameable`: its customer may be named in channels (true where it has none). `about`: the products it is about;
    `uses`: the other products its customer uses."""

    story_id: str
    kind: str
    customer_id: str | None
    nameable: bool
    consent: str
    published_on: date
    expires_on: date | None = None
    withdrawn: bool = False
    languages: tuple[str, ...] = ("en",)
    about: tuple[Made, ...] = ()
    uses: tuple[Made, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Place:
    """The channel: `public_only` as its audience has it; `outsiders` is Slack Connect."""

    workspace_id: str
    channel_id: str
    zone: str
    locale: str
    team_ids: frozenset[str] = frozenset()
    public_only: bool = False
    outsiders: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    story_id: str
    customer_id: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a story came to a channel: ids only, so that a renamed team is named rightly when it is shown."""

    code: ReasonCode
    about: Mapping[str, str] = field(default_factory=dict)

    def stored(self) -> dict[str, str]:
        return {"code": self.code, **self.about}


@dataclass(frozen=True, kw_only=True)
class Choice:
    story_id: str
    customer_id: str | None
    reason: Reason


def named_in_channels(*, confidential: bool, may_be_named: bool | None) -> bool:
    """Denied until an admin has said yes; never for a confidential customer."""
    return may_be_named is True and not confidential


def expiry(kind: str, published_on: date, given: date | None, limits: Limits = USUAL) -> date | None:
    """The last day on which it may be posted."""
    return given or (published_on + limits.news_expires_after if kind == "news" else None)


def why_not(story: Candidate, place: Place, day: date) -> str | None:
    """The code why this story must not be in this channel on that day; None where it may."""
    if story.withdrawn:
        return "recalled"
    if story.expires_on is not None and story.expires_on < day:
        return "expired"
    if story.published_on > day:
        return "not_yet"
    if not story.nameable:
        return "not_nameable"
    if place.outsiders and story.customer_id is not None:
        return "outsiders"
    if place.public_only and story.consent != "public":
        return "consent"
    return None


def choose(
    place: Place,
    *,
    kind: str,
    due_at: datetime,
    stories: Sequence[Candidate],
    shown: Sequence[Shown],
    limits: Limits = USUAL,
) -> Choice | None:
    """The best it may get: what its teams make first, then fresh news, unseen, customers in turn, its language."""
    possible = still_open(place, kind=kind, due_at=due_at, stories=stories, shown=shown, limits=limits)
    if not possible:
        return None
    last_story, last_customer = _last(shown)
    day = local_day(due_at, place.zone)

    def rank(story: Candidate) -> tuple[object, ...]:
        customer = last_customer.get(story.customer_id)
        return (
            _nearness(story, place),
            not is_fresh(story, day),
            story.story_id in last_story,
            customer is not None,
            customer.timestamp() if customer else 0.0,
            not speaks(story.languages, place.locale),
            -story.published_on.toordinal(),
            _lot(place, kind, due_at, story.story_id),
        )

    best = min(possible, key=rank)
    return Choice(story_id=best.story_id, customer_id=best.customer_id, reason=_reason(best, place, day))


def still_open(
    place: Place,
    *,
    kind: str,
    due_at: datetime,
    stories: Sequence[Candidate],
    shown: Sequence[Shown],
    limits: Limits = USUAL,
) -> list[Candidate]:
    """What the channel could get then: permitted, of the kind, and not shown there shortly before or after."""
    day = local_day(due_at, place.zone)
    taken = {past.story_id for past in shown if abs(due_at - past.at) < limits.not_again_within}
    return [
        story
        for story in stories
        if story.kind == kind and story.story_id not in taken and why_not(story, place, day) is None
    ]


def is_fresh(story: Candidate, day: date) -> bool:
    return story.kind == "news" and day - story.published_on <= FRESH_FOR


def _last(shown: Sequence[Shown]) -> tuple[dict[str, datetime], dict[str | None, datetime]]:
    stories: dict[str, datetime] = {}
    customers: dict[str | None, datetime] = {}
    for past in shown:
        stories[past.story_id] = max(past.at, stories.get(past.story_id, past.at))
        customers[past.customer_id] = max(past.at, customers.get(past.customer_id, past.at))
    return stories, customers


def _ours(products: Sequence[Made], place: Place) -> Made | None:
    ours = [made for made in products if made.team_id in place.team_ids]
    return min(ours, key=lambda made: (made.product_id, made.team_id), default=None)


def _nearness(story: Candidate, place: Place) -> int:
    if _ours(story.about, place):
        return 0
    return 1 if _ours(story.uses, place) else 2


def _reason(story: Candidate, place: Place, day: date) -> Reason:
    if made := _ours(story.about, place):
        return Reason(code="team_makes_product", about={"team": made.team_id, "product": made.product_id})
    if made := _ours(story.uses, place):
        return Reason(code="customer_of_team", about={"team": made.team_id, "product": made.product_id})
    return Reason(code="fresh_news" if is_fresh(story, day) else "in_turn")


def _lot(place: Place, kind: str, due_at: datetime, story_id: str) -> str:
    """Settles what is equal otherwise: by lot, yet always the same for the same occurrence."""
    drawn = f"{place.workspace_id}|{place.channel_id}|{kind}|{due_at.timestamp():.6f}|{story_id}"
    return sha256(drawn.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class PostReference:
    """How a person names a post: its id, or where the message is."""

    post_id: str = ""
    channel_id: str = ""
    ts: str = ""


_PERMALINK = re.compile(r"https://[^/\s]+/archives/([CGD][A-Z0-9]+)/p(\d{10})(\d{6})(?:[?#].*)?")
_PLACE = re.compile(r"([CGD][A-Z0-9]+):(\d{10}\.\d{6})")


def read_reference(text: str) -> PostReference | None:
    """A post's id, a Slack permalink, or `channel:ts`."""
    given = text.strip()
    if found := _PERMALINK.fullmatch(given):
        return PostReference(channel_id=found[1], ts=f"{found[2]}.{found[3]}")
    if found := _PLACE.fullmatch(given):
        return PostReference(channel_id=found[1], ts=found[2])
    return PostReference(post_id=given) if re.fullmatch(r"[0-9A-Za-z_-]{1,32}", given) else None
