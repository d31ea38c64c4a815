"""Each command against a local Slack: what it does, what it refuses, what a machine may read of it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.db.tables.customers import Customer
from bot.db.tables.delivery import Delivery
from bot.db.tables.stories import Post
from bot.db.tables.workspaces import Workspace
from tests.commands.conftest import Said
from tests.flows import company
from tests.flows.conftest import Flow

Canteen = Callable[..., Awaitable[Said]]
SLOTS = ("--slot", "story:tue@10:00", "--slot", "news:fri@14:30:15")


async def done(canteen: Canteen, *words: str, **how: Any) -> Any:
    """What it said to a machine, after it said the same to a person's satisfaction."""
    said = await canteen(*words, "--json", **how)
    assert said.code == 0, said
    assert company.BOT_TOKEN not in said.out + said.err
    return said.json


async def refused(canteen: Canteen, *words: str) -> str:
    said = await canteen(*words)
    assert said.code == 1, said
    assert "Traceback" not in said.err
    return said.err


async def add(canteen: Canteen, number: int = 0) -> Any:
    return await done(
        canteen, "channels", "add", f"C0LINE{number}", "--zone", "Europe/Lisbon", "--team", "Line 2", *SLOTS
    )


async def test_a_channel_from_setting_up_to_removing(canteen: Canteen) -> None:
    assert await add(canteen) == {"done": True, "channel": "C0LINE0", "name": "line-0"}
    (row,) = await done(canteen, "channels", "list")
    assert (row["name"], row["state"], row["zone"]) == ("line-0", "active", "Europe/Lisbon")
    assert row["next"]
    posts = await done(canteen, "channels", "next", "line-0", "-n", "4")
    assert [one["kind"] for one in posts if one["headline"]]
    assert all(one["why"] for one in posts)
    said = await canteen("channels", "next", "#line-0")
    assert said.code == 0
    assert "Next posts" in said.out
    assert await done(canteen, "channels", "pause", "line-0") == {"done": True, "channel": "line-0", "now": "paused"}
    assert "it is not active" in await refused(canteen, "channels", "pause", "line-0")
    assert "nothing is posted: paused" in await refused(canteen, "post-now", "line-0", "story")
    assert (await done(canteen, "channels", "resume", "C0LINE0"))["now"] == "resumed"
    assert "it is not paused" in await refused(canteen, "channels", "resume", "line-0")
    assert (await done(canteen, "channels", "remove", "line-0"))["now"] == "removed"
    assert await done(canteen, "channels", "list") == []
    assert "line-0 is not set up" in await refused(canteen, "channels", "next", "line-0")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["C0SHARED", *SLOTS], "another company reads in that channel"),
        (["C0SECRET", *SLOTS], "Slack does not show C0SECRET to Canteen (channel_not_found)"),
        (["C0NOWHERE", *SLOTS], "channel_not_found"),
        (["C0LINE0", "--team", "Line 9", *SLOTS], "there is no team Line 9"),
        (["C0LINE0", "--workspace", "T0ELSE", *SLOTS], "there is no workspace T0ELSE here"),
    ],
)
async def test_channels_that_cannot_be_added(canteen: Canteen, words: list[str], why: str) -> None:
    assert why in await refused(canteen, "channels", "add", *words, "--zone", "UTC")
    assert await done(canteen, "channels", "list") == []


async def test_post_recall_stop_and_start(canteen: Canteen, flow: Flow) -> None:
    await add(canteen)
    assert (await done(canteen, "post-now", "line-0", "story"))["kind"] == "story"
    assert (await canteen("post-now", "line-0", "poem")).code == 2
    assert "there is no such post" in await refused(canteen, "recall", "C0LINE0:1700000000.000100")
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Delivery).values(state="failed", error="invalid_blocks"))
    (row,) = [one for one in await done(canteen, "deliveries", "--state", "failed") if one["kind"] == "stories.post"]
    assert row["error"] == "invalid_blocks"
    assert await done(canteen, "deliveries", "settle", str(row["id"]), "--sent", "1700000000.000100")
    async with flow.parts() as parts, parts.sessions.begin() as session:
        (post,) = await session.scalars(select(Post))
        assert (post.ts, post.outcome) == ("1700000000.000100", "sent")  # what finds it by its link, to recall it
    assert "only what is uncertain or has failed" in await refused(
        canteen, "deliveries", "settle", str(row["id"]), "--drop"
    )
    assert (await done(canteen, "stop"))["changed"] is True
    assert (await done(canteen, "stop"))["changed"] is False
    assert "nothing is posted: stopped" in await refused(canteen, "post-now", "line-0", "story")
    assert (await done(canteen, "workspace", "list"))[0]["posting_stopped"]
    assert (await done(canteen, "start"))["changed"] is True


