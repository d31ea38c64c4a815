"""`python -m benchmarks [NAME ...] [--json FILE]`: prints a Markdown table, and ends with 1 where a bar is missed."""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import Row, burst, delivery, growth, idle, import_, votes

ROWS, SIZES = 100_000, ("middle", "full")
NAMES = ("burst", "delivery", "growth", "idle", "import", "votes")


def measures(rows: int, size: str, keep: bool) -> Mapping[str, Callable[[], Awaitable[list[Row]]]]:
    return {
        "burst": burst.measure,
        "delivery": delivery.measure,
        "growth": lambda: growth.measure(size),
        "idle": lambda: idle.measure(keep=keep),
        "import": lambda: import_.measure(rows),
        "votes": votes.measure,
    }


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def as_json(name: str, rows: Sequence[Row]) -> dict[str, Any]:
    shown = [{("pass" if key == "passed" else key): value for key, value in asdict(row).items()} for row in rows]
    return {"name": name, "machine": machine(), "rows": shown}


def as_table(name: str, rows: Sequence[Row]) -> str:
    """Markdown, as docs/performance.md has it."""
    lines = [f"{name} ({machine()}, {datetime.now(UTC):%Y-%m-%d})", "", *HEAD]
    for row in rows:
        passed = {None: "", True: "met", False: "**missed**"}[row.passed]
        figures = (f"{_number(row.value)} {row.unit}".strip(), _number(row.against), _number(row.ratio))
        lines.append(f"| {row.what} | {' | '.join(figures)} | {row.bar} | {passed} |")
    return "\n".join(lines)


HEAD = ("| what | value | against | ratio | bar | |", "|---|---:|---:|---:|---|---|")


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all of them by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures, too")
    parser.add_argument("--rows", type=int, default=ROWS, help="of the file that `import` reads")
    parser.add_argument("--size", choices=SIZES, default="middle", help="how large `growth` makes its database")
    parser.add_argument("--keep", action="store_true", help="`idle`: CI compares with these weights from now on")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in NAMES]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}: {', '.join(NAMES)}")
    found: dict[str, list[Row]] = {}
    for name in given.names or NAMES:
        found[name] = asyncio.run(_one(measures(given.rows, given.size, given.keep)[name]))
        print(as_table(name, found[name]), end="\n\n", flush=True)
    if given.json is not None:
        results = [as_json(name, rows) for name, rows in found.items()]
        content = results[0] if len(results) == 1 else results
        given.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return int(any(row.passed is False for rows in found.values() for row in rows))


async def _one(measure: Callable[[], Awaitable[list[Row]]]) -> list[Row]:
    return await measure()


if __name__ == "__main__":
    sys.exit(main())
