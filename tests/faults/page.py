"""`docs/proof.md`: the last result of every row, kept as data beside it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from tests.faults.catalogue import ROWS

DOCS = Path(__file__).parents[2] / "docs"
Outcome = Literal["pass", "short", "FAILED"]

HEAD = """# What was proved, and how

Made by `make prove` at full size; do not edit. Each row is one of the faults that Canteen survives; what is judged are the
messages that the local Slack really made and the rows of the database, never what the bot says of itself. *short* means:
it holds, but not at the figure that was asked for; the last column says what was reached and why.

| row | fault | injected | bar | | reached | when, where |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one row. `injected`: "" where it was what the catalogue says."""

    row: str
    outcome: Outcome
    injected: str
    reached: str
    when: str
    machine: str
    seconds: float


def read() -> dict[str, Result]:
    path = DOCS / "proof.json"
    if not path.exists():
        return {}
    return {one["row"]: Result(**one) for one in json.loads(path.read_text(encoding="utf-8"))}


def write(results: Iterable[Result]) -> None:
    """Rows that were not run now keep what they had."""
    kept = {**read(), **{one.row: one for one in results}}
    ordered = [kept[number] for number in ROWS if number in kept]
    text = json.dumps([asdict(one) for one in ordered], indent=1, ensure_ascii=False)
    (DOCS / "proof.json").write_text(text + "\n", encoding="utf-8")
    (DOCS / "proof.md").write_text(markdown(kept), encoding="utf-8")


def markdown(results: Mapping[str, Result]) -> str:
    return HEAD + "".join(_line(number, results.get(number)) for number in ROWS)


def _line(number: str, result: Result | None) -> str:
    row = ROWS[number]
    said = ("", "not run yet", "") if result is None else (result.outcome, result.reached, _where(result))
    cells = (number, row.fault, (result.injected if result else "") or row.injected, row.bar, *said)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |\n"


def _where(result: Result) -> str:
    return f"{result.when}, {result.seconds:.0f} s, {result.machine}"
