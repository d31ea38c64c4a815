"""By the clock: dropped files are fetched, checked, and, once an admin has said so, imported."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.customers.dropping import service, store
from bot.features.customers.dropping.rules import (
    MOST_TRIES,
    Drop,
    State,
    after_check,
    likeliest,
    unrecognised,
)
from bot.features.customers.seams import Droppable, Importer, Report
from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.slack.errors import LATER, SlackFault

LEASE = timedelta(minutes=1)
RENEWED = 20.0  # seconds
AT_ONCE = 20


def droppable(importers: Sequence[Importer]) -> dict[str, Importer]:
    """Those that take single files, by their word."""
    return {one.what: one for one in importers if isinstance(one, Droppable)}


@dataclass(kw_only=True)
class _Held:
    """A drop this process works on; `try_at` moves on while it does."""

    drop: Drop


@dataclass(frozen=True, kw_only=True)
class WorkOnDrops:
    """One step of each file that waits for one. No file is worked on by two processes; when one dies, another takes its
    files over after `LEASE`."""

    edge: Edge
    importers: Sequence[Importer]
    _by_word: dict[str, Importer] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_word.update(droppable(self.importers))

    async def __call__(self, now: datetime) -> None:  # noqa: ARG002 - what it does takes a while: the clock is read
        for _ in range(AT_ONCE):
            drop = await self.edge.sessions.run(self._take)
            if drop is None:
                break
            await self._step(drop)

    async def _take(self, session: AsyncSession) -> Drop | None:
        now = self.edge.clock.now()
        drop = await store.to_work_on(session, now)
        if drop is None:
            return None
        held = replace(drop, try_at=now + LEASE, tries=drop.tries + 1)
        await store.change(session, drop.workspace_id, drop.id, try_at=held.try_at, tries=held.tries)
        return held

    async def _step(self, drop: Drop) -> None:
        if drop.tries > MOST_TRIES:
            await self._settle(drop, State.LOST if drop.state is State.FETCHING else State.BROKEN, None)
        elif drop.state is State.FETCHING:
            await self._fetch(drop)
        else:
            await self._run(drop)

    async def _settle(self, drop: Drop, state: State, report: Report | None) -> None:
        async def work(session: AsyncSession) -> None:
            await service.settled(session, drop, state, report, now=self.edge.clock.now())

        await self.edge.sessions.run(work)

    # -- what it is

    async def _fetch(self, drop: Drop) -> None:
        try:
            data = await self.edge.gateway.download(drop.workspace_id, drop.url)
        except SlackFault as fault:
            await self._not_fetched(drop, again=fault.fault in LATER)
            return
        what, choices = await asyncio.to_thread(self._recognise, drop.name, data)
        if what is None and not choices:
            await self._settle(drop, State.REFUSED, unrecognised(drop.name))
            return

        async def work(session: AsyncSession) -> None:
            await service.fetched(session, drop, data, what, choices, now=self.edge.clock.now())

        await self.edge.sessions.run(work)

    async def _not_fetched(self, drop: Drop, *, again: bool) -> None:
        if not again or drop.tries >= MOST_TRIES:
            await self._settle(drop, State.LOST, None)
            return

        async def work(session: AsyncSession) -> None:
            later = self.edge.clock.now() + timedelta(seconds=2**drop.tries)
            await store.change_if(session, drop, states=[drop.state], held_until=drop.try_at, try_at=later)

        await self.edge.sessions.run(work)

    def _recognise(self, name: str, data: bytes) -> tuple[str | None, tuple[str, ...]]:
        with _as_file(name, data) as path:
            return likeliest(
                {what: one.suits(path) for what, one in self._by_word.items() if isinstance(one, Droppable)}
            )

    # -- what it would do, and doing it

    async def _run(self, drop: Drop) -> None:
        async with self.edge.sessions.begin() as session:
            data = await store.data(session, drop.workspace_id, drop.id)
            allowed = await members.may(session, drop.workspace_id, drop.user_id, Action.IMPORT)
            before = await self._written_before(session, drop)
        importer = self._by_word.get(drop.what or "")
        if data is None or importer is None or not allowed:
            await self._settle(drop, State.DISCARDED, None)
            return
        if before is not None:
            await self._settle(drop, State.IMPORTED, before)
            return
        async with self._holding(drop) as held:
            report = await self._import(drop, importer, data)
        state = State.IMPORTED if drop.state is State.IMPORTING else after_check(report)
        await self._settle(held.drop, state, report)

    @staticmethod
    async def _written_before(session: AsyncSession, drop: Drop) -> Report | None:
        """The process ended between the import and this note of it: what it came to stands in its own record."""
        if drop.state is not State.IMPORTING or drop.pressed_at is None:
            return None
        found = await store.import_record(session, drop.workspace_id, drop.what or "", drop.user_id, drop.pressed_at)
        if found is None:
            return None
        refused = drop.report.refused if drop.report is not None else ()
        return Report(
            what=found.what,
            added=found.added,
            changed=found.changed,
            unchanged=found.unchanged,
            refused=refused,
            refused_rows=found.refused,
            written=True,
        )

    async def _import(self, drop: Drop, importer: Importer, data: bytes) -> Report:
        """`now` is when *Import* was pressed, so that the import's record can be found again."""
        with _as_file(drop.name, data) as path:
            return await importer.run(
                self.edge.sessions.unhurried(),
                path,
                workspace_id=drop.workspace_id,
                by=drop.user_id,
                dry_run=drop.state is not State.IMPORTING,
                strict=False,
                now=drop.pressed_at or self.edge.clock.now(),
                new_id=self.edge.new_id,
                progress=lambda _done, _total: None,
            )

    @asynccontextmanager
    async def _holding(self, drop: Drop) -> AsyncIterator[_Held]:
        """The lease is renewed for as long as the work takes."""
        held = _Held(drop=drop)
        renewing = asyncio.create_task(self._renew(held))
        try:
            yield held
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, held: _Held) -> None:
        while True:
            await asyncio.sleep(RENEWED)
            until = self.edge.clock.now() + LEASE
            drop = held.drop

            async def work(session: AsyncSession, drop: Drop = drop, until: datetime = until) -> bool:
                return await store.change_if(session, drop, states=[drop.state], held_until=drop.try_at, try_at=until)

            if await self.edge.sessions.run(work):
                held.drop = replace(drop, try_at=until)


@dataclass(frozen=True, kw_only=True)
class EraseDrops:
    """Files that nobody decided on within a day, and what is left of those that have ended."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async def work(session: AsyncSession) -> None:
            await service.sweep(session, now=now)

        await self.edge.sessions.run(work)


@contextmanager
def _as_file(name: str, data: bytes) -> Iterator[Path]:
    """Importers read files. The name is kept as far as it is one: reports and stories know a file by it."""
    safe = "".join(sign if sign.isprintable() and sign not in "/\\:" else "_" for sign in name).lstrip(".")
    with TemporaryDirectory(prefix="canteen-drop-") as folder:
        path = Path(folder) / (safe.encode("utf-8", "replace")[-200:].decode("utf-8", "ignore") or "file")
        path.write_bytes(data)
        yield path
