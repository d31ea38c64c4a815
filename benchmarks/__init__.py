"""What we measure, each against something measured in the same run: absolute figures differ from machine to machine."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Row:
    """`value` in `unit`, beside `against` (what was measured for comparison, in the same unit) and their `ratio`.
    `bar` says in words what is asked for; "" and `passed` None where nothing is."""

    what: str
    value: float
    unit: str
    against: float | None
    ratio: float | None
    bar: str
    passed: bool | None
