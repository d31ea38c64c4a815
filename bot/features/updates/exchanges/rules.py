"""What is known of an exchange beneath an update, and why something in it is not done."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bot.features.members.rules import Person
from bot.features.questions.rules import File

TOO_LONG, NOT_YOURS, UNDELIVERED = "too_long", "not_yours", "undelivered"
GONE, NOBODY, NOT_ADOPTED = "gone", "nobody", "not_adopted"
DECIDED = "decided"


@dataclass(frozen=True, kw_only=True)
class Exchange:
    workspace_id: str
    id: str
    customer_id: str
    adopter: str
    partner: str
    root_id: int | None
    offered_by: str | None
    offer_state: str | None
    draft_id: str | None

    def other(self, user: str) -> str:
        return self.partner if user == self.adopter else self.adopter


@dataclass(frozen=True, kw_only=True)
class Note:
    workspace_id: str
    id: str
    request: str
    exchange_id: str | None
    group_id: str
    root_id: int | None
    author: str
    text: str
    files: tuple[File, ...]
    state: str
    at: datetime
    edited: bool
    deleted: bool


@dataclass(frozen=True, kw_only=True)
class SentOn:
    """`partner` got it; or why nobody did: gone, nobody, not_adopted, or decided before."""

    partner: Person | None = None
    refusal: str | None = None


class Offered(Enum):
    ASKED = "asked"
    ALREADY = "already"
    TOO_EARLY = "too_early"
    NOT_YOURS = "not_yours"
    AGREED = "yes"
    DECLINED = "no"
