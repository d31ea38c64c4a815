"""From Slack: the two slash commands, people who join, and the modal that says who looks after Canteen."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.edge import Edge
from bot.features.members import blocks, service
from bot.features.members.commands import meant
from bot.features.members.seams import Command, PeopleSaved, Reply
from bot.features.members.service import ADMIN, EDITOR, Action, Person
from bot.slack.errors import SlackFault
from bot.slack.payloads import SlashCommand, Submission, UnreadableError, slash_command, submission
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

log = logging.getLogger(__name__)
COMMANDS = ("/customer", "/customer-admin")


def register(
    app: AsyncApp, edge: Edge, *, commands: Sequence[Command], on_people_saved: Sequence[PeopleSaved] = ()
) -> None:
    """`commands` of every feature; the one for roles is added here."""
    slash = Slash(edge=edge, commands=[*commands, RolesCommand(edge=edge)])
    joins = Joins(edge=edge, on_people_saved=on_people_saved)
    for name in COMMANDS:
        app.command(name)(slash.on_command)
    app.view(blocks.ROLES)(RolesCommand(edge=edge).on_submit)
    app.event("team_join")(joins.on_team_join)


def words_for(person: Person) -> Words:
    return Words(locale=person.locale, zone=person.zone)


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
        async with self.edge.sessions.begin() as session:
            person = await service.get(session, invoked.who.workspace_id, invoked.who.user_id)
            admins = await service.with_role(session, person.workspace_id, ADMIN)
        words = words_for(person)
        reply = await self._reply(invoked, person, admins, words)
        if reply.view is not None:
            reply = await self._open(invoked, reply, words)
        await ack()
        if reply.message is not None:
            self.edge.receipts.send(invoked.response_url, reply.message)

    async def _reply(self, invoked: SlashCommand, person: Person, admins: Sequence[Person], words: Words) -> Reply:
        if not person.is_person or invoked.who.outsider:
            return Reply(message=blocks.not_for_you(words))
        ours = [command for command in self.commands if command.command == invoked.command]
        found = meant(invoked.text, ours)
        if found.command is not None:
            return await found.command.run(invoked, found.rest, words)
        if invoked.command == "/customer-admin" and not person.roles:
            return Reply(message=blocks.not_admin(words, admins))
        lines = [command.help(words) for command in ours if command.word]
        return Reply(message=blocks.help_message(words, invoked.command, lines, unknown=found.word, close=found.close))

    async def _open(self, invoked: SlashCommand, reply: Reply, words: Words) -> Reply:
        """A trigger lives 3 s and works once: a repeat of the command finds the window already open."""
        assert reply.view is not None  # noqa: S101 - for the type checker
        try:
            await self.edge.gateway.open_view(invoked.who.workspace_id, invoked.trigger_id, reply.view)
        except SlackFault as fault:
            if fault.code == "exchanged_trigger_id":
                return Reply(message=reply.message)
            log.warning("a window was not opened: %s", fault.code)
            return Reply(message=blocks.too_slow(words))
        return reply


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
            now = self.edge.clock.now()
            async with self.edge.sessions.begin() as session:
                if await seen.first_time(session, workspace_id=workspace, key=f"event:{event_id}", now=now):
                    await self._save(session, workspace, user)
        await ack()

    async def _save(self, session: AsyncSession, workspace: str, user: Mapping[str, Any]) -> None:
        if await service.save(session, workspace, [user], self.edge.clock.now()):
            for matched in self.on_people_saved:
                await matched(session, workspace)


@dataclass(frozen=True, kw_only=True)
class RolesCommand:
    """`/customer-admin people`: who are the admins and editors."""

    edge: Edge
    command: str = "/customer-admin"
    word: str = "people"

    def help(self, words: Words) -> str:
        return words.say("`people`: choose the admins and editors")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        ws, user = invoked.who.workspace_id, invoked.who.user_id
        async with self.edge.sessions.begin() as session:
            admins = await service.with_role(session, ws, ADMIN)
            if not await self._may(session, ws, user):
                return Reply(message=blocks.not_admin(words, admins))
            editors = await service.with_role(session, ws, EDITOR)
        view = blocks.roles_view(
            words,
            admins=[person.user_id for person in admins],
            editors=[person.user_id for person in editors],
        )
        return Reply(view=view)

    async def on_submit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            given = submission(body)
        except UnreadableError:
            await ack()
            return
        async with self.edge.sessions.begin() as session:
            errors = await self._store(session, given)
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack()

    async def _store(self, session: AsyncSession, given: Submission) -> dict[str, str]:
        """What to show below which field. Refused input is not remembered: it may be mended in the same window."""
        ws, user, now = given.who.workspace_id, given.who.user_id, self.edge.clock.now()
        words = words_for(await service.get(session, ws, user))
        if given.who.outsider or not await self._may(session, ws, user):
            return {blocks.ADMINS: blocks.not_admin(words, await service.with_role(session, ws, ADMIN)).text}
        if await seen.outcome_of(session, workspace_id=ws, key=given.key) is not None:
            return {}
        wanted = {ADMIN: given.picked(blocks.ADMINS), EDITOR: given.picked(blocks.EDITORS)}
        wrong = await service.set_roles(session, ws, wanted, by=user, now=now, new_id=self.edge.new_id)
        if not wrong and await seen.first_time(session, workspace_id=ws, key=given.key, now=now):
            await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome="done")
        fields = {ADMIN: blocks.ADMINS, EDITOR: blocks.EDITORS}
        return {fields[role]: blocks.roles_error(words, change) for role, change in wrong.items()}

    async def _may(self, session: AsyncSession, ws: str, user: str) -> bool:
        """What is refused stays in the audit trail."""
        if await service.may(session, ws, user, Action.GIVE_ROLES):
            return True
        now = self.edge.clock.now()
        await service.refused(session, ws, user, Action.GIVE_ROLES, now=now, new_id=self.edge.new_id)
        return False
