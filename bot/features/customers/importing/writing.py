"""The rows of an import into the database: compared with what is there first, then written, holding the one writer of
SQLite for a moment at a time (docs/decisions/0010-imports-in-parts.md)."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.clock import ticks
from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.customers.importing import store
from bot.features.customers.importing.reading import Source
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.staging import Staging
from bot.features.customers.importing.store import Unfinished
from bot.features.customers.importing.tally import Job, Tally, Writer
from bot.features.customers.seams import Progress

T = TypeVar("T")
AT_ONCE = 500  # rows compared in one transaction
LOOK_EVERY = 200  # rows written between two looks at the time
HELD = 0.5  # seconds, after which a transaction ends on SQLite: presses wait 2 s for their turn
PAUSE = 0.25  # seconds: SQLite lets other processes look again every 0.1 s, and they must not miss it
PATIENCE = 20  # tries for a turn


class StrictError(Exception):
    """Takes back what the transaction has written: a row was refused and all of them must be good."""

    def __init__(self, part: Tally) -> None:
        super().__init__()
        self.part = part


@dataclass(frozen=True, kw_only=True)
class Run:
    """One call of an importer: what was asked for, and the good rows of its file. `rows` counts them, `refused_before`
    those that were refused as the file was read."""

    what: str
    sessions: Sessions
    workspace_id: str
    by: str
    dry_run: bool
    strict: bool
    now: datetime
    new_id: NewId
    progress: Progress
    folder: Path
    source: Source
    staging: Staging
    rows: int
    refused_before: int
    writer: Writer
    held: float = HELD
    pause: float = PAUSE

    def job(self, session: AsyncSession, tally: Tally, *, writing: bool) -> Job:
        return Job(
            session=session,
            workspace_id=self.workspace_id,
            dry_run=self.dry_run,
            writing=writing,
            now=self.now,
            new_id=self.new_id,
            tally=tally,
        )

    def moved(self, thirds: int, done: int, of: int) -> None:
        """Reading the file is the first third, comparing the second, writing the last."""
        size = self.source.size
        self.progress(thirds * size + size * min(done, of) // max(1, of), 3 * size)


async def patiently(run: Run, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """`work` in a transaction, tried again while others have SQLite's one writer: an import can wait."""
    for left in range(PATIENCE - 1, -1, -1):
        try:
            return await run.sessions.run(work)
        except (TimeoutError, OperationalError) as error:
            locked = isinstance(error, TimeoutError) or "locked" in str(error.orig)
            if left == 0 or not locked:
                raise
        await asyncio.sleep(run.pause)
    raise AssertionError("unreachable")


async def compare(run: Run, tally: Tally) -> None:
    """What each row would do, a page in a transaction. Rows that change nothing are forgotten."""
    after, done, last = 0, 0, False
    while not last:
        begins = after == 0
        after, rows = run.staging.page(after, AT_ONCE)
        await run.writer.prepare(rows, folder=run.folder, tally=tally)

        async def work(
            session: AsyncSession, rows: Sequence[Row] = rows, begins: bool = begins
        ) -> tuple[Tally, Sequence[Row]]:
            part = Tally(file=tally.file, columns=tally.columns)
            job = run.job(session, part, writing=False)
            if begins:
                await run.writer.start(job)
            return part, await run.writer.write(job, rows)

        part, writing = await patiently(run, work)
        tally.take(part)
        kept = {row.key for row in writing}
        run.staging.forget(row.key for row in rows if row.key not in kept)
        done, last = done + len(rows), len(rows) < AT_ONCE
        run.moved(1, done, run.rows)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One transaction of several. `reached`: up to which row; `last`: nothing is left."""

    tally: Tally
    record: Unfinished
    reached: int
    last: bool


async def write(run: Run, tally: Tally) -> bool:
    """Writes what `compare` has left and corrects `tally` to what was really written, also by an import of this very
    file that was interrupted. False, and nothing written, where `strict` forbids it."""
    expected = tally.added + tally.changed
    tally.added = tally.changed = tally.unanswered = 0
    tally.questions.clear()
    part: _Part | None = None
    while part is None or not part.last:
        if part is not None:
            await asyncio.sleep(run.pause)

        async def work(session: AsyncSession, before: _Part | None = part) -> _Part:
            return await _part(run, session, tally, before)

        try:
            part = await patiently(run, work)
        except StrictError as error:
            tally.take(error.part, warnings=False)
            return False
        tally.take(part.tally, warnings=False)
        tally.added, tally.changed, tally.unchanged = part.record.added, part.record.changed, part.record.unchanged
        run.moved(2, expected if part.last else tally.added + tally.changed, expected)
    return True


async def _part(run: Run, session: AsyncSession, so_far: Tally, before: _Part | None) -> _Part:
    """Rows until the time is up, and the record of how far the import has come."""
    held = run.held if session.get_bind().dialect.name == "sqlite" else math.inf
    await store.one_import_at_a_time(session, run.workspace_id)
    part = Tally(file=so_far.file, columns=so_far.columns)
    job = run.job(session, part, writing=True)
    if before is None:
        record = await store.unfinished(session, run.workspace_id, run.what, run.by, run.source.sha256)
        await run.writer.start(job)
        part.unanswered = 0
        part.questions.clear()
    else:
        record = before.record
    reached, last, begun = (before.reached if before else 0), False, ticks()
    while not last:
        reached, rows = run.staging.page(reached, LOOK_EVERY)
        await run.writer.write(job, rows)
        last = len(rows) < LOOK_EVERY
        if ticks() - begun >= held:
            break
    if last:
        await run.writer.finish(job)
    if run.strict and part.refused and before is None and last:
        raise StrictError(part)
    record = await _note(run, session, so_far, part, record, last=last)
    return _Part(tally=part, record=record, reached=reached, last=last)


async def _note(
    run: Run, session: AsyncSession, so_far: Tally, part: Tally, record: Unfinished | None, *, last: bool
) -> Unfinished:
    """The record says at any moment what has been written."""
    added = part.added + (record.added if record else 0)
    changed = part.changed + (record.changed if record else 0)
    refused = so_far.refused_rows + part.refused_rows
    good = run.rows - (refused - run.refused_before)
    unchanged = max(0, good - added - changed) if last else so_far.unchanged + part.unchanged
    noted = Unfinished(id=record.id if record else run.new_id(), added=added, changed=changed, unchanged=unchanged)
    values = {
        "id": noted.id,
        "workspace_id": run.workspace_id,
        "what": run.what,
        "by": run.by,
        "at": run.now,
        "file_name": run.source.path.name,
        "file_hash": run.source.sha256,
        "added": added,
        "changed": changed,
        "unchanged": unchanged,
        "refused": refused,
        "unfinished": not last,
    }
    await store.record(session, values)
    return noted
