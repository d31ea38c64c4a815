"""Tables for a spreadsheet: CSV in UTF-8 with a mark that spreadsheets know it by, one file or several in an archive.

The only writer of CSV: what somebody wrote never becomes a formula in somebody else's spreadsheet.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import IO, Any, Protocol
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# A spreadsheet may part lines at other signs than we do (";" in much of Europe), so a cell may begin after those too,
# or after a quote; some read the full-width signs of East Asia as the plain ones.
FORMULA = re.compile('(^[\\s\x00-\x20"]*|[;\t\r\n][\\s\x00-\x20"]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])')
STARTED = (1980, 1, 1, 0, 0, 0)  # archives know no time before; the same data gives the same bytes


class Sheet(Protocol):
    def __call__(self, *cells: Any) -> None: ...


def neutral(text: str) -> str:
    """The same to read; with an apostrophe where a formula could begin. NUL ends a cell in some programs."""
    return FORMULA.sub(r"\1'", text.replace("\x00", ""))


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):  # in UTC, and without an offset: spreadsheets read none
        plain = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return plain.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return neutral(str(value))


@contextmanager
def sheet(into: IO[bytes], columns: Sequence[str]) -> Iterator[Sheet]:
    """One CSV file; `into` stays open."""
    text = io.TextIOWrapper(into, encoding="utf-8-sig", errors="replace", newline="", write_through=True)
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(one) for one in columns])
    try:
        yield lambda *cells: writer.writerow([cell(one) for one in cells]) and None
    finally:
        text.flush()
        text.detach()


class Archive:
    """Several sheets in one file, written one after the other: no more of it is in memory than it takes packed."""

    def __init__(self, into: IO[bytes], *, largest: int | None = None) -> None:
        """Where it grows beyond `largest` bytes, a row raises `OverflowError`."""
        self._into, self._largest = into, largest
        self._zip = ZipFile(into, "w")

    @contextmanager
    def sheet(self, name: str, columns: Sequence[str]) -> Iterator[Sheet]:
        with self._zip.open(_entry(f"{name}.csv"), "w", force_zip64=True) as file, sheet(file, columns) as write:

            def add(*cells: Any) -> None:
                write(*cells)
                if self._largest is not None and self._into.tell() > self._largest:
                    raise OverflowError(f"more than {self._largest} bytes")

            yield add

    def note(self, name: str, lines: Iterable[str]) -> None:
        """Plain text beside the sheets."""
        self._zip.writestr(_entry(f"{name}.txt"), "\r\n".join(lines) + "\r\n")

    def close(self) -> None:
        self._zip.close()


def _entry(name: str) -> ZipInfo:
    made = ZipInfo(name, date_time=STARTED)
    made.compress_type = ZIP_DEFLATED
    return made
