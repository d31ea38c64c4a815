"""From Slack: the two slash commands, people who join, the end of an installation; `roles` has the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.edge import Edge
from bot.features.members import asking, blocks, service, showing
from bot.features.members.commands import meant
from bot.features.members.roles import RolesCommand
from bot.features.members.rules import is_user_id, moment
from bot.features.members.seams import (
    Command,
    NamesOfCustomers,
    OwnersOfChannels,
    PeopleSaved,
    RefreshHome,
    Reply,
    ThingsOf,
    Unnamed,
)
from bot.features.members.service import ADMIN, Action, Person
from bot.features.members.trailing import Trailing
from bot.features.members.wishing import QuietCommand, Wishing
from bot.slack.payloads import SlashCommand, UnreadableError, slash_command
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

COMMANDS = ("/customer", "/customer-admin")


def register(
    app: AsyncApp,
    edge: Edge,
    *,
    commands: Sequence[Command],
    on_people_saved: Sequence[PeopleSaved] = (),
    refresh_home: RefreshHome | None = None,
    owners: OwnersOfChannels | None = None,
    on_unnamed: Sequence[Unnamed] = (),
    customer_names: NamesOfCustomers | None = None,
    things_of: ThingsOf | None = None,
) -> None:
    """`commands` of every feature; those for roles and quiet times are added here."""
    roles = RolesCommand(edge=edge, refresh_home=refresh_home, owners=owners)
    wishing = Wishing(edge=edge, refresh_home=refresh_home, on_unnamed=on_unnamed)
    quiet = QuietCommand(wishing=wishing)
    slash = Slash(edge=edge, commands=[*commands, quiet, roles, replace(roles, word="people", alias=True)])
    joins = Joins(edge=edge, on_people_saved=on_people_saved)
    for name in COMMANDS:
        app.command(name)(slash.on_command)
    wishing.register(app)
    Trailing(edge=edge, names=customer_names, theirs=things_of).register(app)
    app.view(blocks.ROLES)(roles.on_submit)
    app.action(blocks.CHANGE_ROLES)(roles.on_change)
    app.event("team_join")(joins.on_team_join)
    endings = Endings(edge=edge)
    app.event("app_uninstalled")(endings.on_uninstalled)
    app.event("tokens_revoked")(endings.on_revoked)


@dataclass(frozen=True, kw_only=True)
class Slash:
    edge: Edge
    commands: Sequence[Command]

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            invoked = slash_command(body)
        except UnreadableError:
            await ack(text=blocks.not_understood(Words()).text)
            return
        person, admins = await self.edge.sessions.run(lambda session: self._known(session, invoked))
        words = words_of(person)
        reply = await self._reply(invoked, person, admins, words)
        if reply.view is not None:
            await showing.show(self.edge, body, invoked, reply.view, words)
        await ack()
        if reply.message is not None:
            self.edge.receipts.send(invoked.response_url, reply.message)

    async def _known(self, session: AsyncSession, invoked: SlashCommand) -> tuple[Person, Sequence[Person]]:
        person = await service.get(session, invoked.who.workspace_id, invoked.who.user_id)
        return person, await service.with_role(session, person.workspace_id, ADMIN)

    async def _may_use(self, session: AsyncSession, invoked: SlashCommand) -> bool:
        return await asking.may(self.edge, session, invoked.who, Action.OPEN_HOME)

    async def _reply(self, invoked: SlashCommand, person: Person, admins: Sequence[Person], words: Words) -> Reply:
        if not await self.edge.sessions.run(lambda session: self._may_use(session, invoked)):
            return Reply(message=blocks.not_for_you(words))
        ours = [command for command in self.commands if command.command == invoked.command]
        found = meant(invoked.text, ours)
        if found.command is not None:
            return await found.command.run(invoked, found.rest, words)
        if invoked.command == "/customer-admin" and not service.able(person, Action.SEE_NEXT_POSTS):
            return Reply(message=blocks.not_admin(words, admins))
        lines = [line for command in ours if command.word and (line := command.help(words))]
        return Reply(message=blocks.help_message(words, invoked.command, lines, unknown=found.word, close=found.close))


@dataclass(frozen=True, kw_only=True)
class Joins:
    edge: Edge
    on_people_saved: Sequence[PeopleSaved]

    async def on_team_join(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The event's id and its effect are one transaction: a failure answers 500, and Slack sends it again."""
        workspace, event_id = body.get("team_id"), body.get("event_id")
        event = body.get("event")
        user = event.get("user") if isinstance(event, Mapping) else None
        if isinstance(workspace, str) and isinstance(event_id, str) and isinstance(user, Mapping):
            await self.edge.sessions.run(lambda session: self._save(session, workspace, event_id, user))
        await ack()

    async def _save(self, session: AsyncSession, workspace: str, event_id: str, user: Mapping[str, Any]) -> None:
        now = self.edge.clock.now()
        if not await seen.first_time(session, workspace_id=workspace, key=f"event:{event_id}", now=now):
            return
        if await service.save(session, workspace, [user], now):
            for matched in self.on_people_saved:
                await matched(session, workspace)


@dataclass(frozen=True, kw_only=True)
class Endings:
    """The app was removed or its token taken back. Both events come, in any order."""

    edge: Edge

    async def on_uninstalled(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._end(body, None)
        await ack()

    async def on_revoked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Lists ids of users, not tokens (https://docs.slack.dev/reference/events/tokens_revoked)."""
        event = body.get("event")
        tokens = event.get("tokens") if isinstance(event, Mapping) else None
        bots = tokens.get("bot") if isinstance(tokens, Mapping) else None
        await self._end(
            body, [one for one in bots if isinstance(one, str) and is_user_id(one)] if isinstance(bots, list) else []
        )
        await ack()

    async def _end(self, body: Mapping[str, Any], revoked: Sequence[str] | None) -> None:
        workspace, event_id = body.get("team_id"), body.get("event_id")
        if not (isinstance(workspace, str) and isinstance(event_id, str)):
            return
        now, at = self.edge.clock.now(), moment(body.get("event_time"))

        async def work(session: AsyncSession) -> None:
            if await seen.first_time(session, workspace_id=workspace, key=f"event:{event_id}", now=now):
                await service.installation_ended(session, workspace, revoked=revoked, at=at)

        await self.edge.sessions.run(work)
