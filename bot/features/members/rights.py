"""Who may do what: the one module that decides it, for every handler and every send."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from bot.features.members.rules import ADMIN, EDITOR, MEMBER, Person


class Action(Enum):
    """What somebody may want to do. The table is `docs`' and `faults`' own; what is not named here is refused."""

    OPEN_HOME = "open_home"
    CHOOSE_TEAM = "choose_team"
    CHANGE_OWN = "change_own"  # how often one is written to, language, absence
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
    BE_NAMED = "be_named"  # in standings and results
    SEE_RIGHT_ANSWER = "see_right_answer"  # before the reveal
    SUGGEST = "suggest"  # a story, news, a question, a photo spotted somewhere
    EDIT_DRAFT = "edit_draft"
    TAKE_BACK = "take_back"  # a draft that waits
    APPROVE = "approve"
    WRITE_UPDATE = "write_update"
    GREET = "greet"  # a new adopter
    READ_UPDATE = "read_update"
    EXCHANGE = "exchange"  # send one's own words on, keep them, offer what two wrote as a story, or agree to that
    ADOPT = "adopt"
    END_ADOPTION = "end_adoption"
    PAUSE_ADOPTION = "pause_adoption"  # and go on again
    SWAP = "swap"  # a customer of one's own; or answer a colleague who asks
    VISIT = "visit"  # propose days for a first visit, or answer
    OPEN_HAT = "open_hat"
    CANCEL_HAT = "cancel_hat"
    ANSWER_PULSE = "answer_pulse"  # the three questions of the channels one is in
    SEE_PULSE = "see_pulse"  # totals of five or more
    SEE_EVERY_PULSE = "see_every_pulse"  # of private channels too, and each by itself
    SEE_QUIET_CUSTOMERS = "see_quiet_customers"  # those of which there is no news, and nobody to ask
    SEE_TROUBLE = "see_trouble"  # what could not be delivered
    READ_INSIDE = "read_inside"  # what was written for the company's own people
    BE_ANSWERED = "be_answered"  # told what became of what one did or asked for oneself
    EXPORT_OWN = "export_own"  # as a file: what is kept about oneself
    EXPORT_CUSTOMER = "export_customer"
    EXPORT_TOTALS = "export_totals"  # owners of channels: of theirs


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
    Action.CHANGE_OWN: frozenset({_MEMBER, _GUEST}),
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
    Action.BE_NAMED: frozenset({_MEMBER}),
    Action.SEE_RIGHT_ANSWER: frozenset({_OWN, _APPROVER}),
    Action.SUGGEST: frozenset({_MEMBER}),
    Action.EDIT_DRAFT: frozenset({_OWN, _EDITOR}),
    Action.TAKE_BACK: frozenset({_OWN}),
    Action.APPROVE: frozenset({_EDITOR}),
    Action.WRITE_UPDATE: frozenset({_MANAGER, _ADMIN}),
    Action.GREET: frozenset({_MANAGER}),
    Action.READ_UPDATE: frozenset({_MANAGER, _EDITOR, _AUDIENCE}),
    Action.EXCHANGE: frozenset({_OWN}),
    Action.ADOPT: frozenset({_MEMBER}),
    Action.END_ADOPTION: frozenset({_OWN, _MANAGER, _ADMIN}),
    Action.PAUSE_ADOPTION: frozenset({_OWN}),
    Action.SWAP: frozenset({_OWN}),
    Action.VISIT: frozenset({_OWN, _MANAGER}),
    Action.OPEN_HAT: frozenset({_EDITOR, _OWNER, _ADMIN}),
    Action.CANCEL_HAT: frozenset({_OWN, _ADMIN}),
    Action.ANSWER_PULSE: frozenset({_MEMBER, _GUEST}),
    Action.SEE_PULSE: frozenset({_MEMBER, _EDITOR, _OWNER, _ADMIN}),
    Action.SEE_EVERY_PULSE: frozenset({_EDITOR, _ADMIN}),
    Action.SEE_QUIET_CUSTOMERS: frozenset({_EDITOR}),
    Action.SEE_TROUBLE: frozenset({_ADMIN}),
    Action.READ_INSIDE: frozenset({_MEMBER}),
    Action.BE_ANSWERED: frozenset({_MEMBER, _GUEST}),
    Action.EXPORT_OWN: frozenset({_MEMBER, _GUEST}),
    Action.EXPORT_CUSTOMER: frozenset({_MANAGER}),
    Action.EXPORT_TOTALS: frozenset({_EDITOR, _OWNER, _ADMIN}),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Somebody and what they have to do with the thing in question. `manager_reachable`: the customer has an account
    manager who can be written to. `own`: they wrote it, or it is about them. `saw_answer`: a quiz's right answer,
    before it was out. `guests_allowed`: the channel lets guests answer its quizzes. `only_editor`: nobody else could
    approve."""

    person: Person
    manages_customer: bool = False
    owns_channel: bool = False
    manager_reachable: bool = True
    own: bool = False
    approved: bool = False
    saw_answer: bool = False
    in_audience: bool = False
    guests_allowed: bool = False
    only_editor: bool = False


@lru_cache(maxsize=256)
def may_vote(kind: str, *, own: bool, approved: bool, saw_answer: bool, guests_allowed: bool) -> bool:
    """`allowed` of `ANSWER_QUIZ`, for which nobody's name and no role counts: asked once for all who are alike."""
    person = Person(workspace_id="", user_id="", name="", kind=kind)
    standing = Standing(person=person, own=own, approved=approved, saw_answer=saw_answer, guests_allowed=guests_allowed)
    return allowed(Action.ANSWER_QUIZ, standing)


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


def able(person: Person, action: Action, **related: bool) -> bool:
    """`allowed` for whoever has read the person already; `related`: what else `Standing` holds."""
    return allowed(action, Standing(person=person, **related))


def _barred(action: Action, standing: Standing, held: frozenset[Capacity]) -> bool:
    """What no other capacity makes up for."""
    match action:
        case Action.ANSWER_QUIZ:  # nobody who knew the right answer beforehand; guests where the channel allows
            knew = standing.own or standing.approved or standing.saw_answer
            return knew or (Capacity.GUEST in held and not standing.guests_allowed)
        case Action.ANSWER_PULSE:
            return Capacity.GUEST in held and not standing.guests_allowed
        case Action.SEE_OWN_RECORD:
            return not standing.own
        case Action.APPROVE:
            return standing.own and not standing.only_editor
        case Action.ADOPT:
            return standing.manages_customer
        case _:
            return False
