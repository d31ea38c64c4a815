"""Writing down how a delivery went, and telling whoever has to know, in one transaction."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
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


class Tallied:
    """What a transaction would tell the metrics, told once it is committed."""

    def __init__(self) -> None:
        self._told: list[Callable[[Metrics], None]] = []

    def delivery(self, state: str, kind: str, *, lateness: float) -> None:
        self._told.append(lambda metrics: metrics.delivery(state, kind, lateness=lateness))

    def rate_limited(self, method: str, seconds: float) -> None:
        self._told.append(lambda metrics: metrics.rate_limited(method, seconds))

    def clear(self) -> None:
        self._told.clear()

    def tell(self, metrics: Metrics) -> None:
        for one in self._told:
            one(metrics)


T = TypeVar("T")


async def run_tallied(sessions: Sessions, metrics: Metrics, work: Callable[[AsyncSession, Tallied], Awaitable[T]]) -> T:
    """`Sessions.run`; what is done again after a lost race is counted once."""
    tallied = Tallied()

    async def once(session: AsyncSession) -> T:
        tallied.clear()
        return await work(session, tallied)

    found = await sessions.run(once)
    tallied.tell(metrics)
    return found


async def note(
    session: AsyncSession,
    row: Delivery,
    outcome: Outcome,
    *,
    now: datetime,
    renderer: Renderer | None,
    metrics: Metrics | Tallied,
) -> None:
    """`row` is locked by the caller. The owner of a failure is told once, whatever happens to the row later."""
    telling = _written(row, outcome, now=now, metrics=metrics)
    if telling is not None and renderer is not None:
        await _told(session, row, telling(session, renderer))


async def note_all(
    session: AsyncSession,
    outcomes: Sequence[tuple[Delivery, Outcome]],
    *,
    now: datetime,
    renderers: Mapping[str, Renderer],
    tallied: Tallied,
    guarded: bool,
) -> None:
    """As `note`. Not `guarded`, a feature's fault is raised: whoever has a group to lose does it again, each alone."""
    told = [(row, _written(row, outcome, now=now, metrics=tallied)) for row, outcome in outcomes]
    await session.flush()
    for row, telling in told:
        renderer = renderers.get(row.kind)
        if telling is None or renderer is None:
            continue
        if guarded:
            await _told(session, row, telling(session, renderer))
        else:
            await telling(session, renderer)


Telling = Callable[[AsyncSession, Renderer], Awaitable[None]]


def _written(row: Delivery, outcome: Outcome, *, now: datetime, metrics: Metrics | Tallied) -> Telling | None:
    """And whatever the feature is to be told."""
    row.lease = row.lease_until = None
    row.error = outcome.error
    if outcome.unknown:
        row.state, row.unknown_at, row.looked_at = "unresolved", now, None
        return None
    if outcome.again_at is not None:
        row.state, row.due_at = "pending", outcome.again_at
        return None
    row.state = outcome.state or "failed"
    metrics.delivery(row.state, row.kind, lateness=(now - row.wanted_at).total_seconds())
    if row.state == "sent":
        row.sent_at = now
        if row.method in REPEATABLE and row.revision != outcome.revision:
            row.state, row.due_at = "pending", now
        return lambda session, renderer: renderer.on_sent(session, as_owed(row), now=now)
    if row.state in {"failed", "uncertain"} and not row.owner_told:
        row.owner_told = True
        error = row.error or "failed"
        return lambda session, renderer: renderer.on_failed(session, as_owed(row), error=error, now=now)
    if row.state == "skipped":
        reason = row.error or "skipped"
        return lambda session, renderer: renderer.on_skipped(session, as_owed(row), reason=reason, now=now)
    return None


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
