"""From Slack: *Get my data*, *Get its data* on a customer's card, *Get the totals*."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.edge import Edge
from bot.features.exports import blocks, service
from bot.features.exports.rules import ACTION, CUSTOMER, OWN, TOTALS, Wish
from bot.features.members import asking, showing
from bot.features.members import service as members
from bot.features.members.blocks import not_for_you
from bot.slack.listening import readable
from bot.slack.payloads import Press, press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

REFUSED: dict[str, Callable[[Words], str]] = {
    OWN: lambda words: not_for_you(words).text,
    CUSTOMER: blocks.not_yours,
    TOTALS: blocks.no_totals,
}


@dataclass(frozen=True, kw_only=True)
class Exports:
    edge: Edge

    def register(self, app: AsyncApp) -> None:
        app.action(blocks.GET_OWN)(readable(self.on_own))
        app.action(blocks.GET_CUSTOMER)(readable(self.on_customer))
        app.action(blocks.GET_TOTALS)(readable(self.on_totals))

    async def on_own(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._asked(ack, body, OWN)

    async def on_customer(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._asked(ack, body, CUSTOMER)

    async def on_totals(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._asked(ack, body, TOTALS)

    async def _asked(self, ack: AsyncAck, body: dict[str, Any], what: str) -> None:
        pressed = press(body)
        words, text = await self.edge.sessions.run(lambda session: self._answer(session, pressed, what))
        await ack()
        await showing.tell(self.edge, pressed, body, words, text, notice=blocks.window)

    async def _answer(self, session: AsyncSession, pressed: Press, what: str) -> tuple[Words, str]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
        chosen = pressed.chosen[0] if pressed.chosen else pressed.value
        wish = Wish(workspace_id=ws, user=user, what=what, subject={OWN: user, TOTALS: ws}.get(what, chosen))
        words = words_of(await members.get(session, ws, user))
        wish = await service.within_reach(session, wish)
        found = await service.related(session, wish, now=now)
        if not await asking.may(
            self.edge, session, pressed.who, ACTION[what],
            manages_customer=found.manages_customer, owns_channel=found.owns_channel, about=found.about,
        ):  # fmt: skip
            return words, REFUSED[what](words)
        return words, blocks.answer(words, await service.ask(session, wish, now=now, new_id=self.edge.new_id))
