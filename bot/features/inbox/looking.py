"""From Slack: a draft looked at, and the list of all that wait."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck

from bot.features.inbox import blocks, store, windows
from bot.features.inbox.desk import Desk
from bot.features.inbox.owed import lines
from bot.features.inbox.rules import Refusal
from bot.features.members.service import Action
from bot.slack.errors import SlackFault
from bot.slack.kit import View
from bot.slack.payloads import Press, press
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class Looking:
    desk: Desk

    async def on_look(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """From the list it takes the list's place, so that three windows never become four."""
        pressed = press(body)
        inside = bool(pressed.view_id) and (body.get("view") or {}).get("type") == "modal"

        async def work(session: "AsyncSession") -> tuple[Words, View]:
            _, words = await self.desk.person(session, pressed.who)
            draft = await store.get(session, pressed.who.workspace_id, pressed.value)
            if not await self.desk.may(session, pressed.who, Action.EDIT_DRAFT, about=draft):
                return words, windows.notice(words, windows.refused(words, Refusal.NOT_AN_EDITOR))
            if draft is None:
                return words, windows.notice(words, windows.refused(words, Refusal.NOT_FOUND))
            return words, await self.desk.look(session, draft, pressed.who, words, back=inside)

        words, view = await self.desk.edge.sessions.run(work)
        await self._place(body, pressed, view, words, inside=inside)
        await ack()

    async def on_list(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        words, view = await self.desk.edge.sessions.run(lambda session: self._page(session, pressed))
        await self._place(body, pressed, view, words, inside=False)
        await ack()

    async def on_page(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        words, view = await self.desk.edge.sessions.run(lambda session: self._page(session, pressed))
        await self._place(body, pressed, view, words, inside=True)
        await ack()

    async def _page(self, session: "AsyncSession", pressed: Press) -> tuple[Words, View]:
        _, words = await self.desk.person(session, pressed.who)
        if not await self.desk.may(session, pressed.who, Action.EDIT_DRAFT):
            return words, windows.notice(words, windows.refused(words, Refusal.NOT_AN_EDITOR))
        ws, total = pressed.who.workspace_id, await store.count_waiting(session, pressed.who.workspace_id)
        wanted = int(pressed.value) if pressed.value.isdecimal() and len(pressed.value) < 7 else 0
        offset = wanted if wanted < total else 0
        found = await store.waiting(session, ws, limit=blocks.A_PAGE, offset=offset)
        shown = await lines(session, ws, self.desk.kinds, found, words)
        return words, blocks.listing(words, shown, offset=offset, total=total)

    async def _place(self, body: dict[str, Any], pressed: Press, view: View, words: Words, *, inside: bool) -> None:
        if not inside:
            await self.desk.show(body, pressed, view, words)
            return
        try:
            await self.desk.edge.gateway.update_view(pressed.who.workspace_id, pressed.view_id, view)
        except SlackFault:
            await self.desk.show(body, pressed, view, words)  # it was closed meanwhile
