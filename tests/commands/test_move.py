"""`canteen move`: all of it arrives as it was, however often it is interrupted, or it says why not."""

import asyncio
import hashlib
import os
import shutil
import signal
import sqlite3
import tracemalloc
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import Connection, create_engine

from bot.commands.single import held, only_one
from bot.core.errors import UserMistakeError
from bot.db import moving
from tests import postgres
from tests.commands.conftest import Said, say
from tests.db.empty import anew
from tests.db.rows import rows, tables_of
from tests.flows.forking import fork

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.postgres
COUNT = 7


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table filled with values that are hard to carry."""
    path = tmp_path_factory.mktemp("company") / "canteen.db"
    before = os.environ.get("DATABASE_URL")
    os.environ["DATABASE_URL"] = f"sqlite:///{path}"
    assert say("migrate").code == 0
    os.environ.pop("DATABASE_URL") if before is None else os.environ.update(DATABASE_URL=before)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for table in tables_of(connection):
            connection.execute(table.insert(), list(rows(table, COUNT, connection.dialect)))
        connection.exec_driver_sql("UPDATE deliveries SET under_id = 6 WHERE id = 2")  # one that came later
        connection.exec_driver_sql("UPDATE customers SET name = 'Or' || char(0) || 'ion' WHERE rowid = 1")
    engine.dispose()
    return path


@pytest.fixture
def file(company: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(company, tmp_path / "canteen.db"))


@pytest.fixture
def target(postgres_server: postgres.Server) -> str:
    asyncio.run(anew(postgres_server.url, "moved"))
    return postgres_server.url.rsplit("/", 1)[0] + "/moved"


def move(target: str, *more: str) -> Said:
    return say("move", "--to", target, *more)


def refused(said: Said) -> str:
    assert said.code == 1, said
    return said.err


def ask(target: str, query: str, *given: Any) -> Any:
    async def asked() -> Any:
        connection = await asyncpg.connect(target)
        try:
            return await connection.fetch(query, *given)
        finally:
            await connection.close()

    return asyncio.run(asked())


def comparable(value: Any) -> Any:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


def contents(connection: Connection) -> dict[str, list[Any]]:
    """All of it as the program reads it, in no order."""
    return {
        table.name: sorted(repr([comparable(one) for one in row]) for row in connection.execute(table.select()))
        for table in tables_of(connection)
    }


def of_file(file: Path) -> dict[str, list[Any]]:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        found = contents(connection)
    engine.dispose()
    return found


def of_target(target: str) -> dict[str, list[Any]]:
    from bot.db.engine import make_engine

    async def read() -> dict[str, list[Any]]:
        engine = make_engine(target)
        async with engine.connect() as connection:
            found = await connection.run_sync(contents)
        await engine.dispose()
        return found

    return asyncio.run(read())


def without_nul(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return found | {"customers": sorted(row.replace("Or\\x00ion", "Orion") for row in found["customers"])}


def test_all_of_it_arrives_once_and_the_file_stays_as_it_was(file: Path, target: str) -> None:
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    said = move(target)
    assert said.code == 0, said
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before
    found = of_target(target)
    assert found == without_nul(of_file(file))
    assert {len(every) for every in found.values()} == {COUNT}
    for expected in (
        "moved on 127.0.0.1",
        "the same in count and checksum",
        "DATABASE_URL",
        "canteen doctor",
        "as a backup",
    ):
        assert expected in said.out
    assert "left out in: customers.name" in said.out
    assert ask(target, "SELECT nextval('deliveries_id_seq') AS n")[0]["n"] == COUNT + 1
    assert ask(target, "SELECT key FROM schema_facts ORDER BY key") == [("serves",)]

    newest = ask(target, "SELECT max(xmin::text::bigint) AS x FROM customers")
    again = move(target)
    assert again.code == 0
    assert "already" in again.out
    assert "Nothing was changed" in again.out
    assert ask(target, "SELECT max(xmin::text::bigint) AS x FROM customers") == newest

    with pytest.raises(UserMistakeError, match=r"was moved to moved on 127\.0\.0\.1"), only_one(f"sqlite:///{file}"):
        pass

    ask(target, "UPDATE audit SET detail = '{}' WHERE id = (SELECT min(id) FROM audit)")
    assert "in audit the one of" in refused(move(target))


def test_killed_in_the_middle_it_goes_on_and_no_bot_starts_on_the_half(
    file: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed() -> int:
        env = {**os.environ, "DATABASE_URL": f"sqlite:///{file}"}
        prelude = ("tests.db.killed:before_batch", {"number": "30"})
        return await (await fork(["move", "--to", target], env=env, folder=ROOT, prelude=prelude)).wait()

    assert asyncio.run(killed()) == -signal.SIGKILL
    half = of_target(target)
    assert {len(every) for every in half.values()} == {0, COUNT}
    with monkeypatch.context() as there:
        there.setenv("DATABASE_URL", target)
        assert "half copied" in refused(say("channels", "list"))

    write = moving.Target.write

    async def breaks(to: moving.Target, part: moving.Part, *given: Any, **named: Any) -> None:
        await write(to, part, *given, **named)
        if part.name == moving.tables()[-1].name:
            raise asyncpg.InterfaceError("the connection is gone")

    with monkeypatch.context() as there:
        there.setattr(moving.Target, "write", breaks)
        assert "run `canteen move` again" in refused(move(target))
    ask(target, "DELETE FROM seen_events WHERE ctid = (SELECT min(ctid) FROM seen_events)")  # as half of a batch
    assert move(target).code == 0
    assert {name: len(every) for name, every in of_target(target).items()} == dict.fromkeys(half, COUNT)
    assert [tuple(row) for row in ask(target, "SELECT under_id FROM deliveries WHERE id = 2")] == [(6,)]
    assert "already" in move(target).out


@pytest.mark.parametrize(
    ("before", "why"),
    [
        (
            "INSERT INTO pace (workspace_id, method, channel, next_free_at) VALUES ('T9', 'x', 'C', now())",
            "in pace the one",
        ),
        (
            "INSERT INTO heartbeats (process, started_at, ticked_at) VALUES ('b', now(), now())",
            "a bot is running on moved",
        ),
        (
            "INSERT INTO heartbeats (process, started_at, ticked_at) VALUES ('b', now(), now() - interval '1 h')",
            "in heartbeats",
        ),
        (
            "CREATE FUNCTION spoil() RETURNS trigger AS $$ BEGIN NEW.name = NEW.name || '!'; RETURN NEW; END $$ LANGUAGE plpgsql;"
            " CREATE TRIGGER t BEFORE INSERT ON customers FOR EACH ROW EXECUTE FUNCTION spoil()",
            "customers is not the same",
        ),
    ],
)
def test_what_is_not_of_this_file_is_found(
    file: Path, target: str, monkeypatch: pytest.MonkeyPatch, before: str, why: str
) -> None:
    with monkeypatch.context() as there:
        there.setenv("DATABASE_URL", target)
        assert say("migrate").code == 0

    async def prepared() -> None:
        connection = await asyncpg.connect(target)
        await connection.execute(before)
        await connection.close()

    asyncio.run(prepared())
    said = refused(move(target))
    assert why in said
    if "customers" not in why:
        assert ask(target, "SELECT count(*) AS n FROM customers")[0]["n"] == 0


def test_refused_before_anything_is_asked_of_the_other_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "postgresql://canteen:canary-7f3a@127.0.0.1:9/canteen"
    with held(file, cure=""):
        assert "another `canteen run` is using" in refused(move(nowhere))
    with closing(sqlite3.connect(file)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        assert "another program writes to it" in refused(move(nowhere))
    assert "no address of PostgreSQL" in refused(move("sqlite:///other.db"))
    said = refused(move(nowhere))
    assert "cannot be reached" in said
    assert "canary-7f3a" not in said
    with closing(sqlite3.connect(file)) as older:
        older.execute("UPDATE alembic_version SET version_num = '0002'")
        older.commit()
    assert "run `canteen migrate` first" in refused(move(nowhere))
    monkeypatch.setenv("DATABASE_URL", nowhere)
    assert "not an SQLite file" in refused(move(nowhere))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE members SET shows_name = 7", "members.shows_name of"),
        ("UPDATE workspaces SET state = 'a very long state indeed'", "longer than 16 characters"),
        ("UPDATE quiz_answers SET option = 4294967296", "not a whole number of 32 bits"),
        ("UPDATE workspaces SET added_at = 'yesterday'", "no timestamp with time zone"),
    ],
)
def test_what_postgresql_cannot_hold_is_named(file: Path, target: str, change: str, why: str) -> None:
    with closing(sqlite3.connect(file)) as there:
        there.execute(change)
        there.commit()
    assert why in refused(move(target))


def test_large_files_pass_through_a_small_memory(file: Path, target: str) -> None:
    with closing(sqlite3.connect(file)) as there:
        columns = [row[1] for row in there.execute("PRAGMA table_info(pictures)")]
        first = dict(zip(columns, there.execute("SELECT * FROM pictures LIMIT 1").fetchone(), strict=True))
        marks = ", ".join("?" * len(columns))
        for number in range(40):
            large = {**first, "hash": f"large {number}", "data": number.to_bytes() * 1_000_000}
            there.execute(f"INSERT INTO pictures VALUES ({marks})", [large[name] for name in columns])
        there.commit()
    tracemalloc.start()
    try:
        assert move(target, "--json").json["tables"]["pictures"]["rows"] == COUNT + 40
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
