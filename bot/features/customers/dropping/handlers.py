"""From Slack: what an admin decides about a file they dropped."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.customers.dropping import blocks, service
from bot.features.customers.dropping.rules import Drop
from bot.features.edge import Edge
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.members.service import ADMIN
from bot.slack import kit
from bot.slack.listening import readable
from bot.slack.payloads import Press, press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.slack.kit import Message

Decide = Callable[["AsyncSession", Drop], Awaitable[bool]]


def register(app: AsyncApp, edge: Edge, *, kinds: Sequence[str]) -> None:
    """`kinds`: the words of the importers that take single files."""
    deciding = Deciding(edge=edge, kinds=frozenset(kinds))
    app.action(blocks.IMPORT)(readable(deciding.on_import))
    app.action(blocks.DISCARD)(readable(deciding.on_discard))
    app.action(blocks.OTHER)(readable(deciding.on_other))
    app.action(re.compile(f"^{blocks.AS}"))(readable(deciding.on_choose))
    app.action(blocks.ALL)(readable(deciding.on_all))


@dataclass(frozen=True, kw_only=True)
class Deciding:
    edge: Edge
    kinds: frozenset[str]

    async def on_import(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._decide(ack, press(body), lambda session, drop: service.begin(session, drop, now=self._now()))

    async def on_discard(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._decide(ack, press(body), lambda session, drop: service.discard(session, drop, now=self._now()))

    async def on_other(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await self._decide(ack, press(body), lambda session, drop: service.ask_again(session, drop, now=self._now()))

    async def on_choose(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        what = pressed.action.removeprefix(blocks.AS)

        async def choose(session: AsyncSession, drop: Drop) -> bool:
            return what in self.kinds and await service.choose(session, drop, what, now=self._now())

        await self._decide(ack, pressed, choose)

    def _now(self) -> Any:
        return self.edge.clock.now()

    async def _decide(self, ack: AsyncAck, pressed: Press, decide: Decide) -> None:
        """The message itself shows what was done; only what could not be done is told beneath it."""

        async def work(session: AsyncSession) -> Message | None:
            return await self._in_transaction(session, pressed, decide)

        told = await self.edge.sessions.run(work)
        await ack()
        if told is not None:
            self.edge.receipts.send(pressed.response_url, told)

    async def _in_transaction(self, session: AsyncSession, pressed: Press, decide: Decide) -> Message | None:
        ws, now = pressed.who.workspace_id, self._now()
        if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
            return None
        words, found = await self._found(session, pressed)
        if not found.admin:
            return members_blocks.not_admin(words, await members.with_role(session, ws, ADMIN))
        if found.drop is None:
            return kit.told(blocks.gone(words))
        if await decide(session, found.drop):
            return None
        return kit.told(blocks.now_it_is(words, found.drop.state))

    async def _found(self, session: AsyncSession, pressed: Press) -> tuple[Words, service.Pressed]:
        ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self._now()
        reader = await members.get(session, ws, user, now=now)
        found = await service.own(session, ws, user, pressed.value, now=now, new_id=self.edge.new_id)
        return words_of(reader), found

    async def on_all(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        async with self.edge.sessions.begin() as session:
            words, found = await self._found(session, pressed)
        if found.drop is None:
            self.edge.receipts.send(pressed.response_url, kit.told(blocks.gone(words)))
        else:
            await showing.show(self.edge, body, pressed, blocks.all_refused(words, found.drop), words)
        await ack()
