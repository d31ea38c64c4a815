"""Who may do what: every action for every kind of person, in every combination of roles and states (G1)."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from bot.features.members import rights
from bot.features.members.rights import Action, Standing
from bot.features.members.rules import Person
from tests.features.members.people import WS

# The table, written out by hand from "Who may do what": what is not here is refused.
TABLE = {
    "member": "open_home choose_team change_own find_customer read_story ask suggest adopt answer_quiz answer_pulse"
    " see_pulse be_named read_inside be_answered export_own",
    "account_manager": "answer recall consent read_audit write_update read_update end_adoption visit greet"
    " export_customer",
    "editor": "see_waiting_questions change_slot pause_channel post_now see_next_posts recall stop_posting edit_draft"
    " approve read_update open_hat see_pulse see_every_pulse see_quiet_customers"
    " export_totals",
    "channel_owner": "change_slot pause_channel post_now see_next_posts recall read_audit open_hat see_pulse"
    " export_totals",
    "admin": "set_up_channel change_slot pause_channel post_now see_next_posts recall stop_posting consent"
    " change_customer import give_roles change_settings read_audit write_update end_adoption open_hat cancel_hat"
    " see_pulse see_every_pulse see_trouble export_totals",
    "own": "see_own_record see_right_answer edit_draft end_adoption pause_adoption swap visit cancel_hat exchange"
    " take_back",
    "approver": "see_right_answer",
    "audience": "read_update",
    "guest": "open_home choose_team change_own find_customer read_story be_answered export_own",
}
ROLES = ("account_manager", "editor", "channel_owner", "admin", "own", "approver", "audience")
HELD = [frozenset(some) for size in range(len(ROLES) + 1) for some in combinations(ROLES, size)]
STATES = [
    {"manager_reachable": reachable, "guests_allowed": guests, "only_editor": alone}
    for reachable in (True, False)
    for guests in (True, False)
    for alone in (True, False)
]
KINDS = ("member", "guest", "single_channel_guest", "external", "bot", "deactivated", "something new")


def standing(kind: str, held: frozenset[str], **state: bool) -> Standing:
    person = Person(
        workspace_id=WS, user_id="U0AMARA", name="Amara", kind=kind, roles=frozenset(held & {"admin", "editor"})
    )
    return Standing(
        person=person,
        manages_customer="account_manager" in held,
        owns_channel="channel_owner" in held,
        own="own" in held,
        approved="approver" in held,
        in_audience="audience" in held,
        **state,
    )


def expected(kind: str, held: frozenset[str], action: str, state: dict[str, bool]) -> bool:
    """The table and its footnotes, said once more in another way than the code does."""
    if kind in ("guest", "single_channel_guest"):
        if action == "answer_quiz":
            return state["guests_allowed"] and not held & {"own", "approver"}
        if action == "answer_pulse":
            return state["guests_allowed"]
        return action in TABLE["guest"].split() or (action == "see_own_record" and "own" in held)
    if kind != "member":
        return False
    if action == "ask" or action == "adopt":
        return "account_manager" not in held
    if action == "answer" and "editor" in held and not state["manager_reachable"]:
        return True
    if action == "answer_quiz" and held & {"own", "approver"}:
        return False
    if action == "approve" and "own" in held and not state["only_editor"]:
        return False
    return any(action in TABLE[role].split() for role in {"member", *held})


@pytest.mark.parametrize("action", list(Action))
def test_every_role_action_and_state(action: Action) -> None:
    for kind in KINDS:
        for held in HELD:
            for state in STATES:
                may = rights.allowed(action, standing(kind, held, **state))
                assert may is expected(kind, held, action.value, state), (kind, sorted(held), state)


def test_every_action_has_a_line() -> None:
    assert set(rights.MAY) == set(Action)
    assert {action.value for action in Action} == {action for line in TABLE.values() for action in line.split()}


def test_an_action_without_a_line_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    everything = standing("member", frozenset(ROLES), manager_reachable=False, guests_allowed=True, only_editor=True)
    monkeypatch.setattr(rights, "MAY", {})
    assert not any(rights.allowed(action, everything) for action in Action)


def test_a_guest_with_every_role_is_still_a_guest() -> None:
    everything = standing("guest", frozenset(ROLES), manager_reachable=False, guests_allowed=True, only_editor=True)
    may = {action.value for action in Action if rights.allowed(action, everything)}
    assert may == {*TABLE["guest"].split(), "see_own_record", "answer_pulse"}


@pytest.mark.parametrize("kind", ["external", "bot", "deactivated"])
def test_who_is_not_of_this_company_may_nothing(kind: str) -> None:
    everything = standing(kind, frozenset(ROLES), manager_reachable=False, guests_allowed=True, only_editor=True)
    assert not any(rights.allowed(action, everything) for action in Action)


@pytest.mark.parametrize("role", ["editor", "own"])
def test_who_knew_the_answer_does_not_answer(role: str) -> None:
    """An editor may answer a quiz, unless they wrote or approved it."""
    editor = standing("member", frozenset({"editor"}))
    changes: dict[str, Any] = {"own": True} if role == "own" else {"approved": True}
    assert rights.allowed(Action.ANSWER_QUIZ, editor)
    assert not rights.allowed(Action.ANSWER_QUIZ, replace(editor, **changes))


# "Who may do what", as it is written in the catalogue of faults, column by column. What the table says by a footnote is
# tried below; an adopter is in the audience of what is written about their customer.
COLUMNS: dict[str, tuple[str, frozenset[str]]] = {
    "member": ("member", frozenset()),
    "adopter": ("member", frozenset({"audience"})),
    "account_manager": ("member", frozenset({"account_manager"})),
    "editor": ("member", frozenset({"editor"})),
    "channel_owner": ("member", frozenset({"channel_owner"})),
    "admin": ("member", frozenset({"admin"})),
    "guest": ("guest", frozenset()),
    "external": ("external", frozenset()),
}
# "y" yes, "o" only what is their own, "-" no; in the order of the columns.
WRITTEN: dict[str, tuple[tuple[str, ...], str]] = {
    "answer a quiz": (("answer_quiz",), "yyyyyy--"),
    "see own answers and record": (("see_own_record",), "ooooooo-"),
    "suggest": (("suggest",), "yyyyyy--"),
    "edit a draft": (("edit_draft",), "oooyoo--"),  # whoever wrote it, whatever else they are
    "approve": (("approve",), "---y----"),
    "post now, change a slot": (("post_now", "change_slot"), "---yyy--"),
    "recall a post": (("recall",), "--yyyy--"),
    "stop all posting": (("stop_posting",), "---y-y--"),
    "write an update": (("write_update",), "--y--y--"),
    "read an update": (("read_update",), "-yyy----"),
    "ask about a customer": (("ask",), "yy-yyy--"),
    "answer a question": (("answer",), "--y-----"),
    "adopt": (("adopt",), "yy-yyy--"),
    "stop an adoption": (("end_adoption",), "ooyooy--"),
    "open a hat draw": (("open_hat",), "---yyy--"),
    "consent": (("consent",), "--y--y--"),
    "change a customer's account manager, flags": (("change_customer",), "-----y--"),
    "import, roles, settings": (("import", "give_roles", "change_settings"), "-----y--"),
    "pulse results": (("see_pulse",), "yyyyyy--"),
    "audit trail": (("read_audit",), "--y-yy--"),
    "export one's own data": (("export_own",), "yyyyyyy-"),
    "export own customers": (("export_customer",), "--y-----"),
    "export totals": (("export_totals",), "---yyy--"),
}


@pytest.mark.parametrize("row", WRITTEN)
def test_the_written_table_row_by_row(row: str) -> None:
    actions, cells = WRITTEN[row]
    for (column, (kind, held)), cell in zip(COLUMNS.items(), cells, strict=True):
        for action in actions:
            may = rights.allowed(Action(action), standing(kind, held))
            theirs = rights.allowed(Action(action), standing(kind, held | {"own"}))
            assert may is (cell == "y"), (action, column)
            assert action == "answer_quiz" or action == "approve" or theirs is (cell in "yo"), (action, column)


def test_what_a_footnote_allows() -> None:
    """Answers where no account manager is reachable, guests where the channel lets them, who is the only editor."""
    editor = frozenset({"editor"})
    assert rights.allowed(Action.ANSWER, standing("member", editor, manager_reachable=False))
    assert not rights.allowed(Action.ANSWER, standing("member", frozenset({"admin"}), manager_reachable=False))
    assert rights.allowed(Action.ANSWER_QUIZ, standing("guest", frozenset(), guests_allowed=True))
    assert not rights.allowed(Action.ANSWER_QUIZ, standing("external", frozenset(), guests_allowed=True))
    assert not rights.allowed(Action.APPROVE, standing("member", editor | {"own"}))
    assert rights.allowed(Action.APPROVE, standing("member", editor | {"own"}, only_editor=True))
    for held in (frozenset({"own"}), frozenset({"approver"})):
        assert rights.allowed(Action.SEE_RIGHT_ANSWER, standing("member", held))
        assert not rights.allowed(Action.ANSWER_QUIZ, standing("member", held))
    for column, (kind, held) in COLUMNS.items():
        assert not rights.allowed(Action.SEE_RIGHT_ANSWER, standing(kind, held)), column
