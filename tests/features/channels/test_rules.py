"""Pure decisions: what comes next, how long content lasts, why nothing is posted, what a form means."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.channels import filled, form, quiet
from bot.features.channels.rules import (
    Setup,
    Weekly,
    as_channel,
    as_wish,
    coming,
    newest_first,
    occurrence_id,
    quiet_name,
    weeks_left,
    why_not,
)
from bot.slack.words import Words

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KINDS = ("story", "news")
seconds = st.times().map(lambda at: at.replace(microsecond=0))
weekly = st.builds(Weekly, kind=st.sampled_from(KINDS), weekday=st.integers(0, 6), at=seconds)
ZONES = ("UTC", "Europe/Lisbon", "Asia/Kolkata", "America/Nuuk", "Pacific/Auckland")


def setup(*times: Weekly, zone: str = "UTC") -> Setup:
    return Setup(channel_id="C1", name="one", zone=zone, locale="en-GB", weekly=times)


@given(times=st.lists(weekly, min_size=1, max_size=8), zone=st.sampled_from(ZONES), n=st.integers(1, 12))
def test_what_comes_next_is_in_order_complete_and_each_time_once(times: list[Weekly], zone: str, n: int) -> None:
    channel = as_channel("T1", setup(*times, zone=zone), now=NOW)
    found = coming(channel, {}, now=NOW, n=n)
    assert len(found) == n or (len(found) >= 8 and n > 8)  # sixty days hold every weekday eight times
    moments = [(one.due_at, one.slot_id) for one in found]
    assert [due for due, _ in moments] == sorted(due for due, _ in moments)
    assert len(set(moments)) == len(moments)
    assert all(one.due_at >= NOW for one in found)
    longer = coming(channel, {}, now=NOW, n=n + 5)
    assert longer[: len(found)] == found


@given(times=st.lists(weekly, max_size=8))
def test_ids_of_slots_and_occurrences_hang_on_the_wish_alone(times: list[Weekly]) -> None:
    one, other = as_channel("T1", setup(*times), now=NOW), as_channel("T1", setup(*reversed(times)), now=NOW)
    assert one.slots == other.slots
    ids = {slot.id for slot in one.slots}
    assert len(ids) == len(set(times))
    assert len({occurrence_id(slot, NOW) for slot in ids}) == len(ids)


@pytest.mark.parametrize(
    ("left", "weeks"), [({"story": 8, "news": 9}, 4), ({"story": 8, "news": 1}, 1), ({"story": 1}, 0), ({}, 0)]
)
def test_weeks_until_the_first_kind_runs_out(left: dict[str, int], weeks: int) -> None:
    """Two stories and one news item a week."""
    times = [Weekly(kind="story", weekday=1, at=time(10)), Weekly(kind="story", weekday=3, at=time(10))]
    channel = as_channel("T1", setup(*times, Weekly(kind="news", weekday=4, at=time(9))), now=NOW)
    assert weeks_left(channel, left) == weeks


def test_a_channel_that_gets_nothing_has_no_weeks() -> None:
    assert weeks_left(as_channel("T1", setup(), now=NOW), {}) is None


def test_why_nothing_is_posted() -> None:
    fine = as_channel("T1", setup(), now=NOW)
    assert why_not(channel=fine, stopped=False) is None
    assert why_not(channel=fine, stopped=True) == "stopped"
    assert why_not(channel=replace(fine, state="paused"), stopped=False) == "paused"
    assert why_not(channel=replace(fine, outsiders=True), stopped=False) == "outsiders"
    assert why_not(channel=replace(fine, state="removed"), stopped=True) == "removed"
    assert why_not(channel=None, stopped=False) == "removed"


@given(st.lists(st.datetimes(timezones=st.just(UTC))))
def test_only_the_newest_due_time_may_still_be_posted(times: list[datetime]) -> None:
    newest, older = newest_first(times)
    assert (newest is None) == (not times)
    assert sorted([*older, *([newest] if newest else [])]) == sorted(times)
    assert all(newest is not None and one <= newest for one in older)


def test_holidays_by_country_and_subdivision() -> None:
    assert quiet_name("PT", {}, date(2026, 12, 1))
    assert quiet_name("PT", {}, date(2026, 12, 2)) is None
    assert quiet_name(None, {date(2026, 12, 2): "Stocktaking"}, date(2026, 12, 2)) == "Stocktaking"
    assert quiet.holiday("BR-SP", date(2026, 7, 9))
    assert quiet.holiday("BR", date(2026, 7, 9)) is None
    assert quiet.holiday("XX", date(2026, 12, 25)) is None
    assert quiet.place_name("BR-SP", "pt-BR") == "Brasil, SP"
    assert all(quiet.is_known(code) for code, _ in quiet.places("en-US"))


days = st.lists(st.integers(0, 6), unique=True).map(tuple)


@given(
    story=days,
    news=days,
    at=st.times().map(lambda at: at.strftime("%H:%M")),
    seconds=st.integers(0, 59),
    owners=st.frozensets(st.sampled_from(["U1", "U2", "U3"])),
    window=st.integers(1, 14 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    answer=st.booleans(),
    off=st.booleans(),
)
def test_a_channel_that_is_edited_without_a_change_stays_as_it_is(
    story: tuple[int, ...],
    news: tuple[int, ...],
    at: str,
    seconds: int,
    owners: frozenset[str],
    window: timedelta,
    answer: bool,
    off: bool,
) -> None:
    """What the modal shows of a channel and what saving it gives are the same, seconds included."""
    moment = time.fromisoformat(at).replace(second=seconds)
    times = [Weekly(kind="story", weekday=day, at=moment) for day in story]
    times += [Weekly(kind="news", weekday=day, at=moment) for day in news]
    channel = as_channel("T1", setup(*times), now=NOW)
    channel = replace(channel, owners=owners, quiz_window=window, guests_answer=answer, pulse_off=off)
    offered = [form.Kind(name=kind, label=kind) for kind in (*KINDS, form.QUIZ)]
    shown = form.view(Words(), offered, channel=channel, teams={})
    state = {
        block["block_id"]: {"a": _as_slack_reports(block["element"])}
        for block in shown.blocks
        if block["type"] == "input"
    }
    given = filled.read(state, KINDS, "C1")
    errors = filled.check(given, Words(), channel)
    assert bool(errors) == (not times)
    wish = filled.as_setup(given, name="one", was=channel)
    assert set(wish.weekly) == set(times)
    assert replace(wish, weekly=()) == replace(as_wish(channel), weekly=())


def _as_slack_reports(element: dict[str, object]) -> dict[str, object]:
    names = {
        "initial_options": "selected_options",
        "initial_option": "selected_option",
        "initial_time": "selected_time",
        "initial_users": "selected_users",
    }
    return {"type": element["type"], **{to: element[given] for given, to in names.items() if given in element}}


@given(st.text())
def test_no_typed_time_or_zone_is_taken_that_does_not_exist(text: str) -> None:
    given = filled.Filled(channel_id="C1", days={"story": (1,)}, times={"story": text}, zone=text, locale="en-US")
    errors = filled.check(given, Words())
    assert form.ZONE_BLOCK in errors or text in {"UTC", "GMT"}


def test_the_day_of_a_due_time_is_the_channels_own() -> None:
    channel = as_channel("T1", setup(Weekly(kind="story", weekday=2, at=time(0, 30)), zone="Asia/Tokyo"), now=NOW)
    (one,) = coming(channel, {}, now=NOW, n=1)
    assert one.due_at == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert one.local_day == date(2026, 11, 25)
    assert one.due_at - NOW < timedelta(hours=7)
