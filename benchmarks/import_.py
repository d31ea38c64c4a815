"""100,000 customers from a CSV file: time and memory against reading the same file with the csv module, and how long
others wait for the database meanwhile.

Each reading runs in a process of its own (`python -m benchmarks.import_ csv|import FILE ...`), so that one's memory is
not the other's, and answers with one line of JSON.
"""

import asyncio
import csv
import json
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks import Row
from bot.db import seen
from bot.db.engine import Sessions, make_engine

ROWS = 100_000
MOST_GROWTH_MB = 64
MOST_AGAINST_TENTH = 1.5
LONGEST_HELD = 2.0  # seconds: whoever presses waits that long for SQLite's one writer, then is told to try again
PRESS_EVERY = 0.05
HEADER = (
    *("external id", "name", "aliases", "industry", "country", "customer since", "size rank", "revenue band"),
    *("website", "account manager", "adoptable", "max adopters", "confidential", "may be named"),
)


def write_file(path: Path, rows: int) -> None:
    chance = random.Random(7)
    day = date(1990, 1, 1)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(rows):
            out.writerow(
                (
                    *(f"C-{number:06}", f"Customer {number} Maschinenbau GmbH", f"C{number}|Kunde {number}"),
                    *(
                        chance.choice(("Televisions", "E-bikes", "Hospital equipment")),
                        chance.choice(("Süden", "Norge")),
                    ),
                    *((day + timedelta(days=chance.randrange(12_000))).isoformat(), number + 1, "10M-25M"),
                    *(f"c{number}.example", f"manager{number % 50}@works.example"),
                    *(chance.choice(("yes", "no")), 4, "no", chance.choice(("yes", "no", ""))),
                )
            )