async def test_workspaces(canteen: Canteen) -> None:
    added = await done(canteen, "workspace", "add", typed=f"{company.BOT_TOKEN}\n")
    assert (added["workspace"], added["name"]) == ("T0FLOW", "Flow Works")
    assert "chat:write" in added["scopes"]
    (row,) = await done(canteen, "workspace", "list")
    assert (row["id"], row["state"]) == ("T0FLOW", "active")
    said = await canteen("workspace", "add", typed="xoxb-wrong-canary\n")
    assert said.code == 1
    assert "invalid_auth" in said.err
    assert "canary" not in said.out + said.err


async def test_an_import_reports_and_asks_who_may_be_named(canteen: Canteen, flow: Flow, tmp_path: Path) -> None:
    path = tmp_path / "more.csv"
    path.write_text("external id,name\nC-7,Ardenne\nC-8,Bellweather\nC-9,\n", encoding="utf-8")
    said = await canteen("import", "customers", str(path), "--dry-run", "--json")
    assert said.code == 1  # something in it is refused
    report = said.json
    assert (report["added"], report["refused_rows"], report["written"]) == (2, 1, False)
    assert report["refused"][0]["line"] == 4
    said = await canteen("import", "customers", str(path), "--strict")
    assert said.code == 1
    assert "Nothing was written." in said.out
    said = await canteen("import", "customers", str(path))
    assert said.code == 0
    assert "Ardenne" in said.out
    assert "--may-name yes or no" in said.out
    said = await canteen("import", "customers", str(path), terminal=True, typed="y\nn\n")
    assert said.code == 0
    async with flow.parts() as parts, parts.sessions.begin() as session:
        found = await session.execute(select(Customer.name, Customer.may_be_named))
        rows: dict[str, bool | None] = {row[0]: row[1] for row in found}
    assert (rows["Ardenne"], rows["Bellweather"]) == (True, False)


def serious(said: Said) -> list[str]:
    return [one["what"] for one in said.json if one["level"] == "serious"]


async def test_the_doctor_finds_nothing_serious_in_a_sound_company(canteen: Canteen) -> None:
    await add(canteen)
    said = await canteen("doctor", "--json")
    assert (said.code, serious(said)) == (0, [])
    found = [one["what"] for one in said.json]
    for part in (
        "the token works: Flow Works",
        "scopes are granted",
        "the clock agrees",
        "Socket Mode can",
        "the database answers",
    ):
        assert any(part in what for what in found), part
    assert any("SQLite" in what for what in found)
    assert "Canteen is in all 1 channels that were looked at" in found
    assert all(one["cure"] for one in said.json if one["level"] == "serious")
    assert any("runs out of news within 4 weeks: it has 4 story, 1 news left" in what for what in found)


async def test_the_doctor_names_what_is_wrong_and_its_cure(canteen: Canteen, flow: Flow) -> None:
    for number in range(3):
        await add(canteen, number)
    await flow.act(company.ADMIN, "remove", channel="C0LINE1", user="U0CANTEEN")
    await flow.act(company.ADMIN, "archive", channel="C0LINE2")
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Customer).values(account_manager=None))
    await done(canteen, "post-now", "line-0", "story")
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Delivery).values(state="uncertain"))
    said = await canteen("doctor", "--json")
    assert said.code == 1
    whole = " | ".join(serious(said))
    assert "Canteen is not in #line-1" in whole
    assert "#line-2 is archived" in whole
    assert "uncertain" in whole
    assert all(one["cure"] for one in said.json if one["level"] == "serious")
    assert any("no account manager who can be asked" in one["what"] for one in said.json)


async def test_the_doctor_knows_a_dead_workspace_and_a_revoked_token(canteen: Canteen, flow: Flow) -> None:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        await session.execute(update(Workspace).values(state="dead"))
    assert "Flow Works: Slack refuses the token" in serious(await canteen("doctor", "--json"))
    refusing = [
        {"methods": ["auth.test"], "what": "error_before", "error": "token_revoked"},
        {"methods": ["apps.connections.open"], "what": "error_before", "error": "invalid_auth"},
    ]
    await flow.send("faults", {"faults": refusing}, "PUT")
    said = await canteen("doctor", "--json")
    assert said.code == 1
    assert any("Slack does not take the bot token" in what for what in serious(said)), said
    assert any("Slack does not take SLACK_APP_TOKEN (invalid_auth)" in what for what in serious(said)), said
    assert company.BOT_TOKEN not in said.out + said.err


async def test_a_picture_is_sent_to_two_who_look(canteen: Canteen, flow: Flow) -> None:
    said = await canteen("doctor", "--json", "--post-test", company.MAKER, company.OTHER)
    assert said.code == 0, said
    last = said.json[-1]
    assert f"does {company.OTHER} see a green square?" in last["what"]
    assert "CANTEEN_PUBLIC_URL" in last["cure"]
    sent = await flow.posts()
    assert len(sent) == 2
    assert all(one["blocks"][1]["type"] == "image" and one["blocks"][1]["slack_file"]["id"] for one in sent)
    said = await canteen("doctor", "--json", "--post-test", company.MAKER, "U0NOBODY")
    assert said.code == 1
    assert "the test was not sent" in serious(said)[0]
