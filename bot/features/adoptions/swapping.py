"""From Slack: asking a colleague to swap customers, and their answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.adoptions import blocks, service, swaps, windows
from bot.features.adoptions.desk import Desk, at_field, close_with
from bot.features.adoptions.rules import SwapOutcome
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.listening import readable
from bot.slack.payloads import Press, Submission, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

MENDABLE = frozenset({SwapOutcome.NOTHING_TO_SWAP, SwapOutcome.NOT_WITH_YOURSELF})


def register(app: AsyncApp, desk: Desk) -> None:
    swapping = Swapping(desk=desk)
    app.view(windows.SWAP_ASKED)(readable(swapping.on_asked))
    for number in range(swaps.MOST_GIVEN):
        app.action(f"{blocks.SWAP_YES}_{number}")(readable(swapping.on_answer))
    app.action(blocks.SWAP_NO)(readable(swapping.on_answer))


async def show_window(desk: Desk, body: Mapping[str, Any], pressed: Press, adoption_id: str) -> None:
    """From the menu on Home."""
    ws = pressed.who.workspace_id
    async with desk.edge.sessions.begin() as session:
        words = words_of(await members.get(session, ws, pressed.who.user_id))
        now, new_id = desk.edge.clock.now(), desk.edge.new_id
        user = pressed.who.user_id
        adoption = await service.theirs(session, ws, user, adoption_id, Action.SWAP, now=now, new_id=new_id)
        customer = await customers.get(session, ws, adoption.customer_id) if adoption else None
    if customer is None:
        await desk.tell(body, pressed, words, blocks.told(said(words, SwapOutcome.NOT_FOUND)))
    else:
        await desk.show(body, pressed, windows.swap(words, adoption_id, customer=customer.name), words)


@dataclass(frozen=True, kw_only=True)
class Swapping:
    desk: Desk

    async def on_asked(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """What is refused at the field has changed nothing, so that another colleague can be chosen."""
        submitted = submission(body)
        words = await self.desk.words(submitted)
        outcome = await self.desk.edge.sessions.run(lambda session: self._ask(session, submitted))
        if outcome in MENDABLE:
            await at_field(ack, windows.WHO, said(words, outcome))
        else:
            await close_with(ack, words, said(words, outcome))

    async def _ask(self, session: AsyncSession, submitted: Submission) -> SwapOutcome:
        return await swaps.ask(
            session,
            submitted.who.workspace_id,
            submitted.who.user_id,
            submitted.private,
            next(iter(submitted.picked(windows.WHO)), ""),
            request=submitted.key,
            now=self.desk.edge.clock.now(),
            new_id=self.desk.edge.new_id,
        )

    async def on_answer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        outcome = await self.desk.once(pressed, lambda session: self._answer(session, pressed))
        words = await self.desk.words(pressed)
        text = said(words, SwapOutcome(outcome or SwapOutcome.NOT_FOUND.value))
        await self.desk.tell(body, pressed, words, blocks.told(text))
        await ack()

    async def _answer(self, session: AsyncSession, pressed: Press) -> str:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.desk.edge.clock.now()
        swap_id, _, given = pressed.value.partition(":")
        new_id = self.desk.edge.new_id
        if pressed.action == blocks.SWAP_NO:
            return (await swaps.decline(session, ws, user, swap_id, now=now, new_id=new_id)).value
        return (await swaps.agree(session, ws, user, swap_id, given, now=now, new_id=new_id)).value


def said(words: Words, outcome: SwapOutcome) -> str:
    match outcome:
        case SwapOutcome.ASKED:
            return words.say("Asked. Nothing changes before they agree; you hear of it either way.")
        case SwapOutcome.AGREED:
            return words.say("Swapped. The introduction to your new customer is on its way; the old thread stays.")
        case SwapOutcome.DECLINED:
            return words.say("They are told kindly. Everything stays as it was.")
        case SwapOutcome.NOTHING_TO_SWAP:
            return words.say("There is nothing you two could swap at the moment. Please choose somebody else.")
        case SwapOutcome.NOT_WITH_YOURSELF:
            return words.say("Please choose a colleague.")
        case SwapOutcome.OVER:
            return words.say("This swap is over: something has changed since it was asked.")
    return words.say("This is not there any more.")
