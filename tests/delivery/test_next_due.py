"""What an alert is told of what is owed: when it falls due, and whether a token stands in the way."""

from datetime import UTC, datetime, time, timedelta
from math import inf

from sqlalchemy import update

from bot.db.moment import db_now
from bot.db.tables.channels import Channel, Slot
from bot.db.tables.delivery import Delivery
from bot.db.tables.workspaces import Workspace
from bot.metrics import Metrics
from bot.upkeep import Upkeep
from tests.delivery.conftest import WORKSPACE, Desk

NEVER = datetime.min.replace(tzinfo=UTC)  # neither job asks the process's clock


class Figures:
    """What /metrics would say after both jobs have run."""

    def __init__(self, desk: Desk) -> None:
        self.metrics = Metrics()
        self.upkeep = Upkeep(sessions=desk.sessions, process="one", metrics=self.metrics)

    async def due(self, what: str) -> float | None:
        await self.upkeep.beat(NEVER)
        await self.upkeep.look_ahead(NEVER)
        return self.metrics.registry.get_sample_value("canteen_next_due_timestamp_seconds", {"what": what})


async def now_of(desk: Desk) -> datetime:
    async with desk.sessions.begin() as session:
        return await db_now(session)


async def test_what_waits_for_its_time_and_what_waits_for_another_message(desk: Desk) -> None:
    figures = Figures(desk)
    assert await figures.due("messages") == inf
    morning = (await now_of(desk) + timedelta(hours=9)).replace(microsecond=0)
    parent = await desk.owe("good morning", due=morning)
    await desk.owe("and more", under=parent)
    assert await figures.due("messages") == morning.timestamp()
    late = morning - timedelta(days=1)
    async with desk.sessions.begin() as session:
        await session.execute(update(Delivery).where(Delivery.id == parent).values(state="unresolved", due_at=late))
    assert await figures.due("messages") == late.timestamp()
    async with desk.sessions.begin() as session:
        await session.execute(update(Delivery).values(state="uncertain"))
    assert await figures.due("messages") == inf


async def test_what_a_dead_workspace_is_owed_is_told_apart(desk: Desk) -> None:
    figures = Figures(desk)
    await desk.owe("for you")
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(state="dead"))
    due = await figures.due("without_token")
    assert due is not None
    assert due <= (await now_of(desk)).timestamp()
    assert await figures.due("messages") == inf
    count = figures.metrics.registry.get_sample_value("canteen_workspaces", {"state": "dead"})
    assert count == 1


async def test_the_next_time_of_all_channels(desk: Desk) -> None:
    figures = Figures(desk)
    now = await now_of(desk)
    soon = (now + timedelta(hours=30)).replace(second=0, microsecond=0)
    async with desk.sessions.begin() as session:
        for number, state in enumerate(("active", "paused")):
            name = f"C{number}"
            session.add(
                Channel(
                    workspace_id=WORKSPACE,
                    channel_id=name,
                    name=name,
                    zone="UTC",
                    locale="en",
                    state=state,
                    added_by="U1",
                    added_at=now,
                    refreshed_at=now,
                )
            )
            await session.flush()
            due = soon - timedelta(hours=number)
            at = time(due.hour, due.minute)
            session.add(
                Slot(
                    id=name,
                    workspace_id=WORKSPACE,
                    channel_id=name,
                    kind="story",
                    weekday=due.weekday(),
                    local_time=at,
                    starts_at=now - timedelta(days=30),
                )
            )
    assert await figures.due("slots") == soon.timestamp()
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(posting_stopped_at=now))
    assert await figures.due("slots") == inf
    async with desk.sessions.begin() as session:
        await session.execute(update(Workspace).values(posting_stopped_at=None, state="dead"))
    assert await figures.due("slots") == inf
    assert await figures.due("without_token") == soon.timestamp()
