"""How many values go into one statement: SQLite binds 32,766 at most, PostgreSQL 32,767."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
MOST = 5_000


def groups(items: Iterable[T], size: int = MOST) -> Iterator[list[T]]:
    left = iter(items)
    while group := list(islice(left, size)):
        yield group
