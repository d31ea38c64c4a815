"""Columns of the usual exports, and one cell at a time."""

import time
from datetime import date

import pytest

from bot.features.customers.importing import fields
from bot.features.customers.importing.columns import recognise
from bot.features.customers.importing.fields import CellError
from bot.features.customers.importing.reading import Record
from bot.features.customers.importing.rows import Row, parse

TODAY = date(2026, 11, 24)
SALESFORCE_REPORT = {
    "Account ID": "external_id",
    "Account Name": "name",
    "Account Owner": "account_manager",
    "Industry": "industry",
    "Billing Country": "country",
    "Annual Revenue": "revenue_band",
    "Website": "website",
    "Employees": None,
    "Type": None,
    "Rating": None,
    "Created Date": None,
    "Billing City": None,
}
SALESFORCE_LOADER = {
    "ID": "external_id",
    "NAME": "name",
    "BILLINGCOUNTRY": "country",
    "INDUSTRY": "industry",
    "ANNUALREVENUE": "revenue_band",
    "WEBSITE": "website",
    "TRADESTYLE": "aliases",
    "OWNER.EMAIL": "account_manager",
    "OWNERID": None,
    "NUMBEROFEMPLOYEES": None,
    "PARENTID": None,
    "CREATEDDATE": None,
}
HUBSPOT = {
    "Record ID": "external_id",
    "Company name": "name",
    "Company owner": "account_manager",
    "Country/Region": "country",
    "Industry": "industry",
    "Annual Revenue": "revenue_band",
    "Company Domain Name": "website",
    "Close Date": "customer_since",
    "Create Date": None,
    "Phone Number": None,
    "City": None,
    "Last Activity Date": None,
}
OURS = {
    "external id": "external_id",
    "name": "name",
    "aliases": "aliases",
    "industry": "industry",
    "country": "country",
    "customer since": "customer_since",
    "size rank": "size_rank",
    "revenue band": "revenue_band",
    "website": "website",
    "logo file": "logo",
    "account manager": "account_manager",
    "adoptable": "adoptable",
    "max adopters": "max_adopters",
    "confidential": "confidential",
    "may be named": "may_be_named",
}


@pytest.mark.parametrize("table", [SALESFORCE_REPORT, SALESFORCE_LOADER, HUBSPOT, OURS])
@pytest.mark.parametrize("shape", [str, str.upper, str.title, lambda name: name.replace(" ", "_").lower()])
def test_columns_of_each_export(table: dict[str, str | None], shape: object) -> None:
    headers = [shape(name) for name in table]  # type: ignore[operator]
    found = recognise("customers", headers)
    assert {headers[place]: field for field, place in found.at.items()} == {
        header: field for header, field in zip(headers, table.values(), strict=True) if field
    }
    assert found.ignored == tuple(header for header, field in zip(headers, table.values(), strict=True) if not field)
    assert found.missing == ()


def test_close_date_is_since_when_only_in_hubspots_export() -> None:
    found = recognise("customers", ["Account ID", "Account Name", "Close Date"])
    assert found.ignored == ("Close Date",)


def test_of_two_columns_for_one_field_the_better_is_used() -> None:
    found = recognise("customers", ["Account Number", "Account Owner", "Account ID", "Owner Email", "Account Name"])
    assert found.at["external_id"] == 2
    assert found.at["account_manager"] == 3
    assert set(found.doubled) == {("Account Number", "Account ID"), ("Account Owner", "Owner Email")}


@pytest.mark.parametrize(
    ("what", "headers", "missing"),
    [
        ("customers", ["Website"], ("external id", "name")),
        ("products", ["sku"], ("name",)),
        ("teams", ["x"], ("name",)),
        ("people", ["team"], ("email or slack id",)),
        ("people", ["Slack ID", "Team"], ()),
    ],
)
def test_needed_columns(what: str, headers: list[str], missing: tuple[str, ...]) -> None:
    assert recognise(what, headers).missing == missing


@pytest.mark.parametrize(
    "cell",
    [
        *("2019-03-16", "2019/3/16", "2019.03.16", "2019-03-16T08:00:00Z", "2019-03-16 10:22"),
        *("16.03.2019", "16. 3. 2019", "16/03/2019", "03/16/2019", "16-3-2019"),
        *("16 Mar 2019", "16-Mar-2019", "March 16, 2019", "Mar 16th 2019"),
    ],
)
def test_dates_with_one_meaning(cell: str) -> None:
    assert fields.day(cell, TODAY) == date(2019, 3, 16)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("", None), ("2019", date(2019, 1, 1)), ("2019-04", date(2019, 4, 1)), ("04/04/2019", date(2019, 4, 4))],
)
def test_other_dates(cell: str, day: date | None) -> None:
    assert fields.day(cell, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("03/04/2019", "2019-04-03"),
        ("3-4-2019", "2019-03-04"),
        ("2019-02-30", "not a date"),
        ("31/31/2019", "not a date"),
        ("16 Foo 2019", "not a date"),
        ("yesterday", "not a date"),
        ("43540", "not a date"),
        ("2027-01-01", "begun"),
        ("0001-01-01", "begun"),
        ("16.03.19", "not a date"),
    ],
)
def test_dates_that_are_refused(cell: str, why: str) -> None:
    with pytest.raises(CellError, match=why) as refused:
        fields.day(cell, TODAY)
    assert refused.value.cure


