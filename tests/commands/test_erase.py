"""Erasing and exporting from the command line."""

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
