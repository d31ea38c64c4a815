"""Rows out of a CSV file as people really have them: any usual encoding and delimiter, in bounded memory.

A row is refused, never guessed at; what follows it is still read wherever that is safe.
"""

import codecs
import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.texts import Text, worded

LONGEST = 1_000_000  # characters in one row
CHUNK = 1 << 20
SEPARATOR_LINE = re.compile(r"sep=([,;\t])\r?\n?", re.IGNORECASE)  # what Excel writes for itself
BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx (a zip) and xls


@dataclass(frozen=True, kw_only=True)
class Source:
    """How to read the file. `errors` keeps what is not text as lone surrogates, so that its row can be refused."""

    path: Path
    encoding: str
    errors: str
    delimiter: str
    skip: int
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Record:
    """`line` is where the row begins; with quoted newlines it goes on below."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A row that cannot be read. `last`: nothing after it could be."""

    line: int
    why: Text
    cure: Text
    last: bool = False


class FileRefusedError(Exception):
    """The whole file cannot be used: `why`, and `cure`, what to do."""

    def __init__(self, why: Text, cure: Text) -> None:
        super().__init__(why)
        self.why, self.cure = why, cure


def inspect(path: Path) -> Source:
    """Reads the file once, a piece at a time, for its hash and encoding."""
    try:
        with path.open("rb") as file:
            head = file.read(CHUNK)
            if head.startswith(WORKBOOKS):
                raise FileRefusedError(
                    worded("{file} is an Excel workbook, not CSV", file=path.name),
                    worded("in Excel choose Save as, CSV UTF-8, and import that"),
                )
            hasher, size, scan = hashlib.sha256(), 0, _Utf8Scan()
            while head_or_next := (head if size == 0 else file.read(CHUNK)):
                hasher.update(head_or_next)
                scan.feed(head_or_next)
                size += len(head_or_next)
    except OSError as error:
        raise FileRefusedError(
            worded("{file} cannot be read: {error}", file=path.name, error=str(error.strerror or error)),
            worded("check the path and its permissions"),
        ) from error
    if size == 0:
        raise FileRefusedError(
            worded("{file} is empty", file=path.name), worded("export it again, with a row of column names first")
        )
    encoding, errors = _encoding(head, scan)
    delimiter, skip = _delimiter(path, encoding, errors)
    return Source(
        path=path,
        encoding=encoding,
        errors=errors,
        delimiter=delimiter,
        skip=skip,
        size=size,
        sha256=hasher.hexdigest(),
    )


class _Utf8Scan:
    """Whether bytes are UTF-8: entirely, with half surrogates, mostly (a few bytes are broken), or not at all."""

    def __init__(self) -> None:
        self._whole = codecs.getincrementaldecoder("utf-8")("surrogatepass")
        self._lossy = codecs.getincrementaldecoder("utf-8")("replace")
        self.valid = True
        self.good = self.bad = 0

    def feed(self, piece: bytes) -> None:
        if self.valid and not piece.isascii():
            try:
                self._whole.decode(piece)
            except UnicodeDecodeError:
                self.valid = False
        if not piece.isascii():
            text = self._lossy.decode(piece)
            bad = text.count("\ufffd")
            self.bad += bad
            self.good += sum(map(len, re.findall("[^\x00-\x7f]+", text))) - bad


def _encoding(head: bytes, scan: _Utf8Scan) -> tuple[str, str]:
    for mark, name in BOMS:
        if head.startswith(mark):
            return name, "surrogatepass" if name != "utf-8-sig" or scan.valid else "surrogateescape"
    wide = _wide_without_mark(head)
    if wide:
        return wide, "surrogatepass"
    if scan.valid:
        return "utf-8", "surrogatepass"
    return ("utf-8" if scan.good > 9 * scan.bad else "cp1252"), "surrogateescape"


