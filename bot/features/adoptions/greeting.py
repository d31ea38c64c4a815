"""From Slack: an account manager says hello to a new adopter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.core.strings import why_unusable
from bot.features.adoptions import blocks, owing, service, store, windows
from bot.features.adoptions.desk import Desk, at_field, close_with, name_of
from bot.features.adoptions.rules import LONGEST_TEXT, Adoption
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.listening import readable
from bot.slack.payloads import Submission, press, submission
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

SENT, GONE, NOT_YOURS = "sent", "gone", "not_yours"


def register(app: AsyncApp, desk: Desk) -> None:
    hello = Hello(desk=desk)
    app.action(blocks.HELLO)(readable(hello.on_press))
    app.view(windows.SAID_HELLO)(readable(hello.on_submit))


@dataclass(frozen=True, kw_only=True)
class Hello:
    desk: Desk

    async def on_press(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        async with self.desk.edge.sessions.begin() as session:
            person = await members.get(session, ws, user)
            words = words_of(person)
            adoption, why = await self._theirs(session, ws, user, pressed.value, outsider=pressed.who.outsider)
            if adoption is not None:
                name = await name_of(session, words, ws, adoption.user_id)
                customer = await customers.get(session, ws, adoption.customer_id)
        if adoption is None:
            await self.desk.tell(body, pressed, words, blocks.told(said(words, why)))
        else:
            view = windows.hello(
                words, adoption.id, name=name, customer=customer.name if customer else "", author=person.name
            )
            await self.desk.show(body, pressed, view, words)
        await ack()

    async def _theirs(
        self, session: AsyncSession, ws: str, user: str, adoption_id: str, *, outsider: bool
    ) -> tuple[Adoption | None, str]:
        """The adoption, where it goes on and this person looks after its customer."""
        now = self.desk.edge.clock.now()
        adoption = await service.get(session, ws, adoption_id)
        if adoption is None:
            return None, GONE
        customer = await customers.get(session, ws, adoption.customer_id)
        manages = customer is not None and await service.manages_customer(session, customer, user, now=now)
        if outsider or not await members.may(session, ws, user, Action.GREET, manages_customer=manages):
            about, new_id = [adoption.customer_id], self.desk.edge.new_id
            await members.refused(session, ws, user, Action.GREET, about=about, now=now, new_id=new_id)
            return None, NOT_YOURS
        return (adoption, "") if adoption.is_active else (None, GONE)

    async def on_submit(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        submitted = submission(body)
        words = await self.desk.words(submitted)
        text = submitted.typed(windows.TEXT).strip()
        if not text or why_unusable(text) or len(text) > LONGEST_TEXT:
            await at_field(ack, windows.TEXT, windows.text_error(words))
            return
        outcome = await self.desk.once(submitted, lambda session: self._say(session, submitted, text))
        await close_with(ack, words, said(words, outcome))

    async def _say(self, session: AsyncSession, submitted: Submission, text: str) -> str:
        ws, user, now = submitted.who.workspace_id, submitted.who.user_id, self.desk.edge.clock.now()
        outsider = submitted.who.outsider
        adoption, why = await self._theirs(session, ws, user, submitted.private, outsider=outsider)
        if adoption is None:
            return why
        hello_id = self.desk.edge.new_id()
        values = {
            "id": hello_id,
            "workspace_id": ws,
            "request": submitted.key[:192],
            "adoption_id": adoption.id,
            "author": user,
            "text": text,
            "at": now,
        }
        await store.add_hello(session, values)
        await store.change(session, ws, adoption.id, hello_at=now)
        await owing.note(session, adoption, "hello", now=now, once=hello_id, ref={"hello": hello_id})
        await owing.lists_again(session, adoption, user, now=now)
        return SENT


def said(words: Words, outcome: str) -> str:
    if outcome == SENT:
        return words.say("Your hello is on its way.")
    if outcome == NOT_YOURS:
        return words.say("Only whoever looks after the customer can do this.")
    return words.say("This adoption has ended since.")
