"""Files for spreadsheets: nothing that somebody wrote becomes a formula, and every name stays what it is (F7)."""

import csv
import io
import tracemalloc
from datetime import date, datetime
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.spreadsheet import Archive, neutral, sheet

SIGNS = "=+-@＝＋－＠"
NAMES = ("Zoë Ångström", "李小龍", "محمد", "O'Hara-Núñez", "👩‍🚀 Aimée", 'Ελένη; "κ"\nx')


def read(data: bytes, delimiter: str = ",") -> list[list[str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def written(*rows: tuple[object, ...]) -> bytes:
    into = io.BytesIO()
    with sheet(into, ["a", "b"]) as write:
        for row in rows:
            write(*row)
    return into.getvalue()


@pytest.mark.row("F7")
@given(st.text(alphabet=st.sampled_from(SIGNS + " \t\r\n\x00;,'\"ab1"), max_size=12))
def test_no_cell_begins_a_formula(text: str) -> None:
    """However the program that reads it parts the lines."""
    data = written((text, text))
    for delimiter in ",;\t":
        cells = [one for row in read(data, delimiter)[1:] for one in row]
        assert not [one for one in cells if one.strip("\x00 \t\r\n")[:1] in set(SIGNS)], (text, cells)


@pytest.mark.row("F7")
@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 1234", "-5 degrees", "@SUM(A1)", " =1", "\t=1", "＝1", "x;=1", "x\n=1"]
)
def test_what_could_be_a_formula_is_text(text: str) -> None:
    assert neutral(text) != text
    assert neutral(text).replace("'", "") == text


@pytest.mark.parametrize("text", [*NAMES, "PB-7 power board", "a = b", "https://orion.example/?a=b", ""])
def test_all_else_stays_as_it_was_written(text: str) -> None:
    assert read(written((text, 1)))[1] == [text, "1"]


def test_cells_of_every_kind() -> None:
    data = written(
        (None, True),
        (-3, 1.5),
        (datetime(2026, 11, 22, 9, 5, 1, 7, tzinfo=ZoneInfo("Europe/Berlin")), date(2026, 2, 28)),
    )
    assert read(data)[1:] == [["", "yes"], ["-3", "1.5"], ["2026-11-22 08:05:01", "2026-02-28"]]


def test_half_a_character_does_not_end_it() -> None:
    assert read(written(("a\ud800b", "c")))[1] == ["a?b", "c"]


def test_an_archive_is_the_same_each_time_and_small_in_memory() -> None:
    def make() -> bytes:
        into = io.BytesIO()
        archive = Archive(into, largest=1_000_000)
        with archive.sheet("many", ["n", "text"]) as write:
            for number in range(10_000):
                write(number, "They doubled the spring order. " * 20)
        archive.note("about", ["Zoë"])
        archive.close()
        return into.getvalue()

    tracemalloc.start()
    first = make()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000  # of 6 MB that it holds
    assert first == make()
    with ZipFile(io.BytesIO(first)) as opened:
        assert opened.namelist() == ["many.csv", "about.txt"]
        assert len(read(opened.read("many.csv"))) == 10_001
        assert opened.read("about.txt").decode() == "Zoë\r\n"


def test_more_than_is_allowed_is_refused() -> None:
    archive = Archive(io.BytesIO(), largest=2_000)
    with pytest.raises(OverflowError), archive.sheet("many", ["a"]) as write:
        for number in range(100_000):
            write(number**9)
    archive.close()
