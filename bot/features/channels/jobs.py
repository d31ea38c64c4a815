"""From the clock: post what is due, and read the channels' facts from Slack."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.core import clock
from bot.core.times import due_on, local_day, local_days
from bot.features.channels import occurrences, posting, quiet, store
from bot.features.channels.occurrences import Ticking
from bot.features.channels.reading import refresh
from bot.features.channels.rules import NEVER, Defaults, newest_first, quiet_name
from bot.features.channels.seams import ContentKind
from bot.features.edge import Edge
from bot.slack.errors import SlackFault

log = logging.getLogger(__name__)

OVERLAP = timedelta(minutes=1)  # clocks of replicas disagree a little; what is decided already costs one look-up
FILLS_A_TICK = 500  # about 5 s of transactions where the library is small
TICK_SECONDS = 10.0  # no new post is begun after that: a tick must end well before /healthz turns red at 25 s
SKIPS_A_TRANSACTION = 200
A_PART = timedelta(days=1)
LONGEST_PAUSE = timedelta(minutes=5)


Undecided = tuple[str, datetime]  # a slot's id, and when it fell due


@dataclass(kw_only=True)
class Plan:
    """What a tick has to do. `waiting`: what stays undecided, so that the next tick looks at it again."""

    fill: list[tuple[Ticking, datetime]] = field(default_factory=list)
    skip: list[tuple[Ticking, datetime, str]] = field(default_factory=list)
    waiting: list[Undecided] = field(default_factory=list)


class PostWhatIsDue:
    """Any number of processes may run it: an occurrence is unique on (slot, due time), and whoever inserts it fills it
    in the same transaction.

    A tick asks which zones there are and then, by index, for the slots set for what their wall clocks have shown since
    the tick before: its cost does not grow with the number of slots, only with what is due. Times already looked at are
    left behind a watermark in memory; after a start it lies `catch_up` back, which is how downtime is found out about.
    What could not be decided (Slack refuses the workspace's token) is remembered by slot, so that it does not hold the
    watermark of all the others back.
    """

    def __init__(
        self,
        edge: Edge,
        kinds: Mapping[str, ContentKind],
        defaults: Defaults,
        *,
        ticks: Callable[[], float] = clock.ticks,
    ) -> None:
        self._edge = edge
        self._kinds = kinds
        self._defaults = defaults
        self._ticks = ticks
        self._seen_until: datetime | None = None
        self._waiting: Sequence[Undecided] = ()
        self._failed: dict[Undecided, tuple[int, datetime]] = {}

    async def __call__(self, now: datetime) -> int:
        """How many posts are owed now."""
        until = self._ticks() + TICK_SECONDS
        if self._seen_until is None:
            await asyncio.to_thread(quiet.load)  # before anything else asks for a holiday
        oldest = now - self._defaults.catch_up
        since = oldest if self._seen_until is None else max(oldest, min(self._seen_until, now) - OVERLAP)
        found: list[tuple[Ticking, datetime]] = []
        while since + A_PART < now:  # after a start, day by day: most of it was decided before the stop
            found += await self._undecided(since, since + A_PART)
            since += A_PART
        found += await self._undecided(since, now, waiting=self._waiting)
        found = list(dict.fromkeys(found))
        own: Mapping[tuple[str, date], str] = {}
        if found:
            async with self._edge.sessions.begin() as session:
                own = await store.all_quiet_dates(session, {local_day(due_at, slot.zone) for slot, due_at in found})
        plan = self._plan(found, own, now)
        await self._skip(plan, now)
        filled = await self._fill(plan, now, until)
        self._seen_until, self._waiting = now, plan.waiting
        return filled

    async def _undecided(
        self, since: datetime, until: datetime, waiting: Sequence[Undecided] = ()
    ) -> list[tuple[Ticking, datetime]]:
        async with self._edge.sessions.begin() as session:
            found = candidates(await occurrences.ticking(session, since, until), since, until)
            if waiting:
                since = min(since, *(due_at for _, due_at in waiting))
                slots = await occurrences.ticking_of(session, {slot_id for slot_id, _ in waiting})
                found += candidates(slots, since, until)
            known = await occurrences.decided(session, {slot.slot_id for slot, _ in found}, since) if found else set()
        return [one for one in found if (one[0].slot_id, one[1]) not in known]

    def _plan(
        self, found: Sequence[tuple[Ticking, datetime]], quiet_dates: Mapping[tuple[str, date], str], now: datetime
    ) -> Plan:
        plan = Plan()
        for slot, times in by_slot(found).items():
            own = {day: name for (workspace, day), name in quiet_dates.items() if workspace == slot.workspace_id}
            newest, older = newest_first(times)
            plan.skip += [(slot, due_at, self._why(slot, due_at, own, now) or "missed") for due_at in older]
            if newest is None:
                continue
            reason = self._why(slot, newest, own, now)
            if reason:
                plan.skip.append((slot, newest, reason))
            elif slot.dead or self._failed.get((slot.slot_id, newest), (0, NEVER))[1] > now:
                plan.waiting.append((slot.slot_id, newest))
            else:
                plan.fill.append((slot, newest))
        plan.fill.sort(key=lambda one: one[1])
        plan.waiting += [(slot.slot_id, due_at) for slot, due_at in plan.fill[FILLS_A_TICK:]]
        del plan.fill[FILLS_A_TICK:]
        return plan

    def _why(self, slot: Ticking, due_at: datetime, own: Mapping[date, str], now: datetime) -> str | None:
        if quiet_name(slot.holidays_of, own, local_day(due_at, slot.zone)):
            return "quiet_date"
        if slot.stopped:
            return "stopped"
        if slot.state != "active":
            return "paused"
        if slot.outsiders:
            return "outsiders"
        if slot.kind not in self._kinds:
            return "unknown_kind"
        return "late" if now - due_at > self._kinds[slot.kind].lateness else None

    async def _skip(self, plan: Plan, now: datetime) -> None:
        for start in range(0, len(plan.skip), SKIPS_A_TRANSACTION):
            group = plan.skip[start : start + SKIPS_A_TRANSACTION]
            async with self._edge.sessions.begin() as session:
                await posting.skip_slots(session, group, now=now)
            for slot, due_at, _ in group:
                self._failed.pop((slot.slot_id, due_at), None)

    async def _fill(self, plan: Plan, now: datetime, until: float) -> int:
        """One transaction each, one after the other: Slack takes a few hundred posts a minute, so this is never what
        a post waits for. What fails is rolled back with its occurrence and tried again, ever less often. However
        slow the database is, each tick fills one."""
        filled = 0
        for done, (slot, due_at) in enumerate(plan.fill):
            if done and self._ticks() >= until:
                plan.waiting += [(left.slot_id, at) for left, at in plan.fill[done:]]
                log.warning("%d due posts are left to the next tick", len(plan.fill) - done)
                break
            key = (slot.slot_id, due_at)
            try:
                async with self._edge.sessions.begin() as session:
                    reason = await posting.fill_slot(session, self._kinds, slot, due_at, now=now)
            except Exception:
                log.exception("slot %s of channel %s could not be filled", slot.slot_id, slot.channel_id)
                times = self._failed.get(key, (0, NEVER))[0] + 1
                pause = min(self._defaults.tick * 2 ** min(times, 10), LONGEST_PAUSE)
                self._failed[key] = (times, now + pause)
                plan.waiting.append(key)
                continue
            self._failed.pop(key, None)
            filled += reason is None
        return filled


def candidates(slots: Sequence[Ticking], since: datetime, now: datetime) -> list[tuple[Ticking, datetime]]:
    """Due times in (since, now]. The days are worked out once per zone, not per slot."""
    days: dict[str, dict[int, list[date]]] = {}
    found = []
    for slot in slots:
        of_zone = days.get(slot.zone)
        if of_zone is None:
            of_zone = days[slot.zone] = {}
            for day in local_days(since, now, slot.zone):
                of_zone.setdefault(day.weekday(), []).append(day)
        for day in of_zone.get(slot.weekday, ()):
            due_at = due_on(day, slot.at, slot.zone)
            if due_at is not None and max(since, slot.starts_at) <= due_at <= now:
                found.append((slot, due_at))
    return found


def by_slot(found: Sequence[tuple[Ticking, datetime]]) -> dict[Ticking, list[datetime]]:
    grouped: dict[Ticking, list[datetime]] = {}
    for slot, due_at in found:
        grouped.setdefault(slot, []).append(due_at)
    return grouped


class RefreshChannels:
    """Reads what Slack knows of the channels that were read longest ago: archived, private, shared, who is in.

    Run it every minute: `refresh_at_once` channels, two or three calls each, stay below 50 calls a minute.
    """

    def __init__(self, edge: Edge, defaults: Defaults) -> None:
        self._edge = edge
        self._defaults = defaults

    async def __call__(self, now: datetime) -> int:
        """How many were read."""
        async with self._edge.sessions.begin() as session:
            due = await store.stale(
                session, before=now - self._defaults.refresh_every, limit=self._defaults.refresh_at_once
            )
        tired: set[str] = set()
        read = 0
        for workspace_id, channel_id in due:
            if workspace_id in tired:
                continue
            try:
                await refresh(self._edge, workspace_id, channel_id)
                read += 1
            except SlackFault as fault:
                log.warning("channel %s could not be read: %s", channel_id, fault.code)
                tired.add(workspace_id)
        return read
