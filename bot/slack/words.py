"""Words in the reader's language: gettext catalogues, numbers, dates and lists through Babel.

Catalogues are the `.po` files below `bot/locale`; `make words` collects the texts (`say` and `say_n` mark them).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.core.texts import Text, Value

FOLDER = Path(__file__).parent.parent / "locale"


@cache
def _locale(tag: str) -> Locale:
    for candidate in (tag, tag.split("-", maxsplit=1)[0], "en"):
        try:
            return Locale.parse(candidate, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("Babel always knows English")


@cache
def _catalogue(tag: str) -> Catalog | None:
    language = tag.split("-", maxsplit=1)[0]
    for name in (tag.replace("-", "_"), language):
        path = FOLDER / name / "LC_MESSAGES" / "canteen.po"
        if path.exists():
            with path.open("rb") as file:
                return read_po(file, locale=name)
    return None


def speaks(tag: str) -> bool:
    """Whether somebody with this locale (BCP 47) reads their own language; else it is English."""
    return tag.split("-", maxsplit=1)[0] == "en" or _catalogue(tag) is not None


@cache
def _plural(expression: str) -> Callable[[int], int]:
    """Which of a text's forms a number takes."""
    form: Callable[[int], int] = c2py(expression)
    return form


@dataclass(frozen=True, kw_only=True)
class Words:
    """One reader's words: `locale` as Slack gives it (BCP 47, such as pt-BR), `zone` an IANA name."""

    locale: str = "en"
    zone: str = "UTC"

    def say(self, text: str, /, **values: object) -> str:
        return self._found(text, values)

    def _found(self, text: str, values: Mapping[str, object]) -> str:
        catalogue = _catalogue(self.locale)
        found = catalogue.get(text) if catalogue else None
        words = found.string if found is not None and found.string and not found.fuzzy else text
        return str(words).format_map(_Values(values))

    def say_n(self, one: str, many: str, n: int, /, **values: object) -> str:
        """`{n}` in the text is the number, written as the reader writes numbers."""
        return self._found_n(one, many, n, values)

    def _found_n(self, one: str, many: str, n: int, values: Mapping[str, object]) -> str:
        catalogue = _catalogue(self.locale)
        found = catalogue.get(one) if catalogue else None
        words = one if n == 1 else many
        if catalogue is not None and found is not None and isinstance(found.string, tuple | list) and all(found.string):
            words = found.string[_plural(catalogue.plural_expr)(n)]
        return words.format_map(_Values({"n": self.number(n), **values}))

    def tell(self, text: str) -> str:
        """A text that was made where no reader was known (`bot.core.texts`); any other string as it is."""
        if not isinstance(text, Text):
            return text
        values = {name: self._valued(value) for name, value in text.values.items()}
        if text.many is None:
            return self._found(text.message, values)
        return self._found_n(text.message, text.many, text.n, values)

    def _valued(self, value: Value) -> str:
        if isinstance(value, tuple):
            return self.list([self.tell(one) for one in value])
        return self.tell(value) if isinstance(value, str) else self.number(value)

    @property
    def _spoken(self) -> Locale:
        """Dates and lists stand inside our sentences: where those are not translated, they are English too."""
        spoken = self.locale.startswith("en") or _catalogue(self.locale) is not None
        return _locale(self.locale if spoken else "en")

    def number(self, value: float) -> str:
        return format_decimal(value, locale=self._spoken)

    def list(self, items: Sequence[str]) -> str:
        return format_list(list(items), locale=self._spoken) if items else ""

    def date(self, value: date) -> str:
        return format_date(value, format="long", locale=self._spoken)

    def time(self, moment: datetime, *, seconds: bool = False) -> str:
        return format_time(
            moment, format="medium" if seconds else "short", tzinfo=ZoneInfo(self.zone), locale=self._spoken
        )

    def moment(self, moment: datetime) -> str:
        """A weekday, date and time in the reader's zone, for places where Slack's own date tokens do not work."""
        return _moment(moment, self.zone, self._spoken)

    def weekday(self, weekday: int) -> str:
        return str(self._spoken.days["stand-alone"]["wide"][weekday])


@lru_cache(maxsize=1024)
def _moment(moment: datetime, zone: str, spoken: Locale) -> str:
    """Thousands of people are told the same closing time."""
    return format_datetime(moment, format="EEE d MMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=spoken)


class _Values(dict[str, object]):
    """A translation may leave a value out, never invent one: an unknown name stays visible instead of raising."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


class Reader(Protocol):
    @property
    def locale(self) -> str: ...

    @property
    def zone(self) -> str: ...


def words_of(reader: Reader) -> Words:
    return Words(locale=reader.locale, zone=reader.zone)
