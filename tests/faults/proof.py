"""Tests that prove a row of the catalogue: at a small size in every run, at full size for `make prove`.

    @pytest.mark.row("A2")
    async def test_...(proof: Proof) -> None:
        messages = proof.at(small=20, full=1_000)
        ...
        proof.found(f"{messages} of {messages} made, none twice")

Whatever runs alone measures quietly: only `@pytest.mark.row("A7", waits=True)`, whose time is mostly spent waiting, runs
beside others. A test without `proof` proves its row by passing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeVar

import pytest

from tests.faults.catalogue import ROWS

Size = Literal["small", "full"]
T = TypeVar("T")
KEY = "proof"
ROW_TIMEOUT = 2 * 3600  # at full size; a row says its own limits


@dataclass
class Proof:
    """What one test says of its rows. `injected`: what was really done, where that differs from the catalogue."""

    size: Size
    injected: str = ""
    reached: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    def at(self, *, small: T, full: T) -> T:
        return full if self.size == "full" else small

    def found(self, reached: str, *, injected: str = "") -> None:
        """The figures reached; may be said several times."""
        self.reached.append(reached)
        self.injected = injected or self.injected

    def falls_short(self, reached: str, *, why: str) -> None:
        """A bar that is known not to be met as written: the page says so, and the test does not fail."""
        self.short.append(f"{reached}: {why}")


def rows_of(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("row") for name in mark.args]


def waits(item: pytest.Item) -> bool:
    return any(mark.kwargs.get("waits") for mark in item.iter_markers("row"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--size", choices=["small", "full"], default="small", help="how much is done to Canteen")
    parser.addoption("--rows", default="", help="only what proves these rows of the catalogue: 'A2 C2', or 'all'")
    parser.addoption(
        "--waiting", choices=["yes", "no"], default=None, help="only rows that mostly wait, or only others"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "row(*numbers, waits=False): proves these rows of tests/faults/catalogue.py")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        unknown = set(rows_of(item)) - set(ROWS)
        if unknown:
            raise pytest.UsageError(f"{item.nodeid} proves {', '.join(unknown)}, which the catalogue does not know")
    asked = str(config.getoption("--rows")).replace(",", " ").split()
    if asked:
        _keep(config, items, [item for item in items if _is_asked(item, asked, config.getoption("--waiting"))])
    if config.getoption("--size") == "full":
        for item in items:
            if rows_of(item):
                item.add_marker(pytest.mark.timeout(ROW_TIMEOUT), append=False)


def _is_asked(item: pytest.Item, asked: Sequence[str], waiting: str | None) -> bool:
    rows = rows_of(item)
    named = bool(rows) and ("all" in asked or bool(set(rows) & set(asked)))
    return named and waiting in {None, "yes" if waits(item) else "no"}


def _keep(config: pytest.Config, items: list[pytest.Item], kept: list[pytest.Item]) -> None:
    left = [item for item in items if item not in set(kept)]
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.fixture
def proof(request: pytest.FixtureRequest) -> Iterator[Proof]:
    made = Proof(size=request.config.getoption("--size"))
    yield made
    request.node.user_properties.append((KEY, asdict(made)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Reports know nothing of marks; those of several processes carry only this."""
    if rows := rows_of(item):
        item.user_properties.append(("rows", rows))
