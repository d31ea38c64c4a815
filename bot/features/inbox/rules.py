"""What a draft is, what becomes of it, and how much of an offered text fits a post: pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any

STORY, NEWS, QUESTION = "story", "news", "question"
WAITING, APPROVED, REJECTED, TAKEN_BACK = "waiting", "approved", "rejected", "taken_back"
UPDATE, EXCHANGE, SPOTTED, WRITTEN = "update", "exchange", "spotted", "written"
NEWER = "newer"  # in `Draft.origin`: what its author has written since
HEADLINE, SNIPPET, BODY = 150, 500, 3000
POST_WORDS = 60
LONGEST_REASON = 500
MOST_PRODUCTS = 10
SENTENCE = re.compile(r"(?<=[.!?…。！？])\s*")


@dataclass(frozen=True, kw_only=True)
class Content:
    """What an editor's form sets. `text` is the post's own, `body` what *Read the whole story* shows. `details` holds
    what only one kind has, as JSON takes it."""

    headline: str
    text: str
    body: str = ""
    customer_id: str | None = None
    product_ids: tuple[str, ...] = ()
    quote_text: str | None = None
    quote_name: str | None = None
    quote_role: str | None = None
    picture_hash: str | None = None
    picture_alt: str | None = None
    language: str = "en"
    consent: str = "internal"
    expires_on: date | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """As the table has them."""
        return {**asdict(self), "product_ids": list(self.product_ids), "details": dict(self.details)}

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        expires = self.expires_on.isoformat() if self.expires_on else None
        return {**self.values(), "expires_on": expires}


def content_from(stored: Mapping[str, Any]) -> Content:
    """What `Content.stored` gave."""
    expires = stored.get("expires_on")
    known = {name: stored[name] for name in Content.__dataclass_fields__ if name in stored}
    known["product_ids"] = tuple(stored.get("product_ids", ()))
    return Content(**{**known, "expires_on": date.fromisoformat(expires) if expires else None})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`credit`: its author asked to be named. `origin`: `what` (update, exchange, spotted, written) and an `id`.
    `published`: the id of what it became."""

    id: str
    workspace_id: str
    kind: str
    state: str
    author: str
    content: Content
    origin: Mapping[str, Any]
    offered_at: datetime
    credit: bool = False
    revision: int = 1
    edited_by: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    published: str | None = None

    @property
    def came_as(self) -> str:
        return str(self.origin.get("what", WRITTEN))

    @property
    def newer(self) -> str:
        """What its author has written since somebody edited it."""
        return str(self.origin.get(NEWER, ""))

    @property
    def is_waiting(self) -> bool:
        return self.state == WAITING

    @property
    def concerns(self) -> str | None:
        """The customer whose account manager reads of it in the audit trail. Nobody of a question's: that may be the
        answer, and they may be asked."""
        return None if self.kind == QUESTION else self.content.customer_id


class Refusal(Enum):
    NOT_FOUND = "not_found"
    NOT_AN_EDITOR = "not_an_editor"
    NOT_FOR_GUESTS = "not_for_guests"
    OWN_DRAFT = "own_draft"
    ALREADY = "already"  # another editor was first
    CHANGED = "changed"  # it was edited since it was looked at
    UNFINISHED = "unfinished"  # it is not yet what a post needs
    REASON = "reason"
    UNKNOWN_KIND = "unknown_kind"
    PLACE = "place"  # a channel that is not configured any more
    PAST = "past"


def leading(text: str, *, words: int = POST_WORDS, characters: int = SNIPPET) -> str:
    """The whole sentences at the beginning of `text` that fit a post; "" where not even the first does."""
    kept = ""
    for sentence in SENTENCE.split(" ".join(text.split())):
        longer = f"{kept} {sentence}".strip()
        if len(longer.split()) > words or units(longer) > characters:
            break
        kept = longer
    return kept


def headline_of(headline: str, text: str) -> str:
    """What was given, else the beginning of the text, at most as long as Slack's header takes."""
    given = " ".join((headline or SENTENCE.split(" ".join(text.split()))[0]).split())
    if units(given) <= HEADLINE:
        return given
    cut = given[: HEADLINE - 1]
    while units(cut) > HEADLINE - 1:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"


def units(text: str) -> int:
    """As Slack counts: what is beyond the basic plane counts twice."""
    return len(text.encode("utf-16-le")) // 2


def others_among(editors: Sequence[str], user: str) -> bool:
    """Whether anybody else could approve."""
    return any(editor != user for editor in editors)
