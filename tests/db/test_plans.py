"""The hot paths read no table whole that grows: each statement they really make is explained by both databases."""

import pytest

from tests.db import plans

# Few rows by their nature: processes of the last week, who was written to in the last hour, and installations, of which
# ten thousand are read in two milliseconds.
SMALL = {"heartbeats", "pace", "workspaces"}
# Once a minute: it weighs every active channel.
READ_WHOLE = {("job pulse", "channels"), ("job pulse", "pulse_rounds")}
SELDOM = {"job aging"}  # every six hours


@pytest.mark.usefixtures("sessions")
async def test_no_hot_path_reads_a_growing_table_whole(database_url: str) -> None:
    asked = await plans.asked_by_hot_paths(database_url)
    found = await plans.steps(database_url, asked)
    assert {one.what for one, steps in found if steps} >= {
        "vote",
        "Home opened",
        "Home",
        "sending",
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