def _rss_mb() -> float:
    """The most there ever was of this process. On Linux `ru_maxrss` also counts the parent before the program began."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_with_csv(path: Path) -> dict[str, float]:
    before, start = _rss_mb(), time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        count = sum(1 for _ in csv.reader(file))
    return {
        "seconds": time.perf_counter() - start,
        "peak_mb": _rss_mb(),
        "growth_mb": _rss_mb() - before,
        "rows": count,
    }


class Timed(Sessions):
    """Remembers how long a transaction was open at most."""

    longest = 0.0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with super().begin() as session:
            start = time.perf_counter()
            yield session
        self.longest = max(self.longest, time.perf_counter() - start)


@dataclass
class Presses:
    """Somebody who presses again and again while the import runs: each press is one small write."""

    sessions: Sessions
    waits: list[float] = field(default_factory=list)
    failed: int = 0
    over: bool = False

    async def go_on(self) -> None:
        while not self.over:
            start = time.perf_counter()
            try:
                async with self.sessions.begin() as session:
                    key = f"press:{len(self.waits)}:{start}"
                    await seen.first_time(session, workspace_id="T0BENCH", key=key, now=datetime.now(UTC))
            except (TimeoutError, OperationalError):
                self.failed += 1
            self.waits.append(time.perf_counter() - start)
            await asyncio.sleep(PRESS_EVERY)


async def import_it(path: Path, database_url: str) -> dict[str, float]:
    from bot.core.ids import new_id
    from bot.db.tables import Base
    from bot.features.customers.importing.files import importers

    engine = make_engine(database_url)
    sessions = Timed(engine)
    presses = Presses(Sessions(make_engine(database_url)))  # of their own, as another process has them
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    [importer] = [one for one in importers() if one.what == "customers"]
    before, start = _rss_mb(), time.perf_counter()
    pressing = asyncio.create_task(presses.go_on())
    report = await importer.run(
        sessions,
        path,
        workspace_id="T0BENCH",
        by="benchmark",
        dry_run=False,
        strict=True,
        now=datetime.now(UTC),
        new_id=new_id,
        progress=lambda _done, _total: None,
    )
    seconds = time.perf_counter() - start
    presses.over = True
    await pressing  # whoever still waits is counted
    await presses.sessions.engine.dispose()
    await engine.dispose()
    done: dict[str, float] = {"added": report.added, "unchanged": report.unchanged, "refused": report.refused_rows}
    done |= {"held": sessions.longest, "waited": max(presses.waits), "failed": presses.failed}
    return {"seconds": seconds, "peak_mb": _rss_mb(), "growth_mb": _rss_mb() - before, **done}


async def _child(*arguments: str) -> dict[str, float]:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.import_", *arguments),
        cwd=Path(__file__).parent.parent,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await child.communicate()
    if child.returncode != 0:
        raise RuntimeError(f"the measured process ended with {child.returncode}")
    answer: dict[str, float] = json.loads(out)
    return answer


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    """SQLite, and PostgreSQL where a server can be had."""
    urls = {"SQLite": f"sqlite:///{folder / 'bench.db'}"}
    from tests import postgres

    if postgres.binaries() is None:
        yield urls
        return
    with postgres.running() as server:
        yield {**urls, "PostgreSQL": server.url}


async def measure(rows: int = ROWS) -> list[Row]:
    """Takes two minutes or more. Raises when an import does not do all its work."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="canteen-bench-") as name:
        folder = Path(name)
        whole, tenth = folder / "whole.csv", folder / "tenth.csv"
        write_file(whole, rows)
        write_file(tenth, rows // 10)
        reading = await _child("csv", str(whole))
        small = await _child("import", str(tenth), f"sqlite:///{folder / 'tenth.db'}")
        with _databases(folder) as urls:
            for database, url in urls.items():
                first = await _child("import", str(whole), url)
                again = await _child("import", str(whole), url)
                if (first["added"], again["unchanged"]) != (rows, rows):
                    raise RuntimeError(f"{database}: {first} then {again}")
                found += _rows(database, first, again, reading, small)
    return found


def _rows(
    database: str,
    first: dict[str, float],
    again: dict[str, float],
    reading: dict[str, float],
    small: dict[str, float],
) -> list[Row]:
    def against_csv(what: str, unit: str, field: str, one: dict[str, float]) -> Row:
        value, other = one[field], reading[field]
        return Row(
            what=f"{database}: {what}",
            value=value,
            unit=unit,
            against=other,
            ratio=value / other if other else None,
            bar="",
            passed=None,
        )

    def others(what: str, value: float, unit: str, bar: float) -> Row:
        passed = value <= bar if database == "SQLite" else None
        text = f"at most {bar:g} {unit}" if database == "SQLite" else ""
        return Row(
            what=f"{database}: {what}", value=value, unit=unit, against=None, ratio=None, bar=text, passed=passed
        )

    growth, growth_of_tenth = first["growth_mb"], max(small["growth_mb"], 1.0)
    bar = f"at most {MOST_GROWTH_MB} MB, and {MOST_AGAINST_TENTH} times that of a tenth of the rows"
    return [
        against_csv("import, against reading it with csv", "s", "seconds", first),
        against_csv("import again, nothing changed", "s", "seconds", again),
        others("longest that one transaction was open", first["held"], "s", LONGEST_HELD),
        others("longest that a press beside it waited", first["waited"], "s", LONGEST_HELD),
        others("presses beside it that failed", first["failed"], "presses", 0),
        against_csv("peak memory of the process", "MB", "peak_mb", first),
        Row(
            what=f"{database}: memory the import adds, against a tenth of the rows",
            value=growth,
            unit="MB",
            against=growth_of_tenth,
            ratio=growth / growth_of_tenth,
            bar=bar,
            passed=growth <= MOST_GROWTH_MB and growth <= max(MOST_AGAINST_TENTH * growth_of_tenth, 16),
        ),
    ]


if __name__ == "__main__":
    what, file, *more = sys.argv[1:]
    result = read_with_csv(Path(file)) if what == "csv" else asyncio.run(import_it(Path(file), *more))
    sys.stdout.write(json.dumps(result))
