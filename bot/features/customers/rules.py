"""What customers, products and teams are, and who may see a customer's name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from difflib import SequenceMatcher

KEY_LENGTH = 255


@dataclass(frozen=True, kw_only=True)
class CustomerCard:
    """`may_be_named` None: no admin has answered yet, which counts as no. `account_manager` and `deputy` are Slack ids;
    whether those people can be reached is for `service.managers` to say. `news_every_days` None: as the workspace has
    it. `max_adopters` None: as many as like."""

    workspace_id: str
    id: str
    external_id: str
    name: str
    aliases: tuple[str, ...] = ()
    industry: str | None = None
    country: str | None = None
    customer_since: date | None = None
    size_rank: int | None = None
    revenue_band: str | None = None
    website: str | None = None
    logo: str | None = None
    account_manager: str | None = None
    deputy: str | None = None
    news_every_days: int | None = None
    adoptable: bool = True
    max_adopters: int | None = None
    confidential: bool = False
    may_be_named: bool | None = None

    def looked_after_by(self, user_id: str) -> bool:
        """As account manager or deputy."""
        return user_id in {self.account_manager, self.deputy}


@dataclass(frozen=True, kw_only=True)
class TeamCard:
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class ProductCard:
    """`ends_up_in`: things people know, in the order given."""

    id: str
    external_id: str
    name: str
    team_id: str | None = None
    ends_up_in: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import of one kind of file came to."""

    what: str
    at: datetime
    file_name: str
    added: int
    changed: int
    unchanged: int
    refused: int


@dataclass(frozen=True, kw_only=True)
class Users:
    """The first of a product's customers, and how many there are in all."""

    first: tuple[CustomerCard, ...] = ()
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Made:
    """A product, and the team that makes it where that is known."""

    product: ProductCard
    team: TeamCard | None = None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A customer as one viewer may see it. `inside`: a member of the company reads it, so reminders not to name the
    customer outside belong there; without it `customer` has lost what is nobody else's business."""

    customer: CustomerCard
    made: tuple[Made, ...] = ()
    manager: str | None = None
    deputy: str | None = None
    inside: bool = True


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who would read. `outsider`: of another company. `public_only`: a place where guests or outsiders read too.
    `in_channel`: a channel rather than one person."""

    guest: bool = False
    outsider: bool = False
    public_only: bool = False
    in_channel: bool = False


MEMBER = Viewer()


def visible(customer: CustomerCard, viewer: Viewer) -> bool:
    """Whether the customer may be named to this viewer.

    Nothing reaches people of other companies. Guests, and every channel, get only customers that may be named and are
    not confidential. Members see all of them, one by one.
    """
    if viewer.outsider:
        return False
    if viewer.guest or viewer.public_only or viewer.in_channel:
        return customer.may_be_named is True and not customer.confidential
    return True


def sees_inside(viewer: Viewer) -> bool:
    """Whether what is nobody else's business may be shown: since when, how big, who looks after the customer."""
    return not (viewer.guest or viewer.outsider or viewer.public_only or viewer.in_channel)


def for_outside(customer: CustomerCard) -> CustomerCard:
    """Only what is public about a customer that may be named."""
    return replace(
        customer, aliases=(), customer_since=None, size_rank=None, revenue_band=None, account_manager=None, deputy=None
    )


def name_key(text: str) -> str:
    """Equal for two spellings of one name: case, accents' encoding, and spaces do not count."""
    squeezed = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return squeezed.casefold()[:KEY_LENGTH]


def split_list(text: str | None) -> tuple[str, ...]:
    """`a | b; c` as its parts, without empty ones and repeats."""
    parts = (part.strip() for part in re.split(r"[|;\n]", text or ""))
    return tuple(dict.fromkeys(part for part in parts if part))


def closest(wanted: str, names: Sequence[str], limit: int = 5) -> list[str]:
    """The names most like `wanted`, best first, alphabetical among equals."""
    key = name_key(wanted)
    scored: list[tuple[float, str]] = []
    matcher = SequenceMatcher(b=key, autojunk=False)
    for name in dict.fromkeys(names):
        matcher.set_seq1(name_key(name))
        if matcher.real_quick_ratio() >= 0.55 and matcher.quick_ratio() >= 0.55 and matcher.ratio() >= 0.55:
            scored.append((-matcher.ratio(), name))
    return [name for _, name in sorted(scored)[:limit]]


def trigrams(key: str, limit: int = 12) -> list[str]:
    """Pieces of a key that a misspelt name probably still has."""
    pieces = list(dict.fromkeys(key[start : start + 3] for start in range(max(1, len(key) - 2))))
    step = max(1, len(pieces) // limit)
    return pieces[::step][:limit]
