"""From Slack: who are the admins and editors, by `/customer-admin roles` or a button on Home."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.db import seen
from bot.features.edge import Edge
from bot.features.members import asking, blocks, service, showing
from bot.features.members.seams import OwnersOfChannels, RefreshHome, Reply
from bot.features.members.service import ADMIN, EDITOR, Action
from bot.slack.kit import View
from bot.slack.payloads import SlashCommand, Submission, UnreadableError, Who, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

FIELDS = {ADMIN: blocks.ADMINS, EDITOR: blocks.EDITORS}


@dataclass(frozen=True, kw_only=True)
class RolesCommand:
    edge: Edge
    refresh_home: RefreshHome | None = None
    owners: OwnersOfChannels | None = None
    command: str = "/customer-admin"
    word: str = "roles"
    alias: bool = False  # understood, and not in the help

    def help(self, words: Words) -> str:
        return "" if self.alias else words.say("`roles`: choose the admins and editors")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        return await self.edge.sessions.run(lambda session: self._reply(session, invoked.who, words))

    async def _reply(self, session: AsyncSession, who: Who, words: Words) -> Reply:
        view = await self._view(session, who, words)
        if view is not None:
            return Reply(view=view)
        return Reply(message=blocks.not_admin(words, await service.with_role(session, who.workspace_id, ADMIN)))

    async def on_change(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Only admins are shown the button: whoever else presses it gets nothing."""
        try:
            pressed = press(body)
        except UnreadableError:
            await ack()
            return
        async with self.edge.sessions.begin() as session:
            person = await service.get(session, pressed.who.workspace_id, pressed.who.user_id)
            words = words_of(person)
            view = await self._view(session, pressed.who, words)
        if view is not None:
            await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def _view(self, session: AsyncSession, who: Who, words: Words) -> View | None:
        if not await self._may(session, who):
            return None
        admins = await service.with_role(session, who.workspace_id, ADMIN)
        editors = await service.with_role(session, who.workspace_id, EDITOR)
        owners = await self.owners(session, who.workspace_id) if self.owners is not None else ()
        return blocks.roles_view(
            words,
            owners=owners,
            admins=[person.user_id for person in admins],
            editors=[person.user_id for person in editors],
        )

    async def on_submit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            given = submission(body)
        except UnreadableError:
            await ack()
            return
        errors = await self.edge.sessions.run(lambda session: self._store(session, given))
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack()

    async def _store(self, session: AsyncSession, given: Submission) -> dict[str, str]:
        """What to show below which field. Refused input is not remembered: it may be mended in the same window."""
        ws, user, now = given.who.workspace_id, given.who.user_id, self.edge.clock.now()
        person = await service.get(session, ws, user)
        words = words_of(person)
        if not await self._may(session, given.who):
            return {blocks.ADMINS: blocks.not_admin(words, await service.with_role(session, ws, ADMIN)).text}
        if await seen.outcome_of(session, workspace_id=ws, key=given.key) is not None:
            return {}
        wanted = {role: given.picked(field) for role, field in FIELDS.items()}
        wrong = await service.set_roles(session, ws, wanted, by=user, now=now, new_id=self.edge.new_id)
        if not wrong:
            await self._done(session, given, {user, *wanted[ADMIN], *wanted[EDITOR]})
        return {FIELDS[role]: blocks.roles_error(words, change) for role, change in wrong.items()}

    async def _done(self, session: AsyncSession, given: Submission, concerned: set[str]) -> None:
        ws, now = given.who.workspace_id, self.edge.clock.now()
        await seen.first_time(session, workspace_id=ws, key=given.key, now=now)
        await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome="done")
        if self.refresh_home is not None:
            await self.refresh_home(session, now=now, ws=ws, users=concerned)

    async def _may(self, session: AsyncSession, who: Who) -> bool:
        return await asking.may(self.edge, session, who, Action.GIVE_ROLES)
