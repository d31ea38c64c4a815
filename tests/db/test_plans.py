"""The hot paths read no table whole that grows: each statement they really make is explained by both databases."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event

from benchmarks import growing
from bot.db.engine import Sessions, make_engine
from bot.db.tables import Base
from bot.delivery import claim, settling
from tests.db import plans
from tests.db.empty import empty_database

NOW = datetime(2027, 1, 1, tzinfo=UTC)

# Few rows by their nature: processes of the last week, who was written to in the last hour, and installations, of which
# ten thousand are read in two milliseconds.
SMALL = {"heartbeats", "pace", "workspaces"}
# Once a minute: it weighs every active channel.
READ_WHOLE = {("job pulse", "channels"), ("job pulse", "pulse_rounds")}
SELDOM = {"job aging"}  # every six hours


async def test_no_hot_path_reads_a_growing_table_whole(database_url: str) -> None:
    """In a database of its own: what other tests left in the statistics changes the order of joins."""
    async with empty_database(database_url, "explained") as engine:
        url = engine.url.set(drivername=engine.dialect.name).render_as_string(hide_password=False)
    asked = await plans.asked_by_hot_paths(url)
    found = await plans.steps(url, asked)
    assert {one.what for one, steps in found if steps} >= {
        "vote",
        "Home opened",
        "Home",
        "sending",
        "audit trail",
        "job posts",
        "job tidy",
    }
    whole = {
        (one.what, step.table): one.statement
        for one, steps in found
        for step in steps
        if not step.is_cheap and step.table not in SMALL
        if (one.what, step.table) not in READ_WHOLE and one.what not in SELDOM
    }
    assert not whole, "\n\n".join(f"{what}: {sql}" for what, sql in whole.items())


def filled(path: Path, *, known: bool) -> Engine:
    """`known`: the database knows how much there is of what (ANALYZE)."""
    engine = create_engine(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        for state, many in (("sent", 5_000), ("pending", 500)):
            connection.exec_driver_sql(growing.EVERY["deliveries"].format(
                rows=growing.COUNTED.format(many), ws="'T1'", past="'2026-01-05 09:00:00.000000'"
            ).replace("'sent'", f"'{state}'").replace("'sent:'", f"'{state}:'"))  # fmt: skip
        if known:
            connection.exec_driver_sql("ANALYZE")
    return engine


@pytest.mark.parametrize("known", [False, True])
async def test_what_could_not_be_delivered_is_found_on_sqlite_without_reading_what_was(
    tmp_path: Path, *, known: bool
) -> None:
    filled(tmp_path / "one.db", known=known)
    sessions = Sessions(make_engine(f"sqlite:///{tmp_path / 'one.db'}"))
    asked: list[plans.Asked] = []
    with plans.noted("Home", asked):
        async with sessions.begin() as session:
            assert await settling.in_trouble(session, "T1", NOW) == {}
    await sessions.close()
    ((_, (step,)),) = await plans.steps(f"sqlite:///{tmp_path / 'one.db'}", asked)
    assert (step.by, step.entered) == ("ix_deliveries_troubled", True)


@pytest.mark.parametrize("known", [False, True])
async def test_a_claim_on_sqlite_reads_the_few_rows_it_needs_however_much_was_sent(
    tmp_path: Path, *, known: bool
) -> None:
    engine = filled(tmp_path / "one.db", known=known)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection: Any, _cursor: Any, statement: str, bound: Any, _context: Any, _many: bool) -> None:
        asked.append((statement, bound))

    leased = "ix_deliveries_leased (lease_until<?)" if known else "ix_deliveries_state (state=?)"
    for statement, values, index in (
        (claim.DUE_BY_DIALECT["sqlite"], {"until": NOW, "most": 50}, "ix_deliveries_pending (due_at<?)"),
        (claim.AGAIN_IF_OVER, {"now": NOW}, leased),
        (claim.UNKNOWN_IF_OVER, {"now": NOW}, leased),
    ):
        with engine.connect() as connection:
            connection.execute(statement, values)
            text, bound = asked[-1]
            said = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", bound)]
        assert f"SEARCH deliveries USING INDEX {index}" in said
        assert not any("TEMP B-TREE" in line for line in said)
