"""House rules that no linter knows: who commits, who reads the clock, how long things may be, what they may be called."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BOT = sorted((ROOT / "bot").rglob("*.py"))
BOTH = [*BOT, *sorted((ROOT / "sandbox").rglob("*.py"))]
MAY_READ_CLOCK = (ROOT / "bot" / "core", ROOT / "bot" / "wiring.py")
CLOCK = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "monotonic"), ("time", "time_ns"), ("time", "perf_counter"),
}  # fmt: skip
CHANCE = {"random", "secrets", "uuid"}
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "managers", "manager"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 50


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commits(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "commit":
            yield node.lineno


def readings(tree: ast.AST) -> Iterator[int]:
    """Lines that read the process clock or make chance of their own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else node.value.attr
            if (owner, node.attr) in CLOCK:
                yield node.lineno
        elif isinstance(node, ast.Import) and {one.name.partition(".")[0] for one in node.names} & CHANCE:
            yield node.lineno
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "", one.name) for one in node.names}
            if node.module in CHANCE or names & CLOCK:
                yield node.lineno


def lengths(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("session.commit()", 1),
        ("await s.commit()", 1),
        ("committed = 1", 0),
    ],
)
def test_commits_are_seen(text: str, found: int) -> None:
    assert len(list(commits(ast.parse(text)))) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("datetime.now(UTC)", 1),
        ("datetime.datetime.utcnow()", 1),
        ("date.today()", 1),
        ("time.time()", 1),
        ("from time import monotonic", 1),
        ("import secrets", 1),
        ("from random import Random", 1),
        ("import uuid, os", 1),
        ("clock.now()", 0),
        ("from datetime import time", 0),
    ],
)
def test_readings_are_seen(text: str, found: int) -> None:
    assert len(list(readings(ast.parse(text)))) == found


def test_nobody_commits_by_hand() -> None:
    """`sessions.begin()` does it, at the edge."""
    assert [f"{name(path)}:{line}" for path in BOT for line in commits(parsed(path))] == []


def test_clock_and_chance_are_arguments() -> None:
    elsewhere = [path for path in BOT if not any(path.is_relative_to(place) for place in MAY_READ_CLOCK)]
    assert len(elsewhere) > 50
    assert [f"{name(path)}:{line}" for path in elsewhere for line in readings(parsed(path))] == []


def test_files_are_short() -> None:
    long = {name(path): len(path.read_text("utf-8").splitlines()) for path in BOTH}
    assert {path: lines for path, lines in long.items() if lines > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = {f"{name(path)}:{what}": lines for path in BOTH for what, lines in lengths(parsed(path))}
    assert len(long) > 500
    assert {what: lines for what, lines in long.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_says_what_it_is_about() -> None:
    assert [name(path) for path in BOTH if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


@pytest.mark.row("F7")
def test_one_module_writes_files_for_spreadsheets() -> None:
    """What begins with `=` in somebody's text becomes a formula there: that module neutralises it."""
    writers = ("csv.writer", "csv.DictWriter", "openpyxl", "xlsxwriter")
    assert [name(path) for path in BOTH if any(writer in path.read_text("utf-8") for writer in writers)] == [
        "bot/core/spreadsheet.py"
    ]
