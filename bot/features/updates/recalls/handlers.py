"""*Recall this post* beside an update on Home."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.features.edge import Edge
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members import showing
from bot.features.updates import windows
from bot.features.updates.recalls import blocks as recall_blocks
from bot.features.updates.recalls import service as recalling
from bot.slack.listening import readable
from bot.slack.payloads import press
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


def register(app: AsyncApp, edge: Edge) -> None:
    app.action(recall_blocks.RECALL)(readable(Recalling(edge=edge).on_recall))


tell = partial(showing.tell, notice=windows.notice)


@dataclass(frozen=True, kw_only=True)
class Recalling:
    edge: Edge

    async def on_recall(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        pressed = press(body)

        async def work(session: AsyncSession) -> tuple[Words, str]:
            ws, user, now = pressed.who.workspace_id, pressed.who.user_id, self.edge.clock.now()
            person = await members.get(session, ws, user, now=now)
            done = await recalling.recall(
                session, person, pressed.value, outsider=pressed.who.outsider, now=now, new_id=self.edge.new_id
            )
            await home.owe_if_open_today(session, now=now, ws=ws, users=[user])
            words = words_of(person)
            return words, recall_blocks.recalled(words, done)

        words, text = await self.edge.sessions.run(work)
        await ack()
        await tell(self.edge, pressed, body, words, text)
