"""The proving ground itself: nothing in it may pass by not being there."""

import ast
from datetime import UTC, datetime

from tests.faults import page
from tests.faults.__main__ import Watched, files
from tests.faults.catalogue import ROWS
from tests.faults.proof import Proof


def test_every_row_has_a_test() -> None:
    """By the marks as they are written, so that it does not matter which tests are run."""
    marks = [
        node
        for path in files()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.row"
    ]
    proved = {ast.literal_eval(number) for mark in marks for number in mark.args}
    assert set(ROWS) - proved == set()


def test_a_row_without_a_test_has_failed() -> None:
    result = Watched().result("A1", now=datetime(2026, 11, 22, tzinfo=UTC))
    assert result.outcome == "FAILED"


def test_a_skipped_test_proves_nothing() -> None:
    result = Watched(passed=1, skipped=["skipped: no PostgreSQL"]).result("A1", now=datetime(2026, 11, 22, tzinfo=UTC))
    assert result.outcome == "FAILED"
    assert "no PostgreSQL" in result.reached


def test_the_page_shows_every_row_also_those_not_run() -> None:
    shown = page.markdown({})
    assert all(f"| {number} |" in shown for number in ROWS)
    assert shown.count("not run yet") == len(ROWS)


def test_the_page_is_made_from_what_was_kept() -> None:
    assert (page.DOCS / "proof.md").read_text(encoding="utf-8") == page.markdown(page.read())


def test_small_and_full_sizes(proof: Proof) -> None:
    assert proof.at(small=2, full=1000) == (1000 if proof.size == "full" else 2)
