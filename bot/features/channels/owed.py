"""Renders what channels owe: messages to their owners, and the admins' part of Home."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.delivery.queue import Owed
from bot.delivery.rendering import Later, Rendered, Renderer, Skip
from bot.features.channels import blocks, occurrences, owner_blocks, service
from bot.features.channels.rules import MISSES, Defaults
from bot.features.channels.seams import ContentKind
from bot.features.channels.service import MISSED, TROUBLE, Kinds, Standing
from bot.features.channels.trouble import could_own
from bot.features.members import service as members
from bot.features.members.service import Action, Person, next_waking
from bot.slack.kit import Block
from bot.slack.words import Words, words_of

if TYPE_CHECKING:
    from bot.features.home.seams import Viewer


def renderers(kinds: Mapping[str, ContentKind]) -> dict[str, Renderer]:
    return {TROUBLE: Trouble(), MISSED: Missed(kinds)}


def labels(kinds: Kinds, words: Words) -> dict[str, str]:
    return {name: kind.label(words) for name, kind in kinds.items()}


def rows(found: Sequence[Standing], kinds: Kinds, words: Words) -> list[blocks.Row]:
    names = labels(kinds, words)
    return [
        blocks.Row(
            channel=one.channel,
            next=one.next,
            weeks=one.weeks,
            misses=one.misses,
            has_guests=one.has_guests,
            labels=names,
            begins=one.begins,
        )
        for one in found
    ]


def offer_of(may: Callable[[Action], bool]) -> blocks.Offer:
    """What the menu offers; every press is asked for its right again."""
    return blocks.Offer(
        set_up=may(Action.SET_UP_CHANNEL), stop=may(Action.STOP_POSTING), own=not may(Action.SEE_NEXT_POSTS)
    )


async def menu(
    session: AsyncSession,
    workspace_id: str,
    kinds: Kinds,
    defaults: Defaults,
    words: Words,
    now: datetime,
    *,
    offer: blocks.Offer = blocks.EVERYTHING,
    own: Sequence[service.Channel] | None = None,
) -> tuple[list[Block], int, bool]:
    """The blocks, how many channels there are (`own`: of these only), and whether all posting is stopped. Paused
    channels come first."""
    channels = await service.all(session, workspace_id) if own is None else own
    first = sorted(channels, key=lambda one: (one.state == "active" and not one.outsiders, one.name))
    shown = [one.channel_id for one in first[: defaults.shown_on_home]]
    found = await service.standings(session, workspace_id, kinds, now=now, only=shown)
    found.sort(key=lambda one: shown.index(one.channel.channel_id))
    stopped = await service.is_stopped(session, workspace_id)
    made = blocks.menu(
        words,
        rows(found, kinds, words),
        total=len(channels),
        stopped=stopped,
        warn_below=defaults.warn_below_weeks,
        offer=offer,
    )
    return made, len(channels), stopped


class SetupSection:
    """The part of Home for admins (every channel) and for channel owners (theirs). Nobody else sees it."""

    def __init__(self, kinds: Kinds, defaults: Defaults) -> None:
        self._kinds = kinds
        self._defaults = defaults

    async def render(self, session: AsyncSession, viewer: Viewer, words: Words) -> Sequence[Block]:
        admin = viewer.may(Action.SET_UP_CHANNEL)
        own = None if admin else await service.owned_by(session, viewer.workspace_id, viewer.user_id)
        if viewer.guest or (own is not None and not own):
            return ()
        offer = blocks.EVERYTHING if admin else blocks.Offer(set_up=False, stop=False, own=True)
        now = await db_now(session)
        made, _, _ = await menu(
            session, viewer.workspace_id, self._kinds, self._defaults, words, now, offer=offer, own=own
        )
        return made


async def _reader(session: AsyncSession, owed: Owed) -> tuple[Person, Words, Skip | Later | None]:
    """Who reads it, in which words, and what speaks against sending it now."""
    person = await members.get(session, owed.workspace_id, owed.target)
    now = await db_now(session)
    words = words_of(person)
    if not could_own(person):
        return person, words, Skip(reason="gone")
    waking = next_waking(person, now)
    return person, words, Later(until=waking) if waking > now else None


class _ToOwner:
    """Nothing hangs on whether these arrive: Home shows the same."""

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None: ...

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None: ...

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None: ...


class Trouble(_ToOwner):
    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        """Nothing where the channel is well again by the time it is sent."""
        person, words, against = await _reader(session, owed)
        if against is not None:
            return against
        channel = await service.get(session, owed.workspace_id, str(owed.ref.get("channel")))
        if channel is None or (channel.state == "active" and not channel.outsiders):
            return Skip(reason="well_again")
        if person.user_id not in await service.owners_of(session, channel.workspace_id, channel.channel_id):
            return Skip(reason="not_theirs")
        return owner_blocks.trouble(words, channel, str(owed.ref.get("error")))


class Missed(_ToOwner):
    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        """What was found on that day to have been missed, in the channels that this person looks after."""
        person, words, against = await _reader(session, owed)
        if against is not None:
            return against
        that_day = datetime.fromisoformat(str(owed.ref["day"])).replace(tzinfo=UTC)
        channels = {one.channel_id: one for one in await service.all(session, owed.workspace_id)}
        misses = await occurrences.misses(session, owed.workspace_id, channels.keys(), decided_since=that_day)
        mine = []
        for channel_id, left_out in misses.items():
            late = [miss for miss in left_out if miss.reason in MISSES]
            channel = channels[channel_id]
            if late and await self._looks_after(session, person, channel):
                mine.append((channel, late))
        if not mine:
            return Skip(reason="nothing_missed")
        return owner_blocks.missed(words, mine, labels(self._kinds, words))

    @staticmethod
    async def _looks_after(session: AsyncSession, person: Person, channel: service.Channel) -> bool:
        """Asks the database only where it has to: after days without Canteen every channel has missed something."""
        if channel.is_owned_by(person.user_id):
            return True
        admin = members.able(person, Action.SET_UP_CHANNEL)
        if not admin and person.user_id != channel.added_by:
            return False
        return person.user_id in await service.owners_of(session, channel.workspace_id, channel.channel_id)
