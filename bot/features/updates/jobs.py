"""By the clock: relays go on, pictures are copied, account managers are reminded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.due_pictures import fetch_due
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.updates import picture_store, pictures, relaying, store, writing
from bot.features.updates.picture_store import Copy
from bot.features.updates.reminders import service as reminding
from bot.features.updates.rules import Defaults
from bot.schedule.ticker import TickJob
from bot.slack.fetching import Fetched

A_LOOK = 25
BATCHES = 10


@dataclass(frozen=True, kw_only=True)
class GoOn:
    """What may be read by now goes into the messages that adopters get, and is offered as a story where its author
    wished so: after an embargo, and where there are many adopters. Each batch in a transaction of its own."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await store.outstanding(session, now=now)
        for ws in workspaces:
            for _ in range(BATCHES):  # not until the end: the tick is watched, and other workspaces wait
                if await self.edge.sessions.run(partial(self._relay, ws=ws, now=now)) < A_LOOK:
                    break
            await self.edge.sessions.run(partial(self._offer, ws=ws, now=now))

    async def _relay(self, session: AsyncSession, *, ws: str, now: datetime) -> int:
        return await relaying.go_on(session, ws, A_LOOK, now=now, new_id=self.edge.new_id)

    async def _offer(self, session: AsyncSession, *, ws: str, now: datetime) -> None:
        for update in await store.to_offer(session, ws, now=now, limit=A_LOOK):
            await writing.offer_if_ready(session, update, now=now, new_id=self.edge.new_id)


@dataclass(frozen=True, kw_only=True)
class RemindOfNews:
    """Account managers whose customers are without news, in their working hours, once a week."""

    edge: Edge
    defaults: Defaults

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await members.workspaces(session)
        for ws in workspaces:
            await self.edge.sessions.run(partial(self._remind, ws=ws, now=now))

    async def _remind(self, session: AsyncSession, *, ws: str, now: datetime) -> None:
        await reminding.remind(session, ws, now=now, defaults=self.defaults, new_id=self.edge.new_id)


@dataclass(frozen=True, kw_only=True)
class CopyShared:
    """Reads the pictures that came with updates and notes, makes them safe, and owes them to Slack as our own."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        await fetch_due(self.edge, now=now, due=picture_store.due, change=picture_store.change, note=_note)


async def _note(session: AsyncSession, due: Copy, got: Fetched, now: datetime) -> None:
    picture = got.picture
    if picture is None:
        await pictures.not_kept(session, due, again=got.again, now=now)
        return
    had = await pictures.kept(session, due, digest=picture.hash, mimetype=picture.mimetype, data=picture.data, now=now)
    if had:
        await relaying.picture_ready(session, due.workspace_id, picture.hash, now=now)


def ticks(edge: Edge, defaults: Defaults) -> list[TickJob]:
    return [
        TickJob(name="relays", every=timedelta(seconds=2), run=GoOn(edge=edge)),
        TickJob(name="news reminders", every=timedelta(minutes=5), run=RemindOfNews(edge=edge, defaults=defaults)),
        TickJob(name="pictures of updates", every=timedelta(seconds=2), run=CopyShared(edge=edge), watched=False),
    ]
