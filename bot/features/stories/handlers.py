"""From Slack: *Read the whole story* and *Recall this post*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.db import seen
from bot.features.customers.seams import CardButtons
from bot.features.edge import Edge
from bot.features.home import service as home
from bot.features.members import asking, showing
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.stories import blocks, service
from bot.features.stories.blocks import Look
from bot.features.stories.owed import AskButton, more_buttons
from bot.features.stories.service import Opened
from bot.slack.kit import Element, View
from bot.slack.listening import readable
from bot.slack.payloads import Press, press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(
    app: AsyncApp, edge: Edge, *, ask_button: AskButton, public_url: str, card_buttons: Sequence[CardButtons] = ()
) -> None:
    """`ask_button(words, customer_id, post_id)` and `card_buttons` also stand below a whole story."""
    stories = Stories(edge=edge, ask_button=ask_button, public_url=public_url, card_buttons=tuple(card_buttons))
    app.action(blocks.READ)(readable(stories.on_read))
    app.action(blocks.RECALL)(readable(stories.on_recall))


@dataclass(frozen=True, kw_only=True)
class Stories:
    edge: Edge
    ask_button: AskButton
    public_url: str
    card_buttons: tuple[CardButtons, ...] = ()

    async def on_read(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        now = self.edge.clock.now()
        async with self.edge.sessions.begin() as session:
            reader = await members.get(session, pressed.who.workspace_id, pressed.who.user_id, now=now)
            opened = await service.open_story(
                session,
                pressed.who.workspace_id,
                reader,
                pressed.value,
                outsider=pressed.who.outsider,
                public_url=self.public_url,
                now=now,
            )
            words = words_of(reader)
            if opened.refused == "outsiders":
                await asking.refused(self.edge, session, pressed.who, Action.READ_STORY)
            more = await self._more(session, words, opened, reader.workspace_id, reader.user_id)
        if opened.refused is not None:
            await self._answer(body, pressed, words, blocks.cannot_read(words, opened.refused))
        elif await self._show(body, pressed, words, self._reading(words, opened, more)):
            await self._count(pressed, opened, now)
        await ack()

    async def _more(self, session: AsyncSession, words: Words, opened: Opened, ws: str, user: str) -> list[Element]:
        if opened.story is None or opened.refused is not None:
            return []
        return await more_buttons(session, self.card_buttons, words, opened.story, ws, user=user)

    def _reading(self, words: Words, opened: Opened, more: Sequence[Element]) -> View:
        if opened.story is None:
            raise ValueError("nothing to read")
        story, post_id = opened.story, opened.post.id if opened.post else ""
        ask = self.ask_button(words, story.customer_id, post_id) if story.customer_id else None
        look = Look(story=story, wording=story.wording(words.locale), shot=opened.shot, ask=ask, more=more)
        return blocks.reading(words, look)

    async def _show(self, body: Mapping[str, Any], pressed: Press, words: Words, view: View) -> bool:
        """A picture that Slack cannot fetch costs only the picture."""
        plainer = blocks.without_pictures(view)
        return await showing.show(self.edge, body, pressed, view, words, plainer=plainer)

    async def _count(self, pressed: Press, opened: Opened, now: datetime) -> None:
        """After the modal is up: a busy counter must not cost anybody their three seconds."""
        if opened.post is None:
            return
        async with self.edge.sessions.begin() as session:
            key = pressed.key
            if await seen.first_time(session, workspace_id=pressed.who.workspace_id, key=key, now=now):
                await service.count_open(session, opened.post, now)

    async def on_recall(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)
        said, words = await self._recall(pressed, self.edge.clock.now())
        await self._answer(body, pressed, words, said)
        await ack()

    async def _recall(self, pressed: Press, now: datetime) -> tuple[str, Words]:
        """What the person is told; a repeat is told the first outcome."""
        ws, user = pressed.who.workspace_id, pressed.who.user_id
        async with self.edge.sessions.begin() as session:
            person = await members.get(session, ws, user, now=now)
            words = words_of(person)
            if not await seen.first_time(session, workspace_id=ws, key=pressed.key, now=now):
                return await seen.outcome_of(session, workspace_id=ws, key=pressed.key) or "", words
            said = await self._decide(session, pressed, words, now)
            await seen.remember_outcome(session, workspace_id=ws, key=pressed.key, outcome=said)
        return said, words

    async def _decide(self, session: AsyncSession, pressed: Press, words: Words, now: datetime) -> str:
        ws, user, new_id = pressed.who.workspace_id, pressed.who.user_id, self.edge.new_id
        post = await service.find_post(session, ws, pressed.value)
        if post is None:
            return blocks.cannot_read(words, "not_found")
        if pressed.who.outsider or not await service.may_recall(session, ws, post, user):
            await service.audit_refusal(session, post, by=user, now=now, new_id=new_id)
            return blocks.cannot_read(words, "not_found") if pressed.who.outsider else blocks.may_not_recall(words)
        places = await service.recall(session, ws, post, by=user, now=now, new_id=new_id)
        await home.owe(session, now=now, ws=ws, user=user)
        return blocks.recalled(words, places)

    async def _answer(self, body: Mapping[str, Any], pressed: Press, words: Words, said: str) -> None:
        """Privately: beneath the message, or, on Home, where nothing can be said beneath, in a modal."""
        if pressed.response_url:
            self.edge.receipts.send(pressed.response_url, blocks.private(said))
        elif said:
            await self._show(body, pressed, words, blocks.notice(words, said))
