"""How days pass in the demo: a few seconds each."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.commands import sample
from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import DmTurn
from bot.delivery import queue

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=15)


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """The demo knows SQLite only."""
    return f"sqlite:///{tmp_path / 'canteen.db'}"


async def test_what_waits_for_tomorrow_comes_with_the_next_day_and_what_has_a_time_of_its_own_then(
    sessions: Sessions,
) -> None:
    async with sessions.begin() as session:
        session.add(DmTurn(workspace_id="T0NORTH", user_id="U0LUIZA", day=NOW.date(), key="first"))
        for key, due in (("put off", None), ("planned", LATER)):
            await queue.enqueue(
                session, now=NOW, workspace_id="T0NORTH", kind="news", key=key, method="post",
                target="U0LUIZA", ref={}, due=due,
            )  # fmt: skip
        await session.execute(update(Delivery).where(Delivery.key == "put off").values(due_at=LATER))
    async with sessions.begin() as session:
        await sample.next_day(session, now=NOW)
    async with sessions.begin() as session:
        rows = await session.execute(select(Delivery.key, Delivery.due_at))
        assert {row.key: row.due_at for row in rows} == {"put off": NOW, "planned": LATER}
        assert (await session.scalars(select(DmTurn))).all() == []
