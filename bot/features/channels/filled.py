"""What was filled in in the modal *Add a channel* (and *Edit*): read, checked, made a wish. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any

from bot.core.times import is_zone
from bot.features.channels import form
from bot.features.channels.quiet import is_known
from bot.features.channels.rules import QUIZ_WINDOW, Channel, Setup, Weekly, as_wish
from bot.slack.payloads import picked, typed
from bot.slack.words import Words

LONGEST_WINDOW = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Filled:
    """`times` holds what the picker gave ("10:00"), "" where nothing was chosen. `only_times`: the modal had nothing
    else in it."""

    channel_id: str
    days: Mapping[str, tuple[int, ...]]
    times: Mapping[str, str]
    zone: str = ""
    locale: str = ""
    team_ids: frozenset[str] = frozenset()
    holidays_of: str = ""
    allow_guests: bool = False
    guests_answer: bool = False
    quiz_window: timedelta | None = None
    owners: frozenset[str] = frozenset()
    pulse: bool = True
    only_times: bool = False


def read(values: Mapping[str, Mapping[str, Any]], kinds: Sequence[str], channel_id: str) -> Filled:
    """`channel_id` from the modal's private metadata when a channel is edited; it is looked up again anyway."""
    window = next(iter(picked(values, form.WINDOW_BLOCK)), "")
    return Filled(
        channel_id=channel_id or next(iter(picked(values, form.CHANNEL_BLOCK)), ""),
        days={
            kind: tuple(int(day) for day in picked(values, form.days_block(kind)) if day in set("0123456"))
            for kind in kinds
        },
        times={kind: typed(values, form.time_block(kind)) for kind in kinds},
        zone=next(iter(picked(values, form.ZONE_BLOCK)), ""),
        locale=next(iter(picked(values, form.LOCALE_BLOCK)), ""),
        team_ids=frozenset(picked(values, form.TEAMS_BLOCK)),
        holidays_of=next(iter(picked(values, form.HOLIDAYS_BLOCK)), ""),
        allow_guests=form.ALLOW in picked(values, form.GUESTS_BLOCK),
        guests_answer=form.ANSWER in picked(values, form.GUESTS_BLOCK),
        quiz_window=timedelta(minutes=int(window)) if window.isascii() and window.isdigit() else None,
        owners=frozenset(picked(values, form.OWNERS_BLOCK)),
        pulse=form.ASK in picked(values, form.PULSE_BLOCK),
        only_times=form.ZONE_BLOCK not in values,
    )


def check(filled: Filled, words: Words, was: Channel | None = None) -> dict[str, str]:
    """What to show under which field; empty when it can be saved."""
    errors: dict[str, str] = {}
    if not filled.channel_id:
        errors[form.CHANNEL_BLOCK] = words.say("Please choose a channel.")
    errors |= _check_times(filled, words, was)
    if filled.only_times and was is not None:
        return errors
    if filled.quiz_window is not None and not timedelta() < filled.quiz_window <= LONGEST_WINDOW:
        errors[form.WINDOW_BLOCK] = words.say("Please choose how long a quiz is open.")
    if not is_zone(filled.zone):
        errors[form.ZONE_BLOCK] = words.say("Please choose a time zone.")
    if filled.locale not in form.LOCALES and not (was and filled.locale == was.locale):
        errors[form.LOCALE_BLOCK] = words.say("Please choose a language.")
    if filled.holidays_of and not is_known(filled.holidays_of):
        errors[form.HOLIDAYS_BLOCK] = words.say("I do not know the holidays of this place. Please choose another.")
    if len(filled.owners) > form.MOST_OWNERS:
        errors[form.OWNERS_BLOCK] = words.say_n(
            "At most {n} owner, please.", "At most {n} owners, please.", form.MOST_OWNERS
        )
    return errors


def _check_times(filled: Filled, words: Words, was: Channel | None) -> dict[str, str]:
    errors: dict[str, str] = {}
    for kind, days in filled.days.items():
        if days and _time(filled.times[kind]) is None:
            errors[form.time_block(kind)] = words.say("Please choose a time for these days.")
    if filled.days and not any(filled.days.values()) and not any(_several(was, kind) for kind in filled.days):
        first = form.days_block(next(iter(filled.days)))
        errors[first] = words.say("Please choose at least one day for at least one kind.")
    return errors


def as_setup(
    filled: Filled,
    *,
    name: str,
    was: Channel | None = None,
    private: bool = False,
    outsiders: bool = False,
    only_teams: Collection[str] | None = None,
) -> Setup:
    """What was filled in and checked as the wish it is. What the modal cannot show (several times a day, seconds), or
    did not, stays as it was. `only_teams`: ids of teams that exist, where they have been read."""
    if filled.only_times and was is not None:
        return replace(as_wish(was), weekly=_weekly(filled, was))
    return Setup(
        channel_id=filled.channel_id,
        name=name,
        zone=filled.zone,
        locale=filled.locale,
        weekly=_weekly(filled, was),
        team_ids=filled.team_ids if only_teams is None else filled.team_ids & frozenset(only_teams),
        holidays_of=filled.holidays_of or None,
        guests_see_internal=filled.allow_guests,
        private=private,
        outsiders=outsiders,
        quiz_window=filled.quiz_window or (was.quiz_window if was else QUIZ_WINDOW),
        guests_answer=filled.guests_answer,
        owners=filled.owners,
        pulse_off=not filled.pulse,
    )


def _weekly(filled: Filled, was: Channel | None) -> tuple[Weekly, ...]:
    weekly: list[Weekly] = []
    for kind, days in filled.days.items():
        at = _time(filled.times[kind])
        if days and at is not None:
            weekly += [Weekly(kind=kind, weekday=day, at=_with_seconds(was, kind, at)) for day in days]
        elif _several(was, kind) and was is not None:
            weekly += [Weekly(kind=kind, weekday=one.weekday, at=one.at) for one in was.slots if one.kind == kind]
    if was is not None:  # kinds that this modal does not offer
        weekly += [
            Weekly(kind=one.kind, weekday=one.weekday, at=one.at) for one in was.slots if one.kind not in filled.days
        ]
    return tuple(weekly)


def _time(given: str) -> time | None:
    try:
        return time.fromisoformat(given)
    except ValueError:
        return None


def _several(channel: Channel | None, kind: str) -> bool:
    return channel is not None and channel.has_several_times(kind)


def _with_seconds(was: Channel | None, kind: str, at: time) -> time:
    same = (slot.at for slot in was.slots if slot.kind == kind) if was else iter(())
    return next((one for one in same if (one.hour, one.minute) == (at.hour, at.minute)), at)
