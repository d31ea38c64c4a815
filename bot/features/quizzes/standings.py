"""Standings of a channel in a quarter, made so that no rise in them tells how anybody answered one question. Pure.

The rounds of a quarter are taken in batches of four, in the order in which they closed, and standings change only when
a batch is complete. In each batch the best three of a person's four answers count: three points may be all four right
or any three of them, fewer may be wrong or not given. So nobody can tell which question a named person got right.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

BATCH = 4
COUNTING = 3
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class Played:
    """A revealed round in a channel: who was right. In the order in which rounds closed. `void`: it was withdrawn after
    its reveal. Its batch counts for nothing then: with other rounds in its place, the points before and after would
    tell who got which one right."""

    quiz_id: str
    right: frozenset[str]
    void: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """`place` is shared by equals: 1, 2, 2, 4."""

    place: int
    user_id: str
    points: int


@dataclass(frozen=True, kw_only=True)
class Standings:
    """`rounds`: how many count; `until_next`: how many more before they change. `lines`: those who let themselves be
    named, the first five places; `more`: how many share the last of these places beyond what is shown."""

    rounds: int
    until_next: int
    lines: tuple[Line, ...] = ()
    more: int = 0


def quarter_of(moment: datetime, zone: str) -> tuple[datetime, datetime]:
    """First and last instant (not included) of the quarter in which `moment` lies there."""
    place = ZoneInfo(zone)
    local = moment.astimezone(place)
    first = (local.month - 1) // 3 * 3 + 1
    year, following = (local.year + 1, 1) if first == 10 else (local.year, first + 3)
    begin = datetime(local.year, first, 1, tzinfo=place)
    return begin.astimezone(UTC), datetime(year, following, 1, tzinfo=place).astimezone(UTC)


def points_of(rounds: Sequence[Played]) -> dict[str, int]:
    """Over complete batches only."""
    points: dict[str, int] = {}
    complete = len(rounds) // BATCH * BATCH
    for start in range(0, complete, BATCH):
        batch = rounds[start : start + BATCH]
        if any(one.void for one in batch):
            continue
        for user in set().union(*(one.right for one in batch)):
            right = sum(user in one.right for one in batch)
            points[user] = points.get(user, 0) + min(right, COUNTING)
    return points


def standings_of(rounds: Sequence[Played], names: Mapping[str, str]) -> Standings:
    """`names`: of those who let themselves be named and are still here. Equals stand in the order of their ids, which
    a change of name does not move."""
    complete = len(rounds) // BATCH * BATCH
    named = {user: points for user, points in points_of(rounds).items() if user in names and points}
    ordered = sorted(named.items(), key=lambda one: (-one[1], one[0]))
    lines = [
        Line(place=1 + sum(other > points for other in named.values()), user_id=user, points=points)
        for user, points in ordered
    ]
    within = [line for line in lines if line.place <= SHOWN]
    return Standings(
        rounds=complete,
        until_next=BATCH - (len(rounds) - complete),
        lines=tuple(within[: 2 * SHOWN]),
        more=max(0, len(within) - 2 * SHOWN),
    )
