"""From Slack: days for a first visit are proposed, agreed on, changed, or declined kindly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.strings import why_unusable
from bot.db import seen
from bot.features.adoptions import blocks, service, store, visit_blocks, visits, windows
from bot.features.adoptions.desk import Desk, at_field, close_with, name_of
from bot.features.adoptions.rules import LONGEST_TEXT, MOST_DATES, DateProblem
from bot.features.adoptions.visits import Said, VisitOutcome
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.listening import readable
from bot.slack.payloads import Press, Submission, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

AGREED, DONE = "agreed:", "done"


def register(app: AsyncApp, desk: Desk) -> None:
    visiting = Visiting(desk=desk)
    app.action(blocks.VISIT)(readable(visiting.on_propose))
    app.action(visit_blocks.OTHER)(readable(visiting.on_other))
    app.action(visit_blocks.DECLINE)(readable(visiting.on_decline))
    for number in range(MOST_DATES):
        app.action(f"{visit_blocks.ACCEPT}_{number}")(readable(visiting.on_agree))
    app.view(windows.PROPOSED)(readable(visiting.on_proposed))
    app.view(windows.DECLINED)(readable(visiting.on_declined))


def _turn(value: str) -> tuple[str, int, int]:
    """A visit's id, the turn, and which of the days, out of `id:turn[:number]`."""
    visit_id, _, rest = value.partition(":")
    turn, _, number = rest.partition(":")
    return visit_id, int(turn) if turn.isdecimal() else 0, int(number) if number.isdecimal() else -1


