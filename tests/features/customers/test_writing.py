"""Imports in parts: nobody waits long for SQLite's writer, and what is interrupted goes on where it was."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer, ImportRecord, Team
from bot.features.customers.importing import writing
from bot.features.customers.importing.customers import CustomersWriter
from bot.features.customers.importing.files import FileImporter
from bot.features.customers.importing.people import PeopleWriter
from bot.features.customers.importing.products import ProductsWriter
from bot.features.customers.importing.rows import Row
from bot.features.customers.importing.tally import Job, Writer
from bot.features.customers.seams import Report
from tests.doubles import CountingIds, FixedClock

WS, ADMIN = "T1", "U0ADMIN"
PART = writing.LOOK_EVERY
ROWS = 3 * PART + 50


class Killed(BaseException):
    """As `kill -9`: nothing below may catch it."""


class Counted(Sessions):
    """Counts transactions, and does something within each."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.opened = 0
        self.within: Callable[[AsyncSession], Awaitable[None]] | None = None

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        async with super().begin() as session:
            self.opened += 1
            yield session
            if self.within is not None:
                await self.within(session)


class Falls:
    """A writer that dies when it has written so many batches."""

    def __init__(self, inner: Writer, after: int) -> None:
        self._inner, self._left = inner, after

    async def prepare(self, rows: Sequence[Row], **given: Any) -> None:
        await self._inner.prepare(rows, **given)

    async def start(self, job: Job) -> None:
        await self._inner.start(job)

    async def write(self, job: Job, rows: Sequence[Row]) -> Sequence[Row]:
        if job.writing:
            self._left -= 1
            if self._left < 0:
                raise Killed
        return await self._inner.write(job, rows)

    async def finish(self, job: Job) -> None:
        await self._inner.finish(job)


@pytest.fixture
def sessions(engine: AsyncEngine) -> Counted:
    return Counted(engine)


@pytest.fixture
def run(sessions: Counted, tmp_path: Path, clock: FixedClock, new_id: CountingIds) -> Callable[..., Awaitable[Report]]:
    async def run(importer: FileImporter, text: str, *, by: str = ADMIN, **options: bool) -> Report:
        path = tmp_path / "file.csv"
        path.write_text(text, encoding="utf-8")
        given = {"dry_run": False, "strict": False, **options}
        return await importer.run(
            sessions,
            path,
            workspace_id=WS,
            by=by,
            now=clock.now(),
            new_id=new_id,
            progress=lambda _done, _total: None,
            **given,
        )

    return run


def customers(*, falls_after: int = 10_000) -> FileImporter:
    """On SQLite every batch is a transaction of its own."""
    return FileImporter(what="customers", writer=lambda: Falls(CustomersWriter(None), falls_after), held=0.0, pause=0.0)


def file(rows: int = ROWS, *, name: str = "Customer", country: str = "Norway") -> str:
    lines = "".join(f"C{n},{name} {n},{country},m{n % 7}@x.example\n" for n in range(rows))
    return f"id,name,country,account manager\n{lines}"


async def all_of(sessions: Sessions, model: Any) -> list[Any]:
    async with sessions.begin() as session:
        return list(await session.scalars(select(model)))


async def count(sessions: Sessions) -> int:
    async with sessions.begin() as session:
        return (await session.execute(select(func.count()).select_from(Customer))).scalar_one()


def counts(of: Any) -> tuple[int, int, int]:
    return of.added, of.changed, of.unchanged


