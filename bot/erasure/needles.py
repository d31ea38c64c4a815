"""What is looked for, in any value, and what takes its place."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Needles:
    """`ids`: ids, e-mails and further words: replaced by `stand_in` wherever they stand by themselves, in capitals or
    not. `names`: known from what was imported: only counted where others wrote them."""

    ids: tuple[str, ...]
    names: tuple[str, ...] = ()
    stand_in: str

    @cached_property
    def _ids(self) -> re.Pattern[str]:
        return _any_of(self.ids)

    @cached_property
    def _names(self) -> re.Pattern[str]:
        return _any_of(self.names)

    @cached_property
    def likes(self) -> tuple[str, ...]:
        """For the database: what holds one of them looks like one of these. Also as JSON writes them."""
        words = {one for word in (*self.ids, *self.names) for one in (word, json.dumps(word)[1:-1])}
        return tuple(sorted(f"%{_plain(word)}%" for word in words))

    def is_one(self, value: object) -> bool:
        return isinstance(value, str) and value.casefold() in {one.casefold() for one in self.ids}

    def is_named(self, value: object) -> bool:
        whole = {one.casefold() for one in (*self.ids, *self.names)}
        return isinstance(value, str) and value.strip().casefold() in whole

    def found_in(self, value: object) -> bool:
        return any(self._ids.search(text) for text in _texts(value))

    def named_in(self, value: object) -> bool:
        return any(self._names.search(text) for text in _texts(value))

    def replaced(self, value: Any, *, names: bool = False) -> Any:
        """The same value without them; keys of objects too. `names`: also what is wholly one of the names."""
        if isinstance(value, str):
            if names and self.is_named(value):
                return self.stand_in
            return self._ids.sub(self.stand_in, value)
        if isinstance(value, dict):
            return {self._ids.sub(self.stand_in, key): self.replaced(one, names=names) for key, one in value.items()}
        if isinstance(value, list):
            return [self.replaced(one, names=names) for one in value]
        return value


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Letters and digits beside it make it another word; "_" and ":" in keys do not."""
    found = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    return re.compile(rf"(?<![^\W_])(?:{found})(?![^\W_])" if found else r"(?!)", re.IGNORECASE)


def _plain(word: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", word)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "replace")
    elif isinstance(value, dict):
        for key, one in value.items():
            yield str(key)
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
