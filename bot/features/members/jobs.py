"""Reading people from Slack: everybody once a night, page by page, and single ones that were seen."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import pace
from bot.features.edge import Edge
from bot.features.members import outstanding, service
from bot.features.members.seams import PeopleSaved
from bot.slack.errors import Fault, SlackFault

log = logging.getLogger(__name__)

LIST_GAP = timedelta(seconds=3.2)  # Tier 2: 20 a minute
INFO_GAP = timedelta(seconds=0.62)  # Tier 4: 100 a minute
PAGE = 200
LOOK_UPS = 10  # at a time, so that a slow Slack does not hold up the next tick for long
WAITS = {Fault.WAIT: timedelta(minutes=1), Fault.AMBIGUOUS: timedelta(minutes=1)}
LONG_WAIT = timedelta(hours=1)  # a dead token or a missing scope: mended by people


@dataclass(frozen=True, kw_only=True)
class ReadPeople:
    """Call it every few seconds: it makes one step per workspace and keeps Slack's pace across processes.

    `admins` are the ids and e-mails of the settings, matched whenever somebody new may fit them.
    """

    admins: Sequence[str] = ()
    on_people_saved: Sequence[PeopleSaved] = ()

    async def __call__(self, edge: Edge, now: datetime) -> None:
        async with edge.sessions.begin() as session:
            workspaces = await outstanding.people(session, now)
        for workspace_id in workspaces:
            await self._read_page(edge, workspace_id, now)
            await self._look_up(edge, workspace_id, now)

    async def _read_page(self, edge: Edge, ws: str, now: datetime) -> None:
        async with edge.sessions.begin() as session:
            page = await service.next_page(session, ws, now, gap=LIST_GAP)
        if page is None:
            return
        try:
            answer = await edge.gateway.call(ws, "users.list", limit=PAGE, cursor=page.cursor, include_locale=True)
        except SlackFault as fault:
            async with edge.sessions.begin() as session:
                if fault.code == "invalid_cursor":
                    await service.begin_again(session, ws, page)
            await hold(edge, ws, "users.list", fault, now)
            return
        following = _map(answer.get("response_metadata")).get("next_cursor")
        async with edge.sessions.begin() as session:
            await service.save(session, ws, await _here(session, ws, _users(answer.get("members"))), now)
            if await service.page_read(session, ws, page, following=following or None, now=now):
                await self._saved(session, ws, now)

    async def _look_up(self, edge: Edge, ws: str, now: datetime) -> None:
        async with edge.sessions.begin() as session:
            wanted = await service.to_look_up(session, ws, now, limit=LOOK_UPS, gap=INFO_GAP)
        found: list[Mapping[str, Any]] = []
        unknown: list[str] = []
        for user in wanted:
            try:
                answer = await edge.gateway.call(ws, "users.info", user=user, include_locale=True)
            except SlackFault as fault:
                if fault.fault not in {Fault.PERSON, Fault.CONTENT}:
                    await hold(edge, ws, "users.info", fault, now)
                    break
                unknown.append(user)
            else:
                found += _users([answer.get("user")])
        if found or unknown:
            async with edge.sessions.begin() as session:
                await service.not_found(session, ws, unknown, now)
                await service.save(session, ws, found, now)
                await self._saved(session, ws, now)

    async def _saved(self, session: AsyncSession, ws: str, now: datetime) -> None:
        await service.bootstrap_admins(session, ws, self.admins, now)
        for matched in self.on_people_saved:
            await matched(session, ws)


async def hold(edge: Edge, ws: str, api: str, fault: SlackFault, now: datetime) -> None:
    """Nobody calls the method for this workspace again before that; the operator sees it with the other waits."""
    if fault.fault is Fault.LIMITED:
        wait = timedelta(seconds=fault.retry_after or 1.0)
    else:
        wait = WAITS.get(fault.fault, LONG_WAIT if fault.code != "invalid_cursor" else LIST_GAP)
    log.warning("%s did not work in %s (%s): again in %d s", api, ws, fault.code, wait.total_seconds())
    async with edge.sessions.begin() as session:
        await pace.limited(session, ws, api, until=now + wait)


def _users(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


async def _here(session: AsyncSession, ws: str, users: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Slack lists those who left for ever: who is not known (any more) is nobody's business."""
    gone = {str(user.get("id")) for user in users if user.get("deleted")}
    unknown = gone - (await service.people(session, ws, gone)).keys()
    return [user for user in users if str(user.get("id")) not in unknown]