@pytest.mark.parametrize("cell", ["yes", "Y", "TRUE", "1", "x", "Ja", "oui", "Sí", "SIM", "sì", "tak", "wahr"])
def test_yes(cell: str) -> None:
    assert fields.yes_no(cell) is True


@pytest.mark.parametrize("cell", ["no", "N", "False", "0", "nein", "Não", "non", "nee", "nej", "falsch"])
def test_no(cell: str) -> None:
    assert fields.yes_no(cell) is False


@pytest.mark.parametrize("cell", ["maybe", "2", "-", "yes and no"])
def test_neither(cell: str) -> None:
    assert fields.yes_no("  ") is None
    with pytest.raises(CellError, match="neither yes nor no"):
        fields.yes_no(cell)


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("orion.example", "https://orion.example"),
        ("www.orion.example/de?x=1", "https://www.orion.example/de?x=1"),
        ("http://Orion.example", "https://Orion.example"),
        ("https://orion.example/a", "https://orion.example/a"),
        ("müller.example", "https://müller.example"),
        (" ", None),
    ],
)
def test_websites(cell: str, address: str | None) -> None:
    assert fields.website(cell) == address


@pytest.mark.parametrize(
    "cell",
    ["javascript:alert(1)", "ftp://x.example", "https://", "n/a", "a b", "https://user@x.example", "<x.y>"],
)
def test_what_is_no_website(cell: str) -> None:
    with pytest.raises(CellError, match="not a web address"):
        fields.website(cell)


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("12500000", "10M-25M"),
        ("$12,500,000.00", "10M-25M"),
        ("12.500.000,00 €", "10M-25M"),
        ("USD 999,999", "under 1M"),
        ("1000000", "1M-2M"),
        ("5e", "under 1M"),
        ("10M-25M", "10M-25M"),
        ("over 1B", "over 1B"),
        ("large", "large"),
        ("2000000000", "over 1000M"),
        ("", None),
    ],
)
def test_revenue_becomes_a_band(cell: str, shown: str | None) -> None:
    assert fields.revenue_band(cell) == shown


@pytest.mark.parametrize(
    ("cell", "person"),
    [
        ("Sam@X.example", "sam@x.example"),
        ("Sam Carter <sam@x.example>", "sam@x.example"),
        ("u0sam1234", "U0SAM1234"),
        ("Sam Carter", "Sam Carter"),
        ("Winifred", "Winifred"),
        ("", None),
    ],
)
def test_people(cell: str, person: str | None) -> None:
    assert fields.person(cell) == person


@pytest.mark.parametrize("bad", ["a\x00", "\ud83d", "e" + "\u0301" * 1_000_000])
@pytest.mark.parametrize("field", OURS.values())
@pytest.mark.row("F9")
def test_no_field_takes_unusable_text(field: str, bad: str) -> None:
    columns = recognise("customers", list(OURS))
    cells = ["C-1" if name == "external_id" else "One" if name == "name" else "" for name in OURS.values()]
    cells[columns.at[field]] = bad
    start = time.thread_time()
    found = parse("customers", columns, Record(line=7, cells=tuple(cells)), TODAY)
    assert time.thread_time() - start < 0.05
    assert isinstance(found, list)
    [told] = found
    assert (told.line, told.field) == (7, field)
    assert told.why
    assert told.cure


@pytest.mark.row("A21")
def test_every_wrong_cell_is_told_and_limits_have_their_count() -> None:
    columns = recognise("customers", ["id", "name", "customer since", "confidential"])
    found = parse("customers", columns, Record(line=2, cells=("1", "x" * 201, "nope", "hm")), TODAY)
    assert isinstance(found, list)
    assert [bad.field for bad in found] == ["name", "customer_since", "confidential"]
    assert "201" in found[0].why
    assert "200" in found[0].why


def test_short_rows_are_filled_and_long_ones_refused() -> None:
    columns = recognise("customers", ["id", "name", "industry"])
    assert isinstance(parse("customers", columns, Record(line=2, cells=("1", "One")), TODAY), Row)
    assert isinstance(parse("customers", columns, Record(line=2, cells=("1", "One", "x", "", " ")), TODAY), Row)
    refused = parse("customers", columns, Record(line=2, cells=("1", "One", "x", "y")), TODAY)
    assert isinstance(refused, list)
    assert "4 cells" in refused[0].why
