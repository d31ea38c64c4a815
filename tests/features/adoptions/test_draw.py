"""Drawing: fair, within every limit, an assignment whenever there is one, and the same from the same seed."""

import json
from collections import Counter
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.features.adoptions.draw import Drawer, Inputs, Place, draw, inputs_of

CUSTOMERS = [f"c{number}" for number in range(5)]
PEOPLE = [f"U{number}" for number in range(6)]
SEEDS = st.text(alphabet="0123456789abcdef", min_size=1, max_size=8)


@st.composite
def _inputs(draw_: st.DrawFn) -> Inputs:
    customers = draw_(st.lists(st.sampled_from(CUSTOMERS), unique=True, max_size=5))
    people = draw_(st.lists(st.sampled_from(PEOPLE), unique=True, max_size=6))
    barred = st.frozensets(st.sampled_from(CUSTOMERS), max_size=5)
    return Inputs(
        drawers=tuple(Drawer(user_id=user, held=draw_(st.integers(0, 2)), barred=draw_(barred)) for user in people),
        places=tuple(
            Place(
                customer_id=customer,
                adopters=draw_(st.integers(0, 3)),
                room=draw_(st.one_of(st.none(), st.integers(0, 2))),
            )
            for customer in customers
        ),
    )


def most(inputs: Inputs, *, only: frozenset[str] | None = None) -> int:
    """How many of the people could have a customer at once: every way is tried."""
    drawers = [one for one in inputs.drawers if only is None or one.user_id in only]
    rooms = tuple(len(drawers) if place.room is None else place.room for place in inputs.places)
    ids = [place.customer_id for place in inputs.places]

    @cache
    def best(number: int, left: tuple[int, ...]) -> int:
        if number == len(drawers):
            return 0
        found = best(number + 1, left)
        for at, customer in enumerate(ids):
            if left[at] and customer not in drawers[number].barred:
                rest = (*left[:at], left[at] - 1, *left[at + 1 :])
                found = max(found, 1 + best(number + 1, rest))
        return found

    return best(0, rooms)


@given(_inputs(), SEEDS)
def test_nobody_draws_what_they_must_not_and_no_customer_is_over_its_limit(inputs: Inputs, seed: str) -> None:
    drawn = draw(inputs, seed)
    people = {one.user_id: one for one in inputs.drawers}
    rooms = {place.customer_id: place.room for place in inputs.places}
    assert drawn.keys() <= people.keys()
    assert all(customer not in people[user].barred for user, customer in drawn.items())
    for customer, count in Counter(drawn.values()).items():
        room = rooms[customer]
        assert room is None or count <= room


@settings(max_examples=150)
@given(_inputs(), SEEDS)
def test_as_many_people_as_possible_get_one(inputs: Inputs, seed: str) -> None:
    """So everybody does whenever there is a way, and nobody has two before."""
    assert len(draw(inputs, seed)) == most(inputs)


@settings(max_examples=150)
@given(_inputs(), SEEDS)
def test_whoever_has_fewer_customers_is_not_left_out_for_somebody_who_has_more(inputs: Inputs, seed: str) -> None:
    drawn = draw(inputs, seed)
    for held in range(3):
        with_as_few = frozenset(one.user_id for one in inputs.drawers if one.held <= held)
        assert len(drawn.keys() & with_as_few) == most(inputs, only=with_as_few)


@given(_inputs(), SEEDS)
def test_the_same_seed_and_inputs_give_the_same_result_in_whatever_order_they_are_kept(
    inputs: Inputs, seed: str
) -> None:
    backwards = Inputs(drawers=inputs.drawers[::-1], places=inputs.places[::-1])
    kept = inputs_of(json.loads(json.dumps(inputs.as_json())))
    assert draw(inputs, seed) == draw(backwards, seed) == draw(kept, seed)


def test_it_is_chance_who_draws_what() -> None:
    inputs = Inputs(
        drawers=tuple(Drawer(user_id=user) for user in PEOPLE[:3]),
        places=tuple(Place(customer_id=customer, room=1) for customer in CUSTOMERS[:3]),
    )
    results = Counter(tuple(sorted(draw(inputs, f"seed{number}").items())) for number in range(600))
    assert len(results) == 6
    assert min(results.values()) > 60  # 100 each, give or take


def test_with_too_few_places_chance_decides_who_gets_one() -> None:
    inputs = Inputs(drawers=tuple(Drawer(user_id=user) for user in PEOPLE), places=(Place(customer_id="c0", room=2),))
    lucky = Counter(user for number in range(600) for user in draw(inputs, f"seed{number}"))
    assert lucky.keys() == set(PEOPLE)
    assert min(lucky.values()) > 140  # 200 each, give or take


def test_every_customer_has_an_adopter_before_one_has_two() -> None:
    inputs = Inputs(
        drawers=tuple(Drawer(user_id=user) for user in PEOPLE[:5]),
        places=tuple(Place(customer_id=customer) for customer in CUSTOMERS),
    )
    assert sorted(draw(inputs, "seed").values()) == CUSTOMERS


def test_five_hundred_people_are_no_trouble() -> None:
    """A chain of moves as long as there are people: each may have only two neighbouring customers, and the last one
    only a customer that is taken."""
    number = 500
    customers = [f"c{at:03d}" for at in range(number)]
    people = [
        Drawer(user_id=f"U{at:03d}", held=0, barred=frozenset(customers) - {customers[at], customers[at + 1]})
        for at in range(number - 1)
    ]
    last = Drawer(user_id="ULAST", held=1, barred=frozenset(customers[1:]))
    places = tuple(Place(customer_id=customer, room=1) for customer in customers)
    drawn = draw(Inputs(drawers=(*people, last), places=places), "seed")
    assert len(drawn) == number
    assert drawn["ULAST"] == "c000"
