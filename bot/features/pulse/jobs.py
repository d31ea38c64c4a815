"""From the clock: rounds close when their time is over, and open where they are due."""

import logging
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import local_day
from bot.features.channels import service as channels
from bot.features.channels.rules import quiet_name
from bot.features.edge import Edge
from bot.features.pulse import rules, service, store
from bot.features.pulse.rules import Asked, Defaults
from bot.features.pulse.store import Candidate

log = logging.getLogger(__name__)

AT_ONCE = 100  # rounds closed in one run; the next run is a minute away


class AskWhatIsDue:
    """Any number of processes may run it: a round is unique on (channel, number), and closing locks it."""

    def __init__(self, edge: Edge, defaults: Defaults) -> None:
        self._edge = edge
        self._defaults = defaults

    async def __call__(self, now: datetime) -> int:
        """How many rounds opened or closed."""
        async with self._edge.sessions.begin() as session:
            over = await store.to_close(session, now, AT_ONCE)
            due = await store.candidates(
                session,
                now=now,
                asked_before=now - self._defaults.every,
                start_gap=now - self._defaults.again_before_start + self._defaults.lead,
            )
        done = 0
        for workspace_id, round_id in over:
            async with self._edge.sessions.begin() as session:
                done += await service.close(session, workspace_id, round_id, now=now)
        for one in due:
            async with self._edge.sessions.begin() as session:
                done += await self._ask(session, one, now)
        return done

    async def _ask(self, session: AsyncSession, one: Candidate, now: datetime) -> bool:
        channel = await channels.get(session, one.workspace_id, one.channel_id)
        if channel is None or await channels.why_not_now(session, one.workspace_id, one.channel_id):
            return False
        own = await channels.quiet_dates(session, one.workspace_id)
        if quiet_name(channel.holidays_of, own, local_day(now, channel.zone)):
            return False
        coming = await channels.next_due(session, channel, now, 20)
        first = next((due.due_at for due in coming if due.quiet is None), None)
        asked = Asked(zone=channel.zone, first_due=None if one.posted else first, together=one.together, last=one.last)
        closes_at = rules.closing(asked, now, self._defaults)
        if closes_at is None:
            return False
        key = self._edge.new_id() + self._edge.new_id()
        opened = await service.ask(
            session,
            channel,
            closes_at=closes_at,
            before_posts=not one.posted,
            key=key,
            new_id=self._edge.new_id,
            now=now,
        )
        if opened is not None:
            log.info("the pulse is asked in channel %s", one.channel_id)
        return opened is not None
