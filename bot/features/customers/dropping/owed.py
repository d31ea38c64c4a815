"""What dropped files owe Slack: one message each, which changes with what becomes of the file."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery.queue import Owed
from bot.delivery.rendering import Quiet, Rendered, Renderer, Skip
from bot.features.customers.dropping import blocks, service, store
from bot.features.customers.dropping.blocks import Dropped
from bot.features.customers.dropping.rules import KEPT
from bot.features.members import blocks as members_blocks
from bot.features.members import service as members
from bot.features.members.service import ADMIN, Action
from bot.slack.words import words_of


def renderers(kinds: Sequence[str]) -> dict[str, Renderer]:
    """`kinds`: the words of the importers that take single files."""
    return {service.REPORT: Report(kinds=kinds), service.NOT_ADMIN: NotAdmin()}


@dataclass(frozen=True, kw_only=True)
class Report(Quiet):
    kinds: Sequence[str]

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        drop = await store.get(session, owed.workspace_id, str(owed.ref.get("drop")))
        if drop is None:
            return Skip(reason="gone")
        if not await members.may(session, drop.workspace_id, drop.user_id, Action.IMPORT):
            return Skip(reason="not_admin")
        reader = await members.get(session, drop.workspace_id, drop.user_id)
        words = words_of(reader)
        beside = bool(owed.ref.get("beside"))
        shown = Dropped(drop=drop, kinds=self.kinds, until=drop.at + KEPT, beside=beside)
        return blocks.message(words, shown)


class NotAdmin(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        reader = await members.get(session, owed.workspace_id, str(owed.ref["user"]))
        if not members.able(reader, Action.BE_ANSWERED):
            return Skip(reason="gone")
        admins = await members.with_role(session, owed.workspace_id, ADMIN)
        return members_blocks.not_admin(words_of(reader), admins)
