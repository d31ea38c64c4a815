"""Drawing which channel starts when, from Slack."""

from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import seen
from bot.features.channels import service as channels
from bot.features.members import showing
from bot.features.members.asking import Asker
from bot.features.members.service import Action
from bot.features.pulse import blocks, staggering
from bot.features.pulse.desk import Desk
from bot.features.pulse.rules import FEWEST_DRAWN, MOST_WEEKS
from bot.slack.kit import View
from bot.slack.payloads import Submission, press, submission
from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class Drawing:
    desk: Desk

    async def on_stagger(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[View, Words]:
            asker = await self.desk.asker(session, pressed.who, Action.SET_UP_CHANNEL)
            if asker.refusal:
                return blocks.refused(asker.words, asker.refusal), asker.words
            waiting = await staggering.waiting(session, pressed.who.workspace_id)
            return blocks.stagger(asker.words, [(one.channel_id, one.name) for one in waiting]), asker.words

        view, words = await self.desk.edge.sessions.run(work)
        await showing.show(self.desk.edge, body, pressed, view, words)
        await ack()

    async def on_draw(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Field errors keep everything that was chosen."""
        given = submission(body)
        view, errors = await self.desk.edge.sessions.run(lambda session: self._draw(session, given))
        if view is None:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=view.payload())

    async def _draw(self, session: AsyncSession, given: Submission) -> tuple[View | None, dict[str, str]]:
        ws, now = given.who.workspace_id, self.desk.edge.clock.now()
        asker = await self.desk.asker(session, given.who, Action.SET_UP_CHANNEL)
        if asker.refusal:
            return blocks.refused(asker.words, asker.refusal), {}
        done = await seen.outcome_of(session, workspace_id=ws, key=given.key)
        if done is not None:
            return await self._drawn(session, ws, done, asker.words), {}
        errors = await self._check(session, given, asker)
        if errors:
            return None, errors
        await seen.first_time(session, workspace_id=ws, key=given.key, now=now)
        draw = await staggering.draw(
            session,
            ws,
            given.picked(blocks.CHANNELS_BLOCK),
            weeks=int(given.picked(blocks.WEEKS_BLOCK)[0]),
            lead=self.desk.defaults.lead,
            seed=self.desk.edge.new_id(),
            by=given.who.user_id,
            new_id=self.desk.edge.new_id,
            now=now,
        )
        await seen.remember_outcome(session, workspace_id=ws, key=given.key, outcome=draw.id)
        return blocks.drawn(asker.words, draw.id, draw.drawn), {}

    async def _check(self, session: AsyncSession, given: Submission, asker: Asker) -> dict[str, str]:
        words, chosen = asker.words, set(given.picked(blocks.CHANNELS_BLOCK))
        errors = {}
        if len(chosen) < FEWEST_DRAWN:
            errors[blocks.CHANNELS_BLOCK] = blocks.too_few_channels(words)
        waiting = {one.channel_id for one in await staggering.waiting(session, given.who.workspace_id)}
        if chosen - waiting:
            known = await channels.some(session, given.who.workspace_id, chosen - waiting)
            errors[blocks.CHANNELS_BLOCK] = blocks.begun_meanwhile(words, [one.name for one in known])
        weeks = next(iter(given.picked(blocks.WEEKS_BLOCK)), "")
        if weeks not in {str(number) for number in range(1, MOST_WEEKS + 1)}:
            errors[blocks.WEEKS_BLOCK] = blocks.no_weeks(words)
        return errors

    async def _drawn(self, session: AsyncSession, ws: str, draw_id: str, words: Words) -> View:
        draw = await staggering.find(session, ws, draw_id)
        return blocks.drawn(words, draw_id, draw.drawn if draw else {})
