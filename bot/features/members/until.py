"""What somebody means by "until friday", "2 weeks" or "2026-12-24"."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from bot.features.members.rules import zone_of

LONGEST = timedelta(days=366)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LENGTHS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7, "month": 30, "months": 30}
NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
BEGINNINGS = re.compile(r"^(?:until|till|til|for|next)\s+")


def parse_until(text: str, *, now: datetime, zone: str, weekdays: Mapping[str, int] | None = None) -> datetime | None:
    """When it is over: the beginning of a day in `zone`, or a whole number of days from now. None for what is not
    understood, has passed, or is more than a year away. `weekdays`: the reader's own names for them, 0 is Monday."""
    said = " ".join(text.casefold().split()).rstrip(".!")
    while BEGINNINGS.match(said):
        said = BEGINNINGS.sub("", said)
    length = _length(said)
    today = now.astimezone(zone_of(zone)).date()
    if length is not None:
        moment = now + length
    else:
        day = _day(said, today, weekdays or {})
        if day is None:
            return None
        moment = datetime.combine(day, time(0), tzinfo=zone_of(zone)).astimezone(UTC)
    return moment if now < moment <= now + LONGEST else None


def _length(said: str) -> timedelta | None:
    if said == "week":
        return None  # "next week" is a day: its Monday
    found = re.fullmatch(r"(\d{1,3}|[a-z]+)\s*([a-z]+)", said)
    if found is None or found[2] not in LENGTHS:
        return None
    number = int(found[1]) if found[1].isdigit() else NUMBERS.get(found[1])
    return None if number is None else timedelta(days=number * LENGTHS[found[2]])


def _day(said: str, today: date, weekdays: Mapping[str, int]) -> date | None:
    if said == "tomorrow":
        return today + timedelta(days=1)
    if said == "week":
        return today + timedelta(days=7 - today.weekday())
    known = {**dict(_names(WEEKDAYS)), **{name.casefold(): n for name, n in weekdays.items()}}
    if said in known:
        return today + timedelta(days=(known[said] - today.weekday() - 1) % 7 + 1)
    if parts := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", said):
        return _date(int(parts[1]), int(parts[2]), int(parts[3]))
    if parts := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.?(?:\s?(\d{4}))?", said):  # with dots the day comes first
        return _coming(int(parts[1]), int(parts[2]), parts[3], today)
    return None


def _names(days: tuple[str, ...]) -> list[tuple[str, int]]:
    return [(name[:length], day) for day, name in enumerate(days) for length in (3, len(name))]


def _coming(day: int, month: int, year: str | None, today: date) -> date | None:
    if year:
        return _date(int(year), month, day)
    this = _date(today.year, month, day)
    return this if this and this > today else _date(today.year + 1, month, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
