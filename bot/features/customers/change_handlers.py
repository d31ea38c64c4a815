"""From Slack: an admin changes a customer, from its card, Home, or `/customer-admin customer NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.customers import blocks, change_form, changing, service
from bot.features.customers.change_form import DEPUTY, MANAGER, MOST, NEWS
from bot.features.customers.rules import CustomerCard
from bot.features.customers.seams import ManagerChanged
from bot.features.edge import Edge
from bot.features.members import asking, showing
from bot.features.members import blocks as member_blocks
from bot.features.members import service as members
from bot.features.members.seams import RefreshHome, Reply
from bot.features.members.service import ADMIN, Action, Person
from bot.slack.kit import Message, View
from bot.slack.listening import readable
from bot.slack.payloads import Press, SlashCommand, Submission, Who, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class Changing:
    """`every`: the workspace's days between news of a customer."""

    edge: Edge
    refresh_home: RefreshHome
    every: int
    on_manager_changed: Sequence[ManagerChanged] = ()

    def register(self, app: AsyncApp) -> None:
        app.action(change_form.EDIT)(readable(self.on_edit))
        app.action(change_form.PICK)(readable(self.on_edit))
        app.view(change_form.SAVE)(readable(self.on_save))

    async def on_edit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        words, view, refused = await self.edge.sessions.run(lambda session: self._asked(session, pressed))
        if view is not None:
            await showing.show(self.edge, body, pressed, view, words)
        await ack()
        if refused is not None:
            self.edge.receipts.send(pressed.response_url, refused)

    async def _asked(self, session: AsyncSession, pressed: Press) -> tuple[Words, View | None, Message | None]:
        person = await members.get(session, pressed.who.workspace_id, pressed.who.user_id)
        words = words_of(person)
        customer_id = pressed.value or next(iter(pressed.chosen), "")
        customer = await service.get(session, person.workspace_id, customer_id)
        if not await self.may(session, pressed.who, about=customer):
            return words, None, await self.refusal(session, person, words)
        if customer is None:
            return words, change_form.gone(words), None
        return words, await self.view(session, customer, words), None

    async def view(self, session: AsyncSession, customer: CustomerCard, words: Words) -> View:
        given = await changing.said_of_people(session, customer.workspace_id, customer.id)
        return change_form.view(words, customer, given=given, every=self.every)

    async def may(self, session: AsyncSession, who: Who, *, about: CustomerCard | None = None) -> bool:
        """What is refused stays in the audit trail."""
        things = [about.id] if about is not None else []
        return await asking.may(self.edge, session, who, Action.CHANGE_CUSTOMER, about=things)

    async def refusal(self, session: AsyncSession, person: Person, words: Words) -> Message:
        return member_blocks.not_admin(words, await members.with_role(session, person.workspace_id, ADMIN))

    async def on_save(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        given = submission(body)
        view, wrong = await self.edge.sessions.run(lambda session: self._save(session, given))
        if wrong:
            await ack(response_action="errors", errors=wrong)
        else:
            await ack(response_action="update", view=view.payload())

    async def _save(self, session: AsyncSession, submitted: Submission) -> tuple[View, dict[str, str]]:
        """Refused input is not remembered: it may be mended in the same window."""
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.edge.clock.now()
        person = await members.get(session, ws, user)
        words = words_of(person)
        customer = await service.get(session, ws, submitted.private)
        if not await self.may(session, submitted.who, about=customer):
            return change_form.gone(words), {MANAGER: (await self.refusal(session, person, words)).text}
        if customer is None:
            return change_form.gone(words), {}
        given = change_form.read_form(submitted.values)
        wrong = await self._problems(session, ws, given)
        if wrong:
            return change_form.gone(words), change_form.errors(words, wrong)
        if await seen.first_time(session, workspace_id=ws, key=submitted.key, now=now):
            await self._change(session, customer, given, by=user)
        again = await service.get(session, ws, customer.id) or customer
        return change_form.saved(words, again), {}

    async def _problems(self, session: AsyncSession, ws: str, given: change_form.Change) -> dict[str, str]:
        now = self.edge.clock.now()
        strangers = await changing.not_members(session, ws, (given.manager, given.deputy), now=now)
        wrong = {
            field: change_form.NOT_A_MEMBER
            for field, user in ((MANAGER, given.manager), (DEPUTY, given.deputy))
            if user in strangers
        }
        if given.manager and given.manager == given.deputy:
            wrong[DEPUTY] = change_form.SAME
        if given.max_adopters and change_form.number(given.max_adopters, 0, change_form.MOST_ADOPTERS) is None:
            wrong[MOST] = change_form.NOT_A_NUMBER
        if given.news_every_days and change_form.number(given.news_every_days, 1, change_form.MOST_DAYS) is None:
            wrong[NEWS] = change_form.NOT_DAYS
        return wrong

    async def _change(
        self, session: AsyncSession, customer: CustomerCard, given: change_form.Change, *, by: str
    ) -> None:
        ws, now = customer.workspace_id, self.edge.clock.now()
        wanted = {
            "account_manager": given.manager,
            "deputy": given.deputy,
            "adoptable": given.adoptable,
            "confidential": given.confidential,
            "max_adopters": change_form.number(given.max_adopters, 0, change_form.MOST_ADOPTERS),
            "news_every_days": change_form.number(given.news_every_days, 1, change_form.MOST_DAYS),
            # What nobody has answered stays so: the form has no way to take an answer back.
            **({} if given.may_be_named is None else {"may_be_named": given.may_be_named}),
        }
        await changing.change(
            session,
            ws,
            customer,
            wanted,
            by=by,
            now=now,
            new_id=self.edge.new_id,
            on_manager_changed=self.on_manager_changed,
        )
        admins = [person.user_id for person in await members.with_role(session, ws, ADMIN)]
        concerned = {*admins, customer.account_manager, given.manager, customer.deputy, given.deputy} - {None}
        await self.refresh_home(session, now=now, ws=ws, users=[user for user in concerned if user])


@dataclass(frozen=True, kw_only=True)
class ChangeCommand:
    """`/customer-admin customer NAME`."""

    changing: Changing
    command: str = "/customer-admin"
    word: str = "customer"

    def help(self, words: Words) -> str:
        return words.say("`customer NAME`: change its account manager, deputy and rules")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        return await self.changing.edge.sessions.run(lambda session: self._reply(session, invoked, rest, words))

    async def _reply(self, session: AsyncSession, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        person = await members.get(session, invoked.who.workspace_id, invoked.who.user_id)
        if not await self.changing.may(session, invoked.who):
            return Reply(message=await self.changing.refusal(session, person, words))
        typed = rest.strip()
        if not typed:
            return Reply(message=blocks.which_name(words, "/customer-admin customer Orion"))
        found = await service.find_by_name(session, person.workspace_id, typed)
        if found.customer is not None:
            return Reply(view=await self.changing.view(session, found.customer, words))
        return Reply(message=change_form.candidates(words, typed, found.candidates or found.closest))
