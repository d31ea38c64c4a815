"""When people may be written to unasked: their quiet hours and days, their pauses, and one turn a day or week."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.features.members.rules import MEMBER, WEEKLY, DoNotDisturb, Person, zone_of

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
DND_FRESH = timedelta(minutes=10)
LOOK_AGAIN = timedelta(hours=1)  # people end their do-not-disturb earlier than they said


def is_quiet(person: Person, moment: datetime) -> bool:
    """Whether it is within the person's quiet hours or on one of their quiet days. Equal ends mean no quiet hours;
    seven quiet days would be for ever, which is what *Stop* is for, and count as none."""
    begin, end = _quiet_hours(person)
    there = moment.astimezone(zone_of(person.zone))
    if there.weekday() in _quiet_days(person):
        return True
    local = there.time()
    return begin <= local < end if begin <= end else not end <= local < begin


def next_waking(person: Person, now: datetime) -> datetime:
    """`now`, or when the person's quiet time is over: never inside it and never before `now`."""
    if not is_quiet(person, now):
        return now
    zone, (_, end) = zone_of(person.zone), _quiet_hours(person)
    today = now.astimezone(zone).date()
    for day in range(22):  # six quiet days a week, and a waking hour that a change of clocks leaves out
        ends = [_instant(today + timedelta(days=day), at, zone, fold) for at in (time(0), end) for fold in (0, 1)]
        fit = [moment for moment in ends if moment >= now and not is_quiet(person, moment)]
        if fit:
            return min(fit)
    raise AssertionError("a quiet time that is not all the time ends within three weeks")


def _instant(day: date, at: time, zone: ZoneInfo, fold: int) -> datetime:
    """A time that a change of clocks leaves out moves forward (fold 0); a doubled one has two instants."""
    return datetime.combine(day, at.replace(fold=fold), tzinfo=zone).astimezone(UTC)


def _quiet_hours(person: Person) -> tuple[time, time]:
    begin = QUIET_FROM if person.quiet_from is None else person.quiet_from
    return begin, QUIET_UNTIL if person.quiet_until is None else person.quiet_until


def _quiet_days(person: Person) -> frozenset[int]:
    return person.quiet_days if len(person.quiet_days) < 7 else frozenset()


def local_day(person: Person, now: datetime) -> date:
    return now.astimezone(zone_of(person.zone)).date()


def start_of(person: Person, day: date) -> datetime:
    """When a day begins for this person."""
    return _instant(day, time(0), zone_of(person.zone), 0)


def earliest(person: Person, now: datetime) -> datetime | None:
    """When a direct message that nobody asked for may go, as far as the person's own wishes say; None: never."""
    if person.kind != MEMBER or person.stopped_at is not None:
        return None
    paused = person.paused_until
    return next_waking(person, paused if paused is not None and paused > now else now)


def dnd_is_fresh(dnd: DoNotDisturb | None, now: datetime) -> bool:
    return dnd is not None and now - dnd.read_at < DND_FRESH


def after_dnd(person: Person, now: datetime) -> datetime:
    """`now`, or when do-not-disturb is over, or is worth being read again."""
    dnd = person.dnd
    if dnd is None or dnd.begins is None or dnd.ends is None or not dnd.begins <= now < dnd.ends:
        return now
    return next_waking(person, min(dnd.ends, now + LOOK_AGAIN))


def turn_blocked_since(person: Person, today: date) -> date:
    """A turn taken on this day or later leaves none for today."""
    return today - timedelta(days=6) if person.dm_every == WEEKLY else today


def next_turn(person: Person, taken: date) -> datetime:
    """The first waking moment of the first day on which there is a turn again after one was taken on `taken`."""
    days = 7 if person.dm_every == WEEKLY else 1
    return next_waking(person, start_of(person, taken + timedelta(days=days)))


def is_absent(person: Person, now: datetime) -> bool:
    """On their own calendar; an open end lasts."""
    if person.absent_from is None and person.absent_until is None:
        return False
    today = local_day(person, now)
    begun = person.absent_from is None or person.absent_from <= today
    return begun and (person.absent_until is None or today <= person.absent_until)
