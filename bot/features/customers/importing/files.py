"""An import from file to report: read and check everything first, then write what is good (`writing`)."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core.ids import NewId, in_order
from bot.core.texts import worded, worded_n
from bot.db.engine import Sessions
from bot.features.customers.importing import writing
from bot.features.customers.importing.changes import Changes
from bot.features.customers.importing.columns import Columns, recognise
from bot.features.customers.importing.customers import CustomersWriter
from bot.features.customers.importing.people import PeopleWriter, TeamsWriter
from bot.features.customers.importing.products import ProductsWriter
from bot.features.customers.importing.reading import Broken, FileRefusedError, Record, Source, inspect, records
from bot.features.customers.importing.rows import Row, parse
from bot.features.customers.importing.staging import Staging
from bot.features.customers.importing.tally import Tally, Writer
from bot.features.customers.importing.writing import Run
from bot.features.customers.seams import Importer, ManagerChanged, Progress, ReadPicture, Refusal, Report


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
        if columns is None:
            return 0
        # A list without its ids is still what it is, and refused with a cure; a column or two of many are chance.
        doubtful = bool(columns.missing) or len(columns.ignored) > len(columns.at)
        return max(0, len(columns.at) - doubtful)

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
        writer = self.writer()
        with TemporaryDirectory(prefix="canteen-import-") as folder, ExitStack() as stack:
            staging = stack.enter_context(closing(Staging(Path(folder))))
            changes = stack.enter_context(closing(Changes(writer.target, Path(folder))))
            try:
                source = await asyncio.to_thread(_stage, self.what, path, now, staging, tally, progress)
            except FileRefusedError as error:
                refusal = Refusal(file=path.name, line=1, column="", why=error.why, cure=error.cure)
                return Report(what=self.what, refused=(refusal,), dry_run=dry_run)
            if strict and tally.refused:
                return self._report(tally, written=False, dry_run=dry_run)
            run = Run(
                what=self.what,
                sessions=edge_sessions,
                workspace_id=workspace_id,
                by=by,
                dry_run=dry_run,
                strict=strict,
                now=now,
                new_id=new_id,
                new_row_id=in_order(new_id),
                progress=progress,
                folder=path.parent,
                source=source,
                staging=staging,
                changes=changes,
                writer=writer,
            )
            await writing.compare(run, tally)
            written = not dry_run and not (strict and tally.refused) and await writing.write(run, tally)
            run.moved(3, 0, 1)
        return self._report(tally, written=written, dry_run=dry_run)

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


def importers(
    read_picture: ReadPicture | None = None, on_manager_changed: Sequence[ManagerChanged] = ()
) -> list[Importer]:
    """For customers, products, teams and people. `read_picture` makes a logo's file safe; without it logos that are
    files are left out with a warning."""
    return [
        FileImporter(what="teams", writer=TeamsWriter),
        FileImporter(what="customers", writer=lambda: CustomersWriter(read_picture, on_manager_changed)),
        FileImporter(what="products", writer=ProductsWriter),
        FileImporter(what="people", writer=PeopleWriter),
    ]


def _stage(what: str, path: Path, now: datetime, staging: Staging, tally: Tally, progress: Progress) -> Source:
    """Reads the whole file: good rows into `staging`, the others into `tally`."""
    source = inspect(path)
    found = records(source, lambda done: progress(done, 3 * source.size))
    header = next(found, None)
    if header is None or isinstance(header, Broken):
        raise FileRefusedError(
            worded("there is no row of column names"), worded("put the column names into the first row")
        )
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
            why = worded(
                "lines {first} and {line} are about the same one: “{key}”",
                first=str(first),
                line=str(row.line),
                key=row.key[:80],
            )
            tally.refuse(row.line, [(key, why, worded("keep one of the two rows"))])
    return source


def _columns(what: str, headers: tuple[str, ...], tally: Tally) -> Columns:
    columns = recognise(what, headers)
    if columns.missing:
        there = ", ".join(f"“{header[:40]}”" for header in columns.headers[:30] if header) or "–"
        raise FileRefusedError(
            worded_n(
                "the column {missing} is missing; found: {there}",
                "the columns {missing} are missing; found: {there}",
                len(columns.missing),
                missing=tuple(names.replace(" or ", " / ") for names in columns.missing),
                there=there,
            ),
            worded("name the columns in the first row; a Salesforce or HubSpot export needs its record id and name"),
        )
    for header, used in columns.doubled:
        tally.warn(worded("the column “{header}” is ignored, because “{used}” says the same", header=header, used=used))
    if columns.ignored:
        tally.warn(worded("ignored columns: {names}", names=", ".join(columns.ignored)))
    return columns
