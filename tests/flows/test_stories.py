"""From a file to a message that people see, read, and that can be taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.commands import channel_setup
from bot.features.channels.rules import Setup
from tests.flows.company import ADMIN, GUEST, MAKER, OTHER
from tests.flows.conftest import Flow, over_http, over_socket


async def set_up(flow: Flow, channel: str, *slots: str) -> None:
    """As `canteen channels add` does it, without the second that a new process takes."""
    async with flow.parts() as parts:
        weekly = tuple(map(channel_setup.read_slot, slots))
        wanted = Setup(channel_id=channel, name=channel, zone="Europe/Lisbon", locale="en", weekly=weekly)
        await channel_setup.set_up(parts, "T0FLOW", wanted, teams=["Line 2"], by="test")


def in_seconds(seconds: int, kind: str = "story") -> str:
    moment = (datetime.now(UTC) + timedelta(seconds=seconds)).astimezone(ZoneInfo("Europe/Lisbon"))
    return f"{kind}:{moment:%a}@{moment:%H:%M:%S}".lower()


def buttons(message: dict[str, Any]) -> list[str]:
    return [
        element["text"]["text"]
        for block in message["blocks"] or ()
        if block["type"] == "actions"
        for element in block["elements"]
    ]


async def test_a_story_arrives_on_its_schedule_and_can_be_read(flow: Flow) -> None:
    await flow.start()
    await set_up(flow, "C0LINE0", in_seconds(6))
    post = (await flow.until(lambda: flow.posts("C0LINE0")))[0]
    assert "power board" in post["text"]
    assert "Read the whole story" in buttons(post)
    assert post["metadata"]["event_type"] == "canteen_delivery"
    seen = await flow.act(MAKER, "press", action="Read the whole story")
    view = seen["modals"][-1]["view"]
    assert "How it began" in str(view["blocks"])
    assert [one["mentions"] for one in await flow.posts("C0LINE0") if one["metadata"] and one["mentions"]] == []


@over_socket
async def test_post_now_and_recall_from_everywhere(flow: Flow) -> None:
    await flow.start()
    for channel in ("C0LINE0", "C0LINE1"):
        await set_up(flow, channel, "story:mon@10:00")
        code, printed = await flow.canteen("post-now", channel, "story")
        assert code == 0, printed
    posts = await flow.until(lambda: both(flow))
    code, printed = await flow.canteen("recall", f"{posts[0]['channel']}:{posts[0]['ts']}")
    assert code == 0, printed

    async def gone() -> bool:
        return await flow.posts() == []

    await flow.until(gone)


async def both(flow: Flow) -> list[dict[str, Any]]:
    posts = await flow.posts()
    return posts if len(posts) >= 2 else []


@over_http
async def test_stopping_all_posting_holds_what_is_due_and_starting_lets_it_go(flow: Flow) -> None:
    await flow.start()
    await set_up(flow, "C0LINE0", "story:mon@10:00")
    assert (await flow.canteen("stop"))[0] == 0
    code, printed = await flow.canteen("post-now", "C0LINE0", "story")
    assert code == 1, printed
    assert "stopped" in printed
    assert (await flow.canteen("start"))[0] == 0
    assert (await flow.canteen("post-now", "C0LINE0", "story"))[0] == 0
    await flow.until(lambda: flow.posts("C0LINE0"))


@over_socket
async def test_a_channel_with_guests_gets_only_what_has_public_consent(flow: Flow) -> None:
    await flow.start()
    await set_up(flow, "C0GUESTS", "story:mon@10:00")
    assert (await flow.canteen("post-now", "C0GUESTS", "story"))[0] == 0
    post = (await flow.until(lambda: flow.posts("C0GUESTS")))[0]
    assert "Set number 0" in post["text"]
    code, printed = await flow.canteen("post-now", "C0GUESTS", "story")
    assert code == 1, printed
    seen = await flow.seen(GUEST)
    assert "Set number 0" in str(seen["messages"]["C0GUESTS"])


@over_socket
async def test_a_channel_shared_with_another_company_is_refused(flow: Flow) -> None:
    code, printed = await flow.canteen(
        "channels", "add", "C0SHARED", "--zone", "Europe/Lisbon", "--slot", "story:mon@10:00"
    )
    assert code == 1
    assert "another company" in printed


@over_http
async def test_home_shows_my_team_and_whoever_is_no_admin_is_told_kindly(flow: Flow) -> None:
    await flow.start()

    async def home_of(user: str) -> Any:
        return (await flow.seen(user)).get("home")

    await flow.act(MAKER, "home")
    home = await flow.until(lambda: home_of(MAKER))
    assert "PB-7 power board" in str(home)
    seen = await flow.act(OTHER, "command", channel="C0LINE0", text="/customer-admin")
    del seen

    async def told() -> bool:
        return "Ada Lund" in str((await flow.seen(OTHER))["messages"]["C0LINE0"])

    await flow.until(told)


@over_socket
async def test_finding_a_customer(flow: Flow) -> None:
    await flow.start()
    await flow.act(MAKER, "command", channel="C0LINE0", text="/customer find orion tv")

    async def card() -> bool:
        found = str((await flow.seen(MAKER))["messages"]["C0LINE0"])
        return "Orion" in found and "Sam Ortega" in found

    await flow.until(card)


async def test_sigterm_ends_quietly_and_a_second_run_on_the_same_file_refuses(flow: Flow) -> None:
    first = await flow.start()
    code, printed = await flow.canteen("run")
    assert code == 1
    assert "another" in printed
    assert await flow.stop(first) == 0
    again = await flow.start()
    assert await flow.stop(again) == 0


async def test_doctor_finds_nothing_serious_while_the_bot_runs(flow: Flow) -> None:
    await flow.start()
    code, printed = await flow.canteen("doctor")
    assert code == 0, printed
    assert "the token works" in printed
    assert company_secrets_absent(printed + flow.log(), flow)


def company_secrets_absent(text: str, flow: Flow) -> bool:
    return all(secret not in text for secret in (flow.env["SLACK_BOT_TOKEN"], "xapp-flows", "flows0123456789"))


@over_socket
async def test_the_admin_opens_home_and_sees_the_channels(flow: Flow) -> None:
    await flow.start()
    await set_up(flow, "C0LINE1", "story:mon@10:00")
    await flow.act(ADMIN, "home")

    async def listed() -> bool:
        return "line-1" in str((await flow.seen(ADMIN)).get("home")) or "C0LINE1" in str(
            (await flow.seen(ADMIN)).get("home")
        )

    await flow.until(listed)
