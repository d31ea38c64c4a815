"""From Slack: adopting, the menus on Home, saying hello. Visits, swaps and hats have files of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.strings import why_unusable
from bot.features.adoptions import (
    blocks,
    drawing,
    greeting,
    hat_store,
    home_blocks,
    service,
    swapping,
    visiting,
    windows,
)
from bot.features.adoptions.commands import AdoptCommand, AdoptersCommand, HatCommand
from bot.features.adoptions.desk import Desk, close_with
from bot.features.adoptions.rules import COMMAND, PAUSE_LONG, PAUSE_SHORT, PRESS, Ended, Outcome
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.seams import Command
from bot.features.members.service import Action, Standing
from bot.slack.listening import readable
from bot.slack.payloads import Press, Submission, UnreadableError, press, search, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_OPTIONS = 50


def register(app: AsyncApp, edge: Edge) -> list[Command]:
    """Gives the commands back: `members.handlers.register` takes them."""
    desk = Desk(edge=edge)
    adopting, menus = Adopting(desk=desk), Menus(desk=desk)
    app.action(customers_blocks.ADOPT)(readable(adopting.on_adopt))
    app.action(blocks.CHOOSE)(readable(adopting.on_choose))
    app.options(windows.WHICH)(adopting.on_options)
    app.view(windows.PICKED)(readable(adopting.on_picked))
    app.action(blocks.MINE)(readable(menus.on_menu))
    app.action(blocks.THEIRS)(readable(menus.on_menu))
    greeting.register(app, desk)
    visiting.register(app, desk)
    swapping.register(app, desk)
    drawing.register(app, desk)
    return [AdoptCommand(edge=edge), HatCommand(edge=edge), AdoptersCommand(edge=edge)]


@dataclass(frozen=True, kw_only=True)
class Adopting:
    desk: Desk

    async def on_adopt(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        outcome = await self.desk.once(pressed, lambda session: self._adopt(session, pressed, pressed.value, PRESS))
        words, name = await self._said(pressed, pressed.value)
        await self.desk.tell(body, pressed, words, blocks.outcome_message(words, _outcome(outcome), name))
        await ack()

    async def _adopt(self, session: AsyncSession, what: Press | Submission, customer_id: str, via: str) -> str:
        outcome = await service.adopt(
            session,
            what.who.workspace_id,
            what.who.user_id,
            customer_id[:64],
            via=via,
            request=what.key,
            now=self.desk.edge.clock.now(),
            new_id=self.desk.edge.new_id,
            outsider=what.who.outsider,
        )
        return outcome.value

    async def _said(self, what: Press | Submission, customer_id: str) -> tuple[Words, str]:
        """The customer's name where this person may read it."""
        ws = what.who.workspace_id
        async with self.desk.edge.sessions.begin() as session:
            person = await members.get(session, ws, what.who.user_id)
            customer = await customers.get(session, ws, customer_id[:64])
            viewer = customers.viewer_of(person, outsider=what.who.outsider)
            name = customer.name if customer is not None and customers.visible(customer, viewer) else ""
            return words_of(person), name

    async def on_choose(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        async with self.desk.edge.sessions.begin() as session:
            person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id)
            await asking.may(self.desk.edge, session, pressed.who, Action.ADOPT)
            some = bool(await adoptable(session, person, "", outsider=pressed.who.outsider, limit=1))
        words = words_of(person)
        await self.desk.show(body, pressed, windows.picker(words, some=some), words)
        await ack()

    async def on_options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        async with self.desk.edge.sessions.begin() as session:
            person = await members.get(session, typed.who.workspace_id, typed.who.user_id)
            found = await adoptable(session, person, typed.query, outsider=typed.who.outsider, limit=MOST_OPTIONS)
        await ack(options=windows.options(found))

    async def on_picked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)
        picked = next(iter(submitted.picked(windows.WHICH)), "")
        outcome = await self.desk.once(submitted, lambda session: self._adopt(session, submitted, picked, COMMAND))
        words, name = await self._said(submitted, picked)
        await close_with(ack, words, blocks.outcome_text(words, _outcome(outcome), name))


def _outcome(code: str) -> Outcome:
    """What a repeat is told whose first did not get to an end: it can be pressed again."""
    return Outcome(code or Outcome.NOT_FOUND.value)


async def adoptable(
    session: AsyncSession, person: members.Person, typed: str, *, outsider: bool, limit: int
) -> list[tuple[str, str, str]]:
    """Id, name and where it is, of what this person could adopt."""
    if outsider or not members.allowed(Action.ADOPT, Standing(person=person)) or why_unusable(typed):
        return []
    found = await hat_store.for_person(
        session,
        person.workspace_id,
        person.user_id,
        customers.name_key(typed),
        nameable_only=not person.is_known,
        limit=limit,
    )
    return [(one.customer_id, one.name, " · ".join(filter(None, (one.industry, one.country)))) for one in found]


@dataclass(frozen=True, kw_only=True)
class Menus:
    """The menus beside a customer of one's own, and beside an adopter of a customer one looks after."""

    desk: Desk

    async def on_menu(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        verb, _, adoption_id = next(iter(pressed.chosen), "").partition(":")
        if verb == home_blocks.SWAP:
            await swapping.show_window(self.desk, body, pressed, adoption_id)
        else:
            outcome = await self.desk.once(pressed, lambda session: self._do(session, pressed, verb, adoption_id))
            if outcome not in {Ended.DONE.value, Ended.ALREADY.value}:  # else Home shows it, and the thread says it
                words = await self.desk.words(pressed)
                await self.desk.tell(body, pressed, words, blocks.told(_refused(words, outcome)))
        await ack()

    async def _do(self, session: AsyncSession, pressed: Press, verb: str, adoption_id: str) -> str:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.desk.edge.clock.now()
        ends = verb in {home_blocks.STOP, home_blocks.END}
        if pressed.who.outsider:
            action = Action.END_ADOPTION if ends else Action.PAUSE_ADOPTION
            await asking.refused(self.desk.edge, session, pressed.who, action)
            return Ended.NOT_YOURS.value
        if ends:
            ended = await service.end(session, ws, adoption_id, user, now=now, new_id=self.desk.edge.new_id)
            return ended.value
        if verb not in {home_blocks.PAUSE, home_blocks.PAUSE_LONG, home_blocks.RESUME}:
            return Ended.NOT_FOUND.value
        until, new_id = _until(verb, now), self.desk.edge.new_id
        changed = await service.pause(session, ws, adoption_id, user, until=until, now=now, new_id=new_id)
        return Ended.DONE.value if changed else Ended.NOT_FOUND.value


def _until(verb: str, now: datetime) -> datetime | None:
    length = {home_blocks.PAUSE: PAUSE_SHORT, home_blocks.PAUSE_LONG: PAUSE_LONG}.get(verb)
    return now + length if length else None


def _refused(words: Words, outcome: str) -> str:
    if outcome == Ended.NOT_YOURS.value:
        return words.say("Only the adopter, whoever looks after the customer, and admins can do this.")
    return words.say("This is not there any more.")
