"""Who draws which customer out of a hat. Pure: the same seed and inputs give the same result, on any machine.

Everybody draws one at most, so nobody has two before everybody has one. Whoever has fewer customers already goes first
where there are too few places, and as many people as possible get one: when somebody finds only taken places, those
before them may be moved to others that they may have as well, but never lose theirs.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from bot.features.adoptions.rules import MOST_OF_ONE


@dataclass(frozen=True, kw_only=True)
class Drawer:
    """`held`: how many customers the person has already. `barred`: those they cannot draw: their own as account manager
    or deputy, those they have, those they gave back lately."""

    user_id: str
    held: int = 0
    barred: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Place:
    """A customer in the hat. `adopters`: how many it has already. `room`: for how many more; None: any number."""

    customer_id: str
    adopters: int = 0
    room: int | None = None


@dataclass(frozen=True, kw_only=True)
class Inputs:
    drawers: tuple[Drawer, ...]
    places: tuple[Place, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "people": [
                {"user": one.user_id, "held": one.held, "barred": sorted(one.barred)}
                for one in sorted(self.drawers, key=lambda one: one.user_id)
            ],
            "customers": [
                {"id": one.customer_id, "adopters": one.adopters, "room": one.room}
                for one in sorted(self.places, key=lambda one: one.customer_id)
            ],
        }


def inputs_of(stored: Mapping[str, Any]) -> Inputs:
    return Inputs(
        drawers=tuple(
            Drawer(user_id=one["user"], held=one["held"], barred=frozenset(one["barred"]))
            for one in stored.get("people", ())
        ),
        places=tuple(
            Place(customer_id=one["id"], adopters=one["adopters"], room=one["room"])
            for one in stored.get("customers", ())
        ),
    )


def draw(inputs: Inputs, seed: str) -> dict[str, str]:
    """Customer by person; whoever is not in it found no place."""
    places = {place.customer_id: place for place in inputs.places if place.room is None or place.room > 0}
    people = {drawer.user_id: drawer for drawer in inputs.drawers}
    taken: dict[str, list[str]] = {customer: [] for customer in places}
    for user in sorted(people, key=lambda user: (people[user].held, _shuffled(seed, "person", user))):
        if not any(_free(place, taken) for place in places.values()):
            break
        for mover, old, new in _path(user, people, places, taken, seed):
            if old is not None:
                taken[old].remove(mover)
            taken[new].append(mover)
    return {user: customer for customer, users in taken.items() for user in users}


def adoption_id(seed: str, user: str, customer: str) -> str:
    """Of what somebody drew."""
    return _shuffled(seed, "adoption", user, customer)[:24]


class Why(Enum):
    """Why somebody who was in drew nothing."""

    CHANCE = "chance"
    ENOUGH = "enough"  # they have as many customers as one can follow
    NOT_THEIRS = "not_theirs"  # they have, look after or gave back lately every customer that had a place
    NO_PLACES = "no_places"


def why_none(inputs: Inputs, user: str) -> Why:
    places = {place.customer_id for place in inputs.places if place.room is None or place.room > 0}
    drawer = next((one for one in inputs.drawers if one.user_id == user), Drawer(user_id=user))
    if drawer.held >= MOST_OF_ONE:
        return Why.ENOUGH
    if not places:
        return Why.NO_PLACES
    return Why.NOT_THEIRS if places <= drawer.barred else Why.CHANCE


Move = tuple[str, str | None, str]


def _path(
    user: str,
    people: Mapping[str, Drawer],
    places: Mapping[str, Place],
    taken: Mapping[str, Sequence[str]],
    seed: str,
) -> list[Move]:
    """The fewest moves (who, from where, to where) that give `user` a place, each into what is free by then; none where
    there is no way. Breadth first and without recursion: a chain may be as long as there are people."""
    came: dict[str, tuple[str, str | None]] = {}  # customer: who would move there, and from which
    queue: list[tuple[str, str | None]] = [(user, None)]
    for mover, old in queue:
        wanted = [customer for customer in places if customer not in came and customer not in people[mover].barred]
        for customer in sorted(wanted, key=lambda one: _choice(seed, mover, places[one], len(taken[one]))):
            came[customer] = (mover, old)
            if _free(places[customer], taken):
                return _back(customer, came)
            queue += [(holder, customer) for holder in taken[customer]]
    return []


def _free(place: Place, taken: Mapping[str, Sequence[str]]) -> bool:
    return place.room is None or len(taken[place.customer_id]) < place.room


def _choice(seed: str, user: str, place: Place, drawn: int) -> tuple[bool, int, str]:
    """Free places first, and of these the customers with the fewest adopters, then as the paper slips fall."""
    full = place.room is not None and drawn >= place.room
    return full, place.adopters + drawn, _shuffled(seed, user, place.customer_id)


def _back(customer: str, came: Mapping[str, tuple[str, str | None]]) -> list[Move]:
    moves: list[Move] = []
    step: str | None = customer
    while step is not None:
        mover, old = came[step]
        moves.append((mover, old, step))
        step = old
    return moves


def _shuffled(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
