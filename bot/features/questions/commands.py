"""`/customer ask NAME [question]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.core.strings import why_unusable
from bot.features.customers import blocks as customers_blocks
from bot.features.customers import service as customers
from bot.features.edge import Edge
from bot.features.members import asking
from bot.features.members import service as members
from bot.features.members.seams import Reply
from bot.features.members.service import Action, Person, Standing
from bot.features.questions import service, windows
from bot.features.questions.rules import LONGEST, Refusal
from bot.slack import kit
from bot.slack.payloads import SlashCommand
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MOST_WORDS = 6  # of a customer's name, before the question begins


@dataclass(frozen=True, kw_only=True)
class AskCommand:
    """Opens the window, with the question where one was typed: nothing is asked before it is sent from there."""

    edge: Edge
    command: str = "/customer"
    word: str = "ask"

    def help(self, words: Words) -> str:
        return words.say("`ask NAME`: ask the account manager something about this customer")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, invoked.who.workspace_id, invoked.who.user_id)
            if not members.allowed(Action.ASK, Standing(person=person)) or invoked.who.outsider:
                await asking.refused(self.edge, session, invoked.who, Action.ASK)
                return Reply(message=kit.told(windows.refused(words, Refusal.NOT_FOR_GUESTS)))
            return await self._reply(session, person, rest.strip(), words)

    async def _reply(self, session: AsyncSession, person: Person, typed: str, words: Words) -> Reply:
        if not typed or why_unusable(typed):
            example = words.say("Which customer? Type {example}", example="`/customer ask Orion`")
            return Reply(message=kit.told(example))
        found, question = await _meant(session, person, typed)
        if found.customer is None:
            if found.candidates:
                return Reply(message=customers_blocks.candidates_message(words, typed, found.candidates))
            return Reply(message=customers_blocks.nothing_found(words, typed, found.closest))
        form = await service.ask_form(session, person, found.customer.id, outsider=False)
        if form.customer is None:
            return Reply(message=kit.told(windows.refused(words, form.refusal or Refusal.NOT_FOUND)))
        view = windows.ask_window(
            words, form.customer, post_id="", manager=form.manager, before=form.before, initial=question[:LONGEST]
        )
        return Reply(view=view)


async def _meant(session: AsyncSession, person: Person, typed: str) -> tuple[customers.Found, str]:
    """The customer and the question. The longest beginning that is exactly a customer's name is the name."""
    viewer = customers.viewer_of(person)
    parts = typed.split()
    for number in range(min(MOST_WORDS, len(parts)), 0, -1):
        exact = await customers.exactly(session, person.workspace_id, " ".join(parts[:number]))
        if exact.customer is not None and customers.visible(exact.customer, viewer):
            return exact, " ".join(parts[number:])
    whole = await customers.find_by_name(session, person.workspace_id, typed, viewer)
    if whole.customer is not None or whole.candidates or len(parts) == 1:
        return whole, ""
    first = await customers.find_by_name(session, person.workspace_id, parts[0], viewer)
    return (first, " ".join(parts[1:])) if first.customer is not None else (whole, "")
