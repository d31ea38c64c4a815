"""Imports on both databases: what is written, what is refused, and that twice changes nothing."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer, GivenTeam, ImportRecord, Product, ProductCustomer, Team
from bot.db.tables.members import AuditEntry
from bot.db.tables.stories import Picture
from bot.features.customers import service
from bot.features.customers.importing.files import importers
from bot.features.customers.matching import LookedAfter
from bot.features.customers.seams import ReadPicture, Report
from bot.features.members import service as members
from tests.doubles import CountingIds, FixedClock

WS = "T1"
SAMPLE = Path(__file__).parents[3] / "config" / "sample"


class Imports:
    """Runs importers as the command line does."""

    def __init__(self, sessions: Sessions, folder: Path, clock: FixedClock, new_id: CountingIds) -> None:
        self.sessions, self.folder, self.clock, self.new_id = sessions, folder, clock, new_id
        self.progress: list[tuple[int, int]] = []
        self.read_picture: ReadPicture | None = None

    async def path(self, what: str, path: Path, *, dry_run: bool = False, strict: bool = False) -> Report:
        [importer] = [one for one in importers(self.read_picture) if one.what == what]
        return await importer.run(
            self.sessions,
            path,
            workspace_id=WS,
            by="U0ADMIN",
            dry_run=dry_run,
            strict=strict,
            now=self.clock.now(),
            new_id=self.new_id,
            progress=lambda done, total: self.progress.append((done, total)),
        )

    async def text(self, what: str, text: str, **options: bool) -> Report:
        path = self.folder / f"{what}.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return await self.path(what, path, **options)

    async def rows(self, what: str, rows: Sequence[Sequence[str]], **options: bool) -> Report:
        path = self.folder / f"{what}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        return await self.path(what, path, **options)

    async def all(self, model: Any) -> list[Any]:
        async with self.sessions.begin() as session:
            return list(await session.scalars(select(model)))

    async def count(self, model: Any) -> int:
        async with self.sessions.begin() as session:
            return (await session.execute(select(func.count()).select_from(model))).scalar_one()

    async def person(self, user: str, email: str, **more: Any) -> None:
        async with self.sessions.begin() as session:
            profile = {"email": email, "real_name": user.title()}
            await members.save(session, WS, [{"id": user, "profile": profile, **more}], self.clock.now())


@pytest.fixture
def imports(sessions: Sessions, tmp_path: Path, clock: FixedClock, new_id: CountingIds) -> Imports:
    return Imports(sessions, tmp_path, clock, new_id)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.refused_rows


async def test_the_sample_company_goes_in_whole_and_twice_changes_nothing(imports: Imports) -> None:
    first = {}
    for what in ("teams", "customers", "products", "people"):
        first[what] = await imports.path(what, SAMPLE / f"{what}.csv")
        assert first[what].refused == ()
        assert first[what].added > 3
        assert first[what].written
    before = [(row.id, row.fingerprint, row.updated_at) for row in await imports.all(Customer)]
    links = await imports.count(ProductCustomer)
    for what, report in first.items():
        again = await imports.path(what, SAMPLE / f"{what}.csv")
        assert counts(again) == (0, 0, report.added, 0)
    assert [(row.id, row.fingerprint, row.updated_at) for row in await imports.all(Customer)] == before
    assert await imports.count(ProductCustomer) == links
    assert len(await imports.all(ImportRecord)) == 8


async def test_what_a_customer_row_becomes(imports: Imports) -> None:
    await imports.person("U0SAM", "Sam@X.example")
    report = await imports.rows(
        "customers",
        [
            [*("External ID", "Name", "Aliases", "Country", "Customer since", "Annual Revenue", "Website", "AM")],
            [
                "C-1",
                "Orion",
                "Orion TV; O-TV|Orion TV",
                "Sweden",
                "16.03.2009",
                "$12,500,000",
                "orion.example",
                "SAM@x.example",
            ],
        ],
    )
    [orion] = await imports.all(Customer)
    assert counts(report) == (1, 0, 0, 0)
    assert orion.aliases == ["Orion TV", "O-TV"]
    assert orion.customer_since == date(2009, 3, 16)
    assert orion.revenue_band == "10M-25M"
    assert orion.website == "https://orion.example"
    assert orion.account_manager == "U0SAM"
    assert (orion.adoptable, orion.confidential, orion.may_be_named) == (True, False, None)
    async with imports.sessions.begin() as session:
        for name in ("orion", "o-tv", " ORION   tv ", "ori"):
            found = await service.find_by_name(session, WS, name)
            assert found.customer is not None
            assert found.customer.id == orion.id


@pytest.mark.parametrize("what", ["teams", "customers", "products", "people"])
async def test_a_dry_run_counts_the_same_and_writes_nothing(imports: Imports, what: str) -> None:
    await imports.text("teams", "name\nLine 1\nOld\n")
    await imports.text("customers", "id,name,may be named\nA,Alpha,\nB,Beta,yes\nD,Delta,\n")
    await imports.text("products", "id,name,team,customers\nP1,Board,Line 1,A\nP2,Fan,,\n")
    await imports.text("people", "email,team\na@x.example,Line 1\nb@x.example,Line 1\n")
    files = {
        "teams": "name\nLINE 1\nNew\nOld\nNew\n",
        "customers": "id,name,may be named\nA,Alpha,no\nB,Better,\nC,Gamma,\nD,Delta,\nX,,yes\nA,Twice,no\n",
        "products": "id,name,team,customers\nP1,Board,Line 1,A|B\nP2,Fan,,\nP3,New,Old,\n"
        "P4,Bad,Nowhere,A\nP5,Bad,,Zeta\n",
        "people": "email,team\na@x.example,Line 1\nb@x.example,Old\nc@x.example,Old\nd@x.example,Nope\nno mail,Old\n",
    }
    models = (Team, Customer, Product, ProductCustomer, GivenTeam, ImportRecord)

    async def state() -> list[int]:
        return [await imports.count(model) for model in models]

    before = await state()
    names = {row.external_id: row.name for row in await imports.all(Customer)}
    dry = await imports.text(what, files[what], dry_run=True)
    assert not dry.written
    assert await state() == before
    assert {row.external_id: row.name for row in await imports.all(Customer)} == names
    real = await imports.text(what, files[what])
    assert real.written
    assert counts(dry) == counts(real)
    assert min(counts(real)) >= 1
    assert [(one.line, one.column, one.why) for one in dry.refused] == [
        (one.line, one.column, one.why) for one in real.refused
    ]
    assert dry.warnings == real.warnings
    assert (dry.unanswered, {one.name for one in dry.questions}) == (
        real.unanswered,
        {one.name for one in real.questions},
    )
    assert await state() != before


async def test_a_bad_row_never_stops_the_good_ones_unless_strict(imports: Imports) -> None:
    text = 'id,name,customer since\n1,"A\nB\nC",2001-01-01\n2,Two,03/04/2019\n3,Three,\n'
    strict = await imports.text("customers", text, strict=True)
    assert not strict.written
    assert await imports.all(Customer) == []
    report = await imports.text("customers", text)
    assert counts(report) == (2, 0, 0, 1)
    [refusal] = report.refused
    assert (refusal.file, refusal.line, refusal.column) == ("customers.csv", 5, "customer since")
    assert "2019-04-03" in refusal.why
    assert "2019-03-04" in refusal.why
    assert "year-month-day" in refusal.cure


async def test_strict_takes_back_what_only_the_database_can_refuse(imports: Imports) -> None:
    await imports.text("teams", "name\nLine 1\n")
    text = "id,name,team\nP1,One,Line 1\nP2,Two,Line 11\n"
    report = await imports.text("products", text, strict=True)
    assert not report.written
    assert await imports.all(Product) == []
    assert "Line 1" in report.refused[0].cure


async def test_duplicates_name_both_lines(imports: Imports) -> None:
    report = await imports.text("customers", "id,name\nA,One\nB,Two\n\nA,Three\n")
    assert counts(report) == (2, 0, 0, 1)
    assert report.refused[0].line == 5
    assert "lines 2 and 5" in report.refused[0].why
    assert {row.name for row in await imports.all(Customer)} == {"One", "Two"}


async def test_a_file_without_a_needed_column_says_what_it_has(imports: Imports) -> None:
    report = await imports.text("customers", "Firma,Ort\nOrion,Malmö\n")
    assert not report.written
    assert "“Firma”, “Ort”" in report.refused[0].why
    assert "external id" in report.refused[0].why
    assert "name" in report.refused[0].why
    assert await imports.all(ImportRecord) == []


async def test_columns_that_a_file_does_not_have_stay(imports: Imports) -> None:
    await imports.text("customers", "id,name,confidential,industry,aliases\nA,Alpha,yes,Toys,Al\n")
    report = await imports.text("customers", "Record ID,Company name,Close Date\nA,Alpha AB,2011-02-03 10:15\n")
    assert counts(report) == (0, 1, 0, 0)
    [alpha] = await imports.all(Customer)
    assert (alpha.name, alpha.confidential, alpha.industry) == ("Alpha AB", True, "Toys")
    assert alpha.customer_since == date(2011, 2, 3)
    async with imports.sessions.begin() as session:
        assert (await service.find_by_name(session, WS, "al")).customer is not None


async def test_rows_missing_from_the_file_are_left_alone(imports: Imports) -> None:
    await imports.text("customers", "id,name\nA,Alpha\nB,Beta\n")
    await imports.text("customers", "id,name\nB,Beta\n")
    assert await imports.count(Customer) == 2


async def test_an_unknown_account_manager_is_matched_once_people_are_saved(imports: Imports) -> None:
    report = await imports.text("customers", "id,name,account manager\nA,Alpha,sam@x.example\nB,Beta,sam@x.example\n")
    assert counts(report) == (2, 0, 0, 0)
    assert any("line 2 and 1 more" in warning and "sam@x.example" in warning for warning in report.warnings)
    async with imports.sessions.begin() as session:
        assert len(await service.without_reachable_manager(session, WS)) == 2
    await imports.person("U0SAM", "sam@x.example")
    async with imports.sessions.begin() as session:
        assert await LookedAfter()(session, WS) == 2
        [first, _] = await service.customers_of_manager(session, WS, "U0SAM")
        person = await service.account_manager_of(session, WS, first.id)
        assert person is not None
        assert await service.without_reachable_manager(session, WS) == []
        assert await LookedAfter()(session, WS) == 0
    await imports.person("U0SAM", "sam@x.example", deleted=True)
    async with imports.sessions.begin() as session:
        assert await service.account_manager_of(session, WS, first.id) is None
        assert len(await service.without_reachable_manager(session, WS)) == 2
    again = await imports.text("customers", "id,name,account manager\nA,Alpha,sam@x.example\nB,Beta,sam@x.example\n")
    assert counts(again) == (0, 0, 2, 0)


async def test_guests_and_names_are_no_account_managers(imports: Imports) -> None:
    await imports.person("U0GREG", "greg@x.example", is_restricted=True)
    report = await imports.text("customers", "id,name,Account Owner\nA,Alpha,greg@x.example\nB,Beta,Sam Carter\n")
    assert counts(report) == (2, 0, 0, 0)
    assert [row.account_manager for row in await imports.all(Customer)] == [None, None]
    assert any("“Sam Carter” is a name" in warning for warning in report.warnings)


async def test_naming_is_asked_once_and_a_file_never_undoes_a_no(imports: Imports) -> None:
    report = await imports.text("customers", "id,name,may be named\nA,Alpha,\nB,Beta,ja\nC,Gamma,\n")
    assert [one.name for one in report.questions] == ["Alpha", "Gamma"]
    assert report.unanswered == 2
    ids = {row.external_id: row.id for row in await imports.all(Customer)}
    now = imports.clock.now()
    async with imports.sessions.begin() as session:
        said: dict[str, Any] = {"by": "U0ADMIN", "now": now, "new_id": imports.new_id}
        assert await service.answer_naming(session, WS, [ids["A"]], False, **said) == 1
        assert await service.answer_naming(session, WS, [ids["A"]], False, **said) == 0
        assert await service.answer_naming(session, "T2", [ids["C"]], True, **said) == 0
        assert await service.answer_naming(session, WS, None, True, **said) == 1
    [one, two] = sorted(await imports.all(AuditEntry), key=lambda entry: entry.id)
    assert (one.actor, one.subject, one.detail["answer"]) == ("U0ADMIN", ids["A"], False)
    assert two.detail["answer"] is True
    report = await imports.text("customers", "id,name,may be named\nA,Alpha,yes\nB,Beta,no\nC,Gamma,\n")
    assert {row.external_id: row.may_be_named for row in await imports.all(Customer)} == {
        "A": False,
        "B": False,
        "C": True,
    }
    assert counts(report) == (0, 1, 2, 0)
    assert report.unanswered == 0
    assert any("that stays" in warning for warning in report.warnings)


async def test_products_know_their_team_and_customers_by_id_name_or_alias(imports: Imports) -> None:
    await imports.text("teams", "name,channels\nLine 2,line-2\n")
    await imports.text("customers", "id,name,aliases\nA,Alpha,Al\nB,Beta,\nC,Twin,\nD,Twin,\n")
    report = await imports.text(
        "products",
        "sku,product,made by,used by,ends up in\n"
        "P1,Board,LINE  2,A|beta,televisions | lifts\nP2,Fan,line 2,AL,\nP3,Bad,,Twin,\nP4,Bad,,Alfa,\n",
    )
    assert counts(report) == (2, 0, 0, 2)
    assert "2 customers are called" in report.refused[0].why
    assert "“Alpha”" in report.refused[1].cure
    async with imports.sessions.begin() as session:
        [team] = await service.teams(session, WS)
        [board, fan] = await service.products_of_team(session, WS, team.id)
        assert board.ends_up_in == ("televisions", "lifts")
        users = await service.customers_of_products(session, WS, [board.id, fan.id])
        assert [card.name for card in users[board.id].first] == ["Alpha", "Beta"]
        assert [card.name for card in users[fan.id].first] == ["Alpha"]
        assert await service.product_exactly(session, WS, "board") == board
        assert await service.products_of_team(session, "T2", team.id) == []


async def test_people_get_their_team_now_or_when_they_are_known(imports: Imports) -> None:
    await imports.text("teams", "name,channels\nLine 1,x\nLine 2,y\n")
    await imports.person("U0ANA", "ana@x.example")
    await imports.person("U0BOB", "bob@x.example")
    text = "E-Mail,Slack ID,Team\nANA@x.example,,line 1\n,U0BOB,Line 2\nlater@x.example,,Line 2\nme@x.example,,Line 3\n"
    report = await imports.text("people", text)
    assert counts(report) == (3, 0, 0, 1)
    await imports.person("U0LATE", "later@x.example")
    async with imports.sessions.begin() as session:
        names = {team.name: team.id for team in await service.teams(session, WS)}
        people = await members.people(session, WS, ["U0ANA", "U0BOB", "U0LATE"])
    assert {user: person.team_id for user, person in people.items()} == {
        "U0ANA": names["Line 1"],
        "U0BOB": names["Line 2"],
        "U0LATE": names["Line 2"],
    }
    async with imports.sessions.begin() as session:
        await members.set_team(session, WS, "U0ANA", names["Line 2"], imports.clock.now())
    assert counts(await imports.text("people", text)) == (0, 0, 3, 1)
    async with imports.sessions.begin() as session:
        ana = await members.known(session, WS, "U0ANA")
    assert ana is not None
    assert ana.team_id == names["Line 2"]


async def test_five_thousand_rows_with_progress(imports: Imports) -> None:
    rows = [["id", "name", "aliases"], *([str(n), f"Customer {n}", f"C{n}|K{n}"] for n in range(5_000))]
    assert counts(await imports.rows("customers", rows)) == (5_000, 0, 0, 0)
    done = [one for one, _ in imports.progress]
    assert done == sorted(done)
    assert imports.progress[-1][0] == imports.progress[-1][1]
    assert len(set(done)) > 10
    rows[17][1] = "Renamed"
    assert counts(await imports.rows("customers", rows)) == (0, 1, 4_999, 0)
    async with imports.sessions.begin() as session:
        assert (await service.find_by_name(session, WS, "Renamed")).customer is not None
        assert (await service.find_by_name(session, WS, "k4999")).customer is not None
        assert len(await service.search(session, WS, "customer 1", service.MEMBER)) == 20


async def test_the_import_is_recorded(imports: Imports) -> None:
    await imports.text("customers", "id,name\nA,Alpha\nB,\n")
    [record] = await imports.all(ImportRecord)
    assert (record.what, record.by, record.file_name) == ("customers", "U0ADMIN", "customers.csv")
    assert (record.added, record.changed, record.unchanged, record.refused) == (1, 0, 0, 1)
    assert len(record.file_hash) == 64


@dataclass(frozen=True, kw_only=True)
class FakePicture:
    hash: str
    mimetype: str = "image/png"
    data: bytes = b"png"


def read_picture(path: Path) -> FakePicture:
    if not path.exists():
        raise ValueError("the picture cannot be read")
    return FakePicture(hash=path.name)


async def test_logos_lie_beside_the_file_or_are_addresses(imports: Imports) -> None:
    (imports.folder / "logos").mkdir()
    (imports.folder / "logos" / "a.png").write_bytes(b"x")
    text = (
        "id,name,logo file\nA,Alpha,logos/a.png\nB,Beta,https://b.example/b.png\nC,Gamma,logos/none.png\n"
        "D,Delta,../../etc/passwd\nE,Epsilon,ftp://e.example/e.png\n"
    )
    imports.read_picture = read_picture
    report = await imports.text("customers", text)
    assert counts(report) == (4, 0, 0, 1)
    logos = {row.external_id: row.logo for row in await imports.all(Customer)}
    assert logos == {"A": "a.png", "B": "https://b.example/b.png", "C": None, "D": None}
    assert [row.hash for row in await imports.all(Picture)] == ["a.png"]
    assert [warning[:6] for warning in report.warnings] == ["line 4", "line 5"]
    assert counts(await imports.text("customers", text)) == (0, 0, 4, 1)
    imports.read_picture = None
    without = await imports.text("customers", text)
    assert counts(without) == (0, 0, 4, 1)


async def test_half_an_import_is_none(imports: Imports) -> None:
    """The record cannot be written, which comes last: nothing of the rows stays."""
    imports.new_id = lambda: "the same one every time."  # type: ignore[assignment]
    await imports.rows("customers", [["id", "name"]])
    rows = [["id", "name"], *([str(n), f"Customer {n}"] for n in range(1_500))]
    with pytest.raises(IntegrityError):
        await imports.rows("customers", rows)
    assert await imports.count(Customer) == 0
    assert await imports.count(ImportRecord) == 1
