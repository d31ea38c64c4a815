"""Rendering from current state and marking `sending`, for many deliveries in one transaction, before any of their
calls begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.clock import ticks
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import handing, pace
from bot.delivery.outcomes import Outcome, Tallied, ended, failed, note_all, run_tallied
from bot.delivery.queue import Owed, as_owed
from bot.delivery.rendering import Document, Later, Renderer, Skip, Upload
from bot.metrics import Metrics
from bot.slack.gateway import LONGEST_CALL
from bot.slack.kit import Message, View

STOPPED_AGAIN = timedelta(seconds=15)
SENDING_LEASE = timedelta(seconds=20)  # twice the longest call; after a crash the outcome is unknown from then on
CALL = timedelta(seconds=LONGEST_CALL)
SENDING = {"upload": timedelta(seconds=90)}  # several calls, and Slack's own processing

ROWS = select(Delivery).where(Delivery.id.in_(bindparam("ids", expanding=True))).order_by(Delivery.id).with_for_update()
PARENTS = select(Delivery).where(Delivery.id.in_(bindparam("ids", expanding=True)))
WORKSPACES = select(Workspace.id, Workspace.state, Workspace.posting_stopped_at).where(
    Workspace.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    id: int
    lease: str


@dataclass(frozen=True, kw_only=True)
class Ready:
    owed: Owed
    opaque: str
    content: Message | View | Upload | Document | None
    until: float  # on the clock that never goes back: no call is begun after that


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What the rows of a group stand in."""

    now: datetime
    workspaces: Mapping[str, tuple[str, datetime | None]]
    limits: Mapping[tuple[str, str], datetime]


@dataclass(kw_only=True)
class Marking:
    sessions: Sessions
    renderers: Mapping[str, Renderer]
    metrics: Metrics

    async def mark(self, group: Sequence[Claimed]) -> list[Ready | None]:
        """None where there is nothing to call."""

        async def work(session: AsyncSession, tallied: Tallied) -> list[Ready | None]:
            return await self._mark(session, group, tallied, began=ticks())

        return await run_tallied(self.sessions, self.metrics, work)

    async def _mark(
        self, session: AsyncSession, group: Sequence[Claimed], tallied: Tallied, *, began: float
    ) -> list[Ready | None]:
        leases = {one.id: one.lease for one in group}
        rows = [row for row in await rows_of(session, leases) if row.state == "claimed"]
        around = await _around(session, rows)
        parents = await _parents(session, rows)
        going: dict[int, Ready] = {}
        over: list[tuple[Delivery, Outcome]] = []
        marks: list[tuple[Delivery, Owed, timedelta]] = []
        for row in rows:
            owed = _placed(row, parents)
            found = _held(row, owed, around) or await self._render(session, owed)
            if isinstance(found, Outcome):
                over.append((row, found))
                continue
            lease = handing.LEASE if isinstance(found, Document) else SENDING.get(row.method, SENDING_LEASE)
            marks.append((row, owed, lease))
            until = began + (lease - CALL).total_seconds()
            going[row.id] = Ready(owed=owed, opaque=row.opaque, content=found, until=until)
        for row, owed, lease in marks:
            row.state, row.sending_at = "sending", around.now
            row.lease_until = around.now + lease
            row.attempts += 1
            row.thread_ts = owed.thread_ts
        await note_all(
            session, over, now=around.now, renderers=self.renderers, tallied=tallied, guarded=len(group) == 1
        )
        return [going.get(one.id) for one in group]

    async def _render(self, session: AsyncSession, owed: Owed) -> Message | View | Upload | Document | Outcome | None:
        renderer = self.renderers.get(owed.kind)
        if renderer is None:
            return ended("skipped", "unknown_kind")
        if owed.method in {"delete", "react", "delete_file"}:
            return None
        content = await renderer.render(session, owed)
        if isinstance(content, Skip):
            return ended("skipped", content.reason)
        return Outcome(again_at=content.until) if isinstance(content, Later) else content


async def rows_of(session: AsyncSession, leases: Mapping[int, str]) -> list[Delivery]:
    """Those that are still under the lease, held; in the order of their numbers, so that groups do not cross."""
    found = await session.scalars(ROWS, {"ids": sorted(leases)})
    return [row for row in found if row.lease == leases[row.id]]


async def _around(session: AsyncSession, rows: Sequence[Delivery]) -> _Around:
    ids = sorted({row.workspace_id for row in rows})
    workspaces = {row[0]: (row[1], row[2]) for row in await session.execute(WORKSPACES, {"ids": ids})}
    limits = await pace.limits(session, ids)
    return _Around(now=await db_now(session), workspaces=workspaces, limits=limits)


async def _parents(session: AsyncSession, rows: Sequence[Delivery]) -> Mapping[int, Delivery]:
    ids = sorted({row.under_id for row in rows if row.under_id is not None})
    return {row.id: row for row in await session.scalars(PARENTS, {"ids": ids})} if ids else {}


def _placed(row: Delivery, parents: Mapping[int, Delivery]) -> Owed:
    """With the parent's place: the thread of a post, the message of an update or delete."""
    owed = as_owed(row)
    parent = None if row.under_id is None else parents.get(row.under_id)
    if parent is None:
        return owed
    if row.method == "post":
        return replace(owed, thread_ts=parent.thread_ts or parent.ts, target=parent.channel or row.target)
    return replace(owed, channel=parent.channel, ts=parent.ts)


def _held(row: Delivery, owed: Owed, around: _Around) -> Outcome | None:
    now = around.now
    if row.late_after is not None and now > row.late_after:
        return failed("late")
    state, stopped = around.workspaces.get(row.workspace_id, ("gone", None))
    if state != "active":
        return Outcome(again_at=now, error="token_revoked")
    if row.method in {"post", "share"} and stopped is not None:
        return Outcome(again_at=now + STOPPED_AGAIN)
    until = around.limits.get((row.workspace_id, pace.SPEEDS[row.method].api))
    if until is not None and until > now:
        return Outcome(again_at=until, error="ratelimited")
    if row.method in {"update", "delete"} and owed.ts is None:
        return ended("skipped", "nothing_there")
    return None
