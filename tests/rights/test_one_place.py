"""Who may do what is decided by the table in `members/rights.py`: nothing else asks who somebody is."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

BOT = Path(__file__).parents[2] / "bot"
WHO_ONE_IS = {"roles", "is_guest", "is_person"}
KINDS = {"MEMBER", "ADMIN", "EDITOR", "GUESTS", "GUEST", "EXTERNAL", "DEACTIVATED"}
KINDS |= {"member", "admin", "editor", "guest", "external", "deactivated"}
# Not who may do something, but how they are spoken to or what is public.
ELSEWHERE: Mapping[str, str] = {
    "features/members/rights.py": "the table",
    "features/members/rules.py": "what the roles are, and how they are given",
    "features/members/service.py": "who holds a role",
    "features/members/store.py": "a query: the admins there are",
    "features/members/waking.py": "when people are written to",
    "features/members/asking.py": "what is told to whom the table refused",
    "features/quizzes/ballots.py": "the same, of many at once",
    "features/customers/service.py": "as whom somebody reads: guests get what has public consent",
    "features/stories/showing.py": "the same, of stories",
    "features/quizzes/handlers.py": "the same, of what one answered",
    "features/home/seams.py": "the same, on Home",
    "features/home/owed.py": "guests are not asked for their team",
    "features/adoptions/store.py": "a query: whose adoptions end, since they have left",
    "features/customers/store.py": "a query: whose account manager has left",
    "features/quizzes/store.py": "a query: who is named in standings",
    "features/inbox/rules.py": "whether an editor is another one",
    "erasure/person.py": "the last admin is not erased",
    "commands/sample.py": "a made-up company",
}


def asks(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute) and node.attr in WHO_ONE_IS) or (
            isinstance(node, ast.Compare) and any(map(_is_of_somebody, [node.left, *node.comparators]))
        ):
            yield node


def _is_of_somebody(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in KINDS
    named = node.id if isinstance(node, ast.Name) else node.value if isinstance(node, ast.Constant) else None
    return named in KINDS


def test_nothing_but_the_table_decides() -> None:
    found: dict[str, list[int]] = {}
    for path in sorted(BOT.rglob("*.py")):
        if lines := {node.lineno for node in asks(ast.parse(path.read_text()))}:
            found[path.relative_to(BOT).as_posix()] = sorted(lines)
    assert {where: lines for where, lines in found.items() if where not in ELSEWHERE} == {}
    assert set(ELSEWHERE) <= set(found)
