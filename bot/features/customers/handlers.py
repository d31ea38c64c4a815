"""From Slack: `/customer find`, choosing among what it found, searching as one types, and *may they be named?*."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.customers import blocks, change_form, service
from bot.features.customers.blocks import CardAction
from bot.features.customers.change_handlers import ChangeCommand, Changing
from bot.features.customers.rules import CustomerCard, Shown
from bot.features.customers.seams import CardButtons, ManagerChanged
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.seams import RefreshHome, Reply
from bot.features.members.service import ADMIN, Action, Person, Standing
from bot.slack.kit import Element, Message
from bot.slack.listening import readable
from bot.slack.payloads import Press, Search, SlashCommand, UnreadableError, press, search
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(
    app: AsyncApp,
    edge: Edge,
    *,
    refresh_home: RefreshHome,
    card_actions: Sequence[CardAction] = (),
    card_buttons: Sequence[CardButtons] = (),
    searches: Sequence[str] = (),
) -> None:
    """`card_actions` and `card_buttons`: on a customer's card. `searches`: action ids of fields, of any feature,
    in which people search for a customer."""
    searches = [*searches, change_form.PICK]
    cards = Cards(edge=edge, card_actions=card_actions, card_buttons=card_buttons)
    naming = Naming(edge=edge, refresh_home=refresh_home)
    app.action(blocks.SHOW)(readable(cards.on_show))
    for action in (blocks.NAME_YES, blocks.NAME_NO, blocks.ALL_YES, blocks.ALL_NO):
        app.action(action)(readable(naming.on_answer))
    for action in searches:
        app.options(action)(cards.on_options)


def change_command(
    app: AsyncApp,
    edge: Edge,
    *,
    refresh_home: RefreshHome,
    every: int,
    on_manager_changed: Sequence[ManagerChanged] = (),
) -> ChangeCommand:
    """Listens to what admins change; `every`: the workspace's days between news of a customer."""
    changing = Changing(edge=edge, refresh_home=refresh_home, every=every, on_manager_changed=on_manager_changed)
    changing.register(app)
    return ChangeCommand(changing=changing)


@dataclass(frozen=True, kw_only=True)
class FindCommand:
    """`/customer find NAME`: a customer's card with what may be shown to whoever asks."""

    edge: Edge
    card_actions: Sequence[CardAction] = ()
    card_buttons: Sequence[CardButtons] = ()
    command: str = "/customer"
    word: str = "find"

    def help(self, words: Words) -> str:
        return words.say("`find NAME`: who this customer is, and what they use of ours")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return Reply(message=await self.edge.sessions.run(lambda session: self._find(session, invoked, rest, words)))

    async def _find(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Message:
        person = await members.get(session, invoked.who.workspace_id, invoked.who.user_id)
        typed = rest.strip()
        if not typed:
            return blocks.which_name(words)
        viewer = service.viewer_of(person, outsider=invoked.who.outsider)
        found = await service.find_by_name(session, person.workspace_id, typed, viewer)
        if found.customer is not None:
            shown = await service.shown(session, found.customer, viewer)
            if shown is not None:
                actions = await _actions(session, self.card_actions, self.card_buttons, person, words, shown)
                return blocks.card_message(words, shown, actions)
        if found.candidates:
            return blocks.candidates_message(words, typed, found.candidates)
        return blocks.nothing_found(words, typed, found.closest)


async def _actions(
    session: AsyncSession,
    actions: Sequence[CardAction],
    buttons: Sequence[CardButtons],
    person: Person,
    words: Words,
    shown: Shown,
) -> Sequence[CardAction]:
    """Guests may read a card; asking and the like is for members, changing for admins."""
    if not shown.inside:
        return ()
    made = [one for make in buttons for one in await make(session, words, shown.customer, user=person.user_id)]
    fixed = [_fixed(element) for element in made]
    may_change = members.allowed(Action.CHANGE_CUSTOMER, Standing(person=person))
    return (*actions, *fixed, *([change_form.edit_button] if may_change else []))


def _fixed(element: Element) -> CardAction:
    return lambda _words, _customer_id: element


@dataclass(frozen=True, kw_only=True)
class Cards:
    edge: Edge
    card_actions: Sequence[CardAction]
    card_buttons: Sequence[CardButtons] = ()

    async def on_show(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        message = await self.edge.sessions.run(lambda session: self._shown(session, pressed))
        await ack()
        self.edge.receipts.send(pressed.response_url, message)

    async def _shown(self, session: AsyncSession, pressed: Press) -> Message:
        ws = pressed.who.workspace_id
        person = await members.get(session, ws, pressed.who.user_id)
        viewer = service.viewer_of(person, outsider=pressed.who.outsider)
        await asking.may(self.edge, session, pressed.who, Action.FIND_CUSTOMER)
        customer = await service.get(session, ws, pressed.value)
        shown = await service.shown(session, customer, viewer) if customer else None
        if shown is None:
            return blocks.gone(words_of(person))
        words = words_of(person)
        actions = await _actions(session, self.card_actions, self.card_buttons, person, words, shown)
        return blocks.card_message(words, shown, actions)

    async def on_options(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            typed = search(body)
        except UnreadableError:
            await ack(options=[])
            return
        found = await self.edge.sessions.run(lambda session: self._found(session, typed))
        await ack(options=blocks.customer_options(found))

    async def _found(self, session: AsyncSession, typed: Search) -> list[CustomerCard]:
        person = await members.get(session, typed.who.workspace_id, typed.who.user_id)
        viewer = service.viewer_of(person, outsider=typed.who.outsider)
        return await service.search(session, typed.who.workspace_id, typed.query, viewer)


@dataclass(frozen=True, kw_only=True)
class Naming:
    edge: Edge
    refresh_home: RefreshHome

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Pressed on Home, which is drawn anew for every admin who has it open."""
        pressed = press(body)
        await self.edge.sessions.run(lambda session: self._store(session, pressed))
        await ack()

    async def _store(self, session: AsyncSession, pressed: Press) -> None:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        everyone = pressed.action in {blocks.ALL_YES, blocks.ALL_NO}
        customer = None if everyone else await service.get(session, ws, pressed.value)
        manages = customer is not None and customer.looked_after_by(user)
        about = [customer.id] if customer is not None else []
        if not await asking.may(self.edge, session, pressed.who, Action.CONSENT, manages_customer=manages, about=about):
            return
        if not everyone and customer is None:
            return
        if await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            await service.answer_naming(
                session,
                ws,
                None if customer is None else [customer.id],
                pressed.action in {blocks.NAME_YES, blocks.ALL_YES},
                by=user,
                now=now,
                new_id=self.edge.new_id,
                manages=manages,
            )
        admins = [person.user_id for person in await members.with_role(session, ws, ADMIN)]
        await self.refresh_home(session, now=now, ws=ws, users=list(dict.fromkeys([*admins, user])))
