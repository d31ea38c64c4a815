"""When people are asked, what may be shown of their answers, who has answered, and who starts when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.pulse import rules
from bot.features.pulse.rules import LEAST, MARK, QUESTIONS, Asked, Closed, Defaults, Round, Tally

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday
USUAL = Defaults()
SECRET = b"a secret out of the settings"
answers = st.dictionaries(st.sampled_from(QUESTIONS), st.integers(1, 5))


def closed(number: int, *, before: bool, at: datetime = NOW, **tallies: tuple[int, int]) -> Closed:
    one = Round(
        id=f"r{number}",
        workspace_id="T1",
        channel_id="C1",
        number=number,
        before_posts=before,
        opened_at=at,
        closes_at=at + timedelta(days=7),
        closed_at=at + timedelta(days=7),
    )
    totals = {question: Tally(answers=n, points=points) for question, (n, points) in tallies.items()}
    return Closed(round=one, totals=rules.shown(totals))


# -- answers ----------------------------------------------------------------------------------------------------------


@given(st.lists(answers))
def test_totals_are_the_same_in_whatever_order_people_answer(given_answers: list[dict[str, int]]) -> None:
    def summed(those: list[dict[str, int]]) -> dict[str, Tally]:
        totals: dict[str, Tally] = {}
        for one in those:
            totals = rules.counted(totals, one)
        return totals

    assert summed(given_answers) == summed(given_answers[::-1])
    for question, tally in summed(given_answers).items():
        chosen = [one[question] for one in given_answers if question in one]
        assert (tally.answers, tally.points) == (len(chosen), sum(chosen))


@given(st.dictionaries(st.sampled_from(QUESTIONS), st.tuples(st.integers(0, 12), st.integers(0, 60))))
def test_nothing_is_kept_or_shown_of_fewer_than_five(given_totals: dict[str, tuple[int, int]]) -> None:
    totals = {question: Tally(answers=n, points=points) for question, (n, points) in given_totals.items()}
    shown = rules.shown(totals)
    assert all(tally.answers >= LEAST for tally in shown.values())
    assert {question for question, tally in totals.items() if tally.answers >= LEAST} == shown.keys()


@given(st.dictionaries(st.text(), st.text()))
def test_only_the_scale_counts_as_an_answer(chosen: dict[str, str]) -> None:
    found = rules.read_answers(chosen)
    assert found.keys() <= set(QUESTIONS)
    assert all(1 <= value <= 5 for value in found.values())
    assert rules.read_answers({"who": "0", "why": "6", "what": "5", "else": "3"}) == {"what": 5}


# -- marks ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1), unique=True, max_size=30), st.randoms(use_true_random=False))
def test_marks_say_who_has_answered_but_not_in_which_order(people: list[str], random: object) -> None:
    def all_of(those: list[str]) -> bytes:
        marks = b""
        for person in those:
            more = rules.with_mark(marks, rules.mark("key", SECRET, person))
            assert more is not None
            marks = more
        return marks

    shuffled = sorted(people, key=lambda _: random.random())  # type: ignore[attr-defined]
    marks = all_of(people)
    assert marks == all_of(shuffled)
    assert len(marks) == MARK * len(people)
    for person in people:
        assert rules.has_mark(marks, rules.mark("key", SECRET, person))
        assert rules.with_mark(marks, rules.mark("key", SECRET, person)) is None


def test_a_mark_needs_the_rounds_key_and_the_secret() -> None:
    one = rules.mark("key", SECRET, "U1")
    assert one != rules.mark("another round", SECRET, "U1")
    assert one != rules.mark("key", b"another installation", "U1")
    assert one != rules.mark("key", SECRET, "U2")


# -- when -------------------------------------------------------------------------------------------------------------


def due(**changes: object) -> Asked:
    return replace(Asked(zone="UTC", first_due=NOW + timedelta(days=3)), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "closes"),
    [
        (due(), NOW + timedelta(days=3)),
        (due(first_due=NOW + timedelta(days=3, seconds=1)), None),
        (due(first_due=NOW + timedelta(minutes=5)), NOW + timedelta(days=3)),  # set up late: open for three days
        (due(first_due=None), None),  # has had posts, and was never asked: an admin's word is needed
        (due(last=NOW - timedelta(days=10)), None),
        (due(last=NOW - timedelta(days=40)), NOW + timedelta(days=3)),  # once more before its own start
        (due(first_due=None, last=NOW - timedelta(days=90)), None),
        (due(first_due=None, last=NOW - timedelta(days=91)), NOW + timedelta(days=7)),
        (due(first_due=NOW + timedelta(days=50), together=date(2026, 11, 27)), NOW + timedelta(days=3)),
        (due(first_due=NOW + timedelta(days=50), together=date(2026, 11, 28)), None),
        (due(first_due=NOW + timedelta(days=50), last=NOW - timedelta(days=1), together=date(2026, 11, 1)), None),
    ],
)
def test_when_people_are_asked(asked: Asked, closes: datetime | None) -> None:
    assert rules.closing(asked, NOW, USUAL) == closes


def test_nobody_is_asked_in_the_night_unless_the_first_post_is_near() -> None:
    night = NOW.replace(hour=23)
    assert rules.closing(due(first_due=night + timedelta(days=2)), night, USUAL) is None
    assert rules.closing(due(first_due=night + timedelta(hours=3)), night, USUAL) is not None
    assert rules.closing(due(first_due=None, last=night - timedelta(days=95)), night, USUAL) is None
    tokyo = due(first_due=NOW + timedelta(days=2), zone="Asia/Tokyo")  # 18:00 there
    assert rules.closing(tokyo, NOW, USUAL) is None
    assert rules.closing(tokyo, NOW - timedelta(minutes=1), USUAL) is not None


@given(
    st.integers(0, 200).map(lambda hours: NOW + timedelta(hours=hours)),
    st.none() | st.integers(0, 200).map(lambda days: NOW - timedelta(days=days)),
    st.none() | st.integers(0, 100).map(lambda days: NOW.date() + timedelta(days=days)),
)
def test_a_round_that_opens_is_open_for_at_least_its_lead(
    first: datetime, last: datetime | None, together: date | None
) -> None:
    closes = rules.closing(Asked(zone="UTC", first_due=first, last=last, together=together), NOW, USUAL)
    assert closes is None or closes - NOW >= USUAL.lead


# -- who starts when --------------------------------------------------------------------------------------------------


@given(
    st.text(),
    st.sets(st.text(min_size=1), min_size=2, max_size=30),
    st.integers(1, 26),
)
def test_a_draw_can_be_repeated_and_spreads_over_its_weeks(seed: str, channels: set[str], weeks: int) -> None:
    first = date(2027, 1, 4)
    drawn = rules.drawn(seed, channels, first_day=first, weeks=weeks)
    assert drawn == rules.drawn(seed, sorted(channels, reverse=True), first_day=first, weeks=weeks)
    assert drawn.keys() == channels
    days = sorted(drawn.values())
    assert days[0] == first
    assert days[-1] <= first + timedelta(weeks=weeks - 1)
    assert all((day - first).days % 7 == 0 for day in days)
    each = [days.count(day) for day in set(days)]
    assert max(each) - min(each) <= 1


def test_every_order_comes_up_about_equally_often() -> None:
    channels, first = ("C1", "C2", "C3"), date(2027, 1, 4)
    orders = dict.fromkeys(permutations(channels), 0)
    for number in range(6000):
        drawn = rules.drawn(f"seed {number}", channels, first_day=first, weeks=3)
        orders[tuple(sorted(channels, key=drawn.__getitem__))] += 1
    assert all(850 < times < 1150 for times in orders.values()), orders


# -- comparing --------------------------------------------------------------------------------------------------------


def test_the_baseline_is_the_first_round_before_any_post_that_shows_something() -> None:
    empty = closed(1, before=True, who=(4, 20))
    base = closed(2, before=True, who=(5, 10))
    later = closed(3, before=False, who=(9, 36))
    assert rules.baseline_of([empty, base, later]) == base
    assert rules.baseline_of([later]) == later
    assert rules.baseline_of([empty]) is None
    assert rules.change(base.totals, later.totals) == {"who": 2.0}


def test_channels_are_compared_only_while_they_had_not_started_and_only_where_both_rounds_show() -> None:
    then, later = NOW, NOW + timedelta(days=60)
    waiting = [closed(1, before=True, at=then, who=(5, 10)), closed(2, before=True, at=later, who=(5, 15))]
    started = [closed(1, before=True, at=then, who=(5, 10)), closed(2, before=False, at=later, who=(5, 25))]
    hidden = [closed(1, before=True, at=then, who=(5, 10)), closed(2, before=True, at=later, who=(4, 20))]
    assert rules.comparison([waiting, started, hidden], until=later) == {"who": 1.0}
    assert rules.comparison([waiting, started, hidden], until=later, least=2) == {}
    assert rules.comparison([waiting, waiting], until=later, least=2) == {"who": 1.0}
    assert rules.comparison([waiting], until=then) == {}
