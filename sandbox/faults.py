"""Rules that make Web API calls fail on demand; the first that matches a call decides."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errors import CannotDoError

WHATS = (
    "reset_after",
    "reset_before",
    "error_after",
    "error_before",
    "late_after",
    "late_before",
    "hidden_for",
    "rate_limited",
    "refuse",
)


@dataclass(kw_only=True)
class Fault:
    methods: frozenset[str] | None
    what: str
    times: int | None = None
    share: float = 1.0
    seed: int = 0
    channel: str | None = None
    team: str | None = None
    seconds: float = 5.0
    retry_after: str | None = None
    error: str | None = None
    status: int | None = None
    dice: random.Random = field(default_factory=random.Random)

    def strikes(self, method: str, team: str | None, places: set[str]) -> bool:
        if self.times == 0 or (self.methods is not None and method not in self.methods):
            return False
        if self.channel is not None and self.channel not in places:
            return False
        if self.team is not None and self.team != team:
            return False
        if self.share < 1.0 and self.dice.random() >= self.share:
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def shown(self) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "dice"}
        return values | {"methods": "*" if self.methods is None else sorted(self.methods)}


class Faults:
    def __init__(self) -> None:
        self.rules: list[Fault] = []

    def put(self, rules: Any) -> None:
        if not isinstance(rules, list):
            raise CannotDoError("invalid_faults", "faults must be a list")
        self.rules = [_rule(one) for one in rules]

    def pick(self, method: str, team: str | None, places: set[str]) -> Fault | None:
        return next((rule for rule in self.rules if rule.strikes(method, team, places)), None)

    def shown(self) -> dict[str, Any]:
        return {"faults": [rule.shown() for rule in self.rules]}


def _rule(raw: Any) -> Fault:
    if not isinstance(raw, Mapping):
        raise CannotDoError("invalid_faults", "each fault must be an object")
    values = dict(raw)
    methods = values.pop("methods", "*")
    unknown = sorted(set(values) - (set(Fault.__dataclass_fields__) - {"dice"}))
    if unknown:
        raise CannotDoError("invalid_faults", f"a fault has no {unknown[0]!r}")
    if values.get("what") not in WHATS:
        raise CannotDoError("invalid_faults", f"what must be one of {', '.join(WHATS)}")
    wanted = None if methods == "*" else frozenset([methods] if isinstance(methods, str) else methods)
    if values.get("retry_after") is not None:
        values["retry_after"] = str(values["retry_after"])
    return Fault(methods=wanted, dice=random.Random(values.get("seed", 0)), **values)
