"""Presses on an update: *Thank*, *Ask*, *Read all of it*; *Edit* and *Take it back* on its receipt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.members.service import Action, Person
from bot.features.questions import service as questions
from bot.features.updates import asking, blocks, lists, owed, reading, rules, service, store, windows, writing
from bot.features.updates.asking import ASKED, TEXT
from bot.features.updates.reminders import blocks as remind_blocks
from bot.features.updates.reminders import service as reminding
from bot.features.updates.rules import Update
from bot.slack.kit import View
from bot.slack.listening import readable
from bot.slack.payloads import Press, Submission, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(app: AsyncApp, edge: Edge) -> None:
    below = Below(edge=edge)
    own = Own(edge=edge)
    app.action(blocks.THANK)(readable(below.on_thank))
    app.action(blocks.ASK)(readable(below.on_ask))
    app.view(ASKED)(readable(below.on_asked))
    app.action(blocks.READ)(readable(below.on_read))
    app.action(blocks.EDIT)(readable(own.on_edit))
    app.view(windows.EDITED)(readable(own.on_edited))
    app.action(blocks.WITHDRAW)(readable(own.on_withdraw))
    app.action(remind_blocks.NOTHING_NEW)(readable(own.on_nothing_new))


tell = partial(showing.tell, notice=windows.notice)


@dataclass(frozen=True, kw_only=True)
class Below:
    edge: Edge

    async def on_thank(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            return await self._thank(session, pressed)

        words, text = await self.edge.sessions.run(work)
        await ack()
        await tell(self.edge, pressed, body, words, text)

    async def _thank(self, session: AsyncSession, pressed: Press) -> tuple[Words, str]:
        now = self.edge.clock.now()
        person, update = await self._readable(session, pressed, pressed.value)
        words = words_of(person)
        if update is None:
            return words, lists.gone(words, None)
        author = await members.get(session, update.workspace_id, update.author, now=now)
        name = asking.shown_name(words, author)
        if await service.thank(session, update, person.user_id, now=now):
            return words, words.say("{name} will see that you said thank you.", name=name)
        relay = await store.relay(session, update.workspace_id, update.id, person.user_id)
        if relay is not None and relay.thanked_at is not None:
            return words, words.say("You have thanked {name} for this already.", name=name)
        return words, lists.gone(words, None)

    async def _readable(
        self, session: AsyncSession, pressed: Press | Submission, update_id: str
    ) -> tuple[Person, Update | None]:
        """Refusals are kept in the audit trail."""
        now = self.edge.clock.now()
        ws = pressed.who.workspace_id
        person = await members.get(session, ws, pressed.who.user_id, now=now)
        update = await service.readable(session, person, update_id, outsider=pressed.who.outsider, now=now)
        there = await store.get(session, ws, update_id) if update is None else None
        if there is not None:
            user, about, new_id = person.user_id, [there.customer_id], self.edge.new_id
            await members.refused(session, ws, user, Action.READ_UPDATE, about=about, now=now, new_id=new_id)
        return person, update

    async def on_ask(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, View | str]:
            person, update = await self._readable(session, pressed, pressed.value)
            words = words_of(person)
            if update is None:
                return words, lists.gone(words, None)
            form = await questions.ask_form(session, person, update.customer_id, outsider=pressed.who.outsider)
            if form.customer is None:
                return words, asking.refused(words, form.refusal)
            return words, asking.window(words, update, form.customer.name, form.manager)

        words, found = await self.edge.sessions.run(work)
        if isinstance(found, str):
            await tell(self.edge, pressed, body, words, found)
        else:
            await showing.show(self.edge, body, pressed, found, words)
        await ack()

    async def on_asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)

        async def work(session: AsyncSession) -> tuple[Words, str, bool]:
            return await self._ask(session, submitted)

        words, text, wrong = await self.edge.sessions.run(work)
        if wrong:
            await ack(response_action="errors", errors={TEXT: text})
        else:
            await ack(response_action="update", view=windows.notice(words, text).payload())

    async def _ask(self, session: AsyncSession, submitted: Submission) -> tuple[Words, str, bool]:
        """What is said, and whether it is about the field."""
        ws, now = submitted.who.workspace_id, self.edge.clock.now()
        person = await members.get(session, ws, submitted.who.user_id, now=now)
        words, text = words_of(person), submitted.typed(TEXT)
        problem = questions.text_problem(text)
        if problem is not None:
            return words, asking.refused(words, problem), True
        if not await seen.first_time(session, workspace_id=ws, key=submitted.key, now=now):
            return words, await seen.outcome_of(session, workspace_id=ws, key=submitted.key) or "", False
        _, update = await self._readable(session, submitted, submitted.private)
        said = lists.gone(words, None)
        if update is not None:
            said = await self._asked(session, person, update, submitted, words)
        await seen.remember_outcome(session, workspace_id=ws, key=submitted.key, outcome=said)
        return words, said, False

    async def _asked(
        self, session: AsyncSession, person: Person, update: Update, submitted: Submission, words: Words
    ) -> str:
        now = self.edge.clock.now()
        asked = await questions.ask(
            session,
            person,
            update.customer_id,
            submitted.typed(TEXT),
            request=submitted.key[:128],
            outsider=submitted.who.outsider,
            now=now,
            new_id=self.edge.new_id,
        )
        if asked.question is None:
            return asking.refused(words, asked.refusal)
        await service.asked(session, update, person.user_id, now=now)
        manager = await customers.account_manager_of(session, update.workspace_id, update.customer_id)
        return asking.went(words, asked.gone, manager.name if manager else "")

    async def on_read(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, View | str]:
            person, update = await self._readable(session, pressed, pressed.value)
            words = words_of(person)
            if update is None:
                return words, lists.gone(words, None)
            return words, blocks.reading(words, await owed.item(session, update, words))

        words, found = await self.edge.sessions.run(work)
        if isinstance(found, str):
            await tell(self.edge, pressed, body, words, found)
        else:
            await showing.show(self.edge, body, pressed, found, words)
        await ack()


@dataclass(frozen=True, kw_only=True)
class Own:
    """On the author's receipt."""

    edge: Edge

    async def on_edit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, View]:
            person, update, refusal = await self._own(session, pressed, pressed.value)
            words = words_of(person)
            if update is None:
                return words, windows.notice(words, lists.gone(words, refusal))
            customer = await customers.get(session, update.workspace_id, update.customer_id)
            return words, windows.edit_window(words, update, customer.name if customer else "")

        words, view = await self.edge.sessions.run(work)
        await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def _own(
        self, session: AsyncSession, pressed: Press | Submission, update_id: str
    ) -> tuple[Person, Update | None, writing.Refusal | None]:
        now = self.edge.clock.now()
        person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id, now=now)
        update, refusal = await writing.own(
            session, person, update_id, outsider=pressed.who.outsider, now=now, new_id=self.edge.new_id
        )
        return person, update, refusal

    async def on_edited(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)

        async def work(session: AsyncSession) -> tuple[Words, dict[str, str], str]:
            return await self._edit(session, submitted)

        words, errors, text = await self.edge.sessions.run(work)
        if errors:
            await ack(response_action="errors", errors=errors)
        else:
            await ack(response_action="update", view=windows.notice(words, text).payload())

    async def _edit(self, session: AsyncSession, submitted: Submission) -> tuple[Words, dict[str, str], str]:
        now = self.edge.clock.now()
        person, update, refusal = await self._own(session, submitted, submitted.private)
        words = words_of(person)
        if update is None:
            return words, {}, lists.gone(words, refusal)
        form = reading.read_edit(submitted.values, update)
        found = await writing.edit(session, update, form, now=now)
        lengths = {rules.TEXT: len(form.text), rules.HEADLINE: len(form.headline)}
        errors = {
            field: windows.problem(words, problem, count=lengths.get(field, 0)) for field, problem in found.items()
        }
        return words, errors, words.say("Changed, everywhere it stands.")

    async def on_withdraw(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            person, update, refusal = await self._own(session, pressed, pressed.value)
            words = words_of(person)
            if update is None:
                return words, lists.gone(words, refusal)
            by, now, new_id = person.user_id, self.edge.clock.now(), self.edge.new_id
            stays = await writing.withdraw(session, update, by=by, now=now)
            if by == update.author:  # what others do has been kept by `own`
                await writing.audit_recall(session, update, update.channels, by=by, now=now, new_id=new_id)
            return words, lists.taken_back(words, stays=stays)

        words, text = await self.edge.sessions.run(work)
        await ack()
        await tell(self.edge, pressed, body, words, text)

    async def on_nothing_new(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
            words = words_of(await members.get(session, ws, user, now=now))
            count = await reminding.nothing_new(session, ws, user, pressed.value, now=now)
            if count is None:
                await members.refused(session, ws, user, Action.WRITE_UPDATE, now=now, new_id=self.edge.new_id)
            return words, remind_blocks.nothing_new_said(words, count)

        words, text = await self.edge.sessions.run(work)
        await ack()
        await tell(self.edge, pressed, body, words, text)
