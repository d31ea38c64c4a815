"""Every text can be translated, and every translation is whole."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot.slack.words import FOLDER, Words
from bot.slack.words_catalog import CODE, TEMPLATE, collect, complete, found, renew, written

LANGUAGES = sorted(FOLDER.glob("*/LC_MESSAGES/canteen.po"))
PLACES = {"section", "plain", "button", "header", "context", "mrkdwn", "entry", "option", "confirm"}
TEXT_KEYS = {"placeholder", "hint", "title", "description", "label", "submit", "close"}


def messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [one for one in read_po(file, locale=path.parent.parent.name) if one.id]


def forms(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]


def names(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_template_is_current() -> None:
    assert TEMPLATE.read_bytes() == written(collect()), "run: make words"


def test_every_text_is_literal_and_so_can_be_collected() -> None:
    assert [f"{one.path}:{one.line}" for one in found() if not one.texts] == []


def test_a_text_inside_an_f_string_is_found(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = f\"{words.say('Inside')} {words.say_n('{n} one', '{n} many', 2)}\"")
    assert [one.texts for one in found(tmp_path)] == [("Inside",), ("{n} one", "{n} many")]


def test_portuguese_of_both_sides_is_there() -> None:
    assert {path.parent.parent.name for path in LANGUAGES} >= {"pt_PT", "pt_BR"}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_has_exactly_the_texts_that_there_are_each_translated(path: Path) -> None:
    translated = messages(path)
    assert {str(one.id) for one in translated} == {str(one.id) for one in collect() if one.id}
    assert [one.id for one in translated if one.fuzzy or not complete(one.string)] == []


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.parent.name)
def test_placeholders_and_plural_forms_are_those_of_the_source(path: Path) -> None:
    for one in messages(path):
        wanted = set().union(*(names(text) for text in forms(one.id)))
        assert isinstance(one.string, tuple | list) == isinstance(one.id, tuple | list)
        for text in forms(one.string):
            assert names(text) - {"n"} == wanted - {"n"}, one.id
            assert names(text) <= wanted
            assert text.count("*") == forms(one.id)[0].count("*"), one.id
            assert text.count("`") == forms(one.id)[0].count("`"), one.id


def test_readers_get_their_own_portuguese_and_others_english() -> None:
    assert Words(locale="pt-PT").say("Save") == "Guardar"
    assert Words(locale="pt-BR").say("Save") == "Salvar"
    assert Words(locale="de-DE").say("Save") == "Save"
    said = [Words(locale="pt-PT").say_n("{n} channel in all.", "{n} channels in all.", n) for n in (1, 2)]
    assert said == ["1 canal ao todo.", "2 canais ao todo."]


def test_a_list_is_in_the_language_of_the_sentence_around_it() -> None:
    assert Words(locale="sv-SE").list(["a", "b"]) == "a and b"
    assert Words(locale="pt-PT").list(["a", "b"]) == "a e b"
    assert Words(locale="sv-SE").weekday(0) == "Monday"
    assert Words(locale="pt-BR").weekday(0) == "segunda-feira"


def test_a_new_text_is_added_to_a_catalogue_and_reported(tmp_path: Path) -> None:
    path = tmp_path / "pt_PT" / "LC_MESSAGES" / "canteen.po"
    path.parent.mkdir(parents=True)
    path.write_text('msgid "Old"\nmsgstr "Velho"\n\nmsgid "Kept"\nmsgstr "Guardado"\n', encoding="utf-8")
    (tmp_path / "code.py").write_text("words.say('Kept'), words.say('New')")
    assert renew(path, collect(tmp_path)) == ["New"]
    assert {one.id: one.string for one in messages(path)} == {"Kept": "Guardado", "New": ""}


def _untranslated() -> Iterator[str]:
    """Literal texts with a word in them that are passed straight to what builds blocks."""
    for path in sorted((CODE / "features").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Attribute)
                or node.func.attr not in PLACES
            ):
                continue
            if getattr(node.func.value, "id", "") != "kit":
                continue
            given = [*node.args[:1], *(one.value for one in node.keywords if one.arg in TEXT_KEYS)]
            for text in given:
                if any(re.search(r"[A-Za-z]{2}", part) for part in _literals(text)):
                    yield f"{path.name}:{text.lineno}"


def _literals(text: ast.expr) -> Iterator[str]:
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        yield text.value
    elif isinstance(text, ast.JoinedStr):
        yield from (str(one.value) for one in text.values if isinstance(one, ast.Constant))


def test_no_text_reaches_slack_past_the_catalogue() -> None:
    assert list(_untranslated()) == []
