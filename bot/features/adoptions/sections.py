"""The parts of Home: my customers, who adopted the customers I look after, hat draws."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery import links
from bot.features.adoptions import hat_blocks, hat_store, hats, home_blocks, service, store
from bot.features.adoptions.home_blocks import Mine, Theirs
from bot.features.adoptions.owing import intro_key
from bot.features.adoptions.rules import OPEN
from bot.features.adoptions.seams import LatestNews, no_news
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.kit import Block, Element
from bot.slack.words import Words

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer


Button = Callable[[Words, str], Element]
"""Words and a customer's id in."""


@dataclass(frozen=True, kw_only=True)
class MyCustomers:
    """Each with its latest news, `buttons` such as *Ask*, and a menu to pause, swap and stop."""

    latest: LatestNews = no_news
    buttons: tuple[Button, ...] = ()

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        found = await service.of_member(session, ws, viewer.user_id)
        if not found:
            able = await hat_store.for_person(session, ws, viewer.user_id, "", nameable_only=False, limit=1)
            return home_blocks.none_yet(words) if able else ()
        ids = [one.customer_id for one in found]
        cards, news = await customers.customers(session, ws, ids), await self.latest(session, ws, ids)
        threads = await links.of_messages(session, ws, [intro_key(one.id) for one in found])
        visits = await store.visits_of(session, ws, [one.id for one in found])
        shown = [
            Mine(
                adoption=one,
                customer=cards[one.customer_id].name,
                news=news.get(one.customer_id),
                visit=visits.get(one.id),
                thread=threads.get(intro_key(one.id)),
                buttons=[button(words, one.customer_id) for button in self.buttons],
            )
            for one in found
            if one.customer_id in cards
        ]
        return home_blocks.mine(words, shown, now=now)


@dataclass(frozen=True, kw_only=True)
class AdoptersOfMine:
    """For account managers and deputies: who has their customers, and since when."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws = viewer.workspace_id
        mine = {card.id: card for card in await customers.managed_by(session, ws, viewer.user_id)}
        found = await service.adopters_of(session, ws, list(mine)) if mine else []
        if not found:
            return ()
        names = await members.people(session, ws, {one.user_id for one in found})
        somebody = words.say("Somebody")
        shown = [
            Theirs(
                adoption=one,
                customer=mine[one.customer_id].name,
                name=names[one.user_id].name if one.user_id in names else somebody,
            )
            for one in found
        ]
        shown.sort(key=lambda one: (one.customer.casefold(), one.adoption.since))
        return home_blocks.adopters_of_mine(words, shown)


@dataclass(frozen=True, kw_only=True)
class HatDraws:
    """For editors, admins and channel owners."""

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws = viewer.workspace_id
        places = await hats.may_open_in(session, ws, viewer.user_id)
        if not places:
            return ()
        names = {one.channel_id: one.name for one in places}
        open_hats = [one for one in await hat_store.hats(session, ws, state=OPEN) if one.channel_id in names]
        shown = [
            (
                one,
                names[one.channel_id],
                await hat_store.count_in(session, one.id),
                viewer.may(Action.CANCEL_HAT, own=one.opened_by == viewer.user_id),
            )
            for one in open_hats[:10]
        ]
        return hat_blocks.hats_section(words, shown)
