"""What the doctor says about imports that were interrupted."""

from datetime import timedelta

from bot.db.moment import db_now
from bot.db.tables.customers import ImportRecord
from tests.commands.test_with_slack import Canteen
from tests.flows.conftest import Flow


async def test_the_doctor_names_imports_that_stopped_half_way_and_none_that_may_still_run(
    canteen: Canteen, flow: Flow
) -> None:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        now = await db_now(session)
        for name, age, unfinished in (("old.csv", 3, True), ("running.csv", 0, True), ("done.csv", 3, False)):
            session.add(
                ImportRecord(
                    id=name,
                    workspace_id="T0FLOW",
                    what="customers",
                    by="U0ADMIN",
                    at=now - timedelta(hours=age),
                    file_name=name,
                    file_hash=name,
                    added=500,
                    changed=2,
                    unchanged=0,
                    refused=0,
                    unfinished=unfinished,
                )
            )
    said = await canteen("doctor", "--json")
    (found,) = [one for one in said.json if ".csv" in one["what"]]
    assert "'old.csv'" in found["what"]
    assert "500 added and 2 changed rows of it stand" in found["what"]
    assert found["level"] == "note"
    assert "the same file again" in found["cure"]