def _wide_without_mark(head: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every other byte."""
    sample = head[:4096]
    pairs = len(sample) // 2
    first, second = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if pairs >= 2 and second > 0.4 * pairs and first < 0.05 * pairs:
        return "utf-16-le"
    if pairs >= 2 and first > 0.4 * pairs and second < 0.05 * pairs:
        return "utf-16-be"
    return None


def _open(path: Path, encoding: str, errors: str) -> tuple[io.BufferedReader, io.TextIOWrapper]:
    raw = path.open("rb")
    return raw, io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")


def _delimiter(path: Path, encoding: str, errors: str) -> tuple[str, int]:
    """The sign that parts the column names, and how many lines to skip before them."""
    _, text = _open(path, encoding, errors)
    with text:
        try:
            first = text.readline(LONGEST)
            said = SEPARATOR_LINE.fullmatch(first)
            if said:
                return said[1], 1
            header = first
            while header.count('"') % 2 and len(header) < LONGEST and (more := text.readline(LONGEST)):
                header += more
        except UnicodeError:
            return ",", 0
    outside = re.sub(r'"[^"]*"', "", header)
    return max(",;\t", key=outside.count), 0


class _StopReadingError(Exception):
    """Where the next row would begin is not known any more."""


class _Lines:
    """Feeds csv.reader one physical line at a time and keeps count."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.number = 0
        self.start = True  # the next line begins a row
        self.length = 0
        self.dropped = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST + 1)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) > LONGEST and not line.endswith(("\n", "\r")):
            return self._drop(line)
        self.length += len(line)
        if self.length > LONGEST:
            raise _StopReadingError
        self.start = False
        return line

    def _drop(self, line: str) -> str:
        """Past an endless line, if it is surely a whole row."""
        quotes = line.count('"')
        while not line.endswith(("\n", "\r")) and (line := self._text.readline(CHUNK)):
            quotes += line.count('"')
        if not self.start or quotes % 2:
            raise _StopReadingError
        self.dropped = True
        return "\n"


def records(source: Source, read_so_far: Callable[[int], None] = lambda _: None) -> Iterator[Record | Broken]:
    """Every row with something in it, the column names first. `read_so_far` is told bytes, now and then."""
    csv.field_size_limit(2 * LONGEST)  # ours is the limit for a whole row
    raw, text = _open(source.path, source.encoding, source.errors)
    with text:
        lines = _Lines(text)
        for _ in range(source.skip):
            next(lines, None)
        reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
        while True:
            found = _next(reader, lines)
            if found is None:
                break
            if isinstance(found, Broken) or any(cell.strip() for cell in found.cells):
                yield found
            if isinstance(found, Broken) and found.last:
                break
            if lines.number % 256 == 0:
                read_so_far(raw.tell())
    read_so_far(source.size)


def _next(reader: Iterator[list[str]], lines: _Lines) -> Record | Broken | None:
    lines.start, lines.length, lines.dropped = True, 0, False
    line = lines.number + 1
    try:
        cells = next(reader)
    except StopIteration:
        return None
    except _StopReadingError:
        return Broken(
            line=line,
            why=worded("a row of more than {limit} characters: perhaps a quote that is never closed", limit=LONGEST),
            cure=worded("close the quote or shorten the row; nothing after it was read"),
            last=True,
        )
    except UnicodeError:
        return Broken(
            line=line,
            why=worded("the file breaks off in the middle of a character"),
            cure=worded("export it again"),
            last=True,
        )
    except csv.Error as error:
        return _misquoted(line, lines.number, str(error))
    if lines.dropped:
        why = worded("a line of more than {limit} characters", limit=LONGEST)
        return Broken(line=line, why=why, cure=worded("shorten it"))
    return Record(line=line, cells=tuple(cells))


def _misquoted(line: int, last_line: int, what: str) -> Broken:
    if "end of data" in what:
        return Broken(
            line=line,
            why=worded(
                "a quote that begins in this row is never closed, so lines {first} to {last} cannot be told apart",
                first=str(line),
                last=str(last_line),
            ),
            cure=worded('close the quote; a quote inside a quoted cell is written twice ("")'),
            last=True,
        )
    return Broken(
        line=line,
        why=worded("something follows a closing quote before the cell ends"),
        cure=worded('a quote inside a quoted cell is written twice ("")'),
    )
