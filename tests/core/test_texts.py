"""Texts made before a reader is known: English by themselves, anybody's words at the edge."""

import copy
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.texts import Text, pack, unpack, worded, worded_n
from bot.slack import words as words_module
from bot.slack.words import Words
from bot.slack.words_catalog import found

COUNTED = worded("it has {count} characters; {limit} are allowed", count=12_345, limit=200)


def test_it_reads_as_english() -> None:
    assert COUNTED == "it has 12345 characters; 200 are allowed"
    assert worded_n("{n} row", "{n} rows", 1) == "1 row"
    assert worded_n("{n} row", "{n} rows", 1_000) == "1000 rows"
    assert worded("use one of: {names}", names=("a", "b", "c")) == "use one of: a, b, and c"


def test_a_reader_gets_numbers_and_lists_of_their_own() -> None:
    reader = Words(locale="pt-PT")
    assert Words(locale="en").tell(COUNTED) == "it has 12,345 characters; 200 are allowed"
    assert reader.tell(COUNTED) == "tem 12\u00a0345 caracteres; são permitidos 200"
    assert reader.tell(worded("use one of: {names}", names=("a", "b"))) == "use um destes: a e b"


def test_it_is_said_in_the_words_of_the_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pt_PT" / "LC_MESSAGES" / "canteen.po"
    path.parent.mkdir(parents=True)
    path.write_text(
        'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n != 1);"\n\n'
        'msgid "there is no team “{team}”{near}"\nmsgstr "não há equipa “{team}”{near}"\n\n'
        'msgid " (is it {names}?)"\nmsgstr " (será {names}?)"\n\n'
        'msgid "{n} row"\nmsgid_plural "{n} rows"\nmsgstr[0] "{n} linha"\nmsgstr[1] "{n} linhas"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(words_module, "FOLDER", tmp_path)
    words_module._catalogue.cache_clear()
    try:
        near = worded(" (is it {names}?)", names="Line 1")
        said = worded("there is no team “{team}”{near}", team="Line {n}", near=near)
        reader = Words(locale="pt-PT")
        assert reader.tell(said) == "não há equipa “Line {n}” (será Line 1?)"
        assert reader.tell(worded_n("{n} row", "{n} rows", 3)) == "3 linhas"
        assert said == "there is no team “Line {n}” (is it Line 1?)"
    finally:
        words_module._catalogue.cache_clear()


def test_what_is_no_text_of_ours_is_said_as_it_is() -> None:
    assert Words(locale="pt-PT").tell("{as} it is") == "{as} it is"


values = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.one_of(
        st.text(), st.integers(), st.lists(st.text(), max_size=3).map(tuple), st.text().map(lambda t: Text("x{y}", y=t))
    ),
)


@given(values, st.booleans(), st.integers(min_value=0, max_value=3))
def test_it_survives_json_pickling_and_copying(given_values: dict[str, str], plural: bool, n: int) -> None:
    made = Text("one", "many {n}" if plural else None, n, **given_values)
    for again in (unpack(json.loads(json.dumps(pack(made)))), pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        assert isinstance(again, Text)
        assert (again, again.message, again.many, again.n, dict(again.values)) == (
            *(str(made), "one", made.many, n),
            dict(made.values),
        )


def test_marked_texts_are_collected(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("worded('Told'), worded_n('{n} one', '{n} many', 2), worded(name)")
    assert [one.texts for one in found(tmp_path)] == [("Told",), ("{n} one", "{n} many"), ()]
