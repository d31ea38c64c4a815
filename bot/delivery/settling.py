"""What only a person can decide about a delivery: whether an uncertain message is there."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import String, func, literal_column, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.delivery.outcomes import ended, note
from bot.delivery.rendering import Renderer
from bot.metrics import Metrics

TS = re.compile(r"[0-9]{10}\.[0-9]{6}")


async def listed(session: AsyncSession, states: Sequence[str], *, limit: int) -> list[dict[str, Any]]:
    """The newest first; ids and codes only."""
    rows = await session.scalars(
        select(Delivery).where(Delivery.state.in_(states)).order_by(Delivery.id.desc()).limit(limit)
    )
    names = (
        "id",
        "workspace_id",
        "kind",
        "method",
        "target",
        "state",
        "error",
        "attempts",
        "wanted_at",
        "channel",
        "ts",
    )
    return [{name: getattr(row, name) for name in names} for row in rows]


async def in_trouble(session: AsyncSession, workspace_id: str, since: datetime) -> dict[str, int]:
    """How many messages that were due since then have failed or are uncertain, by state; no state without any."""
    # Not bound: SQLite sees only from the values that an index holds what is asked for. It read all that was ever sent.
    troubled = Delivery.state.in_([literal_column(f"'{state}'", String) for state in ("uncertain", "failed")])
    found = await session.execute(
        select(Delivery.state, func.count())
        .where(Delivery.workspace_id == workspace_id, troubled, Delivery.wanted_at >= since)
        .group_by(Delivery.state)
    )
    return {str(row.state): int(row[1]) for row in found}


async def settle(
    session: AsyncSession,
    delivery_id: int,
    *,
    sent: str | None,
    resend: bool,
    renderers: Mapping[str, Renderer],
    metrics: Metrics,
) -> str | None:
    """None where it is settled, else why it cannot be. `sent` is the message's ts: its feature is told, as if it had
    been sent just now. Neither `sent` nor `resend` drops the delivery: its feature is told that it was skipped."""
    row = await session.get(Delivery, delivery_id, with_for_update=True)
    if row is None:
        return "there is none with this id"
    if row.state not in {"uncertain", "failed"}:
        return f"it is {row.state}: only what is uncertain or has failed can be settled"
    if sent is not None and not TS.fullmatch(sent):
        return f"{sent} is not a ts (such as 1700000000.000100)"
    now = await db_now(session)
    row.error = None
    if sent is not None:
        row.ts, row.channel = sent, row.channel or row.target
        there = ended("sent", revision=row.revision)
        await note(session, row, there, now=now, renderer=renderers.get(row.kind), metrics=metrics)
    elif resend:
        row.state, row.due_at, row.late_after, row.looked_at, row.attempts = "pending", now, None, now, 0
        row.owner_told = False
    else:
        dropped = ended("skipped", "dropped")
        await note(session, row, dropped, now=now, renderer=renderers.get(row.kind), metrics=metrics)
    return None
