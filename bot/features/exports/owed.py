"""A file that somebody asked for: made, handed over in their direct messages, or why not."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import handing
from bot.delivery.queue import Owed
from bot.delivery.rendering import Document, Quiet, Rendered, Renderer, Skip
from bot.features.customers import service as customers
from bot.features.exports import blocks, naming, service
from bot.features.exports.making import Making
from bot.features.exports.rules import ACTION, CUSTOMER, Wish
from bot.features.members import service as members
from bot.slack.words import words_of

NOT_ALLOWED = "not_allowed"


def renderers(making: Making) -> dict[str, Renderer]:
    shares = {service.SHARE.format(what=what): HandedOver() for what in ACTION}
    return {service.FILE: Files(making=making), **shares, service.NOT_SENT: NotSent()}


@dataclass(frozen=True, kw_only=True)
class Files(Quiet):
    making: Making

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        wish, now = service.wish_of(owed), await db_now(session)
        if not await service.may(session, wish, now=now):
            return Skip(reason=NOT_ALLOWED)
        words = words_of(await members.get(session, wish.workspace_id, wish.user))
        name = naming.file_name(wish.what, now.date(), await _customer(session, wish))
        return Document(name=name, make=partial(self.making.make, wish, words))

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        await service.tell(session, owed, error=error, now=now)


class HandedOver(Quiet):
    """Whoever asked is there, so it comes at once; also to one who wants no messages."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        wish, now = service.wish_of(owed), await db_now(session)
        if wish.user != owed.target or not await service.may(session, wish, now=now):
            return Skip(reason=NOT_ALLOWED)
        words = words_of(await members.get(session, wish.workspace_id, wish.user))
        return blocks.handed_over(words, wish.what, day=now.date(), customer=await _customer(session, wish))

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
        if error != "parent_failed":  # else it has been told, or they may not have it any more
            await service.tell(session, owed, error=error, now=now)


class NotSent(Quiet):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        wish = service.wish_of(owed)
        if not await service.may(session, wish, now=await db_now(session)):
            return Skip(reason=NOT_ALLOWED)
        words = words_of(await members.get(session, wish.workspace_id, wish.user))
        too_large = owed.ref.get("error") in {handing.TOO_LARGE, handing.TOO_LONG}
        return blocks.not_sent(words, wish.what, too_large=too_large)


async def _customer(session: AsyncSession, wish: Wish) -> str:
    found = await customers.get(session, wish.workspace_id, wish.subject) if wish.what == CUSTOMER else None
    return found.name if found is not None else ""
