"""What is meant by what was typed, what a form needs, and when a customer is without news."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.features.updates import rules
from bot.features.updates.parsing import Named, meant
from bot.features.updates.rules import Form, Problem, Quietness, Relay, longest_quiet, problems, tally

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORION = Named(id="o", names=("Orion", "Orion TV"))
ORIGAMI = Named(id="g", names=("Origami & Sons",))
HALDEN = Named(id="h", names=("Hälden", "HLD"))
OURS = [ORION, ORIGAMI, HALDEN]
WORDS = st.lists(st.text(st.characters(whitelist_categories=("L", "N")), min_size=1, max_size=8), max_size=6)


def test_the_longest_beginning_that_is_a_name_is_the_customer() -> None:
    assert meant("Orion They doubled", OURS).customer_id == "o"
    assert meant("orion tv is full", OURS).text == "is full"
    assert meant("ORIGAMI & SONS: a visit", OURS) == meant("Origami & Sons a visit", OURS)


def test_an_alias_and_a_beginning_that_only_one_has_are_enough() -> None:
    assert meant("HLD came by", OURS).customer_id == "h"
    assert meant("Häl came by", OURS).customer_id == "h"
    assert meant("Orig came by", OURS).customer_id == "g"


def test_a_beginning_that_several_have_leaves_all_of_the_text() -> None:
    found = meant("Ori came by", OURS)
    assert found.customer_id is None
    assert set(found.candidates) == {"o", "g"}
    assert found.text == "Ori came by"


def test_one_letter_and_other_words_are_text() -> None:
    assert meant("H came by", OURS).customer_id is None
    assert meant("They doubled the order", OURS).text == "They doubled the order"
    assert meant("", OURS).text == ""


@given(WORDS)
def test_after_an_exact_name_the_text_is_what_was_typed(words: list[str]) -> None:
    typed = " ".join(words)
    found = meant(f"Halden Works {typed}", [Named(id="w", names=("Halden Works",))])
    assert (found.customer_id, found.text) == ("w", typed.strip())


@given(st.text(max_size=80))
def test_nothing_typed_is_lost(typed: str) -> None:
    """Whatever is not the customer's name is in the text."""
    found = meant(typed, OURS)
    if found.customer_id is None:
        assert found.text == typed.strip()
    else:
        assert typed.strip().endswith(found.text)


# -- the form ---------------------------------------------------------------------------------------------------------


def form(**values: object) -> Form:
    return Form(**{"customer_id": "o", "text": "They doubled the order", **values})  # type: ignore[arg-type]


def test_customer_and_text_are_enough() -> None:
    assert problems(form(), now=NOW) == {}
    assert problems(form(customer_id="", text=" "), now=NOW) == {
        "customer": Problem.NO_CUSTOMER,
        "text": Problem.NO_TEXT,
    }


def test_what_goes_beyond_adopters_and_complaints_need_the_tick() -> None:
    for further in ({"channels": ("C1",)}, {"offer": True}, {"kind": "complaint"}):
        assert problems(form(**further), now=NOW) == {"tick": Problem.NO_TICK}
        assert problems(form(**further, tick=True), now=NOW) == {}


@pytest.mark.row("F2")
def test_links_are_https_and_embargoes_lie_ahead() -> None:
    assert problems(form(link="http://a.example"), now=NOW) == {"link": Problem.NOT_HTTPS}
    assert problems(form(link="javascript:alert(1)"), now=NOW) == {"link": Problem.NOT_HTTPS}
    assert problems(form(link="https://a.example/x"), now=NOW) == {}
    assert problems(form(embargo=NOW), now=NOW) == {"embargo": Problem.PAST}
    assert problems(form(embargo=NOW + timedelta(days=400)), now=NOW) == {"embargo": Problem.TOO_FAR}
    assert problems(form(embargo=NOW + timedelta(hours=1)), now=NOW) == {}


@given(st.integers(0, 4000))
def test_text_has_at_most_three_thousand_characters(length: int) -> None:
    found = problems(form(text="a" * length), now=NOW).get("text")
    assert found == (Problem.NO_TEXT if length == 0 else Problem.TOO_LONG if length > 3000 else None)


# -- the receipt ------------------------------------------------------------------------------------------------------


def relay(user: str, state: str, **values: object) -> Relay:
    given = {"why": None, "thanked_at": None, "asked_at": None, **values}
    return Relay(workspace_id="T", update_id="u", user_id=user, adoption_id="a", bundle_id=None, state=state, **given)  # type: ignore[arg-type]


@given(st.lists(st.sampled_from(["waiting", "owed", "sent", "left_out", "failed"]), max_size=20))
def test_every_adopter_is_counted_once(states: list[str]) -> None:
    found = tally([relay(f"U{number}", state) for number, state in enumerate(states)])
    assert found.waiting + found.delivered + sum(map(len, found.unreached.values())) == len(states)


def test_who_thanked_first_comes_first() -> None:
    found = tally([relay("U1", "sent", thanked_at=NOW), relay("U2", "sent", thanked_at=NOW - timedelta(hours=1))])
    assert found.thanked == ("U2", "U1")


# -- without news -----------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(1, 6))
def test_only_the_due_ones_the_longest_overdue_first_and_no_more_than_asked(days: list[int], limit: int) -> None:
    every = timedelta(days=21)
    given = [Quietness(customer_id=str(n), since=NOW - timedelta(days=d), every=every) for n, d in enumerate(days)]
    found = longest_quiet(given, NOW, limit)
    assert len(found) == min(limit, sum(day >= 21 for day in days))
    assert [one.since for one in found] == sorted(one.since for one in found)


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from(["Asia/Kolkata", "America/Nuuk"]))
def test_working_hours_come_within_days_and_are_working_hours(minutes: int, zone: str) -> None:
    now, place = NOW + timedelta(minutes=minutes), ZoneInfo(zone)
    found = rules.next_at_work(now, place)
    assert now <= found <= now + timedelta(days=4)
    assert rules.at_work(found, place)


def test_days_are_counted_as_the_reader_counts_them() -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert rules.days_since(late, NOW, ZoneInfo("UTC")) == 1
    assert rules.days_since(late, NOW, ZoneInfo("Asia/Kolkata")) == 0
