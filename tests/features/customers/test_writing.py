"""An import is compared in many transactions and written in one, beside whoever else writes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.db.engine import Sessions
from bot.db.tables.customers import Customer, CustomerName, GivenTeam, ImportRecord, Team
from bot.features.customers.importing import writing
from bot.features.customers.importing.changes import Staged
from bot.features.customers.importing.customers import CustomersWriter
from bot.features.customers.importing.files import FileImporter
from bot.features.customers.importing.people import PeopleWriter
from bot.features.customers.importing.products import ProductsWriter
from bot.features.customers.importing.tally import Job
from bot.features.customers.seams import Report
from tests.doubles import CountingIds, FixedClock

WS, ADMIN = "T1", "U0ADMIN"
ROWS = writing.AT_ONCE + 150


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


class Dies(CustomersWriter):
    """Killed when all is written, just before the end of the transaction."""

    async def write(self, job: Job, staged: Staged) -> None:
        await super().write(job, staged)
        raise Killed


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


def customers(writer: type[CustomersWriter] = CustomersWriter) -> FileImporter:
    return FileImporter(what="customers", writer=lambda: writer(None))


PEOPLE = FileImporter(what="people", writer=PeopleWriter)
PRODUCTS = FileImporter(what="products", writer=ProductsWriter)


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


def once(sessions: Counted, work: Callable[[AsyncSession], Awaitable[object]]) -> None:
    """In the first transaction from now on, after what it does itself."""

    async def within(session: AsyncSession) -> None:
        sessions.within = None
        await work(session)

    sessions.within = within


async def test_others_see_all_of_an_import_or_nothing(sessions: Counted, run: Callable[..., Awaitable[Report]]) -> None:
    """Presses in the same process, which stand in line."""
    seen: set[int] = set()

    async def press() -> None:
        while True:
            seen.add(await count(sessions))

    pressing = asyncio.create_task(press())
    report = await run(customers(), file())
    pressing.cancel()
    await asyncio.gather(pressing, return_exceptions=True)
    assert (*counts(report), report.written, report.unanswered) == (ROWS, 0, 0, True, ROWS)
    assert 0 in seen
    assert seen <= {0, ROWS}


async def test_what_changes_nothing_is_not_written_again(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    await run(customers(), file())
    before = {one.id: one.version for one in await all_of(sessions, Customer)}
    sessions.opened = 0
    report = await run(customers(), file() + "C99999,One more,Norway,\n")
    assert counts(report) == (1, 0, ROWS)
    assert sessions.opened == 2 + 1 + 1  # pages compared, all of it written, and what is left to be asked
    assert before.items() <= {one.id: one.version for one in await all_of(sessions, Customer)}.items()
    records = await all_of(sessions, ImportRecord)
    assert sorted(counts(one) for one in records) == [(1, 0, ROWS), (ROWS, 0, 0)]


async def test_a_killed_import_leaves_nothing(sessions: Counted, run: Callable[..., Awaitable[Report]]) -> None:
    await run(customers(), file(250, country="Sweden"))
    with pytest.raises(Killed):
        await run(customers(Dies), file())
    assert (await count(sessions), len(await all_of(sessions, ImportRecord))) == (250, 1)
    assert {one.country for one in await all_of(sessions, Customer)} == {"Sweden"}
    assert counts(await run(customers(), file())) == (ROWS - 250, 250, 0)
    assert counts(await run(customers(), file())) == (0, 0, ROWS)


async def test_somebody_elses_change_in_between_is_seen(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    """Between comparing and writing, an admin says of a customer that it may not be named: that stays."""
    await run(customers(), "id,name\nC1,Acme\nC2,Bolt\n")
    once(sessions, lambda session: session.execute(update(Customer).values(may_be_named=False)))
    report = await run(customers(), "id,name,may be named\nC1,Acme Ltd,yes\nC2,Bolt,yes\n")
    found = {one.name: one.may_be_named for one in await all_of(sessions, Customer)}
    assert found == {"Acme Ltd": False, "Bolt": False}
    assert counts(report) == (0, 1, 1)
    assert {one.name_key for one in await all_of(sessions, CustomerName)} == {"acme ltd", "bolt"}


async def test_a_customer_that_another_import_brought_in_between_is_there_once(
    sessions: Counted, run: Callable[..., Awaitable[Report]], clock: FixedClock
) -> None:
    async def bring(session: AsyncSession) -> None:
        row = {"workspace_id": WS, "fingerprint": "", "updated_at": clock.now(), "aliases": []}
        session.add(Customer(**row, id="first", external_id="C1", name="Acme", name_key="acme"))
        session.add(Customer(**row, id="other", external_id="C2", name="Old", name_key="old"))

    once(sessions, bring)
    report = await run(customers(), "id,name\nC1,Acme\nC2,New\nC3,Third\n")
    assert counts(report) == (1, 1, 1)
    found = {one.external_id: (one.id, one.name) for one in await all_of(sessions, Customer)}
    assert (found["C1"], found["C2"], len(found)) == (("first", "Acme"), ("other", "New"), 3)


async def test_strict_writes_nothing_where_a_row_is_refused_by_what_is_there(
    sessions: Counted, run: Callable[..., Awaitable[Report]]
) -> None:
    text = "id,name,team\n1,Board,Line 2\n2,Cable,\n"
    report = await run(PRODUCTS, text, strict=True)
    assert (report.written, report.refused_rows, await all_of(sessions, ImportRecord)) == (False, 1, [])
    report = await run(PRODUCTS, text)
    assert (report.written, report.added, report.refused_rows) == (True, 1, 1)


@pytest.mark.parametrize("strict", [True, False])
async def test_a_row_that_has_become_bad_in_between_is_refused(
    sessions: Counted, run: Callable[..., Awaitable[Report]], strict: bool
) -> None:
    async with sessions.begin() as session:
        for team in ("Line 1", "Line 2", "Line 3"):
            session.add(Team(id=team, workspace_id=WS, name=team, name_key=team.lower()))
    await run(PEOPLE, "email,team\na@x.example,Line 2\n")

    async def change(session: AsyncSession) -> None:
        await session.execute(update(GivenTeam).values(team_id="Line 3"))
        await session.execute(update(Team).where(Team.id == "Line 1").values(name="Line 9", name_key="line 9"))

    once(sessions, change)
    report = await run(PEOPLE, "email,team\na@x.example,Line 1\nb@x.example,Line 2\n", strict=strict)
    assert (report.written, report.refused_rows) == (not strict, 1)
    given = {one.person: one.team_id for one in await all_of(sessions, GivenTeam)}
    assert given == {"a@x.example": "Line 3", **({} if strict else {"b@x.example": "Line 2"})}


async def test_an_import_waits_for_whoever_writes(
    sessions: Counted, run: Callable[..., Awaitable[Report]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PAUSE", 0.0)
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
