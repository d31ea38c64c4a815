"""B1: one due time on every local day, in every zone, around every change of clocks. B6: odd days of the calendar."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.times import Stretch, due_between, due_on, is_zone, local_day, local_days, monday_of, on_the_wall, zones

HALF_HOURS = [time(minute // 60, minute % 60) for minute in range(0, 1440, 30)]
EVERY_ZONE = sorted(available_timezones())
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)


Change = tuple[datetime, timedelta, timedelta]


def offset(moment: datetime, place: ZoneInfo) -> timedelta:
    return moment.astimezone(place).utcoffset() or timedelta(0)


def changes(zone: str) -> Iterator[Change]:
    """When the offset changes this and next year, from what to what: looked for day by day, then by halving."""
    place = ZoneInfo(zone)
    moment, before = START, offset(START, place)
    while moment < END:
        low, moment = moment, moment + timedelta(days=1)
        after = offset(moment, place)
        if after != before:
            high = moment
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if offset(middle, place) == before else (low, middle)
            yield high.replace(second=0, microsecond=0), before, after
        before = after


@cache
def rules_of_zones() -> dict[tuple[Change, ...], str]:
    """One zone for each set of changes: half of all are another name for the same rule, and many never change."""
    return {found: zone for zone in EVERY_ZONE if (found := tuple(changes(zone)))}


@pytest.mark.row("B1")
def test_every_zone_gets_one_due_time_a_local_day_around_every_change() -> None:
    for moments, zone in rules_of_zones().items():
        place = ZoneInfo(zone)
        for moment, _, _ in moments:
            for step in range(-2, 3):
                day = moment.astimezone(place).date() + timedelta(days=step)
                for at in HALF_HOURS:
                    due = due_on(day, at, zone)
                    assert due is not None, (zone, day, at)
                    assert due.astimezone(place).date() == day, (zone, day, at)
    assert len(rules_of_zones()) > 20  # the tables of zones were really read


@pytest.mark.row("B1")
def test_a_daily_slot_has_exactly_one_due_time_a_local_day_through_two_years() -> None:
    for zone in (
        "Europe/Berlin",
        "America/Nuuk",
        "Australia/Lord_Howe",
        "Africa/Cairo",
        "America/Santiago",
        "Asia/Gaza",
    ):
        for at in (time(0), time(0, 30), time(2, 30), time(23, 30), time(23, 59, 59)):
            due = sorted(
                moment
                for weekday in range(7)
                for moment in due_between(weekday=weekday, at=at, zone=zone, since=START, until=END)
            )
            days = [local_day(moment, zone) for moment in due]
            assert len(set(days)) == len(days), (zone, at)
            assert days == [days[0] + timedelta(days=n) for n in range(len(days))], (zone, at)


@settings(max_examples=300, deadline=None)
@given(
    zone=st.sampled_from(EVERY_ZONE),
    day=st.dates(date(2000, 1, 1), date(2060, 12, 31)),
    at=st.times(),
)
def test_a_due_time_lies_on_its_day_and_never_before_its_local_time(zone: str, day: date, at: time) -> None:
    due = due_on(day, at.replace(microsecond=0), zone)
    if due is None:
        assert zone in {"Pacific/Apia", "Pacific/Fakaofo"}
        return
    local = due.astimezone(ZoneInfo(zone))
    assert local.date() == day
    exists = datetime.combine(day, at.replace(microsecond=0))
    if local.replace(tzinfo=None) != exists:  # only a time that the clocks jumped over is moved
        assert local.utcoffset() != (due - timedelta(hours=3)).astimezone(ZoneInfo(zone)).utcoffset() or (
            local.replace(tzinfo=None) < exists
        )


@settings(max_examples=100, deadline=None)
@given(
    zone=st.sampled_from(EVERY_ZONE),
    weekday=st.integers(0, 6),
    at=st.sampled_from(HALF_HOURS),
    cut=st.integers(0, 60 * 24 * 60),
)
def test_cutting_an_interval_in_two_loses_and_doubles_nothing(zone: str, weekday: int, at: time, cut: int) -> None:
    since, until = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 4, 21, tzinfo=UTC)
    middle = since + timedelta(minutes=cut)
    whole = due_between(weekday=weekday, at=at, zone=zone, since=since, until=until)
    first = due_between(weekday=weekday, at=at, zone=zone, since=since, until=middle)
    assert first + due_between(weekday=weekday, at=at, zone=zone, since=middle, until=until) == whole
    assert {local_day(due, zone).weekday() for due in whole} == {weekday}


def test_the_wall_clock_finds_whatever_falls_due_around_every_change_of_clocks() -> None:
    for moments, zone in rules_of_zones().items():
        for moment, _, _ in moments[:2]:
            for step in range(-27 * 4, 27 * 4, 3):
                since = moment + timedelta(minutes=15 * step)
                until = since + timedelta(minutes=61)
                found = on_the_wall(since, until, zone)
                for day in local_days(since - timedelta(days=1), until + timedelta(days=1), zone):
                    for at in HALF_HOURS:
                        due = due_on(day, at, zone)
                        if due is not None and since <= due <= until:
                            assert any(one.weekday == day.weekday() and one.first <= at <= one.last for one in found), (
                                zone,
                                since,
                                day,
                                at,
                            )


def test_the_wall_clock_of_an_ordinary_minute_is_a_minute() -> None:
    minute = datetime(2026, 11, 24, 23, 59, 30, tzinfo=UTC)
    assert on_the_wall(minute, minute + timedelta(minutes=1), "UTC") == (
        Stretch(weekday=1, first=time(23, 59, 30), last=time.max),
        Stretch(weekday=2, first=time.min, last=time(0, 0, 30)),
    )
    assert {one.weekday for one in on_the_wall(minute - timedelta(days=14), minute, "UTC")} == set(range(7))


@pytest.mark.row("B1")
def test_a_time_that_is_jumped_over_moves_forward() -> None:
    assert due_on(date(2026, 3, 29), time(2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.row("B1")
def test_a_time_that_comes_twice_counts_the_first_time() -> None:
    assert due_on(date(2026, 10, 25), time(2, 30), "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_jump_into_the_next_day_stays_on_the_day() -> None:
    """Nuuk's clocks go from 23:00 on Saturday to midnight: Saturday's 23:30 is its last second."""
    due = due_on(date(2026, 3, 28), time(23, 30), "America/Nuuk")
    assert due is not None
    assert due.astimezone(ZoneInfo("America/Nuuk")).time() == time(22, 59, 59)


def test_a_day_that_a_zone_left_out_has_no_due_time() -> None:
    assert due_on(date(2011, 12, 30), time(10), "Pacific/Apia") is None
    assert due_on(date(2011, 12, 31), time(10), "Pacific/Apia") == datetime(2011, 12, 30, 20, tzinfo=UTC)


@pytest.mark.row("B6")
@pytest.mark.parametrize(
    ("day", "weekday"),
    [
        (date(2028, 2, 29), 1),  # a leap day is the Tuesday that it is
        (date(2026, 12, 31), 3),  # the 31st, in ISO week 53
        (date(2027, 1, 1), 4),  # still ISO week 53
        (date(2027, 1, 31), 6),
    ],
)
def test_odd_days_of_the_calendar_are_the_weekdays_that_they_are(day: date, weekday: int) -> None:
    """B6: slots know weekdays only, so nothing is doubled or left out on such a day."""
    since = datetime.combine(day - timedelta(days=7), time(0), tzinfo=UTC)
    due = due_between(weekday=weekday, at=time(10), zone="UTC", since=since, until=since + timedelta(days=14, hours=11))
    assert [moment.date() for moment in due] == [day - timedelta(days=7), day, day + timedelta(days=7)]


def test_seconds_are_kept() -> None:
    assert due_on(date(2026, 11, 24), time(9, 0, 7), "UTC") == datetime(2026, 11, 24, 9, 0, 7, tzinfo=UTC)


def test_zones_to_choose_from() -> None:
    assert {"UTC", "Europe/Lisbon", "America/Argentina/Buenos_Aires"} <= set(zones())
    assert all(is_zone(zone) for zone in zones())
    assert not is_zone("Europe/Atlantis")
    assert not is_zone("../../etc/passwd")


def test_local_days_and_weeks() -> None:
    since, until = datetime(2026, 11, 24, 23, 30, tzinfo=UTC), datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert list(local_days(since, until, "UTC")) == [date(2026, 11, 24), date(2026, 11, 25)]
    assert list(local_days(since, until, "Asia/Tokyo")) == [date(2026, 11, 25)]
    assert monday_of(date(2026, 11, 29)) == date(2026, 11, 23)
