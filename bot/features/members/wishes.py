"""What somebody wants of Canteen: when and how often they are written to, in which language, and when they are away.
Pure: a form's values in, wishes or errors out."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.features.members import waking
from bot.features.members.rules import DAILY, WEEKLY, Person
from bot.features.members.until import LONGEST

NOTHING = "nothing"
OFTEN = (DAILY, WEEKLY, NOTHING)
AS_IN_SLACK = "slack"
NAME = "name"
LONGEST_ABSENCE = timedelta(days=2 * 366)


@dataclass(frozen=True, kw_only=True)
class Given:
    """As the form gave it: "" is nothing chosen; days and times as Slack writes them."""

    often: str = ""
    paused_until: str = ""
    quiet_from: str = ""
    quiet_until: str = ""
    quiet_days: tuple[str, ...] = ()
    locale: str = ""
    name: bool = False
    absent_from: str = ""
    absent_until: str = ""


PAUSED, QUIET, DAYS, LANGUAGE, AWAY_FROM, AWAY_UNTIL = "paused", "quiet", "days", "language", "away_from", "away_until"
TOO_LATE, PASSED, BOTH, ALL_WEEK, UNKNOWN, BACKWARDS = "too_late", "passed", "both", "all_week", "unknown", "backwards"


def problems(given: Given, person: Person, *, now: datetime, languages: Collection[str]) -> dict[str, str]:
    """What is wrong, by field; empty when it can be kept."""
    today = waking.local_day(person, now)
    wrong: dict[str, str] = {}
    paused = _day(given.paused_until)
    if paused is not None and not _same(paused, person):
        if paused <= today:
            wrong[PAUSED] = PASSED
        elif paused - today > LONGEST:
            wrong[PAUSED] = TOO_LATE
    if bool(given.quiet_from) != bool(given.quiet_until):
        wrong[QUIET] = BOTH
    if len(set(given.quiet_days)) == 7:
        wrong[DAYS] = ALL_WEEK
    if given.locale not in {AS_IN_SLACK, person.own_locale, *languages}:
        wrong[LANGUAGE] = UNKNOWN
    return wrong | _absence_problems(given, today)


def _absence_problems(given: Given, today: date) -> dict[str, str]:
    begin, end = _day(given.absent_from), _day(given.absent_until)
    if end is None:
        return {}
    if begin is not None and end < begin:
        return {AWAY_UNTIL: BACKWARDS}
    if end < today:
        return {AWAY_UNTIL: PASSED}
    return {AWAY_UNTIL: TOO_LATE} if end - today > LONGEST_ABSENCE else {}


def columns(given: Given, person: Person, *, now: datetime) -> dict[str, Any]:
    """What to keep, by the names of the members' table. Ask `problems` first."""
    paused = _day(given.paused_until)
    same = paused is not None and _same(paused, person)
    begin, end = _time(given.quiet_from), _time(given.quiet_until)
    usual = (begin, end) == (waking.QUIET_FROM, waking.QUIET_UNTIL)
    stopped = given.often == NOTHING
    return {
        "dm_every": WEEKLY if given.often == WEEKLY else None,
        "stopped_at": (person.stopped_at or now) if stopped else None,
        "paused_until": person.paused_until if same else waking.start_of(person, paused) if paused else None,
        "quiet_from": None if usual else begin,
        "quiet_until": None if usual else end,
        "quiet_days": "".join(sorted(set(given.quiet_days))) or None,
        "own_locale": None if given.locale == AS_IN_SLACK else given.locale,
        "shows_name": given.name,
        "absent_from": _day(given.absent_from),
        "absent_until": _day(given.absent_until),
    }


def paused_day(person: Person, now: datetime) -> date | None:
    """The first day on which messages come again, while a pause lasts."""
    if person.paused_until is None or person.paused_until <= now:
        return None
    return waking.local_day(person, person.paused_until)


def _same(day: date, person: Person) -> bool:
    """The form shows a day: left as it was, the pause keeps its hour."""
    return person.paused_until is not None and waking.local_day(person, person.paused_until) == day


def _day(given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError:
        return None


def _time(given: str) -> time | None:
    try:
        return time.fromisoformat(given) if given else None
    except ValueError:
        return None
