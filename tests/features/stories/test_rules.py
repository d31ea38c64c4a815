"""The chooser: each promise for any library, any history, any channel."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.times import local_day
from bot.features.stories import rules
from bot.features.stories.rules import Candidate, Made, Place, Shown

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY = NOON.date()
TEAMS = ("line1", "line2", "desk")
CUSTOMERS = ("orion", "halden", "elin", None)

makers = st.lists(
    st.builds(Made, product_id=st.sampled_from(["p1", "p2", "p3"]), team_id=st.sampled_from(TEAMS)), max_size=2
).map(tuple)


@st.composite
def libraries(draw: st.DrawFn) -> list[Candidate]:
    count = draw(st.integers(0, 12))
    return [
        Candidate(
            story_id=f"s{number}",
            kind=draw(st.sampled_from(["story", "news"])),
            customer_id=draw(st.sampled_from(CUSTOMERS)),
            nameable=draw(st.booleans()),
            consent=draw(st.sampled_from(["public", "internal"])),
            published_on=TODAY - timedelta(days=draw(st.integers(-3, 200))),
            expires_on=draw(st.none() | st.integers(-5, 30).map(lambda days: TODAY + timedelta(days=days))),
            withdrawn=draw(st.booleans()) and draw(st.booleans()),
            languages=draw(st.sampled_from([("en",), ("en", "pt-PT"), ("de",)])),
            about=draw(makers),
            uses=draw(makers),
        )
        for number in range(count)
    ]


histories = st.lists(
    st.builds(
        Shown,
        story_id=st.integers(0, 12).map(lambda number: f"s{number}"),
        customer_id=st.sampled_from(CUSTOMERS),
        at=st.integers(-200, 0).map(lambda days: NOON + timedelta(days=days)),
    ),
    max_size=12,
)
places = st.builds(
    Place,
    workspace_id=st.just("T1"),
    channel_id=st.sampled_from(["C1", "C2"]),
    zone=st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Tokyo"]),
    locale=st.sampled_from(["en-US", "pt-PT", "pt-BR"]),
    team_ids=st.frozensets(st.sampled_from(TEAMS)),
    public_only=st.booleans(),
    outsiders=st.booleans(),
)
kinds = st.sampled_from(["story", "news"])


def choose(place: Place, kind: str, library: list[Candidate], shown: list[Shown]) -> rules.Choice | None:
    return rules.choose(place, kind=kind, due_at=NOON, stories=library, shown=shown)


@given(places, kinds, libraries(), histories)
def test_what_is_chosen_may_be_there(place: Place, kind: str, library: list[Candidate], shown: list[Shown]) -> None:
    choice = choose(place, kind, library, shown)
    permitted = [story for story in library if story.kind == kind and story.nameable and not story.withdrawn]
    if choice is None:
        return
    story = next(story for story in permitted if story.story_id == choice.story_id)
    day = NOON.astimezone(ZoneInfo(place.zone)).date()
    assert story.expires_on is None or story.expires_on >= day
    assert story.published_on <= day
    assert story.consent == "public" or not place.public_only
    assert story.customer_id is None or not place.outsiders
    assert all(past.story_id != story.story_id or NOON - past.at >= timedelta(days=90) for past in shown)


@given(places, kinds, libraries(), histories)
def test_something_is_chosen_wherever_something_may_be(
    place: Place, kind: str, library: list[Candidate], shown: list[Shown]
) -> None:
    recent = {past.story_id for past in shown if NOON - past.at < timedelta(days=90)}
    day = local_day(NOON, place.zone)
    possible = [
        story
        for story in library
        if story.kind == kind and story.story_id not in recent and rules.why_not(story, place, day) is None
    ]
    assert (choose(place, kind, library, shown) is None) == (not possible)


@given(places, kinds, libraries(), histories, st.randoms())
def test_the_same_occurrence_gets_the_same_whatever_the_order(
    place: Place, kind: str, library: list[Candidate], shown: list[Shown], random: Random
) -> None:
    before = choose(place, kind, library, shown)
    mixed, past = list(library), list(shown)
    random.shuffle(mixed)
    random.shuffle(past)
    assert choose(place, kind, mixed, past) == before


def by_id(library: list[Candidate], choice: rules.Choice) -> Candidate:
    return next(story for story in library if story.story_id == choice.story_id)


@given(places, kinds, libraries(), histories)
def test_each_preference_gives_way_only_to_those_before_it(
    place: Place, kind: str, library: list[Candidate], shown: list[Shown]
) -> None:
    choice = choose(place, kind, library, shown)
    if choice is None:
        return
    chosen = by_id(library, choice)
    rivals = rules.still_open(place, kind=kind, due_at=NOON, stories=library, shown=shown)
    day = local_day(NOON, place.zone)

    def near(story: Candidate) -> bool:
        return any(made.team_id in place.team_ids for made in story.about)

    def rank(story: Candidate) -> tuple[bool, bool, bool]:
        fresh = story.kind == "news" and (day - story.published_on).days <= 7
        seen = any(past.story_id == story.story_id for past in shown)
        known = any(made.team_id in place.team_ids for made in story.uses)
        return (not near(story), not near(story) and not known, not fresh, seen)  # type: ignore[return-value]

    assert all(rank(chosen) <= rank(rival) for rival in rivals)


@given(places, libraries())
def test_customers_take_turns(place: Place, library: list[Candidate]) -> None:
    """Among equals, no customer comes again before every other one with something to show has had its turn."""
    equal = [
        Candidate(
            story_id=story.story_id,
            kind="story",
            customer_id=story.customer_id,
            nameable=True,
            consent="public",
            published_on=date(2026, 1, 1),
        )
        for story in library
        if story.customer_id is not None
    ]
    home = Place(workspace_id="T1", channel_id=place.channel_id, zone="UTC", locale="en")
    shown: list[Shown] = []
    for week in range(len(equal)):
        at = NOON + timedelta(days=7 * week)
        choice = rules.choose(home, kind="story", due_at=at, stories=equal, shown=shown)
        if choice is None:
            break
        left = {
            story.customer_id for story in rules.still_open(home, kind="story", due_at=at, stories=equal, shown=shown)
        }
        turns = {past.customer_id: past.at for past in shown}
        longest = min(turns.get(customer, NOON - timedelta(days=999)) for customer in left)
        assert turns.get(choice.customer_id, NOON - timedelta(days=999)) == longest
        shown.append(Shown(story_id=choice.story_id, customer_id=choice.customer_id, at=at))


def story(name: str, **values: object) -> Candidate:
    given: dict[str, object] = {
        "story_id": name,
        "kind": "story",
        "customer_id": name,
        "nameable": True,
        "consent": "internal",
        "published_on": date(2026, 6, 1),
    }
    return Candidate(**{**given, **values})  # type: ignore[arg-type]


LINE2 = Place(workspace_id="T1", channel_id="C1", zone="Europe/Lisbon", locale="pt-PT", team_ids=frozenset({"line2"}))
OURS = (Made(product_id="pb7", team_id="line2"),)


def test_the_reason_says_which_team_makes_what() -> None:
    choice = choose(LINE2, "story", [story("a"), story("b", about=OURS), story("c", uses=OURS)], [])
    assert choice is not None
    assert choice.reason.stored() == {"code": "team_makes_product", "team": "line2", "product": "pb7"}
    second = choose(LINE2, "story", [story("a"), story("c", uses=OURS)], [])
    assert second is not None
    assert second.reason.stored() == {"code": "customer_of_team", "team": "line2", "product": "pb7"}
    third = choose(LINE2, "story", [story("a")], [])
    assert third is not None
    assert third.reason.stored() == {"code": "in_turn"}


def test_the_channels_language_is_preferred_among_equals() -> None:
    same = [story(name, customer_id=None, languages=("en",)) for name in "abcdef"]
    spoken = story("z", customer_id=None, languages=("en", "pt-BR"))
    choice = choose(LINE2, "story", [*same, spoken], [])
    assert choice is not None
    assert choice.story_id == "z"


def test_ninety_days_to_the_hour() -> None:
    only = [story("a")]
    for days, free in ((89, False), (90, True)):
        past = [Shown(story_id="a", customer_id="a", at=NOON - timedelta(days=days))]
        assert (choose(LINE2, "story", only, past) is not None) is free


def test_expiry_is_the_last_day_in_the_channels_zone() -> None:
    late = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # the 25th in Tokyo
    last = [story("a", expires_on=date(2026, 11, 24))]
    tokyo = Place(workspace_id="T1", channel_id="C1", zone="Asia/Tokyo", locale="ja")
    assert rules.choose(LINE2, kind="story", due_at=late, stories=last, shown=[]) is not None
    assert rules.choose(tokyo, kind="story", due_at=late, stories=last, shown=[]) is None


def test_news_expires_by_itself_and_stories_do_not() -> None:
    assert rules.expiry("news", date(2026, 11, 1), None) == date(2026, 11, 15)
    assert rules.expiry("news", date(2026, 11, 1), date(2026, 12, 1)) == date(2026, 12, 1)
    assert rules.expiry("story", date(2026, 11, 1), None) is None


@pytest.mark.parametrize(
    ("confidential", "answer", "named"),
    [(False, True, True), (False, None, False), (False, False, False), (True, True, False), (True, None, False)],
)
def test_a_customer_is_named_only_after_a_yes(confidential: bool, answer: bool | None, named: bool) -> None:
    assert rules.named_in_channels(confidential=confidential, may_be_named=answer) is named


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("https://northlight.slack.com/archives/C0LINE2/p1700000000123456", ("", "C0LINE2", "1700000000.123456")),
        ("https://x.slack.com/archives/C1/p1700000000123456?thread_ts=1", ("", "C1", "1700000000.123456")),
        ("C0LINE2:1700000000.123456", ("", "C0LINE2", "1700000000.123456")),
        ("0123456789abcdef01234567", ("0123456789abcdef01234567", "", "")),
    ],
)
def test_how_a_post_may_be_named(given: str, place: tuple[str, str, str]) -> None:
    found = rules.read_reference(f" {given} ")
    assert found is not None
    assert (found.post_id, found.channel_id, found.ts) == place


@pytest.mark.parametrize("given", ["", "a b", "https://evil.example/x", "'; DROP TABLE posts", "x" * 40])
def test_what_names_no_post(given: str) -> None:
    assert rules.read_reference(given) is None
