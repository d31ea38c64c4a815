"""`/customer mine`: a part of Home where one is, privately."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.features.edge import Edge
from bot.features.home import blocks
from bot.features.home.seams import Section, viewer_of
from bot.features.members import service as members
from bot.features.members.seams import Reply
from bot.slack.kit import Message
from bot.slack.payloads import SlashCommand
from bot.slack.words import Words

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, kw_only=True)
class MineCommand:
    """`sections`: what Home shows of my customers. Guests have none."""

    edge: Edge
    sections: Sequence[Section]
    command: str = "/customer"
    word: str = "mine"

    def help(self, words: Words) -> str:
        return words.say("`mine`: my customers and their latest news")

    async def run(self, invoked: SlashCommand, rest: str, words: Words) -> Reply:  # noqa: ARG002
        return Reply(message=await self.edge.sessions.run(lambda session: self._shown(session, invoked, words)))

    async def _shown(self, session: AsyncSession, invoked: SlashCommand, words: Words) -> Message:
        person = await members.get(session, invoked.who.workspace_id, invoked.who.user_id)
        viewer = viewer_of(person)
        shown = [block for section in self.sections for block in await section.render(session, viewer, words)]
        return blocks.mine(words, shown)
