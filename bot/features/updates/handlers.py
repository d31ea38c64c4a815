"""From Slack: `/customer-update`, the window in which one writes, and every press below an update."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.members.service import Person
from bot.features.questions.seams import ThreadOwner
from bot.features.updates import answering, blocks, lists, opening, reading, rules, windows, writing
from bot.features.updates.exchanges import handlers as exchanging
from bot.features.updates.exchanges import threads
from bot.features.updates.opening import Opening
from bot.features.updates.recalls import handlers as recall_handlers
from bot.features.updates.rules import CHANNELS, CUSTOMER, PICTURE, Form, Problem
from bot.features.updates.windows import Shown
from bot.features.updates.writing import Refusal, Written
from bot.slack.errors import SlackFault
from bot.slack.kit import Message, View
from bot.slack.listening import readable
from bot.slack.payloads import (
    Submission,
    UnreadableError,
    press,
    search,
    slash_command,
    submission,
)
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

log = logging.getLogger(__name__)
READ_WITHIN = 1.0  # seconds, of the 3 that a trigger lives
COMMAND = "/customer-update"


def register(app: AsyncApp, edge: Edge) -> None:
    writes = Writing(edge=edge)
    searching = Searching(edge=edge)
    app.command(COMMAND)(writes.on_command)
    app.action(blocks.WRITE)(readable(writes.on_write))
    app.action(windows.MORE)(readable(writes.on_more))
    app.view(windows.WRITTEN)(readable(writes.on_written))
    app.options(windows.SEARCH)(searching.on_customers)
    app.options(windows.SEARCH_CHANNELS)(searching.on_channels)
    answering.register(app, edge)
    exchanging.register(app, edge)
    recall_handlers.register(app, edge)


def thread_owners(edge: Edge) -> list[ThreadOwner]:
    """For `questions.handlers.register`: what is written below an introduction or an update comes here."""
    return [threads.AdopterThreads(new_id=edge.new_id)]


@dataclass(frozen=True, kw_only=True)
class Writing:
    edge: Edge

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            invoked = slash_command(body)
        except UnreadableError:
            await ack(text=members_blocks.not_understood(Words()).text)
            return
        now = self.edge.clock.now()

        async def work(session: AsyncSession) -> tuple[Words, Opening]:
            person = await members.get(session, invoked.who.workspace_id, invoked.who.user_id, now=now)
            found = await opening.opening(session, person, invoked.text, outsider=invoked.who.outsider, now=now)
            await writing.audit_refusal(session, person, found.allowed, now=now, new_id=self.edge.new_id)
            return words_of(person), found

        try:
            async with asyncio.timeout(READ_WITHIN):
                words, found = await self.edge.sessions.run(work)
        except TimeoutError:
            log.warning("a window was opened with nothing filled in: the database took its time")
            words, found = Words(), opening.without_looking(invoked.text, outsider=invoked.who.outsider)
        view = self._window(words, found)
        message = None if view is not None else lists.instead_of_window(words, found, now=now)
        if view is not None:
            message = await self._open(invoked.who.workspace_id, invoked.trigger_id, view, words)
        await ack()
        if message is not None:
            self.edge.receipts.send(invoked.response_url, message)

    async def _open(self, ws: str, trigger_id: str, view: View, words: Words) -> Message | None:
        """A trigger lives 3 s and works once: a repeat of the command finds the window already open."""
        try:
            await self.edge.gateway.open_view(ws, trigger_id, view)
        except SlackFault as fault:
            log.warning("a window was not opened: %s", fault.code)
            return None if fault.code == "exchanged_trigger_id" else members_blocks.too_slow(words)
        return None

    def _window(self, words: Words, found: Opening) -> View | None:
        if found.form is None:
            return None
        shown = Shown(form=found.form, customer=found.customer.name if found.customer else "")
        if found.allowed.named is not None:
            shown = replace(shown, notice=windows.not_yours(words, found.allowed.named.name, found.allowed.manager))
        elif found.several:
            shown = replace(shown, notice=lists.several(words, [one.name for one in found.several]))
        elif found.customer is not None and not found.adopters:
            shown = windows.with_nobody(words, shown, can_open_hat=found.can_open_hat)
        return windows.write_window(words, shown)

    async def on_write(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """*Write an update* beside a customer: in the list, a reminder, Home."""
        pressed = press(body)
        ws, now = pressed.who.workspace_id, self.edge.clock.now()
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, ws, pressed.who.user_id, now=now)
            allowed = await writing.may_write(session, person, pressed.value, outsider=pressed.who.outsider, now=now)
            await writing.audit_refusal(session, person, allowed, now=now, new_id=self.edge.new_id)
        words = words_of(person)
        if allowed.customer is None:
            view = windows.notice(words, lists.refused(words, allowed))
        else:
            form = Form(customer_id=allowed.customer.id, text="")
            view = windows.write_window(words, Shown(form=form, customer=allowed.customer.name))
        await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def on_more(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The same window, grown. What was typed is in the press, so it is there again."""
        pressed = press(body)
        now = self.edge.clock.now()
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id, now=now)
            shown = await self._as_typed(session, person, pressed.values, more=True)
        shown = replace(shown, nobody=windows.told_of_nobody(pressed.private))
        view = windows.write_window(words_of(person), shown)
        try:
            await self.edge.gateway.update_view(pressed.who.workspace_id, pressed.view_id, view, hash=pressed.view_hash)
        except SlackFault as fault:  # pressed twice, or the window was closed: nothing is lost
            log.warning("a window did not grow: %s", fault.code)
        await ack()

    async def _as_typed(self, session: AsyncSession, person: Person, values: reading.Values, *, more: bool) -> Shown:
        form, ws = reading.read_form(values), person.workspace_id
        customer = await customers.get(session, ws, form.customer_id) if form.customer_id else None
        if customer is not None and not customers.visible(customer, customers.viewer_of(person)):
            customer = None
        known = await writing.places(session, person) if form.channels else []
        places = [one for one in known if one.channel_id in form.channels]
        return Shown(
            form=form,
            customer=customer.name if customer else "",
            channels={one.channel_id: one.name for one in places},
            more=more,
        )

    async def on_written(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)

        async def work(session: AsyncSession) -> tuple[Person, Written, Shown, int]:
            return await self._write(session, submitted)

        person, written, shown, count = await self.edge.sessions.run(work)
        words = words_of(person)
        errors = _errors(words, written, shown)
        if written.update is not None:
            held = written.update.embargoed(self.edge.clock.now())
            view = windows.notice(words, windows.on_its_way(words, count, shown.customer, held=held))
            await ack(response_action="update", view=view.payload())
        elif errors:
            await ack(response_action="errors", errors=errors)
        elif written.nobody:
            async with self.edge.sessions.begin() as session:
                can_open_hat = await opening.can_open_hat(session, person)
            view = windows.write_window(words, windows.with_nobody(words, shown, can_open_hat=can_open_hat))
            await ack(response_action="update", view=view.payload())
        else:
            await ack(
                response_action="update", view=windows.notice(words, lists.refused(words, written.allowed)).payload()
            )

    async def _write(self, session: AsyncSession, submitted: Submission) -> tuple[Person, Written, Shown, int]:
        ws, now = submitted.who.workspace_id, self.edge.clock.now()
        person = await members.get(session, ws, submitted.who.user_id, now=now)
        more = windows.was_more(submitted.private)
        shown = await self._as_typed(session, person, submitted.values, more=more)
        if reading.files_of(submitted.values) and shown.form.picture is None:
            return person, Written(allowed=writing.Allowed(), problems={PICTURE: Problem.NOT_A_PICTURE}), shown, 0
        written = await writing.write(
            session,
            person,
            shown.form,
            outsider=submitted.who.outsider,
            request=submitted.key[:128],
            for_nobody=windows.told_of_nobody(submitted.private) == shown.form.customer_id,
            now=now,
            new_id=self.edge.new_id,
        )
        count = await writing.relayed_to(session, written.update, now=now) if written.update else 0
        return person, written, shown, count


