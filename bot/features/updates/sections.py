"""The parts of Home about updates: what is due and how the last ones fared; for editors, customers without news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.updates import lists, opening, service, store
from bot.features.updates.lists import Recent
from bot.features.updates.recalls import blocks as recall_blocks
from bot.features.updates.recalls import service as recalling
from bot.features.updates.recalls.blocks import InChannels
from bot.features.updates.reminders import blocks as remind_blocks
from bot.features.updates.reminders import service as reminding
from bot.features.updates.reminders.blocks import Row
from bot.features.updates.rules import UNANSWERED_BEFORE_DEPUTY, Defaults, Update, tally
from bot.slack.kit import Block
from bot.slack.words import Words

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer

RECEIPTS, WITHOUT_NEWS, LATEST = 3, 10, 10


@dataclass(frozen=True, kw_only=True)
class NewsToWrite:
    """For account managers and deputies: the customers with adopters, those due first; the latest receipts."""

    defaults: Defaults

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        own = await customers.managed_by(session, ws, viewer.user_id)
        found = [one for one in await opening.mine(session, own) if one.adopters]
        recent = await store.by_author(session, ws, viewer.user_id, RECEIPTS)
        due = await reminding.due_among(session, ws, own, now=now, defaults=self.defaults) if found else set()
        found.sort(key=lambda one: one.customer.id not in due)
        return lists.news_to_write(
            words, found, due=due, recent=await self._recent(session, ws, recent) if recent else (), now=now
        )

    @staticmethod
    async def _recent(session: AsyncSession, ws: str, updates: Sequence[Update]) -> list[Recent]:
        cards = await customers.customers(session, ws, [one.customer_id for one in updates])
        relays = await store.relays_of_some(session, ws, [one.id for one in updates])
        by = {one.withdrawn_by for one in updates if one.withdrawn_by}
        people = await members.people(session, ws, sorted(by)) if by else {}
        return [
            Recent(
                update=one,
                customer=cards[one.customer_id].name if one.customer_id in cards else "…",
                headline=service.headline_of(one),
                tally=tally(relays[one.id]),
                names={user: person.name for user, person in people.items()},
            )
            for one in updates
        ]


@dataclass(frozen=True, kw_only=True)
class RecentUpdates:
    """For whoever may recall: the newest updates in channels, each with *Recall this post*."""

    most: int = 3

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest:
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        person = await members.get(session, ws, viewer.user_id, now=now)
        found = await recalling.recallable_by(session, person, limit=LATEST, now=now)
        places = {place for _, reach in found for place in reach.channels}
        names = {one.channel_id: one.name for one in await channels.some(session, ws, places)} if places else {}
        items = [
            InChannels(
                update_id=update.id,
                headline=service.headline_of(update),
                channels=[names.get(place, "…") for place in reach.channels],
                at=update.at,
                all=reach.all,
            )
            for update, reach in found[: self.most]
        ]
        return recall_blocks.recent(words, items) if items else ()


@dataclass(frozen=True, kw_only=True)
class CustomersWithoutNews:
    """For editors: those of which two reminders came to nothing, or which nobody can be asked about."""

    defaults: Defaults

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        if viewer.guest or not viewer.may(Action.SEE_QUIET_CUSTOMERS):
            return ()
        ws, now = viewer.workspace_id, await db_now(session)
        rows: list[Row] = []
        for one in await reminding.quiet(session, ws, now=now, defaults=self.defaults):
            if len(rows) == WITHOUT_NEWS:
                break
            unanswered = one.asked >= UNANSWERED_BEFORE_DEPUTY
            if unanswered or await reminding.whom_to_ask(session, one, now=now) is None:
                rows.append(
                    Row(
                        customer_id=one.customer.id,
                        customer=one.customer.name,
                        adopters=one.adopters,
                        last_news=one.last_news,
                    )
                )
        return remind_blocks.without_news(words, rows, now=now) if rows else ()
