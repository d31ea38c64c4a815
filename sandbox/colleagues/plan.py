"""What the colleagues do: a plan read from YAML, refused by name where it is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


class PlanError(ValueError):
    """The plan is wrong; the text names the entry and what is the matter."""


@dataclass(frozen=True, kw_only=True)
class Habit:
    """One thing that people do again and again.

    Exactly one of `press`, `reply`, `heard` and `command` says what: press a button whose action id fits a pattern (`*`
    stands for anything), write `words` in the thread of a message that has such a button or whose text fits, or run a
    command every so many seconds. `chance` is the share of times it is done at all, `again` the share of those who
    press another button of the same message later. `after` are the fewest and the most seconds from seeing to doing.
    """

    name: str
    press: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    people: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    chance: float = 1.0
    again: float = 0.0
    after: tuple[float, float] = (2.0, 10.0)
    every: float = 60.0
    most: int = 3


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`pace`: seconds from one person's look at Slack to the next person's. `rest`: for so long after a visitor was
    somebody, nobody acts as them."""

    habits: tuple[Habit, ...]
    seed: int = 1
    pace: float = 1.0
    rest: float = 120.0


_MANY = ("press", "reply", "heard", "command", "words")
_WAYS = ("press", "reply", "heard", "command")


def load(path: Path) -> Plan:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict):
        raise PlanError("the plan must be a mapping with habits")
    return make(raw)


def make(raw: Mapping[str, Any]) -> Plan:
    unknown = sorted(set(raw) - set(Plan.__dataclass_fields__))
    if unknown:
        raise PlanError(f"unknown key {unknown[0]!r}")
    habits = tuple(_habit(entry) for entry in raw.get("habits") or ())
    made = Plan(**{**raw, "habits": habits})
    for name in ("pace", "rest"):
        if not isinstance(getattr(made, name), int | float) or getattr(made, name) < 0:
            raise PlanError(f"{name} must be a number of seconds")
    return made


def _habit(entry: Any) -> Habit:
    if not isinstance(entry, Mapping) or not entry.get("name"):
        raise PlanError(f"habits: each needs a name, {entry!r} has none")
    name = entry["name"]
    unknown = sorted(set(entry) - set(Habit.__dataclass_fields__))
    if unknown:
        raise PlanError(f"{name}: unknown key {unknown[0]!r}")
    values: dict[str, Any] = {key: _several(value) if key in _MANY else value for key, value in entry.items()}
    if sum(bool(values.get(way)) for way in _WAYS) != 1:
        raise PlanError(f"{name}: exactly one of {', '.join(_WAYS)} is needed")
    if (values.get("reply") or values.get("heard")) and not values.get("words"):
        raise PlanError(f"{name}: a reply needs words")
    values |= {"people": frozenset(values.get("people") or ()), "after": _span(name, values)}
    made = Habit(**values)
    for share in ("chance", "again"):
        if not 0 <= getattr(made, share) <= 1:
            raise PlanError(f"{name}: {share} is a share from 0 to 1")
    return made


def _several(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(str(one) for one in value or ())


def _span(name: str, values: Mapping[str, Any]) -> tuple[float, float]:
    least, most = values.get("after") or (2.0, 10.0)
    if not 0 <= least <= most:
        raise PlanError(f"{name}: after is the fewest and the most seconds")
    return float(least), float(most)
