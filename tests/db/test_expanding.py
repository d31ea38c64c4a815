"""Old and new code run side by side on one database: migrations only add, unless they say what they contract."""

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.core.errors import UserMistakeError
from bot.db import beside
from bot.db.levels import FIRST_SERVED, head, known, scripts, serves
from bot.db.migrate import current, upgrade
from tests.db.empty import empty_database, schema_of, upgrade_to
from tests.db.expanding import complaints
from tests.db.rows import rows, tables_of

SINCE = known().index(FIRST_SERVED) + 1  # the levels before were not meant to have anything beside them


@pytest.mark.parametrize("level", known()[SINCE:])
def test_a_migration_only_adds_or_names_the_earlier_level_that_it_contracts(level: str) -> None:
    script = scripts().get_revision(level)
    assert script is not None
    contract_of = getattr(script.module, "contract_of", None)
    if contract_of is None:
        assert complaints(script.module.upgrade) == []
        return
    assert contract_of in known()[: known().index(level)], "the code of an earlier level has to do without it already"


def _drops_a_column() -> None:
    op.drop_column("channels", "zone")


def _drops_a_table() -> None:
    op.drop_table("channels")


def _renames() -> None:
    op.alter_column("channels", "zone", new_column_name="time_zone")


def _renames_a_table() -> None:
    op.rename_table("channels", "places")


def _narrows() -> None:
    op.alter_column("channels", "name", type_=sa.String(10))


def _tightens() -> None:
    op.alter_column("channels", "starts_at", nullable=False)


def _wants_a_value() -> None:
    op.add_column("channels", sa.Column("mood", sa.Text(), nullable=False))


def _wants_what_is_there_to_be_unique() -> None:
    op.create_index("uq_channels_name", "channels", ["workspace_id", "name"], unique=True)


def _checks_every_row() -> None:
    op.create_check_constraint("ck_channels_mood", "channels", "name <> ''")


def _writes_the_table_anew() -> None:
    op.add_column("channels", sa.Column("mood", sa.Text(), server_default=sa.text("gen_random_uuid()")))


def _points_elsewhere() -> None:
    with op.batch_alter_table("channels") as batch:
        batch.add_column(sa.Column("mood", sa.Text(), sa.ForeignKey("customers.id", name="fk_mood")))


def _changes_rows() -> None:
    op.execute("UPDATE channels SET zone = 'UTC'")


@pytest.mark.parametrize(
    "wrong",
    [
        _drops_a_column, _drops_a_table, _renames, _renames_a_table, _narrows, _tightens, _wants_a_value,
        _wants_what_is_there_to_be_unique, _checks_every_row, _writes_the_table_anew, _points_elsewhere, _changes_rows,
    ],
)  # fmt: skip
def test_a_migration_that_does_more_is_found(wrong: object) -> None:
    assert len(complaints(wrong)) == 1  # type: ignore[arg-type]


def test_what_only_adds_is_let_through() -> None:
    def adds() -> None:
        op.create_table(
            "moods", sa.Column("id", sa.Text(), primary_key=True), sa.Column("at", sa.Text(), nullable=False)
        )
        op.create_index("uq_moods_at", "moods", ["at"], unique=True)
        with op.batch_alter_table("channels") as batch:
            batch.add_column(sa.Column("mood", sa.Text()))
            batch.add_column(sa.Column("loud", sa.Boolean(), server_default=sa.false(), nullable=False))
            batch.add_column(sa.Column("times", sa.Integer(), server_default="0", nullable=False))
            batch.create_index("ix_channels_mood", ["mood", "name"])
            batch.create_index("uq_channels_mood", ["mood"], unique=True)

    assert complaints(adds) == []


on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


SEEN = sa.text("INSERT INTO seen_events (workspace_id, key, at) VALUES ('T1', :key, now())")
SOMEBODY_WAITS = sa.text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def _until_somebody_waits(engine: AsyncEngine, working: "asyncio.Task[None]") -> None:
    async with engine.connect() as watching:
        while not working.done() and not (await watching.execute(SOMEBODY_WAITS)).scalar_one():
            await watching.rollback()


