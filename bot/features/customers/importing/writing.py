"""The rows of an import into the database: compared with what is there first, a page at a time, then written in one
transaction (docs/decisions/0010-imports-in-one-transaction.md)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.tables.customers import ImportRecord
from bot.features.customers.importing import store
from bot.features.customers.importing.changes import Change, Changes, Staged
from bot.features.customers.importing.reading import Source
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.staging import Staging
from bot.features.customers.importing.tally import Job, Tally, Writer
from bot.features.customers.seams import Progress

T = TypeVar("T")
AT_ONCE = 500  # rows compared in one transaction
PATIENCE = 20  # tries for a turn
PAUSE = 0.25  # seconds


class StrictError(Exception):
    """Takes back what the transaction has written: a row was refused and all of them must be good."""

    def __init__(self, part: Tally) -> None:
        super().__init__()
        self.part = part


@dataclass(frozen=True, kw_only=True)
class Run:
    """One call of an importer: what was asked for, the good rows of its file, and what is to be written of them."""

    what: str
    sessions: Sessions
    workspace_id: str
    by: str
    dry_run: bool
    strict: bool
    now: datetime
    new_id: NewId
    new_row_id: NewId
    progress: Progress
    folder: Path
    source: Source
    staging: Staging
    changes: Changes
    writer: Writer

    def job(self, session: AsyncSession, tally: Tally) -> Job:
        return Job(
            session=session,
            workspace_id=self.workspace_id,
            dry_run=self.dry_run,
            now=self.now,
            new_id=self.new_row_id,
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
        await asyncio.sleep(PAUSE)
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
        ) -> tuple[Tally, Sequence[Change]]:
            job = run.job(session, tally.fresh())
            if begins:
                await run.writer.start(job)
            return job.tally, await run.writer.compare(job, rows)

        part, changes = await patiently(run, work)
        tally.take(part)
        run.changes.add(changes)
        done, last = done + len(rows), len(rows) < AT_ONCE
        run.moved(1, done, run.staging.count)


async def write(run: Run, tally: Tally) -> bool:
    """All of it or nothing. `tally` is corrected to what was really written. False where `strict` forbids it."""
    run.changes.full()

    async def work(session: AsyncSession) -> Tally:
        await store.one_import_at_a_time(session, run.workspace_id)
        job, staged = run.job(session, tally.fresh()), await run.changes.within(session)
        await _compare_again(run, job, staged)
        if run.strict and job.tally.refused:
            raise StrictError(job.tally)
        await run.writer.write(job, staged)
        session.add(_record(run, tally, job.tally))
        return job.tally

    try:
        tally.take(await patiently(run, work), warnings=False)
    except StrictError as error:
        tally.take(error.part, warnings=False)
        return False
    tally.unanswered = 0
    tally.questions.clear()

    async def left(session: AsyncSession) -> Tally:
        job = run.job(session, tally.fresh())
        await run.writer.start(job)
        return job.tally

    tally.take(await patiently(run, left), warnings=False)
    return True


async def _compare_again(run: Run, job: Job, staged: Staged) -> None:
    """What somebody else has changed since it was compared, a few rows if any."""
    stale = await staged.stale()
    if stale:
        new = sum(was_new for _, was_new in stale)
        job.tally.added -= new
        job.tally.changed -= len(stale) - new
        keys = [key for key, _ in stale]
        await run.writer.start(job)
        await staged.replace(keys, await run.writer.compare(job, run.staging.called(keys)))


def _record(run: Run, tally: Tally, again: Tally) -> ImportRecord:
    return ImportRecord(
        id=run.new_id(),
        workspace_id=run.workspace_id,
        what=run.what,
        by=run.by,
        at=run.now,
        file_name=run.source.path.name,
        file_hash=run.source.sha256,
        added=tally.added + again.added,
        changed=tally.changed + again.changed,
        unchanged=tally.unchanged + again.unchanged,
        refused=tally.refused_rows + again.refused_rows,
    )
