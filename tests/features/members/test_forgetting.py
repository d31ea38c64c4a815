"""Asking to be forgotten: who may, who hears of it, and that a repeat changes nothing."""

from sqlalchemy import select

from bot.db.engine import Sessions
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import AuditEntry
from bot.delivery.queue import as_owed
from bot.features.edge import Edge
from bot.features.members import forget_blocks, service
from bot.features.members.forgetting import TELL, Forgetting, TellAdmin
from bot.slack.kit import Message
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace

ADMIN, ASKS, GUEST, STRANGER = "U0CLARA", "U0AMARA", "U0GUS", "U0OLGA"


async def people(sessions: Sessions) -> None:
    everybody = [user(ADMIN), user(ASKS), user(GUEST, is_restricted=True), user(STRANGER, is_stranger=True)]
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, everybody, NOW)
        await service.bootstrap_admins(session, WS, [ADMIN], NOW)


async def owed(sessions: Sessions) -> list[Delivery]:
    async with sessions.begin() as session:
        return list(await session.scalars(select(Delivery).where(Delivery.kind == TELL).order_by(Delivery.id)))


async def audited(sessions: Sessions) -> list[tuple[str, str, str]]:
    async with sessions.begin() as session:
        rows = await session.scalars(select(AuditEntry).order_by(AuditEntry.at, AuditEntry.id))
        return [(row.actor, row.action, row.subject) for row in rows]


async def test_the_admins_are_told_once_a_day_and_what_to_type(
    sessions: Sessions, slack: Slack, edge: Edge, gateway: RecordingGateway
) -> None:
    await people(sessions)
    Forgetting(edge=edge).register(slack.app)
    for _ in range(2):
        assert (await slack.press(ASKS, forget_blocks.FORGET)).status == 200
    (one,) = await owed(sessions)
    assert one.target == ADMIN
    assert [entry for entry in await audited(sessions) if entry[0] == ASKS] == [(ASKS, "erase.asked", ASKS)]
    async with sessions.begin() as session:
        said = await TellAdmin().render(session, as_owed(one))
    assert isinstance(said, Message)
    assert said.text.endswith(f"canteen erase person {ASKS} --by {ASKS}")
    assert said.text.startswith(user(ASKS)["profile"]["real_name"])
    assert len(gateway.views) == 2
    assert "U0Clara" in str(gateway.views[0].payload())


async def test_guests_may_and_others_may_not(sessions: Sessions, slack: Slack, edge: Edge) -> None:
    await people(sessions)
    Forgetting(edge=edge).register(slack.app)
    await slack.press(STRANGER, forget_blocks.FORGET)
    await slack.press("U0ELSEWHERE", forget_blocks.FORGET, team="T0OTHER")
    assert await owed(sessions) == []
    assert "erase.asked" not in {entry[1] for entry in await audited(sessions)}
    await slack.press(GUEST, forget_blocks.FORGET)
    assert [one.ref for one in await owed(sessions)] == [{"user": GUEST}]


async def test_whoever_is_no_admin_any_more_is_not_told(sessions: Sessions, slack: Slack, edge: Edge) -> None:
    await people(sessions)
    Forgetting(edge=edge).register(slack.app)
    await slack.press(ASKS, forget_blocks.FORGET)
    (one,) = await owed(sessions)
    async with sessions.begin() as session:
        await service.save(session, WS, [user(ADMIN, deleted=True)], NOW)
        assert not isinstance(await TellAdmin().render(session, as_owed(one)), Message)
