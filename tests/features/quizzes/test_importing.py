"""A bank from a file: what is taken, what is refused and why, and that twice changes nothing."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db.tables.quizzes import Question
from bot.features.quizzes.importing import QuizzesImporter
from bot.features.quizzes.rules import content_from
from tests.features.quizzes.conftest import LONGEST, Works, question
from tests.features.stories.given import png

CSV = (
    "id;question;option 1;option 2;option 3;right;why;customer;notes\n"
    "a;Who came first?;Orion;Halden;;Orion;In 2009.;NL-001;x\n"
    "b;Who came last?;Orion;Halden;Trenvista;2;In 2017.;;\n"
)


async def stored(works: Works) -> dict[str, Question]:
    async with works.sessions.begin() as session:
        return {row.key: row for row in await session.scalars(select(Question))}


async def test_yaml_is_read_with_everything_it_says(works: Works) -> None:
    (works.folder / "sign.png").write_bytes(png())
    given = question(
        "a",
        picture={"file": "sign.png", "alt": "A sign"},
        product="PB-7",
        source="The list",
        variants={"pt-BR": {"question": "Quem veio primeiro?", "why": "Em 2009."}},
    )
    report = await works.bank(given)
    assert (report.added, report.refused, report.warnings) == (1, (), ())
    row = (await stored(works))["a"]
    content = content_from(row.content)
    assert (row.customer_id, row.product_id, row.consent, row.source) == ("cust1", "pb7", "public", "The list")
    assert content.wording("pt-PT").text == "Quem veio primeiro?"
    assert content.wording("pt-PT").options == content.wording("en").options
    assert content.picture_hash is not None


async def test_csv_is_read_as_spreadsheets_write_it(works: Works) -> None:
    path = works.folder / "bank.csv"
    path.write_text(CSV, encoding="utf-8-sig")
    report = await works.bring_in(path)
    assert (report.added, report.refused) == (2, ())
    assert [str(warning) for warning in report.warnings] == ["bank.csv: the column “notes” is not known and left out"]
    found = await stored(works)
    assert content_from(found["a"].content).wording("en").options == ("Orion", "Halden")
    assert content_from(found["b"].content).right == 1


async def test_the_same_file_twice_changes_nothing(works: Works) -> None:
    await works.bank(question("a"), question("b"))
    before = await stored(works)
    report = await works.bank(question("a"), question("b", why="Because."))
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    after = await stored(works)
    assert after["b"].secret == before["b"].secret
    assert (after["b"].id, content_from(after["b"].content).wording("en").why) == (before["b"].id, "Because.")


async def test_without_an_id_the_question_itself_is_the_key(works: Works) -> None:
    nameless = {key: value for key, value in LONGEST.items() if key != "id"}
    await works.bank(nameless)
    report = await works.bank({**nameless, "why": "It was so."})
    assert (report.added, report.changed) == (0, 1)


async def test_a_dry_run_and_a_strict_refusal_write_nothing(works: Works) -> None:
    assert (await works.bank(question("a"), dry_run=True)).added == 1
    report = await works.bank(question("a"), question("b", options=["one"]), strict=True)
    assert not report.written
    assert await stored(works) == {}
    assert (await works.bank(question("a"), question("b", options=["one"]))).written
    assert list(await stored(works)) == ["a"]


@pytest.mark.parametrize(
    ("values", "column", "why"),
    [
        ({"options": ["Orion"]}, "options", "there are 1; 2 to 6 are allowed"),
        ({"options": list("abcdefg"), "right": "a"}, "options", "there are 7; 2 to 6 are allowed"),
        ({"options": ["Orion", "orion"]}, "options.2", "“orion” stands there twice"),
        ({"options": ["Orion", "x" * 76]}, "options.2", "it has 76 characters; 75 are allowed"),
        ({"question": "x" * 151}, "question", "it has 151 characters; 150 are allowed"),
        ({"question": "\U0001f600" * 76}, "question", "it has 152 characters; 150 are allowed"),
        ({"why": "x" * 501}, "why", "it has 501 characters; 500 are allowed"),
        ({"why": None}, "why", "it is missing"),
        ({"why": ["a"]}, "why", "it is not text"),
        ({"why": "a\x00b"}, "why", "it holds a NUL character"),
        ({"right": "Nobody"}, "right", "“Nobody” is none of the options"),
        ({"right": 5}, "right", "“5” is none of the options"),
        ({"language": "English"}, "language", "it is not a language tag"),
        ({"consent": "maybe"}, "consent", "it is none of the possible values"),
        ({"customer": "Nobody"}, "customer", "no one customer is called “Nobody”"),
        ({"product": "XX"}, "product", "no one product is called “XX”"),
        ({"why": "Kestrelane flies with it."}, "question", "it names a confidential customer"),
        ({"picture": {"alt": "A sign"}}, "picture", "it needs either a file or a url"),
        ({"picture": {"url": "http://a.example/1.png", "alt": "A"}}, "picture.url", "it is not a plain https address"),
        ({"picture": {"file": "../../etc/passwd", "alt": "A"}}, "picture.file", "there is no picture “../../etc/passwd”"),
        ({"picture": {"file": "broken.png", "alt": "A"}}, "picture.file", "it is not a picture"),
        ({"picture": {"url": "https://a.example/orion-logo.png", "alt": "A"}}, "picture.url", "it names the right answer"),
        ({"picture": {"url": "https://a.example/1.png", "alt": "The sign of Orion"}}, "picture.alt", "it names the right answer"),
        ({"variants": {"pt": {"question": "Q", "why": "W", "options": ["a", "b"]}}}, "variants.pt.options", "there are 2, and 4"),
    ],
)  # fmt: skip
@pytest.mark.row("A21")
async def test_what_is_refused_says_the_limit_and_the_count(
    works: Works, values: dict[str, Any], column: str, why: str
) -> None:
    (works.folder / "broken.png").write_bytes(b"no picture at all")
    report = await works.bank(question("good"), question("bad", **values))
    refused = {one.column: one for one in report.refused}
    assert column in refused, report.refused
    assert why in refused[column].why or column == "picture.file"
    assert refused[column].line > 1
    assert (report.added, report.refused_rows) == (1, 1)


@pytest.mark.parametrize(
    "said",
    ["- &a [1]\n- *a\n", "questions: 3\n", "a: [", "[" * 60, "", "\ud800".encode("utf-8", "surrogatepass")],
)
async def test_a_file_that_is_no_bank_is_refused_as_a_whole(works: Works, said: str | bytes) -> None:
    path = works.folder / "bank.yaml"
    path.write_bytes(said if isinstance(said, bytes) else said.encode())
    report = await works.bring_in(path)
    assert (len(report.refused), report.written) == (1, False)


async def test_a_question_twice_in_a_file_is_taken_once(works: Works) -> None:
    report = await works.bank(question("a"), question("a", why="Again."))
    assert [str(one.why) for one in report.refused] == ["the same question stands on line 2"]
    assert report.added == 1


async def test_a_customer_that_may_not_be_named_keeps_its_question_waiting(works: Works) -> None:
    report = await works.bank(question("a", customer="NL-004"))
    assert "may not be named yet; the question waits" in report.warnings[0]
    assert await works.ask() == "nothing_left"


async def test_the_importer_knows_its_own_files(works: Works) -> None:
    importer = QuizzesImporter()

    def file(name: str, said: str) -> Path:
        path = works.folder / name
        path.write_text(said, encoding="utf-8")
        return path

    assert importer.suits(file("a.csv", CSV)) > 5
    assert importer.suits(file("b.yaml", "questions:\n  - question: A?\n    options: [a]\n")) == 2
    assert importer.suits(file("c.csv", "external id,name,country\n")) == 0
    assert importer.suits(file("d.md", "question:")) == 0


async def test_what_is_being_asked_stays_as_it_is(works: Works) -> None:
    await works.bank(question("a"))
    await works.ask()
    await works.bank(question("a", options=["One", "Two"], right="Two"))
    quiz, _ = await works.round()
    assert content_from(quiz.content).size == 4
