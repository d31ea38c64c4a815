"""Who people are, who may do what, and when they may be written to. The one module that decides these."""

import re
from collections.abc import Mapping, Sequence
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

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
STALE = timedelta(hours=24)
NIGHT = time(2)  # UTC: when everybody is read again
SLACKBOT = "USLACKBOT"
USER_ID = re.compile("[UW][A-Za-z0-9]{1,31}")
LOCALE = re.compile("[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, kw_only=True)
class Person:
    """`kind` is member, guest, single_channel_guest, external, bot or deactivated. Someone not yet read from Slack has
    the name "" and counts as a member."""

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
    quiet_from: time | None = None
    quiet_until: time | None = None
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


class Action(Enum):
    """What somebody may want to do. The table is `docs`' and `faults`' own; what is not named here is refused."""

    OPEN_HOME = "open_home"
    CHOOSE_TEAM = "choose_team"
    FIND_CUSTOMER = "find_customer"
    READ_STORY = "read_story"
    ASK = "ask"
    ANSWER = "answer"
    SEE_WAITING_QUESTIONS = "see_waiting_questions"
    SET_UP_CHANNEL = "set_up_channel"  # add, remove, teams, language, whether guests may see more
    CHANGE_SLOT = "change_slot"
    PAUSE_CHANNEL = "pause_channel"
    POST_NOW = "post_now"
    SEE_NEXT_POSTS = "see_next_posts"
    RECALL = "recall"
    STOP_POSTING = "stop_posting"  # everywhere, and start again
    CONSENT = "consent"  # whether a customer may be named
    CHANGE_CUSTOMER = "change_customer"  # account manager, flags
    IMPORT = "import"
    GIVE_ROLES = "give_roles"
    CHANGE_SETTINGS = "change_settings"
    READ_AUDIT = "read_audit"
    ANSWER_QUIZ = "answer_quiz"
    SEE_OWN_RECORD = "see_own_record"
    SEE_RIGHT_ANSWER = "see_right_answer"  # before the reveal
    SUGGEST = "suggest"  # a story, news, a question, a photo spotted somewhere
    EDIT_DRAFT = "edit_draft"
    APPROVE = "approve"
    WRITE_UPDATE = "write_update"
    READ_UPDATE = "read_update"
    ADOPT = "adopt"
    END_ADOPTION = "end_adoption"
    OPEN_HAT = "open_hat"
    SEE_PULSE = "see_pulse"  # totals of five or more


class Capacity(Enum):
    """In what capacity somebody acts: they add up."""

    MEMBER = "member"
    GUEST = "guest"
    EDITOR = EDITOR
    ADMIN = ADMIN
    ACCOUNT_MANAGER = "account_manager"  # of the customer in question, or its deputy
    CHANNEL_OWNER = "channel_owner"  # of the channel in question
    OWN = "own"  # the thing is theirs: they wrote the draft, they have the customer, it is their record
    APPROVER = "approver"  # of the thing in question
    AUDIENCE = "audience"  # what it is about reached them: an adopter, or somebody in a channel it went to


_MEMBER, _GUEST, _EDITOR, _ADMIN, _MANAGER, _OWNER, _OWN, _APPROVER, _AUDIENCE = (
    Capacity.MEMBER,
    Capacity.GUEST,
    Capacity.EDITOR,
    Capacity.ADMIN,
    Capacity.ACCOUNT_MANAGER,
    Capacity.CHANNEL_OWNER,
    Capacity.OWN,
    Capacity.APPROVER,
    Capacity.AUDIENCE,
)
MAY: Mapping[Action, frozenset[Capacity]] = {
    Action.OPEN_HOME: frozenset({_MEMBER, _GUEST}),
    Action.CHOOSE_TEAM: frozenset({_MEMBER, _GUEST}),
    Action.FIND_CUSTOMER: frozenset({_MEMBER, _GUEST}),  # what the card shows is decided by customers
    Action.READ_STORY: frozenset({_MEMBER, _GUEST}),
    Action.ASK: frozenset({_MEMBER}),
    Action.ANSWER: frozenset({_MANAGER, _EDITOR}),
    Action.SEE_WAITING_QUESTIONS: frozenset({_EDITOR}),
    Action.SET_UP_CHANNEL: frozenset({_ADMIN}),
    Action.CHANGE_SLOT: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.PAUSE_CHANNEL: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.POST_NOW: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.SEE_NEXT_POSTS: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.RECALL: frozenset({_MANAGER, _EDITOR, _OWNER, _ADMIN}),
    Action.STOP_POSTING: frozenset({_EDITOR, _ADMIN}),
    Action.CONSENT: frozenset({_MANAGER, _ADMIN}),
    Action.CHANGE_CUSTOMER: frozenset({_ADMIN}),
    Action.IMPORT: frozenset({_ADMIN}),
    Action.GIVE_ROLES: frozenset({_ADMIN}),
    Action.CHANGE_SETTINGS: frozenset({_ADMIN}),
    Action.READ_AUDIT: frozenset({_MANAGER, _OWNER, _ADMIN}),
    Action.ANSWER_QUIZ: frozenset({_MEMBER, _GUEST}),
    Action.SEE_OWN_RECORD: frozenset({_OWN, _GUEST}),
    Action.SEE_RIGHT_ANSWER: frozenset({_OWN, _APPROVER}),
    Action.SUGGEST: frozenset({_MEMBER}),
    Action.EDIT_DRAFT: frozenset({_OWN, _EDITOR}),
    Action.APPROVE: frozenset({_EDITOR}),
    Action.WRITE_UPDATE: frozenset({_MANAGER, _ADMIN}),
    Action.READ_UPDATE: frozenset({_MANAGER, _EDITOR, _AUDIENCE}),
    Action.ADOPT: frozenset({_MEMBER}),
    Action.END_ADOPTION: frozenset({_OWN, _MANAGER, _ADMIN}),
    Action.OPEN_HAT: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.SEE_PULSE: frozenset({_EDITOR, _OWNER, _ADMIN}),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Somebody and what they have to do with the thing in question. `manager_reachable`: the customer has an account
    manager who can be written to. `own`: they wrote it, or it is about them. `guests_allowed`: the channel lets guests
    answer its quizzes. `only_editor`: nobody else could approve."""

    person: Person
    manages_customer: bool = False
    owns_channel: bool = False
    manager_reachable: bool = True
    own: bool = False
    approved: bool = False
    in_audience: bool = False
    guests_allowed: bool = False
    only_editor: bool = False


def capacities(standing: Standing) -> frozenset[Capacity]:
    """Externals, bots and deactivated people act in none; a guest's roles do not count."""
    person = standing.person
    if person.is_guest:
        return frozenset({Capacity.GUEST})
    if person.kind != MEMBER:
        return frozenset()
    held = {
        Capacity.MEMBER: True,
        Capacity.EDITOR: EDITOR in person.roles,
        Capacity.ADMIN: ADMIN in person.roles,
        Capacity.ACCOUNT_MANAGER: standing.manages_customer,
        Capacity.CHANNEL_OWNER: standing.owns_channel,
        Capacity.OWN: standing.own,
        Capacity.APPROVER: standing.approved,
        Capacity.AUDIENCE: standing.in_audience,
    }
    return frozenset(capacity for capacity, holds in held.items() if holds)


def allowed(action: Action, standing: Standing) -> bool:
    """Refused unless one of the person's capacities allows it."""
    held = capacities(standing)
    if action is Action.ASK and Capacity.ACCOUNT_MANAGER in held:
        return False  # they would ask themselves
    if action is Action.ANSWER and standing.manager_reachable:
        held -= {Capacity.EDITOR}
    if _barred(action, standing, held):
        return False
    return bool(held & MAY.get(action, frozenset()))


def _barred(action: Action, standing: Standing, held: frozenset[Capacity]) -> bool:
    """What no other capacity makes up for."""
    match action:
        case Action.ANSWER_QUIZ:  # nobody who knew the right answer beforehand; guests where the channel allows
            return standing.own or standing.approved or (Capacity.GUEST in held and not standing.guests_allowed)
        case Action.APPROVE:
            return standing.own and not standing.only_editor
        case Action.ADOPT:
            return standing.manages_customer
        case _:
            return False


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


def is_quiet(person: Person, moment: datetime) -> bool:
    """Whether it is within the person's quiet hours. Equal ends mean none."""
    begin, end = _quiet_hours(person)
    local = moment.astimezone(zone_of(person.zone)).time()
    return begin <= local < end if begin <= end else not end <= local < begin


def next_waking(person: Person, now: datetime) -> datetime:
    """`now`, or when the person's quiet hours are over: never inside them and never before `now`."""
    if not is_quiet(person, now):
        return now
    zone, (_, end) = zone_of(person.zone), _quiet_hours(person)
    today = now.astimezone(zone).date()
    for day in range(4):
        ends = [_instant(today + timedelta(days=day), end, zone, fold) for fold in (0, 1)]
        fit = [moment for moment in ends if moment >= now and not is_quiet(person, moment)]
        if fit:
            return min(fit)
    raise AssertionError("a quiet time that is not empty ends within three days")


def _instant(day: date, at: time, zone: ZoneInfo, fold: int) -> datetime:
    """A time that a change of clocks leaves out moves forward (fold 0); a doubled one has two instants."""
    return datetime.combine(day, at.replace(fold=fold), tzinfo=zone).astimezone(UTC)


def _quiet_hours(person: Person) -> tuple[time, time]:
    begin = QUIET_FROM if person.quiet_from is None else person.quiet_from
    return begin, QUIET_UNTIL if person.quiet_until is None else person.quiet_until


def reading_due(read_at: datetime | None, now: datetime) -> bool:
    """Everybody is read at once in a new workspace, then in each night that is at least six hours after the last."""
    if read_at is None:
        return True
    earliest = read_at.astimezone(UTC) + timedelta(hours=6)
    night = datetime.combine(earliest.date(), NIGHT, tzinfo=UTC)
    return now >= (night if night >= earliest else night + timedelta(days=1))


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


def is_user_id(value: str) -> bool:
    return USER_ID.fullmatch(value) is not None


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
