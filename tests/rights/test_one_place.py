"""Who may do what is decided by the table in `members/rights.py`: nothing else asks who somebody is."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

FEATURES = Path(__file__).parents[2] / "bot" / "features"
WHO_ONE_IS = {"roles", "is_guest", "is_person"}
KINDS = {"MEMBER", "ADMIN", "EDITOR", "GUESTS", "GUEST", "EXTERNAL", "DEACTIVATED"}
KINDS |= {"member", "admin", "editor", "guest", "external", "deactivated"}
# Not who may do something, but how they are spoken to or what is public.
ELSEWHERE: Mapping[str, str] = {
    "customers/service.py": "as whom somebody reads: guests get what has public consent",
    "stories/showing.py": "the same, of stories",
    "quizzes/handlers.py": "the same, of what one answered",
    "quizzes/ballots.py": "what is told to whom the table refused",
    "home/seams.py": "the same, on Home",
    "adoptions/store.py": "a query: whose adoptions end, since they have left",
    "customers/store.py": "a query: whose account manager has left",
    "quizzes/store.py": "a query: who is named in standings",
    "inbox/rules.py": "whether somebody is another one",
    "home/owed.py": "guests are not asked for their team",
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
    for path in sorted(FEATURES.rglob("*.py")):
        where = path.relative_to(FEATURES).as_posix()
        if not where.startswith("members/"):
            lines = [node.lineno for node in asks(ast.parse(path.read_text()))]
            found |= {where: sorted(set(lines))} if lines else {}
    assert {where: lines for where, lines in found.items() if where not in ELSEWHERE} == {}
    assert set(ELSEWHERE) <= set(found)
