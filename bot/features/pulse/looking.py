"""What editors, owners and admins press: the results, asking at once, switching off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import seen
from bot.features.channels import service as channels
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.members.service import Action
from bot.features.pulse import blocks, results, service
from bot.features.pulse.desk import Desk
from bot.slack.kit import View
from bot.slack.payloads import Press, press
from bot.slack.words import Words

Work = Callable[[AsyncSession, Press], Awaitable[tuple[View, Words]]]


@dataclass(frozen=True, kw_only=True)
class Looking:
    desk: Desk

    async def on_results(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._show(ack, body, self._results)

    async def on_ask_now(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Slack's confirm dialog was the first of the two presses."""
        await self._show(ack, body, self._ask_now)

    async def on_switch(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._show(ack, body, self._switch)

    async def _show(self, ack: AsyncAck, body: dict[str, Any], work: Work) -> None:
        pressed = press(body)
        view, words = await self.desk.edge.sessions.run(lambda session: work(session, pressed))
        await showing.show(self.desk.edge, body, pressed, view, words)
        await ack()

    async def _results(self, session: AsyncSession, pressed: Press) -> tuple[View, Words]:
        ws = pressed.who.workspace_id
        channel = await channels.get(session, ws, pressed.value)
        asker = await self.desk.asker(session, pressed.who, Action.SEE_PULSE, channel=channel)
        words = asker.words
        if asker.refusal:
            return blocks.refused(words, asker.refusal), words
        known = {one.channel_id for one in await results.known_to(session, asker.person)}
        if channel is None or channel.channel_id not in known:
            return blocks.told(words, blocks.asked_now(words, "removed")), words
        (found,) = await results.of(session, ws, [channel], others=results.others_for(asker.person))
        return blocks.results(words, found, may_ask=members.able(asker.person, Action.SET_UP_CHANNEL)), words

    async def _ask_now(self, session: AsyncSession, pressed: Press) -> tuple[View, Words]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.desk.edge.clock.now()
        channel = await channels.get(session, ws, pressed.value)
        asker = await self.desk.asker(session, pressed.who, Action.SET_UP_CHANNEL, channel=channel)
        words = asker.words
        if asker.refusal:
            return blocks.refused(words, asker.refusal), words
        why: str | None = "removed"
        if channel is not None and await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            why = await service.ask_now(
                session,
                channel,
                by=user,
                key=self.desk.new_key(),
                defaults=self.desk.defaults,
                new_id=self.desk.edge.new_id,
                now=now,
            )
            await seen.remember_outcome(session, workspace_id=ws, key=pressed.key, outcome=why or "")
        elif channel is not None:
            why = await seen.outcome_of(session, workspace_id=ws, key=pressed.key) or None
        return blocks.told(words, blocks.asked_now(words, why)), words

    async def _switch(self, session: AsyncSession, pressed: Press) -> tuple[View, Words]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.desk.edge.clock.now()
        asker = await self.desk.asker(session, pressed.who, Action.CHANGE_SETTINGS)
        words, off = asker.words, pressed.value == blocks.OFF
        if asker.refusal:
            return blocks.refused(words, asker.refusal), words
        # A repeat of an old press must not undo what was decided since.
        if await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            await service.set_off(session, ws, off, by=user, new_id=self.desk.edge.new_id, now=now)
        return blocks.told(words, blocks.switched(words, off=off)), words