async def test_a_long_import_is_written_in_parts_on_sqlite_and_in_one_on_postgresql(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    seen: list[tuple[int, bool]] = []

    async def look(session: AsyncSession) -> None:
        record = (await session.execute(select(ImportRecord.added, ImportRecord.unfinished))).first()
        if record is not None:
            seen.append((record.added, record.unfinished))

    sessions.within = look
    report = await run(customers(), file())
    assert (*counts(report), report.written, report.unanswered) == (ROWS, 0, 0, True, ROWS)
    if sessions.engine.dialect.name == "sqlite":
        assert seen == [(PART, True), (2 * PART, True), (3 * PART, True), (ROWS, False)]
    else:
        assert seen == [(ROWS, False)]


async def test_what_changes_nothing_is_not_written_again(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    await run(customers(), file())
    sessions.opened = 0
    report = await run(customers(), file() + "C99999,One more,Norway,\n")
    assert counts(report) == (1, 0, ROWS)
    assert sessions.opened == 2 + 1  # pages compared, and one part written
    records = await all_of(sessions, ImportRecord)
    assert sorted(counts(one) for one in records) == [(1, 0, ROWS), (ROWS, 0, 0)]


@pytest.mark.parametrize("parts", [0, 1, 2, 3])
async def test_an_interrupted_import_goes_on_and_its_report_counts_all_of_it(
    sessions: Counted, run: Callable[..., Awaitable[Report]], parts: int
) -> None:
    await run(customers(), file(250, country="Sweden"))
    with pytest.raises(Killed):
        await run(customers(falls_after=parts), file())
    there = await count(sessions)
    kept = parts if sessions.engine.dialect.name == "sqlite" else 0
    assert there == max(250, PART * kept)
    open_now = [counts(one) for one in await all_of(sessions, ImportRecord) if one.unfinished]
    written = min(250, PART * kept)
    assert open_now == ([(there - 250, written, 0)] if kept else [])
    report = await run(customers(), file())
    assert counts(report) == (ROWS - 250, 250, 0)
    records = await all_of(sessions, ImportRecord)
    assert [one.unfinished for one in records] == [False, False]
    assert {counts(one) for one in records} == {(250, 0, 0), (ROWS - 250, 250, 0)}
    assert counts(await run(customers(), file())) == (0, 0, ROWS)


async def test_only_whoever_began_an_import_goes_on_with_it(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    if sessions.engine.dialect.name != "sqlite":
        pytest.skip("on PostgreSQL an interrupted import leaves nothing")
    with pytest.raises(Killed):
        await run(customers(falls_after=1), file())
    report = await run(customers(), file(), by="U0OTHER")
    assert counts(report) == (ROWS - PART, 0, PART)


async def test_somebody_elses_change_in_between_is_seen(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    """Between comparing and writing, an admin says of a customer that it may not be named: that stays."""
    await run(customers(), "id,name\nC1,Acme\n")
    done = False

    async def answer(session: AsyncSession) -> None:
        nonlocal done
        if not done:
            done = True
            await session.execute(update(Customer).values(may_be_named=False))

    sessions.within = answer
    await run(customers(), "id,name,may be named\nC1,Acme Ltd,yes\n")
    (customer,) = await all_of(sessions, Customer)
    assert (customer.name, customer.may_be_named) == ("Acme Ltd", False)


async def test_strict_writes_nothing_where_a_row_is_refused_by_what_is_there(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    products = FileImporter(what="products", writer=ProductsWriter, held=0.0, pause=0.0)
    text = "id,name,team\n1,Board,Line 2\n2,Cable,\n"
    report = await run(products, text, strict=True)
    assert (report.written, report.refused_rows, await all_of(sessions, ImportRecord)) == (False, 1, [])
    report = await run(products, text)
    assert (report.written, report.added, report.refused_rows) == (True, 1, 1)


async def test_a_team_taken_away_in_between_refuses_its_rows_and_says_so(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    people = FileImporter(what="people", writer=PeopleWriter, held=0.0, pause=0.0)
    async with sessions.begin() as session:
        session.add(Team(id="line2", workspace_id=WS, name="Line 2", name_key="line 2"))
    renamed = False

    async def rename(session: AsyncSession) -> None:
        nonlocal renamed
        if not renamed:
            renamed = True
            await session.execute(update(Team).values(name="Line 3", name_key="line 3"))

    sessions.within = rename
    report = await run(people, "email,team\na@x.example,Line 2\n", strict=True)
    assert (report.written, report.added, report.refused_rows) == (False, 0, 1)


async def test_an_import_waits_for_whoever_writes(
    sessions: Counted, run: Callable[..., Awaitable[Report]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if sessions.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has any number of writers")
    refused = 3

    async def busy(session: AsyncSession) -> None:
        nonlocal refused
        if refused:
            refused -= 1
            raise TimeoutError

    sessions.within = busy
    report = await run(customers(), file(5))
    assert (counts(report), refused) == ((5, 0, 0), 0)
    assert await count(sessions) == 5


async def test_others_have_their_turn_between_two_parts(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    """Presses in the same process, which stand in line."""
    seen: list[int] = []

    async def press() -> None:
        while True:
            seen.append(await count(sessions))
            await asyncio.sleep(0)

    pressing = asyncio.create_task(press())
    await run(customers(), file())
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)
    if sessions.engine.dialect.name == "sqlite":
        assert {PART, 2 * PART, 3 * PART} & set(seen)
    else:
        assert set(seen) <= {0, ROWS}
