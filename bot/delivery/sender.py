"""Paying what is owed: claim, render, mark, call, note the outcome. Every process may run one."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.clock import ticks
from bot.core.errors import UnreadableError
from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.delivery import pace
from bot.delivery.calls import Placed, perform
from bot.delivery.claim import Doubt, Grant, claim, release, take_over
from bot.delivery.in_file import InFile
from bot.delivery.outcomes import Outcome, ended, failed, note
from bot.delivery.queue import Owed, as_owed
from bot.delivery.rendering import Later, Renderer, Skip, Upload
from bot.metrics import Metrics
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import LONGEST_CALL, Gateway
from bot.slack.kit import Message, View

log = logging.getLogger(__name__)
LOOK_EVERY = 1.0
STOPPED_AGAIN = timedelta(seconds=15)
SENDING_LEASE = timedelta(seconds=20)  # twice the longest call; after a crash the outcome is unknown from then on
CALL = timedelta(seconds=LONGEST_CALL)
SENDING = {"upload": timedelta(seconds=90)}  # several calls, and Slack's own processing


@dataclass(frozen=True, kw_only=True)
class Ready:
    owed: Owed
    opaque: str
    content: Message | View | Upload | None
    until: float  # on the clock that never goes back: no call is begun after that


@dataclass(kw_only=True)
class Sender:
    """`at_most` bounds the calls in flight. `doubt`: see `claim.Doubt`; set before the first turn."""

    sessions: Sessions
    gateway: Gateway
    renderers: Mapping[str, Renderer]
    new_id: NewId
    metrics: Metrics
    at_most: int = 50
    doubt: Doubt | None = None
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _file: InFile = field(default_factory=InFile)
    _tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)

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
                    busy = await self.turn(lease) >= self.at_most
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database did not answer a claim: %s", type(error).__name__)
            if not busy and not self._stopping.is_set():
                await self._rest()

    async def _alone(self) -> None:
        if self.sessions.engine.dialect.name == "sqlite":
            async with self.sessions.begin() as session:
                await take_over(session, now=await db_now(session), all_of_them=True)

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY):
                await self._wake.wait()
        except TimeoutError:
            return

    async def turn(self, lease: str) -> int:
        """One look: how many sends it began. They go on in tasks of their own."""
        free = self.at_most - len(self._tasks)
        if free <= 0:
            await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
            return self.at_most
        async with self.sessions.begin() as session:
            now = await db_now(session)
            await take_over(session, now=now)
            grants, orphans = await claim(session, now=now, lease=lease, limit=free, doubt=self.doubt)
        for grant in grants:
            task = asyncio.create_task(self._send(grant, lease, delay=(grant.at - now).total_seconds()))
            self._tasks[grant.id] = task
            task.add_done_callback(partial(self._finished, grant.id))
        for delivery_id in orphans:
            await self._end_orphan(delivery_id)
        return len(grants) + len(orphans)

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
        """Render from current state and mark `sending`, in one transaction; None where there is nothing to call."""

        async def work(session: AsyncSession) -> Ready | None:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or row.state != "claimed" or row.lease != lease:
                return None
            now = await db_now(session)
            owed = await _placed(session, row)
            held = await self._held(session, row, owed, now)
            if held is not None:
                await note(session, row, held, now=now, renderer=self._renderer(row), metrics=self.metrics)
                return None
            content = await self._render(session, owed)
            if isinstance(content, Skip | Later):
                outcome = (
                    ended("skipped", content.reason) if isinstance(content, Skip) else Outcome(again_at=content.until)
                )
                await note(session, row, outcome, now=now, renderer=self._renderer(row), metrics=self.metrics)
                return None
            row.state, row.sending_at, row.lease_until = "sending", now, now + SENDING.get(row.method, SENDING_LEASE)
            row.attempts += 1
            row.thread_ts = owed.thread_ts
            until = began + (row.lease_until - now - CALL).total_seconds()
            return Ready(owed=owed, opaque=row.opaque, content=content, until=until)

        began = ticks()
        return await self.sessions.run(work)

    async def _held(self, session: AsyncSession, row: Delivery, owed: Owed, now: datetime) -> Outcome | None:
        if row.late_after is not None and now > row.late_after:
            return failed("late")
        workspace = await session.get(Workspace, row.workspace_id)
        if workspace is None or workspace.state != "active":
            return Outcome(again_at=now, error="token_revoked")
        if row.method == "post" and workspace.posting_stopped_at is not None:
            return Outcome(again_at=now + STOPPED_AGAIN)
        until = await pace.limited_until(session, row.workspace_id, pace.SPEEDS[row.method].api)
        if until is not None and until > now:
            return Outcome(again_at=until, error="ratelimited")
        if row.method in {"update", "delete"} and owed.ts is None:
            return ended("skipped", "nothing_there")
        return None

    async def _render(self, session: AsyncSession, owed: Owed) -> Message | View | Upload | Skip | Later | None:
        renderer = self.renderers.get(owed.kind)
        if renderer is None:
            return Skip(reason="unknown_kind")
        return None if owed.method in {"delete", "react"} else await renderer.render(session, owed)

    def _renderer(self, row: Delivery) -> Renderer | None:
        return self.renderers.get(row.kind)

    async def _call(self, ready: Ready, lease: str) -> None:
        placed: Placed | None = None
        fault: SlackFault | None = None
        try:
            async with self._file.turn(ready.owed.workspace_id, pace.SPEEDS[ready.owed.method].api):
                placed = await perform(
                    self.gateway, ready.owed, ready.content, opaque=ready.opaque, not_after=ready.until
                )
        except SlackFault as error:
            fault = error

        async def work(session: AsyncSession) -> None:
            row = await session.get(Delivery, ready.owed.id, with_for_update=True)
            if row is None or row.state != "sending" or row.lease != lease:
                return
            now = await db_now(session)
            if placed is not None:
                row.channel, row.ts = placed.channel, placed.ts
                outcome = ended("sent", revision=ready.owed.revision)
            else:
                outcome = await self._after(session, row, fault, now)
            await note(session, row, outcome, now=now, renderer=self._renderer(row), metrics=self.metrics)

        await self.sessions.run(work)

    async def _after(self, session: AsyncSession, row: Delivery, fault: SlackFault | None, now: datetime) -> Outcome:
        """What a fault means for this delivery."""
        if fault is None:
            raise AssertionError("neither an answer nor a fault")
        wait = timedelta(seconds=fault.retry_after or min(0.5 * 2 ** min(row.attempts, 4), 5.0))
        repeatable = row.method != "post"
        match fault.fault:
            case Fault.LIMITED:
                await pace.limited(session, row.workspace_id, pace.SPEEDS[row.method].api, until=now + wait)
                self.metrics.rate_limited(pace.SPEEDS[row.method].api, wait.total_seconds())
                return Outcome(again_at=now + wait, error=fault.code)
            case Fault.WAIT:
                return Outcome(again_at=now + wait, error=fault.code)
            case Fault.AMBIGUOUS if repeatable:
                return Outcome(again_at=now + wait, error=fault.code)
            case Fault.AMBIGUOUS:
                return Outcome(unknown=True, error=fault.code)
            case Fault.INSTALLATION:
                await _mark_dead(session, row.workspace_id)
                return Outcome(again_at=now, error=fault.code)
            case Fault.GONE if row.method in {"delete", "react"}:
                return ended("sent", revision=row.revision)
        log.warning("delivery %d (%s) refused: %s %s", row.id, row.kind, fault.code, fault.detail)
        return failed(fault.code)

    async def _end_orphan(self, delivery_id: int) -> None:
        async def work(session: AsyncSession) -> None:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or row.state != "pending":
                return
            now = await db_now(session)
            outcome = failed("parent_failed") if row.method == "post" else ended("skipped", "nothing_there")
            await note(session, row, outcome, now=now, renderer=self._renderer(row), metrics=self.metrics)

        await self.sessions.run(work)

    async def _broken(self, delivery_id: int, lease: str) -> None:
        """A fault of ours (a renderer raised): ends this one delivery and holds up no other."""

        async def work(session: AsyncSession) -> None:
            row = await session.get(Delivery, delivery_id, with_for_update=True)
            if row is not None and row.lease == lease and row.state == "claimed":
                now = await db_now(session)
                await note(session, row, failed("internal"), now=now, renderer=None, metrics=self.metrics)

        try:
            await self.sessions.run(work)
        except (SQLAlchemyError, OSError):
            log.warning("delivery %d: left to its lease", delivery_id)


async def _placed(session: AsyncSession, row: Delivery) -> Owed:
    """With the parent's place: the thread of a post, the message of an update or delete."""
    owed = as_owed(row)
    if row.under_id is None:
        return owed
    parent = await session.get(Delivery, row.under_id)
    if parent is None:
        return owed
    if row.method == "post":
        return replace(owed, thread_ts=parent.thread_ts or parent.ts, target=parent.channel or row.target)
    return replace(owed, channel=parent.channel, ts=parent.ts)


async def _mark_dead(session: AsyncSession, workspace_id: str) -> None:
    """Claims pass a dead workspace over; `workspace add` with a working token brings it back."""
    await session.execute(update(Workspace).where(Workspace.id == workspace_id).values(state="dead"))
