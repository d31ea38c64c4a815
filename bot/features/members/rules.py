"""Who people are, as Slack says it. `rights` says who may do what, `waking` when people may be written to."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

MEMBER, GUEST, SINGLE_CHANNEL_GUEST = "member", "guest", "single_channel_guest"
EXTERNAL, BOT, DEACTIVATED = "external", "bot", "deactivated"
GUESTS = frozenset({GUEST, SINGLE_CHANNEL_GUEST})
ADMIN, EDITOR = "admin", "editor"
DAILY, WEEKLY = "daily", "weekly"  # how often a direct message may come unasked

STALE = timedelta(hours=24)
NIGHT = time(2)  # UTC: when everybody is read again
SLACKBOT = "USLACKBOT"
LATEST = 32_503_680_000  # the year 3000: what is later is no time
USER_ID = re.compile("[UW][A-Za-z0-9]{1,31}")
LOCALE = re.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, kw_only=True)
class DoNotDisturb:
    """What Slack said at `read_at`: from when until when the person wants no notification (None: not at all)."""

    read_at: datetime
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """`kind` is member, guest, single_channel_guest, external, bot or deactivated. Someone not yet read from Slack has
    the name "" and counts as a member. `quiet_days`: 0 is Monday. `locale` is `own_locale` where they chose one.
    `shows_name`: it may stand in standings and results. Absent: on local days, both ends included."""

    workspace_id: str
    user_id: str
    name: str
    kind: str = MEMBER
    zone: str = "UTC"
    locale: str = "en"
    team_id: str | None = None
    email: str | None = None
    roles: frozenset[str] = frozenset()
    dm_channel: str | None = None
    paused_until: datetime | None = None
    stopped_at: datetime | None = None
    dm_every: str = DAILY
    quiet_from: time | None = None
    quiet_until: time | None = None
    quiet_days: frozenset[int] = frozenset()
    own_locale: str | None = None
    shows_name: bool = False
    absent_from: date | None = None
    absent_until: date | None = None
    dnd: DoNotDisturb | None = None
    team_asked_at: datetime | None = None
    home_opened_at: datetime | None = None
    refreshed_at: datetime | None = None

    @property
    def is_guest(self) -> bool:
        return self.kind in GUESTS

    @property
    def is_known(self) -> bool:
        """Has been read from Slack."""
        return self.refreshed_at is not None

    @property
    def is_person(self) -> bool:
        """Alive and of this workspace: may be written to."""
        return self.kind == MEMBER or self.is_guest


@dataclass(frozen=True, kw_only=True)
class Voter:
    """What is read of somebody whose presses come in thousands: no name, no role, so that all who are alike are one."""

    kind: str = MEMBER
    zone: str = "UTC"
    locale: str = "en"

    @property
    def is_guest(self) -> bool:
        return self.kind in GUESTS


class RoleChange(Enum):
    DONE = "done"
    ALREADY = "already"
    LAST_ADMIN = "last_admin"
    NOT_A_MEMBER = "not_a_member"


def role_change(person: Person, role: str, *, give: bool, admins: frozenset[str]) -> RoleChange:
    """`admins`: the ids of those who can act as one now. The last of them keeps the role."""
    if give and person.kind != MEMBER:
        return RoleChange.NOT_A_MEMBER
    if give is (role in person.roles):
        return RoleChange.ALREADY
    if not give and role == ADMIN and not admins - {person.user_id}:
        return RoleChange.LAST_ADMIN
    return RoleChange.DONE


def holders_problem(role: str, people: Sequence[Person | None]) -> RoleChange | None:
    """Why these (None: not known) cannot be the holders of a role; None where they can."""
    if any(person is None or person.kind != MEMBER for person in people):
        return RoleChange.NOT_A_MEMBER
    return RoleChange.LAST_ADMIN if role == ADMIN and not people else None


@cache
def zone_of(name: str) -> ZoneInfo:
    """UTC for what the zone database does not know."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def reading_due(read_at: datetime | None, now: datetime) -> bool:
    """Everybody is read at once in a new workspace, then in each night that is at least six hours after the last."""
    return read_at is None or read_at <= to_read_again(now)


