"""Quiet hours in every zone, and Slack's user objects."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.features.members import rules
from bot.features.members.rules import Person
from bot.features.members.waking import is_quiet, next_waking
from tests.features.members.people import WS, user


def person(kind: str = "member", **values: Any) -> Person:
    return Person(workspace_id=WS, user_id="U0AMARA", name="Amara", kind=kind, **values)


ZONES = st.sampled_from(sorted(available_timezones()))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.none() | st.times()


@settings(max_examples=500, deadline=None)
@given(zone=ZONES, now=INSTANTS, begin=TIMES, end=TIMES)
@example(zone="Pacific/Apia", now=datetime(2011, 12, 30, 8, 0, tzinfo=UTC), begin=time(20), end=time(8))
@example(zone="Europe/Lisbon", now=datetime(2026, 3, 29, 0, 30, tzinfo=UTC), begin=time(22), end=time(1, 30))
@example(zone="Europe/Lisbon", now=datetime(2026, 10, 25, 1, 10, tzinfo=UTC), begin=time(22), end=time(1, 30))
@example(zone="Europe/Lisbon", now=datetime(2026, 3, 28, 12, 0, tzinfo=UTC), begin=time(1, 20), end=time(1, 10))
def test_nobody_is_woken(zone: str, now: datetime, begin: time | None, end: time | None) -> None:
    someone = person(zone=zone, quiet_from=begin, quiet_until=end)
    waking = next_waking(someone, now)
    assert waking >= now
    assert not is_quiet(someone, waking)
    assert waking == now or is_quiet(someone, now)
    assert waking - now < timedelta(days=4)


@settings(max_examples=200, deadline=None)
@given(zone=ZONES, now=INSTANTS)
def test_default_quiet_hours_end_at_eight(zone: str, now: datetime) -> None:
    someone = person(zone=zone)
    local = now.astimezone(ZoneInfo(zone))
    assert is_quiet(someone, now) is (local.hour >= 20 or local.hour < 8)
    if is_quiet(someone, now):
        woken = next_waking(someone, now).astimezone(ZoneInfo(zone))
        assert woken.time() >= time(8)
        assert woken.time() < time(10)  # later than eight only where the clocks leave eight o'clock out


@pytest.mark.parametrize(
    ("now", "waking"),
    [
        ("2026-11-24T09:00", "2026-11-24T09:00"),
        ("2026-11-24T20:00", "2026-11-25T08:00"),
        ("2026-11-25T07:59:59", "2026-11-25T08:00"),
        ("2026-03-28T21:00", "2026-03-29T07:00"),  # Lisbon's clocks go forward: 08:00 there is 07:00 UTC
        ("2026-10-24T22:00", "2026-10-25T08:00"),  # and back
    ],
)
def test_when_a_person_in_lisbon_is_awake(now: str, waking: str) -> None:
    lisbon = person(zone="Europe/Lisbon")
    at = [datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (now, waking)]
    assert next_waking(lisbon, at[0]) == at[1]


def test_equal_ends_mean_no_quiet_hours() -> None:
    assert not is_quiet(person(quiet_from=time(7), quiet_until=time(7)), datetime(2026, 1, 1, 7, tzinfo=UTC))


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "a" * 300, "\x00", "/etc/localtime"])
def test_an_unknown_zone_is_utc(zone: str) -> None:
    assert rules.zone_of(zone).key == "UTC"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "member"),
        ({"is_restricted": True}, "guest"),
        ({"is_restricted": True, "is_ultra_restricted": True}, "single_channel_guest"),
        ({"is_bot": True}, "bot"),
        ({"id": "USLACKBOT"}, "bot"),
        ({"is_workflow_bot": True}, "bot"),
        ({"is_stranger": True}, "external"),
        ({"team_id": "T0ORION"}, "external"),
        ({"team_id": "T0ORION", "is_restricted": True}, "external"),
        ({"team_id": "E0ORG", "enterprise_user": {"teams": [WS, "T2"]}}, "member"),
        ({"team_id": "E0ORG", "enterprise_user": {"teams": ["T2"]}}, "external"),
        ({"team_id": "T0ORION", "deleted": True}, "deactivated"),
        ({"deleted": True, "is_restricted": True}, "deactivated"),
        ({"team_id": None}, "member"),
    ],
)
def test_kinds_of_people(changes: dict[str, Any], kind: str) -> None:
    assert rules.kind_of(user(**{"user_id": "U0AMARA", **changes}) | changes, workspace_id=WS) == kind


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from([*user(), "real_name", "enterprise_user", "is_stranger"])


@settings(deadline=None)
@given(broken=st.dictionaries(FIELDS, ANYTHING, max_size=6), profile=st.dictionaries(st.text(max_size=12), ANYTHING))
def test_any_object_can_be_read_or_is_left_out(broken: dict[str, Any], profile: dict[str, Any]) -> None:
    found = rules.read_user(user() | {"profile": user()["profile"] | profile} | broken, workspace_id=WS)
    if found is not None:
        assert 2 <= len(found.user_id) <= 32
        for text, limit in ((found.name, 200), (found.email, 400), (found.locale, 35), (found.zone, 64)):
            assert text is None or (0 < len(text) <= limit and "\x00" not in text)
            assert text is None or text.encode()


@given(read_at=INSTANTS, wait=st.timedeltas(timedelta(0), timedelta(days=3)))
def test_everybody_is_read_once_a_night(read_at: datetime, wait: timedelta) -> None:
    due = rules.reading_due(read_at, read_at + wait)
    if wait < timedelta(hours=6):
        assert not due
    if wait >= timedelta(hours=30):
        assert due
    assert rules.reading_due(None, read_at)
