"""Files as people really have them: encodings, delimiters, quoted newlines, and what no field takes."""

import csv
import io
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.strings import why_unusable
from bot.features.customers.importing import reading
from bot.features.customers.importing.reading import Broken, FileRefusedError, Record, inspect, records

ROWS = [
    ["id", "name, and more", "note; here"],
    ["1", "Caffè Brisalba", "two\nlines"],
    ["2", "Máquinas “Süd”", 'a "quoted" word'],
    ["3", "plain", "tab\there\r\nand\rthere"],
]
ENCODINGS = {
    "utf-8": ("utf-8", b""),
    "utf-8 with BOM": ("utf-8-sig", b""),
    "utf-16 little": ("utf-16-le", b"\xff\xfe"),
    "utf-16 big": ("utf-16-be", b"\xfe\xff"),
    "utf-16 little without BOM": ("utf-16-le", b""),
    "utf-16 big without BOM": ("utf-16-be", b""),
    "cp1252": ("cp1252", b""),
}


def written(rows: Sequence[Sequence[str]], delimiter: str = ",", terminator: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=terminator).writerows(rows)
    return out.getvalue()


def read(path: Path) -> list[Record | Broken]:
    return list(records(inspect(path)))


def cells(path: Path) -> list[list[str]]:
    return [list(one.cells) for one in read(path) if isinstance(one, Record)]


def file(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("terminator", ["\r\n", "\n"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_with_every_delimiter(tmp_path: Path, encoding: str, delimiter: str, terminator: str) -> None:
    name, mark = ENCODINGS[encoding]
    path = file(tmp_path, mark + written(ROWS, delimiter, terminator).encode(name))
    source = inspect(path)
    assert source.delimiter == delimiter
    assert [list(one.cells) for one in records(source) if isinstance(one, Record)] == ROWS


def test_excels_own_separator_line(tmp_path: Path) -> None:
    found = read(file(tmp_path, b"sep=;\r\nid;name\r\n1;One\r\n"))
    assert found == [Record(line=2, cells=("id", "name")), Record(line=3, cells=("1", "One"))]


def test_lines_are_right_across_quoted_newlines_and_empty_lines(tmp_path: Path) -> None:
    found = read(file(tmp_path, b'id,name\n\n1,"a\nb\r\nc"\n,\n2,"d"\n3,"e\n\nf"\n4,g'))
    assert [(one.line, one.cells[0]) for one in found if isinstance(one, Record)] == [
        (1, "id"),
        (3, "1"),
        (7, "2"),
        (8, "3"),
        (11, "4"),
    ]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
TABLE = st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(TEXT, min_size=width, max_size=width), max_size=8))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=TABLE, delimiter=st.sampled_from([",", ";", "\t"]), coding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])
)
def test_what_csv_writes_is_read_back_the_same(
    tmp_path: Path, table: list[list[str]], delimiter: str, coding: str
) -> None:
    width = len(table[0]) if table else 1
    header = [f"column {number}" for number in range(max(2, width))]
    path = file(tmp_path, written([header, *table], delimiter).encode(coding))
    kept = [row for row in table if any(cell.strip() for cell in row)]
    assert cells(path) == [header, *kept]
    assert not [one for one in read(path) if isinstance(one, Broken)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=400))
def test_any_bytes_end_in_rows_or_refusals(tmp_path: Path, content: bytes) -> None:
    try:
        found = read(file(tmp_path, b"id,name\n" + content))
    except FileRefusedError:
        return
    for one in found:
        assert one.line >= 1


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (b"PK\x03\x04zip", "Excel"), (b"\xd0\xcf\x11\xe0old", "Excel")],
)
def test_what_is_no_csv_is_refused_whole(tmp_path: Path, content: bytes, word: str) -> None:
    with pytest.raises(FileRefusedError, match=word) as refused:
        inspect(file(tmp_path, content))
    assert refused.value.cure


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="No such file"):
        inspect(tmp_path / "nothing.csv")


