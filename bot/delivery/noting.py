"""Writing down what came of calls: for all that ended during the last commit in one transaction."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import pace
from bot.delivery.calls import Placed
from bot.delivery.marking import rows_of
from bot.delivery.outcomes import Outcome, Tallied, ended, failed, note_all, run_tallied
from bot.delivery.rendering import Renderer
from bot.metrics import Metrics
from bot.slack.errors import Fault, SlackFault

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Came:
    """`answer`: where it is now, or why it is not."""

    id: int
    lease: str
    revision: int
    answer: Placed | SlackFault


@dataclass(kw_only=True)
class Noting:
    sessions: Sessions
    renderers: Mapping[str, Renderer]
    metrics: Metrics

    async def note(self, group: Sequence[Came]) -> list[None]:
        await run_tallied(self.sessions, self.metrics, partial(self._note, {one.id: one for one in group}))
        return [None] * len(group)

    async def _note(self, group: Mapping[int, Came], session: AsyncSession, tallied: Tallied) -> None:
        found = await rows_of(session, {one.id: one.lease for one in group.values()})
        now = await db_now(session)
        outcomes: list[tuple[Delivery, Outcome]] = []
        for row in found:
            if row.state != "sending":
                continue
            one = group[row.id]
            if isinstance(one.answer, Placed):
                row.channel, row.ts = one.answer.channel, one.answer.ts
                outcomes.append((row, ended("sent", revision=one.revision)))
            else:
                outcomes.append((row, await _after(session, row, one.answer, now, tallied)))
        await note_all(session, outcomes, now=now, renderers=self.renderers, tallied=tallied, guarded=len(group) == 1)


async def _after(session: AsyncSession, row: Delivery, fault: SlackFault, now: datetime, tallied: Tallied) -> Outcome:
    """What a fault means for this delivery."""
    wait = timedelta(seconds=fault.retry_after or min(0.5 * 2 ** min(row.attempts, 4), 5.0))
    repeatable = row.method != "post"
    match fault.fault:
        case Fault.LIMITED:
            await pace.limited(session, row.workspace_id, pace.SPEEDS[row.method].api, until=now + wait)
            tallied.rate_limited(pace.SPEEDS[row.method].api, wait.total_seconds())
            return Outcome(again_at=now + wait, error=fault.code)
        case Fault.WAIT:
            return Outcome(again_at=now + wait, error=fault.code)
        case Fault.AMBIGUOUS if repeatable:
            return Outcome(again_at=now + wait, error=fault.code)
        case Fault.AMBIGUOUS:
            return Outcome(unknown=True, error=fault.code)
        case Fault.INSTALLATION:
            await _mark_dead(session, row.workspace_id)
            return Outcome(again_at=now, error=fault.code)
        case Fault.GONE if row.method in {"delete", "react"}:
            return ended("sent", revision=row.revision)
    log.warning("delivery %d (%s) refused: %s %s", row.id, row.kind, fault.code, fault.detail)
    return failed(fault.code)


async def _mark_dead(session: AsyncSession, workspace_id: str) -> None:
    """Claims pass a dead workspace over; `workspace add` with a working token brings it back."""
    await session.execute(update(Workspace).where(Workspace.id == workspace_id).values(state="dead"))
