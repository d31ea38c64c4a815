"""From Slack: Home was opened, a team was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.edge import Edge
from bot.features.home import blocks, service
from bot.features.home.seams import TeamsOf
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.listening import readable
from bot.slack.payloads import Press, UnreadableError, press, search

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(app: AsyncApp, edge: Edge, *, teams: TeamsOf) -> None:
    home = Home(edge=edge, teams=teams)
    app.event("app_home_opened")(home.on_opened)
    app.action(blocks.CHOOSE_TEAM)(readable(home.on_team))
    app.action(blocks.NOT_NOW)(readable(home.on_not_now))
    app.options(blocks.CHOOSE_TEAM)(home.on_options)


@dataclass(frozen=True, kw_only=True)
class Home:
    edge: Edge
    teams: TeamsOf

    async def on_opened(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The Messages tab sends this event too. The event's id and its effect are one transaction."""
        event = body.get("event")
        event = event if isinstance(event, Mapping) else {}
        ws, event_id, user = body.get("team_id"), body.get("event_id"), event.get("user")
        if event.get("tab") == "home" and isinstance(ws, str) and isinstance(event_id, str) and isinstance(user, str):
            await self.edge.sessions.run(lambda session: self._opened(session, ws, event_id, user))
        await ack()

    async def _opened(self, session: AsyncSession, ws: str, event_id: str, user: str) -> None:
        now = self.edge.clock.now()
        if await seen.first_time(session, workspace_id=ws, key=f"event:{event_id}", now=now):
            await service.opened(session, now=now, ws=ws, user=user)

    async def on_team(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, chosen=True)

    async def on_not_now(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._pressed(ack, body, chosen=False)

    async def _pressed(self, ack: AsyncAck, body: dict[str, Any], *, chosen: bool) -> None:
        pressed = press(body)
        await self.edge.sessions.run(lambda session: self._store(session, pressed, chosen=chosen))
        await ack()

    async def _store(self, session: AsyncSession, pressed: Press, *, chosen: bool) -> None:
        """A team that does not exist any more leaves things as they are; Home then shows the teams there are."""
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        if not await asking.may(self.edge, session, pressed.who, Action.CHOOSE_TEAM):
            return
        if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            return
        if chosen and pressed.chosen:
            await members.set_team(session, ws, user, pressed.chosen[0], now)
        elif not chosen:
            await members.team_asked(session, ws, user, now)
        await service.owe(session, now=now, ws=ws, user=user)

    async def on_options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        ws = typed.who.workspace_id
        async with self.edge.sessions.begin() as session:
            allowed = not typed.who.outsider and await members.may(session, ws, typed.who.user_id, Action.CHOOSE_TEAM)
            teams = await self.teams(session, ws) if allowed else []
        await ack(options=blocks.team_options(teams, typed.query))
