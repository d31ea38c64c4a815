"""Renders what the pulse owes a channel: the message that asks, and its last words."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.delivery.queue import Owed
from bot.delivery.rendering import Rendered, Renderer, Skip
from bot.features.channels import service as channels
from bot.features.pulse import blocks, service
from bot.slack.errors import Fault, classify
from bot.slack.words import words_of


def renderers(*, new_id: NewId) -> dict[str, Renderer]:
    return {service.ASK: Ask(new_id=new_id)}


class Ask:
    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        """Pause, stop and switching off count until the moment it is sent."""
        ws = owed.workspace_id
        one = await service.get(session, ws, str(owed.ref["round"]))
        channel = await channels.get(session, ws, one.channel_id) if one else None
        if one is None or channel is None:
            return Skip(reason="removed")
        words = words_of(channel)
        if one.is_open(await db_now(session)):
            why = await channels.why_not_now(session, ws, channel.channel_id)
            if channel.pulse_off or await service.is_off(session, ws):
                why = "off"
            if why and owed.method == "post":
                return Skip(reason=why)
            return blocks.ask(words, one.id, one.closes_at)
        if owed.method == "post":
            return Skip(reason="closed")
        answered = await service.answered(session, one)
        return blocks.closed(words, answered, one.channel_id)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        """It is where it should be: nothing to note."""

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        """A channel that takes nothing is paused, and its people are asked when it goes on."""
        one = await service.get(session, owed.workspace_id, str(owed.ref["round"]))
        if one is None or owed.method != "post":
            return
        placed = classify(error) is Fault.PLACE
        await service.not_asked(session, one, again=placed, now=now)
        if placed:
            await channels.place_failed(session, owed.workspace_id, one.channel_id, error, new_id=self._new_id, now=now)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:
        one = await service.get(session, owed.workspace_id, str(owed.ref["round"]))
        if one is not None and owed.method == "post":
            await service.not_asked(session, one, again=reason != "closed", now=now)
