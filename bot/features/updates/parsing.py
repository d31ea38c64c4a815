"""`/customer-update [customer] [text]`: which customer is meant, and where the text begins. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.features.customers.service import name_key

MOST_WORDS = 6  # of a customer's name, before the text begins
SHORTEST_PREFIX = 2
AFTER_NAME = ":,;-–— "
WORD = re.compile(r"\S+")


@dataclass(frozen=True, kw_only=True)
class Named:
    """A customer as it may be typed; the own name first, then the aliases."""

    id: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Meant:
    """`customer_id` None: nothing, or several (`candidates`), fit; then `text` is all that was typed."""

    customer_id: str | None = None
    text: str = ""
    candidates: tuple[str, ...] = ()


def meant(typed: str, customers: Sequence[Named]) -> Meant:
    """The longest beginning that is a customer's own name, else an alias, else begins exactly one customer's name."""
    typed = typed.strip()
    beginnings = _beginnings(typed)
    keys = {one.id: [name_key(name) for name in one.names] for one in customers}
    for begin, rest in beginnings:
        for own_only in (True, False):
            exact = [one for one, names in keys.items() if begin in (names[:1] if own_only else names)]
            if len(exact) == 1:
                return Meant(customer_id=exact[0], text=rest)
            if exact:
                return Meant(text=typed, candidates=tuple(exact))
    return _by_prefix(typed, beginnings, keys)


def _by_prefix(typed: str, beginnings: Sequence[tuple[str, str]], keys: Mapping[str, Sequence[str]]) -> Meant:
    """The longest beginning that fits any name decides: a shorter one fits the same names and more."""
    for begin, rest in beginnings:
        found = [one for one, names in keys.items() if any(name.startswith(begin) for name in names)]
        if len(begin) < SHORTEST_PREFIX or not found:
            continue
        if len(found) == 1:
            return Meant(customer_id=found[0], text=rest)
        return Meant(text=typed, candidates=tuple(found))
    return Meant(text=typed)


def _beginnings(typed: str) -> list[tuple[str, str]]:
    """Key of the first words, and what follows them as it was typed; the longest first."""
    ends = [found.end() for found in WORD.finditer(typed)][:MOST_WORDS]
    found = []
    for end in reversed(ends):
        key = name_key(typed[:end].rstrip(AFTER_NAME))
        if key:
            found.append((key, typed[end:].lstrip(AFTER_NAME).strip()))
    return found
