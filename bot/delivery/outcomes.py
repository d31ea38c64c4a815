"""Writing down how a delivery went, and telling whoever has to know, in one transaction."""

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.delivery import Delivery
from bot.delivery.queue import REPEATABLE, as_owed
from bot.delivery.rendering import Renderer
from bot.metrics import Metrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Exactly one of: `state` (ended), `again_at` (to be tried again then), `unknown` (to be looked up)."""

    state: str | None = None
    again_at: datetime | None = None
    unknown: bool = False
    error: str | None = None
    revision: int | None = None


def ended(state: str, error: str | None = None, *, revision: int | None = None) -> Outcome:
    return Outcome(state=state, error=error, revision=revision)


def failed(error: str) -> Outcome:
    return Outcome(state="failed", error=error)


async def note(
    session: AsyncSession,
    row: Delivery,
    outcome: Outcome,
    *,
    now: datetime,
    renderer: Renderer | None,
    metrics: Metrics,
) -> None:
    """`row` is locked by the caller. The owner of a failure is told once, whatever happens to the row later."""
    row.lease = row.lease_until = None
    row.error = outcome.error
    if outcome.unknown:
        row.state, row.unknown_at, row.looked_at = "unresolved", now, None
        return
    if outcome.again_at is not None:
        row.state, row.due_at = "pending", outcome.again_at
        return
    row.state = outcome.state or "failed"
    metrics.delivery(row.state, row.kind, lateness=(now - row.wanted_at).total_seconds())
    if row.state == "sent":
        row.sent_at = now
        if row.method in REPEATABLE and row.revision != outcome.revision:
            row.state, row.due_at = "pending", now
        if renderer is not None:
            await _told(session, row, renderer.on_sent(session, as_owed(row), now=now))
    elif row.state in {"failed", "uncertain"} and renderer is not None and not row.owner_told:
        row.owner_told = True
        error = row.error or "failed"
        await _told(session, row, renderer.on_failed(session, as_owed(row), error=error, now=now))
    elif row.state == "skipped" and renderer is not None:
        reason = row.error or "skipped"
        await _told(session, row, renderer.on_skipped(session, as_owed(row), reason=reason, now=now))


async def _told(session: AsyncSession, row: Delivery, telling: Awaitable[None]) -> None:
    """A fault of the feature's own takes back what the feature did, never the outcome: else the same delivery would be
    looked up or sent again for ever, and end the process that does it each time."""
    try:
        async with session.begin_nested():
            await telling
    except (SQLAlchemyError, OSError):
        raise
    except Exception:
        log.exception("delivery %d (%s): its feature could not be told", row.id, row.kind)
