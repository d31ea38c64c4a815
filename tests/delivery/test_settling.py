"""What a person says of a delivery that nothing else can decide."""

import pytest
from sqlalchemy import update

from bot.db.tables.delivery import Delivery
from bot.delivery import settling
from bot.metrics import Metrics
from tests.delivery.conftest import Desk

TS = "1700000000.000100"


async def uncertain(desk: Desk) -> int:
    made = await desk.owe("Hello")
    async with desk.sessions.begin() as session:
        await session.execute(update(Delivery).values(state="uncertain", error="history_forbidden"))
    return made


async def settle(desk: Desk, delivery: int, *, sent: str | None = None, resend: bool = False) -> str | None:
    async with desk.sessions.begin() as session:
        return await settling.settle(
            session, delivery, sent=sent, resend=resend, renderers={"says": desk.says}, metrics=Metrics()
        )


async def test_it_is_there_sent_again_or_not_needed(desk: Desk) -> None:
    delivery = await uncertain(desk)
    assert await settle(desk, delivery, sent=TS) is None
    row = await desk.row(delivery)
    assert (row.state, row.ts, row.channel, row.error) == ("sent", TS, "C1", None)
    assert [(one.id, one.ts) for one in desk.says.sent] == [(delivery, TS)], "its feature knows where it is"
    delivery = await uncertain(desk)
    assert await settle(desk, delivery, resend=True) is None
    await desk.rounds()
    assert [one["text"] for one in desk.slack.made("C1")] == ["Hello"]
    delivery = await uncertain(desk)
    assert await settle(desk, delivery) is None
    await desk.rounds()
    assert (await desk.row(delivery)).state == "skipped"
    assert len(desk.slack.made("C1")) == 1


@pytest.mark.parametrize("given", ["soon", "1700000000", "1700000000.0001", f"{TS}\n", f" {TS}", "١٧٠٠٠٠٠٠٠٠.٠٠٠١٠٠"])
async def test_what_is_no_ts_is_refused_and_changes_nothing(desk: Desk, given: str) -> None:
    delivery = await uncertain(desk)
    assert "is not a ts" in str(await settle(desk, delivery, sent=given))
    row = await desk.row(delivery)
    assert (row.state, row.ts, row.error) == ("uncertain", None, "history_forbidden")


async def test_what_is_going_well_is_left_alone(desk: Desk) -> None:
    delivery = await desk.owe("Hello")
    assert "it is pending" in str(await settle(desk, delivery))
    assert "none with this id" in str(await settle(desk, delivery + 1))
    assert await desk.states() == ["pending"]
