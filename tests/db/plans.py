"""How the databases find what the hot paths ask for.

`python -m tests.db.plans URL [URL ...]` writes docs/plans.md from empty databases, one of each kind.
"""

import asyncio
import json
import re
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url

from benchmarks import growing
from benchmarks.growing import CHANNEL, POST, VIEWER, WS
from bot.db.moment import db_now
from bot.db.tables import Base
from bot.delivery.queue import Owed
from bot.features.home import service as home
from bot.features.members import service as members
from bot.features.members import trail
from bot.features.quizzes.rules import Click, Told, button_value, option_id
from bot.settings import Settings
from bot.wiring import Machine, build, open_parts

PAGE = Path(__file__).parent.parent.parent / "docs" / "plans.md"
TABLES = frozenset(Base.metadata.tables)
PARTIAL = frozenset(
    str(index.name)
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
)


@dataclass(frozen=True, kw_only=True, order=True)
class Step:
    """One table in one plan. `by`: an index and whether it was entered at a value, or "" for reading all of it."""

    table: str
    by: str
    entered: bool

    @property
    def is_cheap(self) -> bool:
        """A partial index holds the few rows that are meant, so it may be read whole."""
        return self.entered or self.by in PARTIAL


@dataclass(frozen=True, kw_only=True)
class Asked:
    what: str
    statement: str
    bound: Sequence[Any]


async def asked_by_hot_paths(url: str) -> list[Asked]:
    """Run each of them once on an empty database and note what it asks."""
    nowhere = Settings(DATABASE_URL=url, SLACK_API_URL="http://127.0.0.1:9/")  # type: ignore[call-arg]
    found: list[Asked] = []
    async with open_parts(nowhere) as parts:
        async with parts.sessions.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with parts.sessions.begin() as session:
            await growing.company(session, await db_now(session))
        machine = build(parts)
        for what, run in _hot_paths(machine).items():
            with noted(what, found):
                await run()
    return found


def _hot_paths(machine: Machine) -> Mapping[str, Callable[[], Awaitable[object]]]:
    jobs = {f"job {job.name}": job for job in machine.ticker._jobs}
    now = machine.parts.clock.now
    runs: dict[str, Callable[[], Awaitable[object]]] = {
        name: lambda job=job: job.run(now())  # type: ignore[misc]
        for name, job in jobs.items()
    }
    return {
        "vote": lambda: _vote(machine),
        "Home opened": lambda: _opened(machine),
        "Home": lambda: _home(machine),
        "sending": lambda: _sending(machine),
        "audit trail": lambda: _trail(machine),
        **runs,
        "tick": runs["job posts"],  # the first one looks two weeks back
    }


async def _vote(machine: Machine) -> None:
    click = Click(
        workspace_id=WS, user_id="U0VOTE000001", outsider=False, channel_id=CHANNEL, message_ts="1700000000.000100",
        value=button_value(POST, option_id("s", 1)), acted_at=1,
    )  # fmt: skip
    assert (await machine.features.ballots.cast(click)).told is Told.COUNTED


async def _opened(machine: Machine) -> None:
    from bot.db import seen

    async with machine.parts.sessions.begin() as session:
        now = await db_now(session)
        assert await seen.first_time(session, workspace_id=WS, key="event:Ev1", now=now)
        await home.opened(session, now=now, ws=WS, user=VIEWER)


async def _home(machine: Machine) -> None:
    owed = Owed(
        id=0, workspace_id=WS, kind=home.KIND, key=f"home:{VIEWER}", method="publish", target=VIEWER, ref={},
        channel=None, ts=None, thread_ts=None, state="claimed", under_id=None, revision=1,
    )  # fmt: skip
    async with machine.parts.sessions.begin() as session:
        assert await machine.features.renderers[home.KIND].render(session, owed)


async def _sending(machine: Machine) -> None:
    await machine.sender.turn("lease")
    await machine.sender.settle()


async def _trail(machine: Machine) -> None:
    """Of an admin, and of somebody who looks after a customer and a channel."""
    new_id = machine.parts.edge.new_id
    async with machine.parts.sessions.begin() as session:
        now, about = await db_now(session), frozenset({"cust1", CHANNEL})
        for _ in range(3):
            await members.audit(
                session, new_id=new_id, now=now, ws=WS, actor=VIEWER, action="a", subject=POST, about=about
            )
        for read in (None, about):
            newest, older = (await trail.page(session, WS, size=2, about=read)).entries
            assert (await trail.page(session, WS, size=1, about=read, older_than=newest.id)).entries
            assert (await trail.page(session, WS, size=1, about=read, newer_than=older.id)).entries


