"""From Slack: an answer, *How did I do?*, *Name me in standings*, and the switch of all scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.edge import Edge
from bot.features.home import service as home
from bot.features.members import asking, wish_blocks
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.quizzes import answers, blocks, rules, service, sight
from bot.features.quizzes.ballots import Ballots, Outcome
from bot.features.quizzes.rules import Click, Limits, Past, Told
from bot.slack.kit import Message
from bot.slack.listening import Listener, readable
from bot.slack.payloads import Press, UnreadableError, press
from bot.slack.words import words_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.features.members.seams import Unnamed
    from bot.features.members.service import Person


def register(
    app: AsyncApp, edge: Edge, *, ballots: Ballots, limits: Limits, on_unnamed: Sequence[Unnamed] = ()
) -> Mapping[str, Listener]:
    """Gives the listeners that Bolt is passed by for: answers are what comes in thousands. `on_unnamed`: of features
    that name people elsewhere."""
    quizzes = Quizzes(edge=edge, ballots=ballots, limits=limits, on_unnamed=on_unnamed)
    direct = {blocks.ANSWER: readable(quizzes.on_answer)}
    app.action(blocks.ANSWER)(direct[blocks.ANSWER])
    app.action(blocks.MINE)(readable(quizzes.on_mine))
    app.action(blocks.NAME_ME)(readable(quizzes.on_name_me))
    app.action(answers.SCORES)(readable(quizzes.on_scores))
    app.action(answers.WITHDRAW)(readable(quizzes.on_withdraw))
    return direct


def click_of(pressed: Press) -> Click:
    acted_at = rules.micros(pressed.acted_at)
    if acted_at is None or not pressed.value or not pressed.value.isascii() or not pressed.value.isprintable():
        raise UnreadableError("no answer")
    return Click(
        workspace_id=pressed.who.workspace_id,
        user_id=pressed.who.user_id,
        outsider=pressed.who.outsider,
        channel_id=pressed.channel,
        message_ts=pressed.message_ts,
        value=pressed.value,
        acted_at=acted_at,
    )


@dataclass(frozen=True, kw_only=True)
class Quizzes:
    edge: Edge
    ballots: Ballots
    limits: Limits
    on_unnamed: Sequence[Unnamed] = ()

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Acknowledged after the commit that holds it. A failure is not caught: 503, and Slack shows its warning."""
        pressed = press(body)
        outcome = await self.ballots.cast(click_of(pressed))
        await ack()
        self.edge.receipts.send(pressed.response_url, receipt(outcome, pressed.value, now=self.edge.clock.now()))

    async def on_mine(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, ws, user, now=now)
            said = await self._mine(session, pressed, person, now)
        await ack()
        self.edge.receipts.send(pressed.response_url, said)

    async def _mine(self, session: AsyncSession, pressed: Press, person: Person, now: datetime) -> Message:
        words = words_of(person)
        if not await asking.may(self.edge, session, pressed.who, Action.SEE_OWN_RECORD, own=True):
            return answers.refused(words, Told.OUTSIDER)
        if not await service.scores_on(session, pressed.who.workspace_id, self.limits):
            return answers.private(answers.scores_are_off(words))
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        mine = await service.mine(session, ws, user, pressed.value, zone=person.zone, now=now)
        if mine is None or (person.is_guest and await sight.must_not_name(session, mine.post, mine.quiz)):
            return answers.refused(words, Told.UNKNOWN)
        past = None
        if mine.option is not None:
            past = Past(content=mine.quiz.content, option=mine.option, closed_at=mine.quiz.closes_at)
        return answers.how_i_did(
            words,
            past,
            mine.record,
            locale=mine.post.locale,
            source=mine.quiz.content.source,
            more=await sight.read_more(session, words, mine.post, mine.quiz),
        )

    async def on_name_me(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._once(ack, press(body), self._name)

    async def _name(self, session: AsyncSession, pressed: Press, now: datetime) -> str:
        ws, user, named = pressed.who.workspace_id, pressed.who.user_id, pressed.value == "yes"
        person = await members.get(session, ws, user, now=now)
        words = words_of(person)
        if not await asking.may(self.edge, session, pressed.who, Action.BE_NAMED):
            return answers.why_not(words, Told.NOT_A_PERSON)
        if not await service.scores_on(session, ws, self.limits):
            return answers.scores_are_off(words)
        if not await service.set_named(session, ws, user, named, now=now):
            return wish_blocks.not_known_yet(words).text
        for unnamed in () if named else self.on_unnamed:
            await unnamed(session, ws, user, now=now)
        await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
        return answers.named(words, named)

    async def on_scores(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._once(ack, press(body), self._scores)

    async def _scores(self, session: AsyncSession, pressed: Press, now: datetime) -> str:
        ws, user, scores = pressed.who.workspace_id, pressed.who.user_id, pressed.value == "on"
        words = words_of(await members.get(session, ws, user, now=now))
        if pressed.who.outsider:
            await asking.refused(self.edge, session, pressed.who, Action.CHANGE_SETTINGS)
            return answers.may_not_set(words)
        if not await service.set_scores(session, ws, scores, by=user, now=now, new_id=self.edge.new_id):
            return answers.may_not_set(words)
        await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
        return answers.scores_set(words, scores)

    async def on_withdraw(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._once(ack, press(body), self._withdraw)

    async def _withdraw(self, session: AsyncSession, pressed: Press, now: datetime) -> str:
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        words = words_of(await members.get(session, ws, user, now=now))
        if pressed.who.outsider:
            await asking.refused(self.edge, session, pressed.who, Action.RECALL)
            return answers.may_not_withdraw(words)
        places = await service.withdraw(session, ws, pressed.value, by=user, now=now, new_id=self.edge.new_id)
        await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
        return answers.may_not_withdraw(words) if places is None else answers.withdrawn(words, places)

    async def _once(
        self, ack: AsyncAck, pressed: Press, work: Callable[[AsyncSession, Press, datetime], Awaitable[str]]
    ) -> None:
        """A repeat of the press is told what the first was."""
        ws, now = pressed.who.workspace_id, self.edge.clock.now()

        async def inside(session: AsyncSession) -> str:
            if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
                return await seen.outcome_of(session, workspace_id=ws, key=pressed.key) or ""
            said = await work(session, pressed, now)
            await seen.remember_outcome(session, workspace_id=ws, key=pressed.key, outcome=said)
            return said

        said = await self.edge.sessions.run(inside)
        await ack()
        self._answer(pressed, said)

    def _answer(self, pressed: Press, said: str) -> None:
        """Beneath the message; Home, where nothing can be said beneath, shows the change itself."""
        if pressed.response_url:
            self.edge.receipts.send(pressed.response_url, answers.private(said))


def receipt(outcome: Outcome, value: str, *, now: datetime) -> Message:
    """What the person is told, in their language; options are named as the message names them."""
    words = words_of(outcome.person)
    if value.startswith(f"{rules.ONLY_A_TEST}:"):
        return answers.private(answers.only_a_test(words))
    if outcome.told is not Told.COUNTED or outcome.quiz is None or outcome.post is None or outcome.option is None:
        return answers.refused(words, outcome.told, outcome.quiz)
    chosen = outcome.quiz.content.wording(outcome.post.locale).options[outcome.option]
    return answers.receipt(words, chosen if outcome.named else None, outcome.post.closes_at, now)
