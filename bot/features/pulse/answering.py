"""The button in the channel and the three questions, from Slack."""

from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.members import asking, showing
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.pulse import blocks, rules, service
from bot.features.pulse.desk import Desk
from bot.features.pulse.rules import QUESTIONS, Outcome
from bot.slack.kit import View
from bot.slack.payloads import Press, Submission, Who, press, submission
from bot.slack.words import Words, words_of


@dataclass(frozen=True, kw_only=True)
class Answering:
    """Nothing of a press or a submission is stored: no view, no time, no natural key. That somebody answers once is
    seen by their mark, so a repeat does no harm either."""

    desk: Desk

    async def on_open(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        view, words = await self.desk.edge.sessions.run(lambda session: self._view(session, pressed))
        await showing.show(self.desk.edge, body, pressed, view, words)
        await ack()

    async def _view(self, session: AsyncSession, pressed: Press) -> tuple[View, Words]:
        words = await _words(session, pressed.who)
        if pressed.who.outsider:
            await asking.refused(self.desk.edge, session, pressed.who, Action.ANSWER_PULSE)
            return blocks.refused(words, members_blocks.not_for_you(words)), words
        door = await service.door(
            session,
            pressed.who.workspace_id,
            pressed.value,
            pressed.who.user_id,
            secret=self.desk.secret,
            now=await db_now(session),
        )
        if door.outcome is None and door.round is not None:
            return blocks.questions(words, door.round.id), words
        if door.outcome is Outcome.NOT_THERE:
            await asking.refused(self.desk.edge, session, pressed.who, Action.ANSWER_PULSE)
        shown = {Outcome.ALREADY: blocks.already, Outcome.NOT_THERE: blocks.not_there}
        return shown.get(door.outcome or Outcome.CLOSED, blocks.over)(words), words

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        outcome, words = await self.desk.edge.sessions.run(lambda session: self._answer(session, given))
        if outcome is Outcome.NOTHING:
            await ack(response_action="errors", errors={QUESTIONS[0]: blocks.nothing_chosen(words)})
            return
        shown = {Outcome.CLOSED: blocks.over, Outcome.NOT_THERE: blocks.not_there}
        await ack(response_action="update", view=shown.get(outcome, blocks.thanks)(words).payload())

    async def _answer(self, session: AsyncSession, given: Submission) -> tuple[Outcome, Words]:
        words = await _words(session, given.who)
        if given.who.outsider:
            await asking.refused(self.desk.edge, session, given.who, Action.ANSWER_PULSE)
            return Outcome.NOT_THERE, words
        chosen = {question: next(iter(given.picked(question)), "") for question in QUESTIONS}
        outcome = await service.answer(
            session,
            given.who.workspace_id,
            given.private,
            given.who.user_id,
            rules.read_answers(chosen),
            secret=self.desk.secret,
            now=await db_now(session),
        )
        if outcome is Outcome.NOT_THERE:
            await asking.refused(self.desk.edge, session, given.who, Action.ANSWER_PULSE)
        return outcome, words


async def _words(session: AsyncSession, who: Who) -> Words:
    person = await members.get(session, who.workspace_id, who.user_id)
    return words_of(person)
