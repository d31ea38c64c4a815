"""An import from file to report: read and check everything first, then write what is good in one transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.features.customers import bulk
from bot.features.customers.columns import Columns, recognise
from bot.features.customers.reading import Broken, FileRefusedError, Record, Source, inspect, records
from bot.features.customers.rows import Row, parse
from bot.features.customers.seams import Importer, Progress, ReadPicture, Refusal, Report
from bot.features.customers.staging import Staging
from bot.features.customers.tally import Job, Tally, Writer
from bot.features.customers.write_customers import CustomersWriter
from bot.features.customers.write_people import PeopleWriter, TeamsWriter
from bot.features.customers.write_products import ProductsWriter

BATCH = 1_000


class _StrictError(Exception):
    """Takes back what the transaction has written: a row was refused and all of them must be good."""


@dataclass(frozen=True, kw_only=True)
class FileImporter:
    """Implements `seams.Importer` for one kind of CSV file."""

    what: str
    writer: Callable[[], Writer]

    def suits(self, path: Path) -> int:
        """A `seams.Droppable`."""
        try:
            header = next(records(inspect(path)), None)
        except FileRefusedError:
            return 0
        columns = recognise(self.what, header.cells) if isinstance(header, Record) else None
        return 0 if columns is None or columns.missing else len(columns.at)

    async def run(
        self,
        edge_sessions: Sessions,
        path: Path,
        *,
        workspace_id: str,
        by: str,
        dry_run: bool,
        strict: bool,
        now: datetime,
        new_id: NewId,
        progress: Progress,
    ) -> Report:
        """Rows that the file does not have are left alone; the same file twice changes nothing."""
        tally = Tally(file=path.name)
        with Staging() as staging:
            try:
                source = await asyncio.to_thread(_stage, self.what, path, now, staging, tally, progress)
            except FileRefusedError as error:
                refusal = Refusal(file=path.name, line=1, column="", why=str(error), cure=error.cure)
                return Report(what=self.what, refused=(refusal,), dry_run=dry_run)
            if strict and tally.refused:
                return self._report(tally, written=False, dry_run=dry_run)
            try:
                async with edge_sessions.begin() as session:
                    job = Job(
                        session=session,
                        workspace_id=workspace_id,
                        dry_run=dry_run,
                        now=now,
                        new_id=new_id,
                        folder=path.parent,
                        tally=tally,
                    )
                    await self._write(job, staging, source, progress)
                    await self._finish(job, source, by=by, strict=strict)
            except _StrictError:
                return self._report(tally, written=False, dry_run=dry_run)
        return self._report(tally, written=not dry_run, dry_run=dry_run)

    async def _write(self, job: Job, staging: Staging, source: Source, progress: Progress) -> None:
        await bulk.one_import_at_a_time(job.session, job.workspace_id)
        writer = self.writer()
        await writer.start(job)
        done = 0
        for rows in staging.batches(BATCH):
            await writer.write(job, rows)
            done += len(rows)
            progress(source.size + source.size * done // max(1, staging.count), 2 * source.size)
        await writer.finish(job)
        progress(2 * source.size, 2 * source.size)

    async def _finish(self, job: Job, source: Source, *, by: str, strict: bool) -> None:
        if strict and job.tally.refused:
            raise _StrictError
        if job.dry_run:
            return
        record = {
            "id": job.new_id(),
            "workspace_id": job.workspace_id,
            "what": self.what,
            "by": by,
            "at": job.now,
            "file_name": source.path.name,
            "file_hash": source.sha256,
            "added": job.tally.added,
            "changed": job.tally.changed,
            "unchanged": job.tally.unchanged,
            "refused": job.tally.refused_rows,
        }
        await bulk.record(job.session, record)

    def _report(self, tally: Tally, *, written: bool, dry_run: bool) -> Report:
        return Report(
            what=self.what,
            added=tally.added,
            changed=tally.changed,
            unchanged=tally.unchanged,
            refused=tuple(sorted(tally.refused, key=lambda refusal: refusal.line)),
            refused_rows=tally.refused_rows,
            warnings=tally.warnings(),
            questions=tuple(tally.questions),
            unanswered=tally.unanswered,
            written=written,
            dry_run=dry_run,
        )


def importers(read_picture: ReadPicture | None = None) -> list[Importer]:
    """For customers, products, teams and people. `read_picture` makes a logo's file safe; without it logos that are
    files are left out with a warning."""
    return [
        FileImporter(what="teams", writer=TeamsWriter),
        FileImporter(what="customers", writer=lambda: CustomersWriter(read_picture)),
        FileImporter(what="products", writer=ProductsWriter),
        FileImporter(what="people", writer=PeopleWriter),
    ]


def _stage(what: str, path: Path, now: datetime, staging: Staging, tally: Tally, progress: Progress) -> Source:
    """Reads the whole file: good rows into `staging`, the others into `tally`."""
    source = inspect(path)
    found = records(source, lambda done: progress(done, 2 * source.size))
    header = next(found, None)
    if header is None or isinstance(header, Broken):
        raise FileRefusedError("there is no row of column names", "put the column names into the first row")
    tally.columns = columns = _columns(what, header.cells, tally)
    today = now.date()
    for record in found:
        if isinstance(record, Broken):
            tally.refuse(record.line, [("", record.why, record.cure)])
            continue
        row = parse(what, columns, record, today)
        if not isinstance(row, Row):
            tally.refuse(record.line, [(bad.field, bad.why, bad.cure) for bad in row])
            continue
        first = staging.add(row)
        if first is not None:
            key = next(iter(columns.at)) if what != "people" or "email" not in columns.at else "email"
            why = f"lines {first} and {row.line} are about the same one: “{row.key[:80]}”"
            tally.refuse(row.line, [(key, why, "keep one of the two rows")])
    return source


def _columns(what: str, headers: tuple[str, ...], tally: Tally) -> Columns:
    columns = recognise(what, headers)
    if columns.missing:
        there = ", ".join(f"“{header[:40]}”" for header in columns.headers[:30] if header) or "nothing"
        raise FileRefusedError(
            f"the column {' and the column '.join(columns.missing)} is missing; found: {there}",
            "name the columns in the first row; a Salesforce or HubSpot export needs its record id and name",
        )
    for header, used in columns.doubled:
        tally.warn(f"the column “{header}” is ignored, because “{used}” says the same")
    if columns.ignored:
        tally.warn(f"ignored columns: {', '.join(columns.ignored)}")
    return columns