def to_read_again(now: datetime) -> datetime:
    """What was last read then or before is due."""
    tonight = datetime.combine(now.astimezone(UTC).date(), NIGHT, tzinfo=UTC)
    return (tonight if tonight <= now else tonight - timedelta(days=1)) - timedelta(hours=6)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What one of Slack's user objects says. None: it does not say, and what is known stays."""

    user_id: str
    kind: str
    name: str | None
    email: str | None
    zone: str | None
    locale: str | None


def read_user(user: Mapping[str, Any], *, workspace_id: str) -> Profile | None:
    """None for what is not a user object."""
    user_id = user.get("id")
    if not isinstance(user_id, str) or not is_user_id(user_id):
        return None
    profile = user.get("profile")
    profile = profile if isinstance(profile, Mapping) else {}
    names = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"), user.get("name"))
    email = _line(profile.get("email"), 320)
    zone, locale = _line(user.get("tz"), 64), _line(user.get("locale"), 35)
    return Profile(
        user_id=user_id,
        kind=kind_of(user, workspace_id=workspace_id),
        name=next(filter(None, (_line(name, 200) for name in names)), None),
        email=email.casefold() if email else None,
        zone=zone_of(zone).key if zone else None,
        locale=locale if locale and LOCALE.fullmatch(locale) else None,
    )


def moment(seconds: object) -> datetime | None:
    """A time as Slack gives it, in seconds since 1970; None for what is none (dnd.teamInfo says 1 for "never")."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 < seconds < LATEST:
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def is_user_id(value: str) -> bool:
    return USER_ID.fullmatch(value) is not None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One of the audit trail. `role`: as `acting_as` said then; None before it was kept. `about`: the customers and
    channels it concerns besides its subject."""

    id: str
    at: datetime
    actor: str
    role: str | None
    action: str
    subject: str
    detail: Mapping[str, Any]
    about: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """`newer`, `older`: whether there are any beyond it."""

    entries: Sequence[Entry]
    newer: bool = False
    older: bool = False


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which entries: those of one actor, whose action begins so, from a moment on, about one of these customers and
    channels; "" and None leave it open."""

    by: str = ""
    action: str = ""
    since: datetime | None = None
    about: frozenset[str] | None = None


def acting_as(kind: str, roles: Collection[str], *, manages: bool) -> str:
    """In which roles a person acts, for the audit trail; a guest's roles do not count."""
    if kind != MEMBER:
        return kind
    held = [role for role in (ADMIN, EDITOR) if role in roles] + (["account_manager"] if manages else [])
    return ",".join(held) or MEMBER


def acting_without_person(actor: str) -> str:
    """The same for whoever is no person of Slack: Canteen itself, or whoever typed a command."""
    return "canteen" if actor in {"canteen", "slack"} else "cli"


def kind_of(user: Mapping[str, Any], *, workspace_id: str) -> str:
    """From Slack's user object (https://docs.slack.dev/reference/objects/user-object)."""
    if user.get("deleted"):
        return DEACTIVATED
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT:
        return BOT
    if user.get("is_stranger") or not _belongs(user, workspace_id):
        return EXTERNAL
    if user.get("is_ultra_restricted"):
        return SINGLE_CHANNEL_GUEST
    return GUEST if user.get("is_restricted") else MEMBER


def _belongs(user: Mapping[str, Any], workspace_id: str) -> bool:
    """People of an organisation may have another team's id and list this workspace among theirs."""
    enterprise = user.get("enterprise_user")
    teams = enterprise.get("teams") if isinstance(enterprise, Mapping) else None
    home = user.get("team_id")
    return home in (None, "", workspace_id) or (isinstance(teams, list) and workspace_id in teams)


def _line(value: object, limit: int) -> str | None:
    """One line of printable text: no database takes NUL or half a surrogate pair."""
    if not isinstance(value, str):
        return None
    kept = "".join(
        character for character in value[: limit * 4] if character >= " " and not "\ud800" <= character <= "\udfff"
    )
    return kept.strip()[:limit] or None
