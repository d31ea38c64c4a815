"""For `doctor`: what faults have left behind in the database, and who has to do something about it."""

import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.commands.findings import Finding
from bot.db.moment import db_now
from bot.db.tables.channels import Occurrence
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Heartbeat, Workspace
from bot.delivery.claim import first_waiting
from bot.features.channels.rules import MISSES
from bot.wiring import Parts

OVERDUE = timedelta(minutes=2)  # a sender looks every second
UNREAD = timedelta(minutes=10)  # a look into history takes half a minute
MISSED_WITHIN = timedelta(days=7)
ROOM = 200 * 1024 * 1024  # an import of 100,000 rows and its journal


async def left_behind(parts: Parts) -> AsyncIterator[Finding]:
    async with parts.sessions.begin() as session:
        now = await db_now(session)
        found = [
            *await _undecided(session),
            *await _unresolved(session, now),
            *await _not_sent(session, now),
            *await _left_out(session, now),
        ]
    for finding in found or [Finding(level="fine", what="no message is overdue, uncertain or failed")]:
        yield finding
    for finding in room(parts):
        yield finding


async def _undecided(session: AsyncSession) -> list[Finding]:
    rows = await session.execute(
        select(Delivery.state, func.count()).where(Delivery.state.in_(("uncertain", "failed"))).group_by(Delivery.state)
    )
    counts: dict[str, int] = {row[0]: row[1] for row in rows}
    found = []
    if counts.get("uncertain"):
        what = f"{counts['uncertain']} deliveries are uncertain"
        cure = "look in Slack whether they are there; `canteen deliveries --state uncertain`, then settle each"
        found.append(Finding(level="serious", what=what, cure=cure))
    if counts.get("failed"):
        what = f"{counts['failed']} deliveries failed"
        found.append(Finding(level="note", what=what, cure="`canteen deliveries --state failed`"))
    return found


async def _unresolved(session: AsyncSession, now: datetime) -> list[Finding]:
    count, oldest = (
        await session.execute(
            select(func.count(), func.min(Delivery.unknown_at))
            .join(Workspace, Workspace.id == Delivery.workspace_id)
            .where(Delivery.state == "unresolved", Workspace.state == "active")
        )
    ).one()
    if not count:
        return []
    if oldest is None or now - oldest < UNREAD:
        what = f"{count} deliveries are being looked up in Slack's history"
        return [Finding(level="note", what=what, cure="nothing: it takes about half a minute while `canteen run` runs")]
    what = f"{count} deliveries could not be looked up in Slack's history for {ago(now - oldest)}"
    cure = "they are sent after that, and only once: see above for `canteen run`, Slack and the scopes"
    return [Finding(level="serious", what=what, cure=cure)]


async def _not_sent(session: AsyncSession, now: datetime) -> list[Finding]:
    """A process that hangs, or was killed while it sent. What Slack limits or refuses for now is put off, not late."""
    if await session.scalar(select(func.max(Heartbeat.ticked_at))) is None:
        return []  # never run: that is said already, and everything waits for it
    found = []
    due = await first_waiting(session)
    if due is not None and now - due > OVERDUE:
        what = f"a message has been due for {ago(now - due)}, and nobody has sent it"
        cure = "start `canteen run`; if it runs, ask its /healthz, keep its log, and start it again"
        found.append(Finding(level="serious", what=what, cure=cure))
    left = await session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.state.in_(("claimed", "sending")), Delivery.lease_until < now - OVERDUE)
    )
    if left:
        what = f"{left} deliveries were left by a process that was killed"
        cure = "start `canteen run`: what was being sent is looked up in Slack's history before it is sent again"
        found.append(Finding(level="serious", what=what, cure=cure))
    return found


async def _left_out(session: AsyncSession, now: datetime) -> list[Finding]:
    """Posts whose time passed while nobody could post: shown to each channel's owners on Home as well."""
    count = await session.scalar(
        select(func.count())
        .select_from(Occurrence)
        .where(
            Occurrence.state == "skipped",
            Occurrence.reason.in_(sorted(MISSES)),
            Occurrence.due_at > now - MISSED_WITHIN,
        )
    )
    if not count:
        return []
    what = f"{count} posts of the last seven days were left out: nobody could post them in time"
    return [Finding(level="note", what=what, cure="Home says which; `canteen post-now CHANNEL KIND` posts one")]


def room(parts: Parts) -> list[Finding]:
    """Only of SQLite's disk: a database elsewhere has its own watch."""
    url = parts.sessions.engine.url
    if url.get_backend_name() != "sqlite" or not url.database:
        return []
    free = shutil.disk_usage(Path(url.database).parent).free
    if free >= ROOM:
        return []
    what = f"the disk of the database has {free // 1024 // 1024} MB left"
    return [Finding(level="serious", what=what, cure="make room: when it is full nothing is taken in or sent")]


def ago(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{max(seconds, 0)} seconds"
