"""Every column of every import: what no field takes is refused by row and column, and nothing of it is stored.

Columns and keys are the importers' own, so that a new one is here by itself. A megabyte in each takes a few times as
long as a quarter of it: in the same run, as a ratio.
"""

import csv
import json
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.db.engine import Sessions
from bot.db.tables import Base
from bot.features.customers.importing.columns import FIELDS, NEEDED
from bot.features.customers.seams import Report
from bot.features.quizzes import checking
from bot.features.quizzes import reading as quiz_files
from bot.features.stories import frontmatter
from bot.features.stories import reading as stories
from bot.registry import importers
from tests import engines
from tests.doubles import CountingIds, FixedClock

FIT = 10_000  # marks that a story's front matter has room for
QUARTER, WHOLE = 125_000, 500_000  # marks: of two bytes each
SLOWEST = 8.0  # times a quarter of it; what grows with the square takes 16 times
LONGEST_SAID = 300
RIGHT = {"external_id": "1", "name": "One", "email": "max@example.com", "team": "Line 2"}
QUESTION = {"question": "Who came first?", "option 1": "Orion", "option 2": "Halden", "right": "1", "why": "In 2009."}


def hostile(marks: int) -> Mapping[str, str]:
    """`piled`: text that may be, and far too much of it."""
    return {
        "nul": "a\x00b",
        "surrogate": "a\ud83db",
        "combining": "e" + "\u0301" * marks,
        "piled": ("e" + "\u0301" * 8) * (marks // 9),
    }


@dataclass(kw_only=True)
class Desk:
    sessions: Sessions
    file: Path
    folder: Path
    new_id: CountingIds = field(default_factory=CountingIds)

    async def bring(self, what: str, path: Path) -> tuple[Report, float]:
        """The report, and how long it computed."""
        [importer] = [one for one in importers() if one.what == what]
        begun = time.process_time()
        report = await importer.run(
            self.sessions, path, workspace_id="T1", by="U0ADMIN", dry_run=False, strict=False,
            now=FixedClock().now(), new_id=self.new_id, progress=lambda *_: None,
        )  # fmt: skip
        return report, time.process_time() - begun

    def stored(self) -> list[str]:
        """The tables that have something, but for the note that there was an import."""
        with closing(sqlite3.connect(self.file)) as there:
            tables = sorted(Base.metadata.tables.keys() - {"imports"})
            return [name for name in tables if there.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]]


@pytest.fixture
async def desk(tmp_path: Path, empty_file: Path) -> AsyncIterator[Desk]:
    file = tmp_path / "canteen.db"
    shutil.copyfile(empty_file, file)
    async with engines.lent(f"sqlite:///{file}") as engine:
        yield Desk(sessions=Sessions(engine), file=Path(str(engine.url.database)), folder=tmp_path)


def wrong_with(report: Report, wanted: Sequence[tuple[str, int, str]]) -> list[str]:
    """`wanted`: of each row or file, where and in which column (or a part of it) it is refused."""
    found = [(one.file, one.line, one.column) for one in report.refused]
    missing = [
        f"not refused at {column} in {file}:{line}"
        for file, line, column in wanted
        if not any(at[:2] == (file, line) and f"{at[2]}.".startswith(f"{column}.") for at in found)
    ]
    said = [f"{one.column} says {text[:80]!r} ..." for one in report.refused for text in (one.why, one.cure)
            if not text or len(text) > LONGEST_SAID or not text.isprintable()]  # fmt: skip
    more = [f"{report.added} were added"] if report.added else []
    return [*missing, *said, *more]


# -- tables -----------------------------------------------------------------------------------------------------------


def table_of(what: str) -> tuple[list[str], Iterator[tuple[str, dict[str, str]]]]:
    """The column names, and for each column: how it is refused, and a row that is right but for it."""
    if what == "quizzes":
        names = [*quiz_files.COLUMNS, *(name for name in QUESTION if quiz_files.OPTION.fullmatch(name))]
        return names, ((quiz_files.COLUMNS.get(name, "options"), _question_without(name)) for name in names)
    headers = {field: names[0] for field, names in FIELDS[what].items()}
    needed = {group[0] for group in NEEDED[what]}
    row = {headers[field]: RIGHT[field] for field in needed}
    return list(headers.values()), ((header, dict(row)) for header in headers.values())


def _question_without(name: str) -> dict[str, str]:
    same = {other for other, key in quiz_files.COLUMNS.items() if key == quiz_files.COLUMNS.get(name)}
    row = {column: value for column, value in QUESTION.items() if column not in same}
    return {**row, "picture alt": "A sign"} if name.startswith("picture") and name != "picture alt" else row


def write(path: Path, what: str, marks: int) -> list[tuple[str, int, str]]:
    """A file with a row for every column and every kind of what no field takes."""
    headers, rows = table_of(what)
    wanted: list[tuple[str, int, str]] = []
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, headers)
        writer.writeheader()
        written = [(header, column, row) for header, (column, row) in zip(headers, rows, strict=True)]
        for header, column, row in written:
            for bad in hostile(marks).values():
                writer.writerow({**row, header: bad})
                wanted.append((path.name, len(wanted) + 2, column))
    return wanted