def test_a_quote_after_its_end_spoils_its_row_only(tmp_path: Path) -> None:
    found = read(file(tmp_path, b'id,name\n1,"a"b\n2,ok\n'))
    assert [type(one) for one in found] == [Record, Broken, Record]
    assert found[1].line == 2
    assert found[2].line == 3


def test_a_quote_never_closed_says_which_lines_were_lost(tmp_path: Path) -> None:
    *_, last = read(file(tmp_path, b'id,name\n1,ok\n2,"oh\n3,no\n'))
    assert isinstance(last, Broken)
    assert last.last
    assert "lines 3 to 4" in last.why


def test_an_endless_line_is_passed_over(tmp_path: Path) -> None:
    found = read(file(tmp_path, b"id,name\n1," + b"x" * 1_200_000 + b"\n2,ok\n"))
    assert [type(one) for one in found] == [Record, Broken, Record]
    assert (found[1].line, found[2].line) == (2, 3)


def test_an_endless_quoted_row_ends_the_reading(tmp_path: Path) -> None:
    found = read(file(tmp_path, b'id,name\n1,"' + b"x\n" * 700_000 + b'"\n2,ok\n'))
    assert isinstance(found[-1], Broken)
    assert found[-1].last
    assert found[-1].line == 2


def test_mostly_utf8_with_one_broken_byte_keeps_its_accents(tmp_path: Path) -> None:
    good = "".join(f"{number},Süd é ñ\n" for number in range(20)).encode()
    found = cells(file(tmp_path, b"id,name\n" + good + b"99,bad \xff byte\n"))
    assert found[1][1] == "Süd é ñ"
    assert why_unusable(found[-1][1]) == "surrogate"


def test_half_a_surrogate_pair_is_kept_for_refusal(tmp_path: Path) -> None:
    for content in (b"id,name\n1,\xed\xa0\x80\n", b"\xff\xfe" + "id,name\n1,".encode("utf-16-le") + b"\x00\xd8\n\x00"):
        assert why_unusable(cells(file(tmp_path, content))[1][1]) == "surrogate"


def test_a_file_cut_in_a_character(tmp_path: Path) -> None:
    found = read(file(tmp_path, b"id,name\n1,ok\n2,caf\xc3"))
    assert [one.line for one in found if isinstance(one, Record)][:2] == [1, 2]
    assert isinstance(found[-1], Broken)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "nul"),
        ("\ud800", "surrogate"),
        ("e" + "\u0301" * 1_000_000, "combining"),
        ("x" * 1_000_000, None),
        ("é" * 100_000, None),
        ("Z̷͖͝a̵l̴g̵o̷", None),
        ("עִבְרִית", None),
    ],
)
@pytest.mark.row("F9")
def test_what_no_field_takes_is_known_within_50_ms(text: str, code: str | None) -> None:
    """Of computing: how busy the machine is otherwise does not count."""
    start = time.thread_time()
    assert why_unusable(text) == code
    assert time.thread_time() - start < 0.05


def test_the_limit_of_accents() -> None:
    assert why_unusable("e" + "\u0301" * 8) is None
    assert why_unusable("e" + "\u0301" * 9) == "combining"


def test_progress_ends_at_the_files_size(tmp_path: Path) -> None:
    path = file(tmp_path, written([["id", "name"], *([str(n), f"n{n}"] for n in range(20_000))]).encode())
    told: list[int] = []
    assert sum(1 for _ in records(inspect(path), told.append)) == 20_001
    assert told == sorted(told)
    assert told[-1] == path.stat().st_size
    assert len(told) > 20


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = file(tmp_path, written([["id", "name"], *([str(n), "x" * 200] for n in range(50_000))]).encode())
    tracemalloc.start()
    for _ in records(inspect(path)):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 9 * reading.CHUNK
    assert peak < 4 * reading.CHUNK
