"""Reading do-not-disturb from Slack: only of people for whom a direct message waits, fifty at a time."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.features.edge import Edge
from bot.features.members import manners, outstanding
from bot.features.members.jobs import hold
from bot.features.members.rules import DoNotDisturb, moment
from bot.slack.errors import SlackFault

log = logging.getLogger(__name__)
PAGE = 50  # https://docs.slack.dev/reference/methods/dnd.teamInfo
GAP = timedelta(seconds=3.2)  # Tier 2: 20 a minute


@dataclass(frozen=True, kw_only=True)
class ReadDoNotDisturb:
    """Call it every few seconds: one call per workspace at most, paced across processes."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await outstanding.do_not_disturb(session)
        for workspace_id in workspaces:
            await self._read(workspace_id, now)

    async def _read(self, ws: str, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            users = await manners.dnd_to_read(session, ws, now, limit=PAGE, gap=GAP)
        if not users:
            return
        try:
            answer = await self.edge.gateway.call(ws, "dnd.teamInfo", users=",".join(users))
        except SlackFault as fault:
            await hold(self.edge, ws, "dnd.teamInfo", fault, now)
            return
        said = answer.get("users")
        found = {
            user: read
            for user, status in (said.items() if isinstance(said, Mapping) else ())
            if (read := read_dnd(status, now)) is not None
        }
        async with self.edge.sessions.begin() as session:
            await manners.save_dnd(session, ws, users, found, now)


def read_dnd(status: object, now: datetime) -> DoNotDisturb | None:
    """`dnd_enabled` only says that there is a schedule or a pause: whether it is on now is in the two times
    (https://docs.slack.dev/reference/methods/dnd.teamInfo). None for what is no status."""
    if not isinstance(status, Mapping):
        return None
    begins, ends = (moment(status.get(name)) for name in ("next_dnd_start_ts", "next_dnd_end_ts"))
    if not status.get("dnd_enabled") or begins is None or ends is None or ends <= begins:
        return DoNotDisturb(read_at=now)
    return DoNotDisturb(read_at=now, begins=begins, ends=ends)
