"""Small regular work that belongs to no feature: the heartbeat, old rows, figures for operators."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from sqlalchemy import delete, func, select

from bot.core.keeping import Keep
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Heartbeat, Workspace
from bot.db.upsert import upsert
from bot.delivery import pace
from bot.delivery.claim import Doubt, next_message
from bot.erasure.aging import Aging
from bot.features.channels.ahead import next_slot
from bot.metrics import Metrics

KEEP_DELIVERIES = Keep().deliveries
KEEP_BEATS = timedelta(days=7)
QUIET_GAP = timedelta(minutes=2)  # shorter than this was a restart, not a restore
DOUBT_LASTS = timedelta(minutes=10)  # by then everything that was due has been looked up
A_DAY = timedelta(days=1)
OPEN_STATES = ("pending", "claimed", "sending", "unresolved", "uncertain")


@dataclass(frozen=True, kw_only=True)
class Upkeep:
    sessions: Sessions
    process: str
    metrics: Metrics
    keep: Keep = field(default_factory=Keep)

    @cached_property
    def _aging(self) -> Aging:
        return Aging(sessions=self.sessions, keep=self.keep)

    async def doubt(self) -> Doubt | None:
        """After a stretch without any process. A restored backup looks the same as downtime, so what was wanted before
        its end is looked up in history before it is sent; also by a process that starts soon after, in case the one
        before it did not get far."""
        async with self.sessions.begin() as session:
            now = await db_now(session)
            found = await session.execute(
                select(Heartbeat.started_at, Heartbeat.ticked_at).order_by(Heartbeat.started_at)
            )
            lives = [(row[0], row[1]) for row in found]
        doubt, alive_until = None, None
        for started, ticked in [*lives, (now, now)]:
            if alive_until is not None and started - alive_until > QUIET_GAP and now - started < DOUBT_LASTS:
                doubt = Doubt(until=started)
            alive_until = ticked if alive_until is None else max(alive_until, ticked)
        return doubt

    async def beat(self, _now: datetime) -> None:
        async with self.sessions.begin() as session:
            now = await db_now(session)
            row = {"process": self.process, "started_at": now, "ticked_at": now, "keys": self.sessions.keyring.names}
            await upsert(session, Heartbeat, [row], key=("process",), update=("ticked_at",))
            found = await session.execute(
                select(Delivery.state, func.count()).where(Delivery.state.in_(OPEN_STATES)).group_by(Delivery.state)
            )
            counts: dict[str, int] = {row[0]: row[1] for row in found}
            next_due = await next_message(session)
        for state in OPEN_STATES:
            self.metrics.owed.labels(state).set(counts.get(state, 0))
        self.metrics.next_due("messages", next_due)
        self.metrics.beat(now)

    async def look_ahead(self, _now: datetime) -> None:
        """For alerts: what falls due next, and what waits for a token that works."""
        async with self.sessions.begin() as session:
            now = await db_now(session)
            slots = await next_slot(session, since=now)
            found = await session.execute(select(Workspace.state, func.count()).group_by(Workspace.state))
            counts: dict[str, int] = {row[0]: row[1] for row in found}
            held: list[datetime | None] = []
            if counts.get("dead"):
                held = [await next_message(session, dead=True), await next_slot(session, since=now - A_DAY, dead=True)]
        for state in ("active", "dead"):
            self.metrics.workspaces.labels(state).set(counts.get(state, 0))
        self.metrics.next_due("slots", slots)
        self.metrics.next_due("without_token", min(filter(None, held), default=None))

    async def tidy(self, now: datetime) -> None:
        """In groups, so that no transaction is long."""
        async with self.sessions.begin() as session:
            await pace.tidy(session, before=now - timedelta(hours=1))
            await session.execute(delete(Heartbeat).where(Heartbeat.ticked_at < now - KEEP_BEATS))
        await self._aging.by_index(now)

    async def age(self, now: datetime) -> None:
        """As `tidy`, for what takes looking through tables."""
        await self._aging.by_looking(now)
