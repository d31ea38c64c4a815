"""Texts made where no reader is known: in English, with what a reader's own words are made from at the edge.

`worded("...")` and `worded_n("...", "...", n)` mark literal texts as `words.say` and `words.say_n` do, and are
collected with those. `bot.slack.words.Words.tell` says one in the reader's language.
"""

from collections.abc import Mapping
from typing import Any

Value = str | int | float | tuple[str, ...]


class Text(str):
    """A `str` that reads as English, so that logs, tests and `--json` need nobody's language.

    `message` is the text as collected, `many` its plural (None where there is one form), `n` the number that chooses
    between them. Whole numbers in `values` are digits here and written as the reader writes them: give line numbers,
    years and the like as strings. A tuple is a list of words; a value may be a `Text` itself.
    """

    message: str
    many: str | None
    n: int
    values: Mapping[str, Value]

    def __new__(cls, message: str, many: str | None = None, n: int = 1, /, **values: Value) -> "Text":
        text = super().__new__(cls, _english(message if many is None or n == 1 else many, {"n": n, **values}))
        text.message, text.many, text.n, text.values = message, many, n, values
        return text

    def __deepcopy__(self, memo: object) -> "Text":
        return self

    def __reduce__(self) -> Any:
        return unpack, (pack(self),)


def worded(message: str, /, **values: Value) -> Text:
    return Text(message, **values)


def worded_n(one: str, many: str, n: int, /, **values: Value) -> Text:
    """`{n}` in the text is the number."""
    return Text(one, many, n, **values)


def _english(message: str, values: Mapping[str, Value]) -> str:
    return message.format_map({name: _shown(value) for name, value in values.items()})


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        comma = "," if len(value) > 2 else ""
        return f"{', '.join(value[:-1])}{comma} and {value[-1]}" if len(value) > 1 else "".join(value)
    return str(value)


def pack(text: str) -> Any:
    """As JSON: a plain string as it is."""
    if not isinstance(text, Text):
        return text
    values = {name: _packed(value) for name, value in text.values.items()}
    return {"message": text.message, "many": text.many, "n": text.n, "values": values}


def _packed(value: Value) -> Any:
    if isinstance(value, tuple):
        return [pack(one) for one in value]
    return pack(value) if isinstance(value, str) else value


def unpack(packed: Any) -> str:
    """What `pack` made."""
    if not isinstance(packed, Mapping):
        return str(packed)
    values = {name: _unpacked(value) for name, value in packed["values"].items()}
    return Text(packed["message"], packed["many"], packed["n"], **values)


def _unpacked(value: Any) -> Value:
    if isinstance(value, list):
        return tuple(unpack(one) for one in value)
    return value if isinstance(value, int | float) else unpack(value)
