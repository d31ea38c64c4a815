"""Public holidays, by country and subdivision, as the `holidays` library knows them. Pure; nothing is fetched."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays
from babel import Locale


@lru_cache(maxsize=1)
def _supported() -> Mapping[str, tuple[str, ...]]:
    return {
        country: tuple(parts) for country, parts in holidays.list_supported_countries(include_aliases=False).items()
    }


def load() -> None:
    """Read every country's module once: half a second of computing, for a thread of its own."""
    _supported()


def is_known(code: str) -> bool:
    """`code` is a country ("PT") or a country and its subdivision ("BR-SP")."""
    country, _, part = code.partition("-")
    parts = _supported().get(country)
    return parts is not None and (not part or part in parts)


@lru_cache(maxsize=512)
def _year(code: str, year: int) -> Mapping[date, str]:
    country, _, part = code.partition("-")
    return dict(holidays.country_holidays(country, subdiv=part or None, years=year))


def holiday(code: str | None, day: date) -> str | None:
    """The holiday's name in the country's own language, or None."""
    if not code or not is_known(code):
        return None
    return _year(code, day.year).get(day)


@lru_cache(maxsize=32)
def places(locale: str) -> tuple[tuple[str, str], ...]:
    """Every (code, name in the reader's language), by name; subdivisions after their country."""
    territories = _territories(locale)
    named = sorted((territories.get(code, code), code) for code in _supported())
    found: list[tuple[str, str]] = []
    for name, code in named:
        found.append((code, name))
        found.extend((f"{code}-{part}", f"{name}, {part}") for part in sorted(_supported()[code]))
    return tuple(found)


def place_name(code: str, locale: str) -> str:
    country, _, part = code.partition("-")
    name = _territories(locale).get(country, country)
    return f"{name}, {part}" if part else name


def _territories(locale: str) -> Mapping[str, str]:
    try:
        return Locale.parse(locale, sep="-").territories
    except ValueError:
        return Locale("en").territories
