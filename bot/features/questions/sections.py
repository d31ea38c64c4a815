"""The parts of Home about questions: what I shall answer, what waits for the editors, what I asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import links
from bot.features.customers import service as customers
from bot.features.customers.service import CustomerCard
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.questions import blocks, holding, owing, store
from bot.features.questions.rules import ANSWERED, OPEN, Question
from bot.slack import kit
from bot.slack.kit import Block
from bot.slack.text import escape, message_link
from bot.slack.words import Words

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer

SHOWN = 8


async def _customers(session: AsyncSession, ws: str, found: Sequence[Question]) -> dict[str, CustomerCard]:
    return await customers.customers(session, ws, [one.customer_id for one in found])


def _name(card: CustomerCard | None) -> str:
    return escape(card.name) if card else "…"


@dataclass(frozen=True, kw_only=True)
class UnansweredQuestions:
    """For account managers and editors, the oldest first, each with *Answer*."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws = viewer.workspace_id
        mine = await store.open_with(session, ws, viewer.user_id, SHOWN)
        editors = await store.waiting(session, ws, SHOWN + 1) if viewer.may(Action.SEE_WAITING_QUESTIONS) else []
        editors = [one for one in editors if one.asker != viewer.user_id]
        shown: list[Block] = []
        for title, found in (
            (words.say("Unanswered questions"), mine),
            (words.say("Questions waiting with the editors"), editors),
        ):
            if found:
                shown += [kit.header(title), *await self._listed(session, viewer, words, found[:SHOWN])]
        if len(editors) > SHOWN:
            shown.append(kit.context(words.say("There are more; these are the oldest.")))
        return shown

    @staticmethod
    async def _listed(
        session: AsyncSession, viewer: Viewer, words: Words, found: Sequence[Question]
    ) -> Sequence[Block]:
        ws = viewer.workspace_id
        cards, reader = await _customers(session, ws, found), await members.get(session, ws, viewer.user_id)
        people = await members.people(session, ws, {one.asker for one in found})
        threads = await links.of_messages(session, ws, [owing.to_key(one, viewer.user_id) for one in found])
        listed = []
        for one in found:
            asker = people[one.asker].name if one.asker in people else ""
            who, customer = escape(blocks.somebody(words, asker)), _name(cards.get(one.customer_id))
            asked = blocks.aloud(one.text)
            line = words.say("{who} about *{customer}*: {question}", who=who, customer=customer, question=asked)
            thread = threads.get(owing.to_key(one, viewer.user_id))
            if thread:
                line = f"{line}\n{message_link(thread, words.say('Open the thread'))}"
            label = kit.shorten(words.say("Answer {who} about {customer}", who=who, customer=customer), 75)
            card = cards.get(one.customer_id)
            may = card is not None and await holding.may_answer_about(session, one, reader, card)
            listed.append(kit.section(line, accessory=blocks.answer_button(words, one.id, label) if may else None))
        return listed


@dataclass(frozen=True, kw_only=True)
class MyQuestions:
    """What I asked lately and how it stands."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        found = await store.asked_by(session, viewer.workspace_id, viewer.user_id, SHOWN)
        if not found:
            return ()
        cards = await _customers(session, viewer.workspace_id, found)
        lines = [kit.header(words.say("My questions"))]
        for one in found:
            customer, asked = _name(cards.get(one.customer_id)), blocks.aloud(one.text)
            about = words.say("*{customer}*: {question}", customer=customer, question=asked)
            lines.append(kit.section(f"{about}\n_{_state(words, one)}_"))
        return lines


def _state(words: Words, question: Question) -> str:
    if question.state == ANSWERED:
        return words.say("Answered: see your messages with Canteen")
    if question.state == OPEN:
        return words.say("With the account manager")
    return words.say("With the editors")
