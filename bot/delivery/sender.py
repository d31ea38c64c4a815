"""Paying what is owed: claim, render, mark, call, note the outcome. Every process may run one."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors import UnreadableError
from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.delivery import pace
from bot.delivery.calls import Placed, perform
from bot.delivery.claim import Claims, Doubt, Grant, claim, release, take_over
from bot.delivery.in_file import InFile
from bot.delivery.marking import Claimed, Marking, Ready
from bot.delivery.noting import Came, Noting
from bot.delivery.outcomes import Tallied, ended, failed, note, run_tallied
from bot.delivery.rendering import Renderer
from bot.delivery.together import Together
from bot.metrics import Metrics
from bot.slack.errors import SlackFault
from bot.slack.gateway import Gateway

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0
LOOK_SOONER = 0.6  # with something under way: the second that a claim looks ahead is not over yet
BREATH = 0.05  # s; while all slots are taken a claim waits for several of them to be free
AT_ONCE = 50  # of one claim


@dataclass(kw_only=True)
class Sender:
    """`at_most` bounds what is claimed and has not ended. `doubt`: see `claim.Doubt`; set before the first turn."""

    sessions: Sessions
    gateway: Gateway
    renderers: Mapping[str, Renderer]
    new_id: NewId
    metrics: Metrics
    at_most: int = 150
    doubt: Doubt | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _file: InFile = field(default_factory=InFile)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _marking: Together[Claimed, Ready | None] = field(init=False)
    _noting: Together[Came, None] = field(init=False)

    def __post_init__(self) -> None:
        lanes = 1 if self._is_sqlite else 2  # one that waits for a lock is no reason for the others to wait
        marking = Marking(sessions=self.sessions, renderers=self.renderers, metrics=self.metrics)
        noting = Noting(sessions=self.sessions, renderers=self.renderers, metrics=self.metrics)
        self._marking = Together(work=marking.mark, lanes=lanes)
        self._noting = Together(work=noting.note, lanes=lanes)

    @property
    def _is_sqlite(self) -> bool:
        return self.sessions.engine.dialect.name == "sqlite"

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until `stop`. A database that is away is waited for; nothing claimed is lost by it."""
        lease = self.new_id()
        await self._alone()
        while not self._stopping.is_set():
            self._wake.clear()
            busy = False
            try:
                async with self._looking:
                    busy = await self.turn(lease)
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database did not answer a claim: %s", type(error).__name__)
            if not busy and not self._stopping.is_set():
                await self._rest()

    async def _alone(self) -> None:
        if self._is_sqlite:
            async with self.sessions.begin() as session:
                await take_over(session, now=await db_now(session), all_of_them=True)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SOONER if self._tasks else LOOK_EVERY):
                await self._wake.wait()
        except TimeoutError:
            return

    async def turn(self, lease: str) -> bool:
        """One look: whether there may be more to begin at once. The sends go on in tasks of their own."""
        free = self.at_most - len(self._tasks)
        if free <= 0:
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            await self._sleep(BREATH)
            return True
        free = min(free, AT_ONCE)
        now, found = await self.sessions.run_in_one_step(partial(self._claim, lease=lease, limit=free))
        for grant in found.grants:
            task = asyncio.create_task(self._send(grant, lease, delay=(grant.at - now).total_seconds()))
            self._tasks[grant.id] = task
            task.add_done_callback(partial(self._finished, grant.id))
        for delivery_id in found.orphans:
            await self._end_orphan(delivery_id)
        return found.more

    async def _claim(self, session: AsyncSession, *, lease: str, limit: int) -> tuple[datetime, Claims]:
        now = await db_now(session)
        await take_over(session, now=now)
        return now, await claim(session, now=now, lease=lease, limit=limit, doubt=self.doubt)

    def _finished(self, delivery_id: int, _task: asyncio.Task[None]) -> None:
        self._tasks.pop(delivery_id, None)

    async def settle(self) -> None:
        """Wait for the sends under way."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def stop(self, seconds: float) -> None:
        """No new claims; what is in flight may end within `seconds`, what has not begun goes back."""
        self._stopping.set()
        self._wake.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async with self._looking:  # a claim under way has yet to begin its sends
                    pass
                await self.settle()

    async def _send(self, grant: Grant, lease: str, *, delay: float) -> None:
        try:
            if not await self._sleep(delay):
                async with self.sessions.begin() as session:
                    await release(session, lease=lease, ids=[grant.id])
                return
            ready = await self._prepare(grant.id, lease)
            if ready is not None:
                await self._call(ready, lease)
        except (SQLAlchemyError, OSError) as error:
            # The lease runs out and the row is taken over: as claimed, or, once marked, as unknown.
            log.warning("delivery %d: the database did not answer: %s", grant.id, type(error).__name__)
        except UnreadableError as error:
            log.error("delivery %d: %s: %s", grant.id, error, error.cure)  # noqa: TRY400 - the operator's, not a bug
            if error.lasting:
                await self._broken(grant.id, lease)
        except Exception:
            log.exception("delivery %d failed unexpectedly", grant.id)
            await self._broken(grant.id, lease)

    async def _sleep(self, seconds: float) -> bool:
        """False where the process is stopping, as soon as it does."""
        if seconds > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, LOOK_EVERY * 2)):
                    await self._stopping.wait()
        return not self._stopping.is_set()

    async def _prepare(self, delivery_id: int, lease: str) -> Ready | None:
        """Render from current state and mark `sending`, together with others; None where there is nothing to call."""
        return await self._marking.do(Claimed(id=delivery_id, lease=lease))

    async def _call(self, ready: Ready, lease: str) -> None:
        owed = ready.owed
        answer: Placed | SlackFault
        try:
            async with self._file.turn(owed.workspace_id, pace.SPEEDS[owed.method].api):
                answer = await perform(self.gateway, owed, ready.content, opaque=ready.opaque, not_after=ready.until)
        except SlackFault as error:
            answer = error
        await self._noting.do(Came(id=owed.id, lease=lease, revision=owed.revision, answer=answer))

    async def _end_orphan(self, delivery_id: int) -> None:
        async def work(session: AsyncSession, tallied: Tallied) -> None:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or row.state != "pending":
                return
            now = await db_now(session)
            outcome = failed("parent_failed") if row.method in {"post", "share"} else ended("skipped", "nothing_there")
            await note(session, row, outcome, now=now, renderer=self.renderers.get(row.kind), metrics=tallied)

        await run_tallied(self.sessions, self.metrics, work)

    async def _broken(self, delivery_id: int, lease: str) -> None:
        """A fault of ours (a renderer raised): ends this one delivery and holds up no other."""

        async def work(session: AsyncSession, tallied: Tallied) -> None:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is not None and row.lease == lease and row.state == "claimed":
                now = await db_now(session)
                await note(session, row, failed("internal"), now=now, renderer=None, metrics=tallied)

        try:
            await run_tallied(self.sessions, self.metrics, work)
        except (SQLAlchemyError, OSError):
            log.warning("delivery %d: left to its lease", delivery_id)
