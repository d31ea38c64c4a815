"""`/customer adopt [NAME]`, `/customer hat`, and `/customer-admin adopters NAME`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.core.strings import why_unusable
from bot.db import seen
from bot.features.adoptions import blocks, drawing, hat_store, home_blocks, service, windows
from bot.features.adoptions.desk import Desk
from bot.features.adoptions.home_blocks import Theirs
from bot.features.adoptions.rules import COMMAND, Outcome
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members.seams import Reply
from bot.features.members.service import ADMIN, Action, Person, Standing
from bot.slack import kit
from bot.slack.kit import Message
from bot.slack.payloads import SlashCommand
from bot.slack.text import escape, spoken
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class AdoptCommand:
    """With a name that only one customer has: adopted. With more: which one? Bare: a window to choose in."""

    edge: Edge
    command: str = "/customer"
    word: str = "adopt"

    def help(self, words: Words) -> str:
        return words.say("`adopt NAME`: have this customer as your own, and get its news; without a name you choose")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return await self.edge.sessions.run(lambda session: self._reply(session, invoked, rest.strip(), words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, typed: str, words: Words) -> Reply:
        ws, user, outsider = invoked.who.workspace_id, invoked.who.user_id, invoked.who.outsider
        person = await members.get(session, ws, user)
        if outsider or not members.allowed(Action.ADOPT, Standing(person=person)):
            await asking.refused(self.edge, session, invoked.who, Action.ADOPT)
            return Reply(message=blocks.outcome_message(words, Outcome.NOT_FOR_GUESTS, ""))
        if not typed or why_unusable(typed):
            nameable = not person.is_known
            some = await hat_store.for_person(session, ws, user, "", nameable_only=nameable, limit=1)
            return Reply(view=windows.picker(words, some=bool(some)))
        found = await customers.find_by_name(session, ws, typed, customers.viewer_of(person))
        if found.customer is not None:
            return Reply(message=await self._adopt(session, invoked, found.customer, words))
        if found.candidates:
            return Reply(message=await self._which(session, person, typed, found.candidates, words))
        none = customers_blocks.nothing_found(words, typed, found.closest)
        choose = kit.actions(kit.button(words.say("Choose another"), action=blocks.CHOOSE))
        return Reply(message=replace(none, blocks=[*none.blocks, choose]))

    async def _adopt(
        self, session: AsyncSession, invoked: SlashCommand, customer: CustomerCard, words: Words
    ) -> Message:
        ws, now = invoked.who.workspace_id, self.edge.clock.now()
        if await seen.first_time(session, workspace_id=ws, key=invoked.key, now=now):
            outcome = await service.adopt(
                session,
                ws,
                invoked.who.user_id,
                customer.id,
                via=COMMAND,
                request=invoked.key[:192],
                now=now,
                new_id=self.edge.new_id,
            )
            await seen.remember_outcome(session, workspace_id=ws, key=invoked.key, outcome=outcome.value)
            return blocks.outcome_message(words, outcome, customer.name)
        told = await seen.outcome_of(session, workspace_id=ws, key=invoked.key)
        return blocks.outcome_message(words, Outcome(told or Outcome.NOT_FOUND.value), customer.name)

    async def _which(
        self, session: AsyncSession, person: Person, typed: str, found: tuple[CustomerCard, ...], words: Words
    ) -> Message:
        """Each with *Adopt* where this person could."""
        now = self.edge.clock.now()
        able = [one for one in found if await service.outcome_for(session, person, one, now=now) is Outcome.ADOPTED]
        return which(words, typed, found, {one.id for one in able})


def which(words: Words, typed: str, found: tuple[CustomerCard, ...], able: set[str]) -> Message:
    intro = words.say("Several customers fit “{typed}”. Which one?", typed=escape(kit.shorten(typed, 60)))
    rows = [
        kit.section(
            f"*{escape(kit.shorten(one.name, 80))}*",
            accessory=customers_blocks.adopt_button(words, one) if one.id in able else None,
        )
        for one in found
    ]
    names = words.list([escape(kit.shorten(one.name, 60)) for one in found])
    return Message(text=f"{spoken(intro)} {names}.", blocks=[kit.section(intro), *rows])


@dataclass(frozen=True, kw_only=True)
class HatCommand:
    """Opens the window for a hat draw, with the channel it is typed in chosen where one may be opened there."""

    edge: Edge
    command: str = "/customer"
    word: str = "hat"

    def help(self, words: Words) -> str:
        return words.say("`hat`: let people of a channel draw customers of their own (editors, owners and admins)")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        async with self.edge.sessions.begin() as session:
            view = await drawing.opened_window(
                session,
                invoked.who,
                words,
                now=self.edge.clock.now(),
                desk=Desk(edge=self.edge),
                channel=invoked.channel,
            )
        return Reply(view=view)


@dataclass(frozen=True, kw_only=True)
class AdoptersCommand:
    """Who has a customer, with a menu to end an adoption: for admins, and for whoever looks after it."""

    edge: Edge
    command: str = "/customer-admin"
    word: str = "adopters"

    def help(self, words: Words) -> str:
        return words.say("`adopters NAME`: who has this customer, and ending an adoption")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return Reply(message=await self.edge.sessions.run(lambda session: self._list(session, invoked, rest, words)))

    async def _list(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Message:
        ws, user = invoked.who.workspace_id, invoked.who.user_id
        mine = [card.id for card in await customers.managed_by(session, ws, user)]
        manages = bool(mine) and await members.may(session, ws, user, Action.END_ADOPTION, manages_customer=True)
        any_of_them = await members.may(session, ws, user, Action.END_ADOPTION)
        if invoked.who.outsider or not (any_of_them or manages):
            return await self._refused(session, invoked, words)
        typed = rest.strip()
        if not typed or why_unusable(typed):
            return blocks.told(words.say("Which customer? Type {example}", example="`/customer-admin adopters Orion`"))
        found = await customers.find_by_name(session, ws, typed)
        if not any_of_them:
            found = _only(found, mine)
        if found.customer is None:
            if found.candidates:
                return customers_blocks.candidates_message(words, typed, found.candidates)
            return customers_blocks.nothing_found(words, typed, found.closest)
        adopted = await service.adopters(session, ws, found.customer.id)
        names = await members.people(session, ws, {one.user_id for one in adopted})
        shown = [
            Theirs(
                adoption=one,
                customer=found.customer.name,
                name=names[one.user_id].name if one.user_id in names else words.say("Somebody"),
            )
            for one in adopted
        ]
        return home_blocks.adopters_of_one(words, found.customer.name, shown)

    async def _refused(self, session: AsyncSession, invoked: SlashCommand, words: Words) -> Message:
        ws, now = invoked.who.workspace_id, self.edge.clock.now()
        user, new_id = invoked.who.user_id, self.edge.new_id
        await members.refused(session, ws, user, Action.END_ADOPTION, now=now, new_id=new_id)
        return members_blocks.not_admin(words, await members.with_role(session, ws, ADMIN))


def _only(found: customers.Found, ids: list[str]) -> customers.Found:
    """Those of them that this person looks after."""
    fit = [one for one in (found.customer, *found.candidates) if one is not None and one.id in ids]
    if len(fit) == 1:
        return customers.Found(customer=fit[0])
    return customers.Found(candidates=tuple(fit), closest=tuple(one for one in found.closest if one.id in ids))
