"""The words the rules are written in: small checks that are put together into one spec per block or element.

A check gets a value, its pointer and the run, and tells the run what is wrong. It may trust that the value is clean
JSON.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sandbox.kit.clean import at
from sandbox.kit.problem import Problem, Surface


class Run:
    """One validation: where it takes place and what it has found so far."""

    def __init__(self, *, surface: Surface, code: str) -> None:
        self.surface = surface
        self.code = code
        self.in_input = False
        self.problems: list[Problem] = []

    def say(self, pointer: str, message: str, code: str | None = None) -> None:
        self.problems.append(Problem(pointer=pointer, message=message, code=code or self.code))


Check = Callable[[object, str, Run], None]
Rule = Callable[[dict[str, Any], str, Run], None]
Fields = Mapping[str, Check]


def length(text: str) -> int:
    """Characters as Slack counts them: code points, so an emoji outside the basic plane is one."""
    return len(text)


def string(least: int = 0, most: int | None = None, *, pattern: str | None = None, what: str = "value") -> Check:
    matcher = re.compile(pattern) if pattern else None

    def check(value: object, pointer: str, run: Run) -> None:
        if not isinstance(value, str):
            run.say(pointer, "must provide a string")
        elif length(value) < least:
            run.say(pointer, f"must be more than {least - 1} characters")
        elif most is not None and length(value) > most:
            run.say(pointer, f"must be less than {most + 1} characters")
        elif matcher and not matcher.fullmatch(value):
            run.say(pointer, f"must be a valid {what}")

    return check


def integer(least: int | None = None, most: int | None = None) -> Check:
    def check(value: object, pointer: str, run: Run) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            run.say(pointer, "must provide an integer")
        elif least is not None and value < least:
            run.say(pointer, f"must be at least {least}")
        elif most is not None and value > most:
            run.say(pointer, f"must be at most {most}")

    return check


def number(*, above: float | None = None) -> Check:
    def check(value: object, pointer: str, run: Run) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            run.say(pointer, "must provide a number")
        elif above is not None and value <= above:
            run.say(pointer, f"must be more than {above:g}")

    return check


def boolean(value: object, pointer: str, run: Run) -> None:
    if not isinstance(value, bool):
        run.say(pointer, "must provide a boolean")


def optional(item: Check) -> Check:
    """The item, or null in its place."""

    def check(value: object, pointer: str, run: Run) -> None:
        if value is not None:
            item(value, pointer, run)

    return check


def enum(*allowed: str | int) -> Check:
    def check(value: object, pointer: str, run: Run) -> None:
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in allowed:
            run.say(pointer, f"must be one of {', '.join(map(str, allowed))}")

    return check


def url(most: int = 3000, *, schemes: tuple[str, ...] = ("http", "https")) -> Check:
    def check(value: object, pointer: str, run: Run) -> None:
        if not isinstance(value, str):
            run.say(pointer, "must provide a string")
        elif length(value) > most:
            run.say(pointer, f"must be less than {most + 1} characters")
        elif not _is_url(value, schemes):
            run.say(pointer, f"must be a valid URL ({' or '.join(schemes)})")

    return check


def _is_url(text: str, schemes: tuple[str, ...]) -> bool:
    if any(char.isspace() or ord(char) < 33 for char in text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.path if parts.scheme == "mailto" else host)


def array(item: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: object, pointer: str, run: Run) -> None:
        if not isinstance(value, list):
            run.say(pointer, "must provide an array")
            return
        if len(value) < least:
            run.say(pointer, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            run.say(pointer, f"no more than {most} items allowed")
            return
        for index, member in enumerate(value):
            item(member, at(pointer, index), run)

    return check


def record(required: Fields, optional: Fields | None = None, *rules: Rule) -> Check:
    """An object with these fields and no others. The rules are asked only when every field by itself is right."""
    fields = {**required, **(optional or {})}

    def check(value: object, pointer: str, run: Run) -> None:
        if not isinstance(value, dict):
            run.say(pointer, "must provide an object")
            return
        before = len(run.problems)
        for name in required:
            if name not in value:
                run.say(pointer, f"missing required field: {name}")
        for name, member in value.items():
            if name in fields:
                fields[name](member, at(pointer, name), run)
            else:
                run.say(pointer, f"invalid additional property: {name[:100]}")
        if len(run.problems) == before:
            for rule in rules:
                rule(value, pointer, run)

    return check


def typed(name: str, required: Fields | None = None, optional: Fields | None = None, *rules: Rule) -> Check:
    """A record that says what it is in its field `type`."""
    return record({"type": enum(name), **(required or {})}, optional, *rules)


def tagged(kinds: Mapping[str, Check]) -> Check:
    """One of several records, chosen by their field `type`."""

    def check(value: object, pointer: str, run: Run) -> None:
        if not isinstance(value, dict):
            run.say(pointer, "must provide an object")
        elif "type" not in value:
            run.say(pointer, "missing required field: type")
        elif not isinstance(kind := value["type"], str) or kind not in kinds:
            run.say(at(pointer, "type"), f"unsupported type: {str(kind)[:100]}")
        else:
            kinds[kind](value, pointer, run)

    return check


def exactly_one(*names: str) -> Rule:
    def rule(value: dict[str, Any], pointer: str, run: Run) -> None:
        if sum(name in value for name in names) != 1:
            run.say(pointer, f"must have exactly one of {', '.join(names)}")

    return rule


def at_least_one(*names: str) -> Rule:
    def rule(value: dict[str, Any], pointer: str, run: Run) -> None:
        if not any(name in value for name in names):
            run.say(pointer, f"missing required field: one of {', '.join(names)}")

    return rule


def in_order(low: str, high: str) -> Rule:
    """The one field must not be greater than the other where both are given."""

    def rule(value: dict[str, Any], pointer: str, run: Run) -> None:
        if low in value and high in value and value[low] > value[high]:
            run.say(at(pointer, low), f"must not be greater than {high}")

    return rule


def distinct(name: str, *, of: str | None = None) -> Rule:
    """No two members of the array field `name` may be equal; with `of`, only that field of them counts."""

    def rule(value: dict[str, Any], pointer: str, run: Run) -> None:
        seen: list[object] = []
        for index, member in enumerate(value.get(name, [])):
            key = member[of] if of else member
            if key in seen:
                where = at(at(pointer, name), index)
                run.say(at(where, of) if of else where, f"must be unique in {name}")
            seen.append(key)

    return rule
