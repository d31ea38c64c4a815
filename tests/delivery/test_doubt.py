"""When what is owed may have been sent already: after a stretch without any process, which a restore looks like too."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Heartbeat
from bot.metrics import Metrics
from bot.upkeep import Upkeep
from tests.delivery.conftest import Desk


async def lived(sessions: Sessions, *stretches: tuple[int, int]) -> datetime:
    """Processes that lived from so many minutes ago to so many minutes ago; the database's now."""
    async with sessions.begin() as session:
        now = await db_now(session)
        for number, (start, end) in enumerate(stretches):
            first, last = now - timedelta(minutes=start), now - timedelta(minutes=end)
            session.add(Heartbeat(process=f"p{number}", started_at=first, ticked_at=last))
    return now


@pytest.mark.parametrize(
    ("stretches", "doubtful"),
    [
        ([], False),
        ([(600, 1)], False),
        ([(600, 360)], True),
        ([(600, 360), (1, 0)], True),
        ([(600, 360), (20, 0)], False),
        ([(600, 360), (600, 1)], False),
        ([(600, 3), (2, 1)], False),
    ],
    ids=["first start", "restart", "gap", "killed soon after a gap", "gap long ago", "another lived on", "short gaps"],
)
async def test_a_gap_is_remembered_for_a_while(
    sessions: Sessions, stretches: list[tuple[int, int]], doubtful: bool
) -> None:
    now = await lived(sessions, *stretches)
    doubt = await Upkeep(sessions=sessions, process="new", metrics=Metrics()).doubt()
    assert (doubt is not None) is doubtful
    if doubt is not None:
        assert now - timedelta(minutes=2) < doubt.until <= now + timedelta(minutes=1)


async def test_what_was_wanted_long_before_the_backup_is_looked_up_too(desk: Desk) -> None:
    """It waited for its person's morning when the backup was made, and was sent afterwards."""
    delivery = await desk.owe("post")
    await desk.rounds()
    async with desk.sessions.begin() as session:
        evening = await db_now(session) - timedelta(hours=14)
        lost = {"state": "pending", "ts": None, "channel": None, "sent_at": None, "wanted_at": evening}
        await session.execute(update(Delivery).values(**lost))
    await lived(desk.sessions, (1000, 360))
    desk.sender.doubt = await Upkeep(sessions=desk.sessions, process="new", metrics=Metrics()).doubt()
    await desk.rounds(2)
    await desk.reconciler.run()
    assert (await desk.row(delivery)).state == "sent"
    assert len(desk.slack.messages) == 1
