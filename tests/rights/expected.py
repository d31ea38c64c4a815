"""What each case should come to for each person, from the copy of the table alone."""

from tests.features.members.test_rights import expected as by_table
from tests.rights.cases import Case
from tests.rights.world import PEOPLE, STRANGER


def held(case: Case, name: str) -> frozenset[str]:
    related = {
        "account_manager": case.managers,
        "channel_owner": case.owners,
        "own": case.own,
        "approver": case.approver,
        "audience": case.audience,
    }
    roles = PEOPLE[name][1] if name in PEOPLE else frozenset()
    return roles | {role for role, people in related.items() if name in people}


def may(case: Case, name: str) -> bool:
    kind = "external" if name == STRANGER else PEOPLE[name][0]
    if case.right is None:
        return kind == "member"
    state = {"manager_reachable": case.reachable, "guests_allowed": case.guests, "only_editor": case.alone}
    return by_table(kind, held(case, name), case.right.value, state)


def gets_it(case: Case, name: str) -> bool:
    return may(case, name) and not case.over and (case.only is None or name in case.only)
