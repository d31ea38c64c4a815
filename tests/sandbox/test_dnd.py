"""Do not disturb, as apps learn of it, and as people turn it on and off."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox import dnd
from sandbox.clock import Clock
from sandbox.slack import Slack
from sandbox.world import WorldError, make_world
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Open, Person, ack, got

NIGHT = 22 * 3600  # the test's schedule begins at 22:00 UTC and ends at 08:00


def at(clock: Clock, second_of_day: int) -> float:
    """The clock moved on to that second of the day, UTC; it is then."""
    now = clock.now()
    clock.advance((second_of_day - now % 86400) % 86400)
    return clock.now()


def with_a_night() -> Slack:
    person = {"id": "U0NIGHT", "name": "nadia", "tz": "Etc/UTC", "dnd": "22:00-08:00"}
    return Slack(make_world({"teams": [{"id": "T1", "name": "One"}], "people": [person]}))


async def test_who_has_it_on_from_the_start_has_it_for_eight_hours(
    client: AsyncWebClient, slack: Slack, clock: Clock
) -> None:
    on = await client.dnd_info(user="U0BEN")
    assert on["dnd_enabled"]
    assert on["next_dnd_start_ts"] <= clock.now() < on["next_dnd_end_ts"]
    assert (await client.dnd_info(user="U0AMARA")).data == {
        "ok": True,
        "dnd_enabled": False,
        "next_dnd_start_ts": 1,
        "next_dnd_end_ts": 1,
    }
    clock.advance(8 * 3600 + 1)
    assert not (await client.dnd_info(user="U0BEN"))["dnd_enabled"]


async def test_whom_it_does_not_know(client: AsyncWebClient, slack: Slack) -> None:
    await refused(client.dnd_info(user="U0NONE"), "user_not_found")
    await refused(client.dnd_info(user="U0FAR"), "user_not_visible")
    await refused(client.dnd_teamInfo(users="U0AMARA,U0FAR"), "user_not_visible")
    await refused(client.dnd_teamInfo(users=","), "no_users_provided")
    found = await client.dnd_teamInfo(users="U0AMARA,U0NONE")
    assert set(found["users"]) == {"U0AMARA"}
    slack.store.grants["xoxb-test"].scopes -= {"dnd:read"}
    await refused(client.dnd_info(user="U0AMARA"), "missing_scope")
    await refused(client.dnd_teamInfo(users="U0AMARA"), "missing_scope")


async def test_fifty_at_once_and_no_more(client: AsyncWebClient) -> None:
    fifty = [f"U0NONE{n}" for n in range(49)] + ["U0AMARA"]
    assert set((await client.dnd_teamInfo(users=",".join(fifty)))["users"]) == {"U0AMARA"}
    await refused(client.dnd_teamInfo(users=",".join([*fifty, "U0BEN"])), "too_many_users")


async def test_a_person_pauses_and_the_app_hears(
    client: AsyncWebClient, connect: Open, person: Callable[[str], Person], clock: Clock
) -> None:
    ws = await connect()
    await got(ws)
    amara = person("U0AMARA")
    assert not (await amara.seen())["me"]["dnd"]
    await amara.act("disturb", minutes=30, status=200, quiet=True)
    envelope = await got(ws)
    await ack(ws, envelope)
    event = envelope["payload"]["event"]
    assert (event["type"], event["user"], event["dnd_status"]["dnd_enabled"]) == ("dnd_updated_user", "U0AMARA", True)
    assert event["dnd_status"]["next_dnd_end_ts"] == pytest.approx(clock.now() + 1800, abs=5)
    assert (await amara.seen())["me"]["dnd"]
    clock.advance(1801)
    assert not (await amara.seen())["me"]["dnd"]
    assert not (await client.dnd_info(user="U0AMARA"))["dnd_enabled"]


@pytest.mark.parametrize("minutes", [-1, 7 * 24 * 60 + 1, "soon", None, True])
async def test_pauses_that_are_refused(person: Callable[[str], Person], minutes: object) -> None:
    body = await person("U0AMARA").act("disturb", minutes=minutes, status=400)
    assert body["error"] == "invalid_value"


async def test_what_was_on_from_the_start_is_ended_by_hand(client: AsyncWebClient, slack: Slack) -> None:
    dnd.pause(slack, slack.store.people["U0BEN"], 0)
    assert not (await client.dnd_info(user="U0BEN"))["dnd_enabled"]


def test_with_a_schedule_it_is_enabled_all_day_and_on_at_night_only() -> None:
    slack = with_a_night()
    nadia = slack.store.people["U0NIGHT"]
    for second, on in ((NIGHT - 1, False), (NIGHT, True), (8 * 3600 - 1, True), (8 * 3600, False), (12 * 3600, False)):
        now = at(slack.clock, second)
        said = dnd.status(slack, nadia)
        assert said["dnd_enabled"]
        assert (said["next_dnd_start_ts"] <= now) is on, second
        assert dnd.is_on(slack, nadia) is on
        assert said["next_dnd_end_ts"] > now
        assert datetime.fromtimestamp(said["next_dnd_start_ts"], UTC).strftime("%H:%M") == "22:00"


def test_a_night_ended_by_hand_is_over_and_the_next_one_comes() -> None:
    slack = with_a_night()
    nadia = slack.store.people["U0NIGHT"]
    at(slack.clock, 3 * 3600)
    first = dnd.status(slack, nadia)
    dnd.pause(slack, nadia, 0)
    assert not dnd.is_on(slack, nadia)
    assert dnd.status(slack, nadia)["next_dnd_start_ts"] == first["next_dnd_start_ts"] + 86400
    at(slack.clock, NIGHT + 60)
    assert dnd.is_on(slack, nadia)


def test_hours_that_are_none_are_refused() -> None:
    person = {"id": "U1", "name": "n", "dnd": "at night"}
    with pytest.raises(WorldError, match="22:00-08:00"):
        make_world({"teams": [{"id": "T1", "name": "One"}], "people": [person]})
