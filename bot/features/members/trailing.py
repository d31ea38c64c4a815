"""From Slack: the audit trail, from a button on Home, a page at a time: admins read all of it, account managers and
owners of channels what is about their customers and channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.edge import Edge
from bot.features.members import asking, blocks, service, showing, trail_blocks
from bot.features.members.seams import NamesOfCustomers, ThingsOf
from bot.features.members.service import ADMIN, Action
from bot.features.members.trail import NOTHING, Page, page, readable
from bot.slack.errors import SlackFault
from bot.slack.kit import View
from bot.slack.payloads import Press, UnreadableError, press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class Trailing:
    edge: Edge
    names: NamesOfCustomers | None = None
    theirs: ThingsOf | None = None

    def register(self, app: AsyncApp) -> None:
        app.action(blocks.TRAIL)(self.on_open)
        for turned in (trail_blocks.OLDER, trail_blocks.NEWER):
            app.action(turned)(self.on_page)

    async def on_open(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Whoever may not read any of it is not shown the button: pressing it all the same gives nothing."""
        found = await self._read(body)
        if found is not None:
            pressed, words, view = found
            if view is not None:
                await showing.show(self.edge, body, pressed, view, words)
        await ack()

    async def on_page(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        found = await self._read(body)
        if found is not None and not found[0].who.outsider:
            pressed, words, view = found
            await self._turn(body, pressed, view or await self._closed(pressed, words), words)
        await ack()

    async def _read(self, body: dict[str, Any]) -> tuple[Press, Words, View | None] | None:
        try:
            pressed = press(body)
        except UnreadableError:
            return None
        words, view = await self.edge.sessions.run(lambda session: self._view(session, pressed))
        return pressed, words, view

    async def _view(self, session: AsyncSession, pressed: Press) -> tuple[Words, View | None]:
        """None where the person may not; that stays in the audit trail."""
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        person = await service.get(session, ws, user)
        words, theirs = words_of(person), await readable(session, person, self.theirs)
        if pressed.who.outsider or theirs is NOTHING:
            await asking.refused(self.edge, session, pressed.who, Action.READ_AUDIT)
            return words, None
        found = await page(
            session,
            ws,
            older_than=pressed.value if pressed.action == trail_blocks.OLDER else "",
            newer_than=pressed.value if pressed.action == trail_blocks.NEWER else "",
            about=theirs,
        )
        names = await self._names(session, ws, found, theirs)
        return words, trail_blocks.trail(words, found, names, of_theirs=theirs is not None)

    async def _names(
        self, session: AsyncSession, ws: str, found: Page, theirs: frozenset[str] | None
    ) -> Mapping[str, str]:
        """Of customers; `theirs`: of no others, since whoever owns a channel need not know of all that it was about."""
        ids = {one for entry in found.entries for one in (entry.subject, *entry.about)}
        ids = ids if theirs is None else ids & theirs
        return await self.names(session, ws, ids) if self.names is not None and ids else {}

    async def _closed(self, pressed: Press, words: Words) -> View:
        async with self.edge.sessions.begin() as session:
            return trail_blocks.trail_closed(words, await service.with_role(session, pressed.who.workspace_id, ADMIN))

    async def _turn(self, body: dict[str, Any], pressed: Press, view: View, words: Words) -> None:
        try:
            await self.edge.gateway.update_view(pressed.who.workspace_id, pressed.view_id, view)
        except SlackFault:  # it was closed meanwhile
            await showing.show(self.edge, body, pressed, view, words)
