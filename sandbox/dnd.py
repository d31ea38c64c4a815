"""Do not disturb: who has it on, from when until when, and what apps are told of it.

A schedule makes `dnd_enabled` true all day: whether somebody is disturbed now is told by the two times only.
"""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Json
from sandbox.world import Person

A_WORKING_DAY = 8 * 3600


def status(slack: Slack, person: Person) -> Json:
    """`next_dnd_start_ts` lies in the past where it is on now; both are 1 where there is neither schedule nor pause."""
    window = _window(slack, person)
    start, end = (int(one) for one in window) if window else (1, 1)
    return {"dnd_enabled": window is not None, "next_dnd_start_ts": start, "next_dnd_end_ts": end}


def is_on(slack: Slack, person: Person) -> bool:
    window = _window(slack, person)
    return window is not None and window[0] <= slack.clock.now() < window[1]


def pause(slack: Slack, person: Person, minutes: int) -> None:
    """No notifications for so long from now on; 0 ends it, whatever it came from, until a schedule begins anew."""
    now = slack.clock.now()
    slack.store.dnd[person.id] = (now, now + minutes * 60)
    told = {"type": "dnd_updated_user", "user": person.id, "dnd_status": status(slack, person)}
    for app in slack.store.apps_in(person.team):
        events.publish(slack, app, "dnd_updated_user", dict(told))
    slack.viewers.touch()


def _window(slack: Slack, person: Person) -> tuple[float, float] | None:
    now = slack.clock.now()
    paused = slack.store.dnd.get(person.id)
    if paused and now < paused[1]:
        return paused
    if isinstance(person.dnd, str):
        return _scheduled(person, now, ended=paused[1] if paused else 0.0)
    if person.dnd and paused is None and now < slack.store.began + A_WORKING_DAY:
        return slack.store.began, slack.store.began + A_WORKING_DAY
    return None


def _scheduled(person: Person, now: float, *, ended: float) -> tuple[float, float]:
    """The night that is on or comes next in the person's own zone; one that was ended by hand is over."""
    zone = ZoneInfo(person.tz)
    begins, ends = (time.fromisoformat(one) for one in str(person.dnd).split("-"))
    today = datetime.fromtimestamp(now, zone).date()
    for day in (-1, 0, 1, 2):
        start = datetime.combine(today + timedelta(days=day), begins, zone)
        end = datetime.combine(start.date() + timedelta(days=int(ends <= begins)), ends, zone)
        if now < end.timestamp() and not start.timestamp() <= ended < end.timestamp():
            return start.timestamp(), end.timestamp()
    raise AssertionError("there is a night every day")
