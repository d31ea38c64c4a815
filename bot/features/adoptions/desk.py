"""What every handler here needs: the person's words, and telling them something wherever they pressed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.async_app import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import seen
from bot.features.adoptions import windows
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.members import showing
from bot.slack.kit import Message, View
from bot.slack.payloads import Press, Submission
from bot.slack.words import Words, words_of

Work = Callable[[AsyncSession], Awaitable[str]]


async def name_of(session: AsyncSession, words: Words, ws: str, user: str) -> str:
    return (await members.get(session, ws, user)).name or words.say("Somebody")


@dataclass(frozen=True, kw_only=True)
class Desk:
    edge: Edge

    async def tell(self, body: Mapping[str, Any], pressed: Press, words: Words, message: Message) -> None:
        """Privately: beneath the message; on Home and in a modal, where nothing can be said beneath, in a window."""
        if pressed.response_url:
            self.edge.receipts.send(pressed.response_url, message)
        else:
            text = next((block["text"]["text"] for block in message.blocks if block["type"] == "section"), message.text)
            await showing.show(self.edge, body, pressed, windows.notice(words, text), words)

    async def show(self, body: Mapping[str, Any], pressed: Press, view: View, words: Words) -> None:
        await showing.show(self.edge, body, pressed, view, words)

    async def once(self, what: Press | Submission, work: Work) -> str:
        """`work` in a transaction, once for this press or submission; a repeat gets the code of the first."""

        async def inside(session: AsyncSession) -> str:
            ws, now = what.who.workspace_id, self.edge.clock.now()
            if not await seen.first_time(session, workspace_id=ws, key=what.key, now=now):
                return await seen.outcome_of(session, workspace_id=ws, key=what.key) or ""
            outcome = await work(session)
            await seen.remember_outcome(session, workspace_id=ws, key=what.key, outcome=outcome)
            return outcome

        return await self.edge.sessions.run(inside)

    async def words(self, what: Press | Submission) -> Words:
        async with self.edge.sessions.begin() as session:
            return words_of(await members.get(session, what.who.workspace_id, what.who.user_id))


async def close_with(ack: AsyncAck, words: Words, text: str) -> None:
    """Instead of the window, what became of it."""
    await ack(response_action="update", view=windows.notice(words, text).payload())


async def at_field(ack: AsyncAck, field: str, text: str) -> None:
    """Everything typed stays."""
    await ack(response_action="errors", errors={field: text})