@pytest.mark.row("F9")
async def test_each_column_of_each_table_refuses_it_in_time_that_grows_with_the_text(desk: Desk) -> None:
    problems = []
    for what in (*FIELDS, "quizzes"):
        path = desk.folder / f"{what}.csv"
        write(path, what, QUARTER)
        _, quarter = await desk.bring(what, path)
        wanted = write(path, what, WHOLE)
        report, whole = await desk.bring(what, path)
        problems += [f"{what}: {wrong}" for wrong in wrong_with(report, wanted)]
        if whole > SLOWEST * quarter:
            problems.append(f"{what}: {whole:.2f} s of computing, and {quarter:.2f} s for a quarter of it")
    assert problems == []
    assert desk.stored() == []


# -- stories ----------------------------------------------------------------------------------------------------------


def story() -> dict[str, Any]:
    return {
        "kind": "story", "headline": "A set with our board", "snippet": "It is out.", "consent": "internal",
        "quote": {"text": "It works.", "name": "Eva"}, "picture": {"url": "https://example.com/a.png", "alt": "A set"},
        "variants": {"de": {"headline": "Ein Satz", "snippet": "Er ist da."}},
    }  # fmt: skip


def question() -> dict[str, Any]:
    return {
        "question": "Who came first?", "options": ["Orion", "Halden"], "right": 1, "why": "In 2009.",
        "picture": {"url": "https://example.com/a.png", "alt": "A sign"},
        "variants": {"de": {"question": "Wer war zuerst da?", "why": "2009."}},
    }  # fmt: skip


def paths(keys: frozenset[str], parts: Mapping[str, frozenset[str]]) -> list[str]:
    """Of every text: `quote.name`, `variants.de.body`."""
    inside = {"variants.de": parts["variant"]} | {name: held for name, held in parts.items() if name != "variant"}
    plain = keys - {name.partition(".")[0] for name in inside}
    return sorted(plain) + [f"{name}.{key}" for name, held in inside.items() for key in sorted(held)]


def with_it(front: dict[str, Any], path: str, bad: str) -> dict[str, Any]:
    *around, last = path.split(".")
    place = front
    for name in around:
        place = place[name]
    if path.startswith("picture.file"):
        del place["url"]
    place[last] = [bad, *place.get(last, ["Two", "Three"])[1:]] if last == "options" else bad
    return front


def lines_of(front: Mapping[str, Any]) -> list[str]:
    """As YAML, each key on a line of its own, with what no file holds as escapes."""
    return [f"{key}: {json.dumps(value)}" for key, value in front.items()]


@pytest.mark.row("F9")
async def test_each_key_of_a_story_refuses_it(desk: Desk) -> None:
    wanted: list[tuple[str, int, str]] = []
    (desk.folder / "stories").mkdir()

    def put(content: bytes, line: int, column: str) -> None:
        path = desk.folder / "stories" / f"{len(wanted)}.md"
        path.write_bytes(content)
        wanted.append((path.name, line, column))

    for key in paths(stories.KEYS, stories.PARTS):
        for bad in hostile(FIT // 3).values():
            lines = lines_of(with_it(story(), key, bad))
            line = next(number for number, one in enumerate(lines, 2) if one.startswith(f"{key.partition('.')[0]}:"))
            put("\n".join(["---", *lines, "---", "It began."]).encode(), line, key)
    front = "\n".join(["---", *lines_of(story()), "---", ""]).encode()
    lines_before = front.count(b"\n")
    for kind, bad in hostile(10 * FIT).items():
        raw = bad.encode("utf-8", "surrogatepass")
        put(front + b"\nFirst.\n" + raw, lines_before + (3 if kind == "surrogate" else 2), "body")
        if kind in {"nul", "surrogate"}:
            put(front.replace(b"It is out.", raw), 4, "snippet")
    put(front + hostile(WHOLE)["combining"].encode(), 1, "")
    report, _ = await desk.bring("stories", desk.folder / "stories")
    assert wrong_with(report, wanted) == []
    assert desk.stored() == []


@pytest.mark.row("F9")
async def test_each_key_of_a_question_refuses_it(desk: Desk) -> None:
    wanted: list[tuple[str, int, str]] = []
    path = desk.folder / "bank.yaml"
    listed: list[str] = []
    for key in paths(checking.KEYS, {"picture": checking.PICTURE, "variant": checking.VARIANT}):
        for bad in hostile(FIT).values():
            wanted.append((path.name, len(listed) + 1, key))
            listed.append(f"- {json.dumps(with_it(question(), key, bad))}")
    path.write_text("\n".join(listed), encoding="utf-8")
    report, _ = await desk.bring("quizzes", path)
    assert wrong_with(report, wanted) == []
    for raw in (b"a\x00b", b"a\xed\xa0\xbdb"):
        path.write_bytes(b"- question: Who?\n  why: " + raw)
        report, _ = await desk.bring("quizzes", path)
        assert [(one.file, one.why.startswith("line 2 ")) for one in report.refused] == [(path.name, True)]
    assert desk.stored() == []


@pytest.mark.row("F9")
def test_yaml_is_read_in_time_that_grows_with_the_text(tmp_path: Path) -> None:
    took = []
    for marks in (frontmatter.LARGEST_FRONT // 12, frontmatter.LARGEST_FRONT // 3):
        text = json.dumps(hostile(marks)["combining"], ensure_ascii=False)
        (tmp_path / "bank.yaml").write_text(f"- question: {text}", encoding="utf-8")
        begun = time.thread_time()
        frontmatter.read(f"---\nheadline: {text}\n---\n".encode())
        quiz_files.read(tmp_path / "bank.yaml")
        took.append(time.thread_time() - begun)
    assert took[1] < SLOWEST * took[0]
