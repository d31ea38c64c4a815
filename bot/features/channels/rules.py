"""What a configured channel is, when it gets what, and why a time is left out. Pure."""

import hashlib
import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.core.times import due_between, local_day
from bot.features.channels.quiet import holiday

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # `refreshed_at` of a channel whose people have not been read yet
MISSES = frozenset({"late", "missed"})
LOOK_AHEAD = timedelta(days=60)
QUIZ_WINDOW = timedelta(hours=24)  # every shift can reach it


@dataclass(frozen=True, kw_only=True)
class Defaults:
    """From config/defaults.toml, `[channels]`."""

    tick: timedelta = timedelta(seconds=3)
    catch_up: timedelta = timedelta(days=14)  # how far back missed times are recorded after a stop
    refresh_every: timedelta = timedelta(days=1)
    refresh_at_once: int = 10
    warn_below_weeks: int = 4
    shown_on_home: int = 8
    next_posts: int = 5


@dataclass(frozen=True, kw_only=True)
class Slot:
    """`kind` every `weekday` (0 Monday) at `at` in the channel's zone; `starts_at`: it has no past before that."""

    id: str
    kind: str
    weekday: int
    at: time
    starts_at: datetime = NEVER


@dataclass(frozen=True, kw_only=True)
class Channel:
    """`state`: active, paused, removed. `outsiders`: shared with another company (Slack Connect). `quiz_window`: how
    long a quiz is open there; `guests_answer`: guests' answers to it count. `starts_at`: nothing is posted before."""

    workspace_id: str
    channel_id: str
    name: str
    zone: str
    locale: str
    holidays_of: str | None = None
    state: str = "active"
    state_reason: str | None = None
    private: bool = False
    outsiders: bool = False
    guests_see_internal: bool = False
    added_by: str = ""
    refreshed_at: datetime = NEVER
    quiz_window: timedelta = QUIZ_WINDOW
    guests_answer: bool = False
    pulse_off: bool = False
    starts_at: datetime | None = None
    owners: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    slots: tuple[Slot, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(slot.kind for slot in self.slots))

    def is_owned_by(self, user_id: str) -> bool:
        """Named as an owner; where nobody is, whoever added it."""
        return user_id in self.owners if self.owners else bool(user_id) and user_id == self.added_by

    def has_several_times(self, kind: str) -> bool:
        """More than one time of day: set from the command line, and more than one picker can show."""
        return len({slot.at for slot in self.slots if slot.kind == kind}) > 1

    def a_week(self, kind: str) -> int:
        return sum(slot.kind == kind for slot in self.slots)


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """What an admin asks for: `kind` on `weekday` at `at`."""

    kind: str
    weekday: int
    at: time


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A channel as an admin wants it: from the modal or the command line."""

    channel_id: str
    name: str
    zone: str
    locale: str
    weekly: tuple[Weekly, ...]
    team_ids: frozenset[str] = frozenset()
    holidays_of: str | None = None
    guests_see_internal: bool = False
    private: bool = False
    outsiders: bool = False
    quiz_window: timedelta = QUIZ_WINDOW
    guests_answer: bool = False
    pulse_off: bool = False
    owners: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Coming:
    """A due time of the channel. `quiet` names the holiday or own quiet date that will leave it out. `planned`: the
    occurrence of a post that editors set down for a time of its own."""

    slot_id: str
    kind: str
    due_at: datetime
    local_day: date
    quiet: str | None = None
    planned: str | None = None


@dataclass(frozen=True, kw_only=True)
class Miss:
    """A due time without a post. `reason`: late, missed, quiet_date, paused, stopped, outsiders, nothing_left..."""

    kind: str
    due_at: datetime
    reason: str


def slot_id(workspace_id: str, channel_id: str, weekly: Weekly) -> str:
    """The same for the same wish, so that a preview before saving names the slot that saving makes."""
    return _digest(workspace_id, channel_id, weekly.kind, str(weekly.weekday), weekly.at.isoformat())


def occurrence_id(slot: str, due_at: datetime) -> str:
    """Content is chosen by this id: a preview shows what the occurrence will choose."""
    return _digest(slot, due_at.astimezone(UTC).isoformat())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def slots_of(workspace_id: str, setup: Setup, *, starts_at: datetime) -> tuple[Slot, ...]:
    wishes = sorted(set(setup.weekly), key=lambda weekly: (weekly.weekday, weekly.at, weekly.kind))
    return tuple(
        Slot(
            id=slot_id(workspace_id, setup.channel_id, weekly),
            kind=weekly.kind,
            weekday=weekly.weekday,
            at=weekly.at,
            starts_at=starts_at,
        )
        for weekly in wishes
    )


def as_channel(workspace_id: str, setup: Setup, *, now: datetime, by: str = "") -> Channel:
    """The channel that saving `setup` would make."""
    return Channel(
        workspace_id=workspace_id,
        channel_id=setup.channel_id,
        name=setup.name,
        zone=setup.zone,
        locale=setup.locale,
        holidays_of=setup.holidays_of,
        private=setup.private,
        outsiders=setup.outsiders,
        guests_see_internal=setup.guests_see_internal,
        quiz_window=setup.quiz_window,
        guests_answer=setup.guests_answer,
        pulse_off=setup.pulse_off,
        owners=setup.owners,
        added_by=by,
        team_ids=setup.team_ids,
        slots=slots_of(workspace_id, setup, starts_at=now),
    )


def as_wish(channel: Channel) -> Setup:
    """The wish that saving would leave the channel as it is: a change is a `replace` of this."""
    return Setup(
        channel_id=channel.channel_id,
        name=channel.name,
        zone=channel.zone,
        locale=channel.locale,
        weekly=tuple(Weekly(kind=slot.kind, weekday=slot.weekday, at=slot.at) for slot in channel.slots),
        team_ids=channel.team_ids,
        holidays_of=channel.holidays_of,
        guests_see_internal=channel.guests_see_internal,
        private=channel.private,
        outsiders=channel.outsiders,
        quiz_window=channel.quiz_window,
        guests_answer=channel.guests_answer,
        pulse_off=channel.pulse_off,
        owners=channel.owners,
    )


def quiet_name(holidays_of: str | None, own: Mapping[date, str], day: date) -> str | None:
    """Why nothing is posted on `day`: the workspace's own quiet date, or the country's holiday."""
    return own[day] if day in own else holiday(holidays_of, day)


def coming(channel: Channel, own_quiet: Mapping[date, str], *, now: datetime, n: int) -> list[Coming]:
    """The next `n` due times over all slots, the quiet ones among them marked."""
    per_slot = [
        [
            (due, slot.kind, slot.id)
            for due in due_between(
                weekday=slot.weekday,
                at=slot.at,
                zone=channel.zone,
                since=max(now, slot.starts_at),
                until=max(now, slot.starts_at) + LOOK_AHEAD,
            )
        ]
        for slot in channel.slots
    ]
    found = []
    for due, kind, slot in list(heapq.merge(*per_slot))[:n]:
        day = local_day(due, channel.zone)
        quiet = quiet_name(channel.holidays_of, own_quiet, day)
        found.append(Coming(slot_id=slot, kind=kind, due_at=due, local_day=day, quiet=quiet))
    return found


def weeks_left(channel: Channel, left: Mapping[str, int]) -> int | None:
    """Whole weeks until the first kind runs out; None for a channel that gets nothing."""
    weeks = [left.get(kind, 0) // channel.a_week(kind) for kind in channel.kinds]
    return min(weeks) if weeks else None


def why_not(*, channel: Channel | None, stopped: bool) -> str | None:
    """The code of what keeps any post out of the channel at this moment."""
    if channel is None or channel.state == "removed":
        return "removed"
    if stopped:
        return "stopped"
    if channel.state != "active":
        return "paused"
    return "outsiders" if channel.outsiders else None


def newest_first(times: Sequence[datetime]) -> tuple[datetime | None, Sequence[datetime]]:
    """Of several due times of one slot only the newest may still be posted; the older ones were missed."""
    ordered = sorted(times)
    return (ordered[-1], ordered[:-1]) if ordered else (None, ())
