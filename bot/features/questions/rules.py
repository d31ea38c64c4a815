"""What questions and answers are, who has a question, and what a message of a person's says in plain words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

MOST_OPEN = 5  # with one account manager; the rest wait with the editors
LONGEST = 3000
SHOWN_ANSWERED = 3
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})

OPEN, WAITING, ANSWERED, CLOSED = "open", "waiting", "answered", "closed"
UNANSWERED = (OPEN, WAITING)
ANSWER, FOLLOW_UP = "answer", "follow_up"


@dataclass(frozen=True, kw_only=True)
class File:
    """Something shared with a message. Only pictures travel; `url` needs the bot's token."""

    id: str
    name: str
    mimetype: str
    url: str

    @property
    def is_picture(self) -> bool:
        return self.mimetype in PICTURES

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "name": self.name, "mimetype": self.mimetype, "url": self.url}


def read_files(given: Sequence[Mapping[str, Any]]) -> tuple[File, ...]:
    """From Slack's file objects or our own; what has no id cannot be told apart and is left out."""
    found = []
    for one in given[:10]:
        file_id, name, mimetype = one.get("id"), one.get("name"), one.get("mimetype")
        url = one.get("url_private") or one.get("url")
        if isinstance(file_id, str) and file_id:
            found.append(
                File(
                    id=file_id[:32],
                    name=name[:200] if isinstance(name, str) and name else "file",
                    mimetype=mimetype if isinstance(mimetype, str) else "",
                    url=url if isinstance(url, str) else "",
                )
            )
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a person did in the direct message with Canteen. `change`: new, edited, deleted."""

    workspace_id: str
    user_id: str
    channel: str
    ts: str
    thread_ts: str
    change: str
    text: str
    files: tuple[File, ...] = ()
    outsider: bool = False

    @property
    def message(self) -> str:
        """Natural key of the message: two events about it have one effect."""
        return f"{self.channel}:{self.ts}"


@dataclass(frozen=True, kw_only=True)
class Question:
    """`with_user`: whose it is, also while it waits because that person has five open. `passed`: handed to the
    editors for good."""

    workspace_id: str
    id: str
    customer_id: str
    asker: str
    text: str
    files: tuple[File, ...]
    state: str
    with_user: str | None
    passed: bool
    asked_at: datetime

    @property
    def is_unanswered(self) -> bool:
        return self.state in UNANSWERED


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`direction`: answer, or follow_up from the asker. `deleted`: taken back by its author."""

    workspace_id: str
    id: str
    request: str
    question_id: str
    direction: str
    author: str
    text: str
    files: tuple[File, ...]
    at: datetime
    sent_to: tuple[str, ...] = ()
    edited: bool = False
    deleted: bool = False


@dataclass(frozen=True, kw_only=True)
class KeptText:
    """Written outside any thread, kept until its author says which customer it is about."""

    workspace_id: str
    id: str
    user_id: str
    channel_id: str
    ts: str
    text: str
    files: tuple[File, ...]
    question_id: str | None
    became: str | None = None  # what another feature made of it


class Refusal(Enum):
    NOT_FOUND = "not_found"
    NOT_FOR_GUESTS = "not_for_guests"
    OWN_CUSTOMER = "own_customer"
    NOT_YOURS = "not_yours"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNUSABLE = "unusable"
    NO_CUSTOMER = "no_customer"
    NOT_REACHED = "not_reached"


class Gone(Enum):
    """Where a question went."""

    TO_MANAGER = "manager"
    TO_EDITORS = "editors"
    TO_ADMINS = "admins"
    TO_NOBODY = "nobody"


def place(*, manager_reachable: bool, open_now: int, passed: bool) -> str:
    """The state of an unanswered question."""
    return OPEN if manager_reachable and not passed and open_now < MOST_OPEN else WAITING


MARKUP = re.compile(r"<(?:(https?://[^|<>\s]+|mailto:[^|<>\s]+)|([@#])([A-Z0-9]+)|!([^|<>]+))(?:\|([^<>]*))?>")


def mentioned(text: str) -> set[str]:
    return {found.group(3) for found in MARKUP.finditer(text) if found.group(2) == "@"}


def readable(text: str, names: Mapping[str, str]) -> str:
    """A message's text as it is read: Slack's markup for links, people and channels becomes plain words. `names` by
    user id."""

    def plain(found: re.Match[str]) -> str:
        url, sign, target, command, label = found.groups()
        if url:
            shown = url.removeprefix("mailto:")
            return f"{label} ({shown})" if label and label not in (url, shown) else shown
        if sign:
            return f"{sign}{label or names.get(target, target)}"
        return label or f"@{command.split('^')[0]}"

    return MARKUP.sub(plain, text)
