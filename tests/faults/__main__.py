"""`make prove`: does to Canteen what the catalogue of faults names, and says what became of it.

`--size full` writes `docs/proof.md`; `small` only shows. Ends with 1 where a row failed.
"""

import argparse
import os
import platform
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from tests.faults import page
from tests.faults.catalogue import ROWS

BESIDE = 4  # rows that mostly wait, at once


@dataclass
class Watched:
    """What one row's tests have said so far."""

    seconds: float = 0.0
    passed: int = 0
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    injected: list[str] = field(default_factory=list)
    reached: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    def result(self, row: str, *, now: datetime) -> page.Result:
        bad = self.failed or self.skipped
        outcome: page.Outcome = "FAILED" if bad or not self.passed else "short" if self.short else "pass"
        said = [*self.failed, *self.skipped, *self.short, *self.reached]
        return page.Result(
            row=row, outcome=outcome, injected="; ".join(dict.fromkeys(self.injected)), seconds=round(self.seconds),
            reached="; ".join(dict.fromkeys(said)) or f"held in {self.passed} test{'s' if self.passed > 1 else ''}",
            when=f"{now:%Y-%m-%d}", machine=machine(),
        )  # fmt: skip


class Judge:
    """Listens to pytest, with or without several processes."""

    def __init__(self, progress: Progress) -> None:
        self.rows: defaultdict[str, Watched] = defaultdict(Watched)
        self._progress = progress
        self._task = progress.add_task("collecting", total=None)
        self._tests = self._done = 0

    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        self._tests = len(ids)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._tests = len(session.items) or self._tests

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._progress.update(self._task, total=self._tests, completed=self._done, description=nodeid[-70:])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        said: dict[str, Any] = dict(report.user_properties)
        for row in said.get("rows", ()):
            self._note(self.rows[row], report, said.get("proof"))
        if report.when == "teardown":
            self._done += 1
            self._progress.update(self._task, total=self._tests, completed=self._done)

    def _note(self, watched: Watched, report: pytest.TestReport, proof: dict[str, Any] | None) -> None:
        watched.seconds += report.duration
        if report.failed:
            watched.failed.append(_why(report))
            self._progress.console.print(
                f"[bold red]FAILED[/] {report.nodeid}\n{report.longreprtext[-3000:]}", markup=True
            )
        elif report.skipped:
            watched.skipped.append("skipped: " + _why(report))
        elif report.when == "call":
            watched.passed += 1
        if report.when == "teardown" and proof is not None:
            watched.injected += [proof["injected"]] if proof["injected"] else []
            watched.reached += proof["reached"]
            watched.short += proof["short"]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._progress.console.print(report.longreprtext[-3000:], markup=False)


def _why(report: pytest.TestReport) -> str:
    lines = [line[2:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return (lines or report.longreprtext.splitlines() or ["no reason given"])[0][:200]


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def run(asked: str, size: str) -> dict[str, Watched]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    found: dict[str, Watched] = {}
    with Progress(*columns) as progress:
        for waiting, beside in (("yes", ["-n", str(BESIDE)]), ("no", ["-n", "1"])):
            judge = Judge(progress)
            quiet = ["-o", "addopts=--strict-markers -p no:cacheprovider", "-p", "no:terminal"]
            words = [*quiet, "--rows", asked, "--size", size, "--waiting", waiting, *beside]
            pytest.main([*words, *map(str, files())], plugins=[judge])
            for row, watched in judge.rows.items():
                found[row] = _joined(found[row], watched) if row in found else watched
    return found


def files() -> list[Path]:
    """Only those that prove something: to collect all the others takes longer than many a row."""
    tests = Path(__file__).parents[1]
    return [path for path in sorted(tests.rglob("test_*.py")) if "mark.row(" in path.read_text(encoding="utf-8")]


def _joined(one: Watched, other: Watched) -> Watched:
    return Watched(**{name: getattr(one, name) + getattr(other, name) for name in vars(one)})


def show(results: list[page.Result]) -> None:
    table = Table(box=None, header_style="bold")
    for column in ("row", "fault", "bar", "", "reached"):
        table.add_column(column)
    colours = {"pass": "green", "short": "yellow", "FAILED": "bold red"}
    for one in results:
        row = ROWS[one.row]
        table.add_row(one.row, row.fault, row.bar, f"[{colours[one.outcome]}]{one.outcome}[/]", one.reached)
    Console().print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="A2 C2 ...; all of them by default")
    parser.add_argument("--size", choices=["small", "full"], default="full")
    given = parser.parse_args()
    if unknown := [row for row in given.rows if row not in ROWS]:
        parser.error(f"the catalogue does not know {', '.join(unknown)}")
    found = run(" ".join(given.rows) or "all", given.size)
    now = datetime.now(UTC)
    wanted = given.rows or list(ROWS)
    results = [
        found.get(row, Watched(failed=["nothing proves it"])).result(row, now=now) for row in ROWS if row in wanted
    ]
    show(results)
    if given.size == "full":
        page.write(results)
    return int(any(one.outcome == "FAILED" for one in results))


if __name__ == "__main__":
    sys.exit(main())
