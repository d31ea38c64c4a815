"""What a person decides about a message that nobody knows anything of."""

from sqlalchemy import update

from bot.db.tables.delivery import Delivery
from bot.delivery.settling import settle
from bot.metrics import Metrics
from tests.delivery.conftest import Desk


async def _uncertain(desk: Desk) -> int:
    delivery = await desk.owe("hello")
    async with desk.sessions.begin() as session:
        await session.execute(update(Delivery).values(state="uncertain", error="timeout", owner_told=True))
    return delivery


async def _settle(desk: Desk, delivery: int, *, sent: str | None = None, resend: bool = False) -> str | None:
    async with desk.sessions.begin() as session:
        return await settle(
            session, delivery, sent=sent, resend=resend, renderers={"says": desk.says}, metrics=Metrics()
        )


async def test_what_is_dropped_is_skipped_and_its_feature_knows(desk: Desk) -> None:
    delivery = await _uncertain(desk)
    assert await _settle(desk, delivery) is None
    row = await desk.row(delivery)
    assert (row.state, row.error, desk.says.skipped) == ("skipped", "dropped", [(delivery, "dropped")])
    assert await _settle(desk, delivery, resend=True) == (
        "it is skipped: only what is uncertain or has failed can be settled"
    )
    await desk.rounds(2)
    assert desk.slack.messages == []


async def test_what_is_sent_once_more_goes_once(desk: Desk) -> None:
    delivery = await _uncertain(desk)
    assert await _settle(desk, delivery, resend=True) is None
    await desk.rounds(3)
    assert [message["text"] for message in desk.slack.made("C1")] == ["hello"]
    assert [owed.id for owed in desk.says.sent] == [delivery]


async def test_what_is_said_to_be_there_is_told_to_its_feature_and_not_made_again(desk: Desk) -> None:
    delivery = await _uncertain(desk)
    assert await _settle(desk, delivery, sent="1700000000.000100") is None
    assert [(owed.channel, owed.ts) for owed in desk.says.sent] == [("C1", "1700000000.000100")]
    await desk.rounds(2)
    assert desk.slack.messages == []
