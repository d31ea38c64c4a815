"""The sample company's bank: every question is sound, and what it names is in the sample's other files."""

import csv
from pathlib import Path

from PIL import Image

from bot.features.quizzes import reading
from bot.features.quizzes.checking import Checked, Checker
from bot.features.quizzes.importing import key_of
from bot.features.quizzes.reading import Given

SAMPLE = Path(__file__).parents[3] / "config" / "sample"


def column(name: str, of: str) -> set[str]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        return {row[of] for row in csv.DictReader(file)}


def checked() -> list[Checked]:
    found = []
    for row in reading.read(SAMPLE / "quizzes.yaml").rows:
        assert isinstance(row, Given)
        checker = Checker(given=row.values)
        one = checker.check()
        assert checker.problems == [], (row.line, checker.problems)
        assert one is not None
        found.append(one)
    return found


def test_every_question_is_sound_and_has_a_key_of_its_own() -> None:
    questions = checked()
    assert len(questions) == 14
    assert len({key_of(one) for one in questions}) == 14
    assert sum("pt-BR" in one.content.wordings or "pt-PT" in one.content.wordings for one in questions) >= 7


def test_what_it_names_is_there() -> None:
    for one in checked():
        assert one.customer is None or one.customer in column("customers.csv", "external id")
        assert one.product is None or one.product in column("products.csv", "id")
        if one.picture_file is not None:
            with Image.open(SAMPLE / one.picture_file) as picture:
                assert picture.width > 100


def test_the_right_answers_stand_in_no_fixed_place() -> None:
    places = {one.content.right for one in checked()}
    assert len(places) >= 3