@contextmanager
def noted(what: str, found: list[Asked]) -> Iterator[None]:
    seen: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, bound: Any, _context: Any, many: bool) -> None:
        if statement not in seen and re.match(r"\s*(SELECT|UPDATE|DELETE|WITH)", statement):
            seen.add(statement)
            found.append(Asked(what=what, statement=statement, bound=bound[0] if many else bound))

    event.listen(Engine, "before_cursor_execute", note)  # votes have an engine of their own on SQLite
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def steps(url: str, asked: Sequence[Asked]) -> list[tuple[Asked, list[Step]]]:
    if url.startswith("sqlite"):
        return _of_sqlite(url, asked)
    return await _of_postgres(url, asked)


LITE = re.compile(
    r"(SCAN|SEARCH) (\w+)(?:.* USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(?:INDEX (\w+)|INTEGER (PRIMARY KEY)))?"
)


def _of_sqlite(url: str, asked: Sequence[Asked]) -> list[tuple[Asked, list[Step]]]:
    connection = sqlite3.connect(make_url(url).database or "")
    try:
        return [(one, list(_lite(connection, one))) for one in asked]
    finally:
        connection.close()


def _lite(connection: sqlite3.Connection, one: Asked) -> Iterator[Step]:
    for row in connection.execute(f"EXPLAIN QUERY PLAN {one.statement}", one.bound):
        found = LITE.match(row[3])
        name = found and next((name for name in _named(found[2]) if name in TABLES), _aliased(one.statement, found[2]))
        if found and name in TABLES:
            yield Step(
                table=str(name),
                by=found[3] or found[4] or "",
                entered=found[1] == "SEARCH" and "AUTOMATIC" not in row[3],
            )


def _named(alias: str) -> tuple[str, str]:
    return alias, re.sub(r"_\d+$", "", alias)


def _aliased(statement: str, alias: str) -> str:
    found = re.search(rf"\b(\w+) AS {alias}\b", statement)
    return found[1] if found else ""


async def _of_postgres(url: str, asked: Sequence[Asked]) -> list[tuple[Asked, list[Step]]]:
    """With reading whole tables priced out of question, and with joins by look-up, as they are where there is much to
    look through: what is read whole even so has no index that fits."""
    connection = await asyncpg.connect(url)
    try:
        for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
            await connection.execute(f"SET {name} = off")
        found = []
        for one in asked:
            (plan,) = json.loads(await connection.fetchval(f"EXPLAIN (FORMAT JSON) {one.statement}", *one.bound))
            found.append((one, list(_pg(plan["Plan"]))))
        return found
    finally:
        await connection.close()


def _pg(node: Mapping[str, Any], table: str = "") -> Iterator[Step]:
    kind, table = node["Node Type"], node.get("Relation Name", table)
    if kind == "Seq Scan":
        yield Step(table=table, by="", entered=False)
    elif kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
        yield Step(table=table, by=node["Index Name"], entered="Index Cond" in node)
    for child in node.get("Plans", ()):
        yield from _pg(child, table)


def as_page(by_database: Mapping[str, Sequence[tuple[Asked, Sequence[Step]]]]) -> str:
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    for database, plans in by_database.items():
        for asked, plan in plans:
            for step in plan:
                cell = found.setdefault((asked.what, step.table), {}).setdefault(database, set())
                cell.add(f"`{step.by}`" if step.by else "all of it")
    head = ["what", "table", *by_database]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for (what, table), cells in found.items():
        shown = [", ".join(sorted(cells.get(database, {"-"}))) for database in by_database]
        lines.append(f"| {what} | {table} | {' | '.join(shown)} |")
    return HEAD + "\n".join(lines) + "\n"


HEAD = """# Plans of the hot queries

By which index each table is read where it matters: while people vote, while Home is opened and shown, while messages
are sent, and in each job that the ticker runs. Made by `python -m tests.db.plans` with the addresses of two empty
databases; `tests/db/test_plans.py` asks again in every run of the tests, and fails where a table that grows is read
whole. Among several indexes that fit, PostgreSQL chooses by what is in the tables: in empty ones any will do.

"""


async def _main(urls: Sequence[str]) -> None:
    found = {}
    for url in urls:
        name = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
        found[name] = await steps(url, await asked_by_hot_paths(url))
    PAGE.write_text(as_page(found), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