@dataclass(frozen=True, kw_only=True)
class Visiting:
    desk: Desk

    async def on_propose(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The adopter, from the introduction or Home."""
        pressed = press(body)
        ws, now = pressed.who.workspace_id, self.desk.edge.clock.now()
        async with self.desk.edge.sessions.begin() as session:
            words = words_of(await members.get(session, ws, pressed.who.user_id))
            user, new_id = pressed.who.user_id, self.desk.edge.new_id
            adoption = await service.theirs(session, ws, user, pressed.value, Action.VISIT, now=now, new_id=new_id)
            today = await visits.today_of(session, ws, user, now)
            outcome = VisitOutcome.NOT_FOUND
            if adoption is not None:
                free = visits.can_propose(await store.visit_of(session, ws, adoption.id), today)
                manager = await service.acting_manager(session, ws, adoption.customer_id, now=now)
                outcome = VisitOutcome.OVERTAKEN if not free else VisitOutcome.DONE if manager else VisitOutcome.NOBODY
                customer = await customers.get(session, ws, adoption.customer_id)
        if adoption is None or outcome is not VisitOutcome.DONE or manager is None:
            await self.desk.tell(body, pressed, words, blocks.told(refused(words, outcome)))
        else:
            name = customer.name if customer else ""
            view = windows.propose(words, adoption.id, customer=name, other=manager.name)
            await self.desk.show(body, pressed, view, words)
        await ack()

    async def on_other(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Whoever's turn it is: the account manager proposes one day, the adopter up to three."""
        await self._window(ack, body, declining=False)

    async def on_decline(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._window(ack, body, declining=True)

    async def _window(self, ack: AsyncAck, body: dict[str, Any], *, declining: bool) -> None:
        pressed = press(body)
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        visit_id, turn, _ = _turn(pressed.value)
        async with self.desk.edge.sessions.begin() as session:
            words = words_of(await members.get(session, ws, user))
            now = self.desk.edge.clock.now()
            visit, adoption, outcome = await visits.answerable(
                session, ws, user, visit_id, turn, now=now, new_id=self.desk.edge.new_id
            )
            if visit is not None and adoption is not None:
                own = adoption.user_id == user
                other = await name_of(session, words, ws, visit.manager if own else adoption.user_id)
                customer = await customers.get(session, ws, adoption.customer_id)
        if visit is None or outcome is not VisitOutcome.DONE:
            await self.desk.tell(body, pressed, words, blocks.told(refused(words, outcome)))
        elif declining:
            await self.desk.show(body, pressed, windows.decline(words, f"{visit_id}:{turn}", name=other), words)
        else:
            name, days = customer.name if customer else "", MOST_DATES if own else 1
            view = windows.propose(words, f"{visit_id}:{turn}", customer=name, other=other, days=days)
            await self.desk.show(body, pressed, view, words)
        await ack()

    async def on_agree(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        outcome = await self.desk.once(pressed, lambda session: self._agree(session, pressed))
        words = await self.desk.words(pressed)
        if outcome.startswith(AGREED):
            said = windows.agreed_text(words, date.fromisoformat(outcome.removeprefix(AGREED)))
        elif outcome in {problem.value for problem in DateProblem}:
            said = words.say("This day has passed. Please propose another one.")
        else:
            said = refused(words, VisitOutcome(outcome or VisitOutcome.NOT_FOUND.value))
        await self.desk.tell(body, pressed, words, blocks.told(said))
        await ack()

    async def _agree(self, session: AsyncSession, pressed: Press) -> str:
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        visit_id, turn, number = _turn(pressed.value)
        now, new_id = self.desk.edge.clock.now(), self.desk.edge.new_id
        said = await visits.agree(session, ws, user, visit_id, turn, number, now=now, new_id=new_id)
        if said.problem is not None:
            return said.problem.value
        if said.outcome is VisitOutcome.DONE and said.visit is not None and said.visit.agreed_on is not None:
            return f"{AGREED}{said.visit.agreed_on.isoformat()}"
        return said.outcome.value

    async def on_proposed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)
        words = await self.desk.words(submitted)
        note = submitted.typed(windows.TEXT).strip()
        if why_unusable(note) or len(note) > LONGEST_TEXT:
            await at_field(ack, windows.TEXT, windows.text_error(words))
            return
        said = await self.desk.edge.sessions.run(lambda session: self._propose(session, submitted, note))
        if said.problem is not None:
            await at_field(ack, windows.DATES[0], windows.date_error(words, said.problem))
        elif said.outcome is VisitOutcome.DONE:
            await close_with(ack, words, words.say("Your days are on their way. The answer comes to you by message."))
        else:
            await close_with(ack, words, refused(words, said.outcome))

    async def _propose(self, session: AsyncSession, submitted: Submission, note: str) -> Said:
        """Mended days come under the same key: what is refused at the field has changed nothing, so only what was done
        is remembered. A repeat that waited for the first finds the visit further on."""
        ws, key, now = submitted.who.workspace_id, submitted.key, self.desk.edge.clock.now()
        said = await self._say(session, submitted, note)
        if said.outcome is VisitOutcome.DONE and said.problem is None:
            await seen.first_time(session, workspace_id=ws, key=key, now=now)
            await seen.remember_outcome(session, workspace_id=ws, key=key, outcome=DONE)
        elif await seen.outcome_of(session, workspace_id=ws, key=key) == DONE:
            return Said(outcome=VisitOutcome.DONE)
        return said

    async def _say(self, session: AsyncSession, submitted: Submission, note: str) -> Said:
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.desk.edge.clock.now()
        dates = [day for block in windows.DATES for day in _dates(submitted, block)]
        visit_id, turn, _ = _turn(submitted.private)
        new_id, request = self.desk.edge.new_id, submitted.key
        if turn:
            return await visits.other_days(session, ws, user, visit_id, turn, dates, note, now=now, new_id=new_id)
        return await visits.propose(session, ws, user, visit_id, dates, note, request=request, now=now, new_id=new_id)

    async def on_declined(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)
        words = await self.desk.words(submitted)
        note = submitted.typed(windows.TEXT).strip()
        if why_unusable(note) or len(note) > LONGEST_TEXT:
            await at_field(ack, windows.TEXT, windows.text_error(words))
            return
        outcome = await self.desk.once(submitted, lambda session: self._decline(session, submitted, note))
        done = outcome == VisitOutcome.DONE.value
        text = words.say("They are told, kindly.") if done else refused(words, VisitOutcome(outcome or "not_found"))
        await close_with(ack, words, text)

    async def _decline(self, session: AsyncSession, submitted: Submission, note: str) -> str:
        visit_id, turn, _ = _turn(submitted.private)
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.desk.edge.clock.now()
        new_id = self.desk.edge.new_id
        return (await visits.decline(session, ws, user, visit_id, turn, note, now=now, new_id=new_id)).outcome.value


def _dates(submitted: Submission, block: str) -> list[date]:
    try:
        return [date.fromisoformat(one) for one in submitted.picked(block)]
    except ValueError:
        return []


def refused(words: Words, outcome: VisitOutcome) -> str:
    match outcome:
        case VisitOutcome.OVERTAKEN:
            return words.say("There is an answer on its way already, or other days were proposed since.")
        case VisitOutcome.NOBODY:
            return words.say("Nobody who looks after this customer can be asked at the moment. Please try again later.")
    return words.say("This is not there any more.")
