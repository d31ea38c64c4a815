"""When a weekly local time falls due: pure rules about weekdays, zones and daylight saving.

A slot falls due once on each of its local days:

- a time that the clocks jump over moves forward by the jump (02:30 becomes 03:30); where that would leave the day
  (Nuuk jumps from 23:00 to midnight) it is the day's last second instead;
- a time that comes twice counts the first time;
- a local day that a zone leaves out altogether (Samoa, 30 December 2011) has none.

Slots know weekdays only. So 29 February is an ordinary day that gets what its weekday gets, months may have a 31st or
not, and a week 53 is a week like any other: nothing is doubled or left out at the turn of a month or year.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(available_timezones())  # reads a folder of 600 files: once


@lru_cache(maxsize=1)
def zones() -> tuple[str, ...]:
    """Every IANA name that a person may choose, sorted."""
    odd = ("Etc/", "SystemV/", "posix/", "right/")
    return ("UTC", *sorted(name for name in _known() if "/" in name and not name.startswith(odd)))


def is_zone(name: str) -> bool:
    return name in _known()


def local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=65_536)
def due_on(day: date, at: time, zone: str) -> datetime | None:
    """The instant (UTC) at which local time `at` of `day` falls due; None where the zone has no such day.

    Cached: a tick asks the same few days for thousands of slots.
    """
    place = ZoneInfo(zone)
    instant = datetime.combine(day, at, tzinfo=place).replace(fold=0).astimezone(UTC)
    if instant.astimezone(place).date() == day:
        return instant
    return _last_second(day, instant, place)


def _last_second(day: date, after: datetime, place: ZoneInfo) -> datetime | None:
    """The last whole second of `day`, which ends within the day before `after`; found by halving."""
    low, high = after - DAY - DAY, after
    while high - low > SECOND:
        middle = low + timedelta(seconds=(high - low) // SECOND // 2)
        if middle.astimezone(place).date() <= day:
            low = middle
        else:
            high = middle
    return low if low.astimezone(place).date() == day else None


def local_days(since: datetime, until: datetime, zone: str) -> Iterator[date]:
    """The local days that `since` to `until` touches."""
    day, last = local_day(since, zone), local_day(until, zone)
    while day <= last:
        yield day
        day += DAY


def due_between(*, weekday: int, at: time, zone: str, since: datetime, until: datetime) -> list[datetime]:
    """Every due time in [since, until), in order. `weekday` 0 is Monday."""
    first = local_day(since, zone)
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    last = local_day(until, zone)
    found = []
    while day <= last:
        due = due_on(day, at, zone)
        if due is not None and since <= due < until:
            found.append(due)
        day += timedelta(days=7)
    return found


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Part of a weekday by a wall clock, both ends included."""

    weekday: int
    first: time
    last: time


def on_the_wall(since: datetime, until: datetime, zone: str) -> tuple[Stretch, ...]:
    """What a slot that falls due in [since, until] can be set for: few of all the times there are, so that they are
    found by index. Within a day of a change of the clocks it is whole days, since times are moved then."""
    place = ZoneInfo(zone)
    around = (since - DAY, since, until, until + DAY)
    if until - since >= 6 * DAY or len({moment.astimezone(place).utcoffset() for moment in around}) > 1:
        days = {day.weekday() for day in local_days(max(since, until - 7 * DAY) - DAY, until + DAY, zone)}
        return tuple(Stretch(weekday=weekday, first=time.min, last=time.max) for weekday in sorted(days))
    first, last = (moment.astimezone(place).replace(tzinfo=None) for moment in (since, until))
    return tuple(
        Stretch(
            weekday=day.weekday(),
            first=first.time() if day == first.date() else time.min,
            last=last.time() if day == last.date() else time.max,
        )
        for day in local_days(since, until, zone)
    )