@on_postgres
async def test_indexes_on_tables_in_use_are_built_while_others_write(database_url: str) -> None:
    async with empty_database(database_url) as engine:
        await upgrade(engine)
        fresh = await schema_of(engine)
        wanted = ["ix_seen_events_at", "ix_slots_weekday_local_time"]
        async with engine.begin() as connection:
            await connection.execute(sa.text("DROP INDEX ix_seen_events_at"))
            # as a CREATE INDEX CONCURRENTLY that was killed leaves it
            await connection.execute(
                sa.text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass(:name)"),
                {"name": wanted[1]},
            )
        assert list(await beside.missing(engine)) == wanted
        async with engine.connect() as early:
            await early.execute(SEEN, {"key": "early"})
            migrating = asyncio.create_task(upgrade(engine))
            await _until_somebody_waits(engine, migrating)
            assert not migrating.done()
            async with asyncio.timeout(5), engine.begin() as late:  # behind a plain CREATE INDEX it would stand in line
                await late.execute(SEEN, {"key": "late"})
            await early.commit()
        await migrating
        assert await beside.missing(engine) == []
        assert await schema_of(engine) == fresh


@on_postgres
async def test_a_migration_that_cannot_have_a_table_lets_others_pass(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants a table stands in line behind a migration that waits for it: so it gives up, and tries again."""
    monkeypatch.setattr("bot.db.migrate.HELD_UP", timedelta(milliseconds=100))
    monkeypatch.setattr("bot.db.migrate.AGAIN_AFTER", timedelta(milliseconds=20))
    async with empty_database(database_url) as engine:
        await upgrade_to(engine, FIRST_SERVED)
        async with engine.connect() as dump:
            await dump.execute(sa.text("SELECT count(*) FROM heartbeats"))
            with pytest.raises(UserMistakeError, match="another connection has held a table"):
                await upgrade(engine, patience=timedelta(0))
            migrating = asyncio.create_task(upgrade(engine))
            await _until_somebody_waits(engine, migrating)
            async with asyncio.timeout(5), engine.connect() as press:
                await press.execute(sa.text("SELECT count(*) FROM heartbeats"))
            assert not migrating.done()
        await migrating
        assert await current(engine) == head()


@on_postgres
async def test_a_migration_leaves_out_indexes_on_tables_that_were_there(database_url: str) -> None:
    """And takes no lock for one while it holds others."""

    def migrate(connection: sa.Connection) -> list[str]:
        context = MigrationContext.configure(connection)
        beside.leave_for_later(connection, context.impl)
        with Operations.context(context):
            op.create_table("newly_made", sa.Column("id", sa.Integer(), primary_key=True))
            op.create_index("ix_newly_made", "newly_made", ["id"])
            op.create_index("ix_later", "deliveries", ["sent_at"])
        looked = sa.inspect(connection)
        return [str(one["name"]) for table in ("newly_made", "deliveries") for one in looked.get_indexes(table)]

    async with empty_database(database_url) as engine:
        await upgrade(engine)
        async with engine.connect() as connection:
            made = await connection.run_sync(migrate)
        assert "ix_newly_made" in made
        assert "ix_later" not in made


SERVED = known()[known().index(serves(head())) : -1]


@pytest.mark.parametrize("level", SERVED)
async def test_code_of_a_level_that_is_served_writes_all_that_it_knows(database_url: str, level: str) -> None:
    """It names the columns that it knows, in every statement; here those of its own schema."""

    def work_as_then(connection: sa.Connection, then: list[sa.Table]) -> dict[str, int]:
        for table in then:
            connection.execute(table.insert(), list(rows(table, 4, connection.dialect)))
        for table in then:
            free = [column for column in table.columns if not (column.primary_key or column.foreign_keys)]
            if free:
                connection.execute(table.update().values({column.name: column for column in free}))
        found = {table.name: len(connection.execute(table.select()).all()) for table in then}
        for table in reversed(then):
            connection.execute(table.delete())
        return found

    async with empty_database(database_url) as engine:
        await upgrade_to(engine, level)
        async with engine.connect() as connection:
            then = await connection.run_sync(tables_of)
        await upgrade(engine)
        async with engine.begin() as connection:
            found = await connection.run_sync(work_as_then, then)
    assert len(found) > 30
    assert set(found.values()) == {4}
