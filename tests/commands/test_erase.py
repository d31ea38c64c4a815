"""Erasing and exporting from the command line."""

from pathlib import Path
from zipfile import ZipFile

from tests.commands.test_with_slack import Canteen, add, done, refused
from tests.flows import company


async def test_a_person_is_shown_erased_and_found_no_more(canteen: Canteen) -> None:
    await add(canteen)
    mail, user = "otto@flow.example", company.OTHER
    exported = await done(canteen, "export", "person", mail)
    assert exported["person"] == user
    assert [row["email"] for row in exported["tables"]["members"]] == [mail]
    said = await canteen("erase", "person", mail, "--dry-run")
    assert "members" in said.out
    assert "rows go" in said.out
    assert "Nothing was changed." in said.out
    assert "add --yes" in await refused(canteen, "erase", "person", mail)
    assert "nobody is known" in await refused(canteen, "erase", "person", "nobody@example.com", "--dry-run")
    assert "nobody is known" in await refused(canteen, "erase", "person", mail, "--by", "nobody@example.com")
    assert "last admin" in await refused(canteen, "erase", "person", company.ADMIN, "--yes")
    erased = await done(canteen, "erase", "person", mail, "--yes", "--by", company.ADMIN)
    assert "members" in {line["table"] for line in erased["lines"]}
    (entry,) = await done(canteen, "audit", "--action", "erase.")
    assert (entry["actor"], entry["subject"]) == (company.ADMIN, erased["reference"])
    again = await done(canteen, "export", "person", user)
    assert again["tables"].keys() <= {"audit", "members", "look_ups", "channel_people"}  # still in Slack: read again
    assert "there is no customer" in await refused(canteen, "erase", "customer", "C-404", "--yes")
    assert (await done(canteen, "erase", "leftovers"))["done"] is True


def for_its_owner_alone(path: str) -> bool:
    return Path(path).stat().st_mode & 0o077 == 0


def there(path: str) -> bool:
    return Path(path).exists()


def content(path: str) -> str:
    return Path(path).read_text("utf-8")


async def test_files_of_a_person_a_customer_and_totals(canteen: Canteen, tmp_path: Path) -> None:
    await add(canteen)
    (tmp_path / "customers.csv").write_text("id,name,account manager\nC-1,=Órion,sam@flow.example\n", encoding="utf-8")
    await done(canteen, "import", "customers", str(tmp_path / "customers.csv"))
    mine, orion, totals = (str(tmp_path / name) for name in ("mine.zip", "orion.zip", "totals.csv"))
    assert (await done(canteen, "export", "person", "otto@flow.example", "--to", mine))["file"] == mine
    with ZipFile(mine) as opened:
        assert company.OTHER in opened.read("members.csv").decode("utf-8-sig")
    assert for_its_owner_alone(mine)
    assert "exists already" in await refused(canteen, "export", "customer", "C-1", "--to", mine)
    nobody = ("export", "customer", "C-1", "--to", orion, "--for", "otto@flow.example")
    assert "does not look after" in await refused(canteen, *nobody)
    assert not there(orion)
    await done(canteen, "export", "customer", "C-1", "--to", orion, "--for", "sam@flow.example", "--by", company.ADMIN)
    with ZipFile(orion) as opened:
        sheets = opened.namelist()
    assert sheets == [f"{one}.csv" for one in ("updates", "adopters", "questions", "exchanges", "stories-and-news")]
    assert "there is no customer" in await refused(canteen, "export", "customer", "C-404", "--to", totals)
    await done(canteen, "export", "totals", "--to", totals)
    assert content(totals).startswith('\ufeff"month","channel"')
    assert (await canteen("export", "totals")).out.startswith('\ufeff"month","channel"')
    entries = await done(canteen, "audit", "--action", "export.")
    assert sorted(entry["action"] for entry in entries) == [
        "export.customer", "export.person", "export.totals", "export.totals",
    ]  # fmt: skip
