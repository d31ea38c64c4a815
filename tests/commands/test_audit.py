"""The audit trail from the command line."""

from tests.commands.test_with_slack import Canteen, add, done, refused
from tests.flows import company
from tests.flows.conftest import Flow


async def test_the_trail_names_who_and_what_and_leads_to_what_is_older(canteen: Canteen, flow: Flow) -> None:
    await add(canteen)
    await done(canteen, "channels", "pause", "line-0")
    await done(canteen, "channels", "resume", "line-0")
    (newest,) = await done(canteen, "audit", "--limit", "1")
    assert (newest["actor"], newest["role"], newest["action"]) == ("command line", "cli", "channel.resume")
    assert (newest["subject"], newest["subject_name"]) == ("C0LINE0", "#line-0")
    assert newest["at"].endswith("Z")
    said = await canteen("audit", "--action", "channel.", "--limit", "2")
    assert "C0LINE0 #line-0" in said.out
    (line,) = [one for one in said.out.splitlines() if one.startswith("Older ones: canteen ")]
    older = await done(canteen, *line.removeprefix("Older ones: canteen ").split())
    assert [one["action"] for one in older][:1] == ["channel.add"]
    assert await done(canteen, "audit", "--by", company.ADMIN, "--action", "channel.") == []
    assert await done(canteen, "audit", "--since", "2999-01-01") == []
    assert "there is no entry nothing" in await refused(canteen, "audit", "--before", "nothing")
    said = await canteen("audit", "--about", "#line-0", "--limit", "2")
    assert "Older ones: canteen audit --about '#line-0' --limit 2" in said.out
    whole = await done(canteen, "audit", "--limit", "1000")
    assert await done(canteen, "audit", "--about", "C0LINE0") == [
        one for one in whole if "C0LINE0" in {one["subject"], *(thing["id"] for thing in one["concerns"])}
    ]
    assert await done(canteen, "audit", "--about", "Orion") == await done(canteen, "audit", "--about", "C-1") == []
    assert "there is no customer or channel Onion" in await refused(canteen, "audit", "--about", "Onion")
    assert "nobody is known" in await refused(canteen, "audit", "--by", "nobody@example.com")