def _errors(words: Words, written: Written, shown: Shown) -> dict[str, str]:
    """Below the fields; a field that the window does not show yet is spoken of below the text."""
    lengths = {rules.TEXT: len(shown.form.text), rules.HEADLINE: len(shown.form.headline)}
    errors = {
        field: windows.problem(words, found, count=lengths.get(field, 0)) for field, found in written.problems.items()
    }
    if written.barred:
        errors[CHANNELS] = windows.barred(words, written.barred, shown.channels)
    allowed = written.allowed
    if allowed.refusal is Refusal.NOT_YOURS and allowed.named is not None:
        errors[CUSTOMER] = windows.below_field(words, allowed.named.name, allowed.manager)
    elif allowed.refusal is Refusal.NOT_FOUND:
        errors[CUSTOMER] = windows.problem(words, Problem.NO_CUSTOMER)
    return errors


@dataclass(frozen=True, kw_only=True)
class Searching:
    edge: Edge

    async def on_customers(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        now = self.edge.clock.now()
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, typed.who.workspace_id, typed.who.user_id, now=now)
            found = await opening.options(session, person, typed.query, outsider=typed.who.outsider)
        await ack(options=customers_blocks.customer_options(found))

    async def on_channels(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, typed.who.workspace_id, typed.who.user_id)
            may = not typed.who.outsider and await opening.may_write_any(session, person)
            found = await writing.places(session, person) if may else []
        key = typed.query.strip().removeprefix("#").casefold()
        fits = [one for one in found if key in one.name.casefold() and not one.outsiders]
        await ack(options=windows.channel_options({one.channel_id: one.name for one in fits}))
