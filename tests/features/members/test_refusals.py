"""G1: by direct payload, whoever may not gets nothing done, and the audit trail has it once."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.db.engine import Sessions
from bot.db.tables.members import AuditEntry, Member, Role
from bot.features.edge import Edge
from bot.features.home import blocks as home_blocks
from bot.features.home import handlers as home_handlers
from bot.features.members import blocks, handlers, service, trail_blocks
from tests.doubles import RecordingGateway
from tests.features.members.bolt import Slack
from tests.features.members.people import NOW, WS, user, workspace


async def no_teams(session: Any, ws: str) -> list[Any]:
    return []


@pytest.fixture
async def there(slack: Slack, edge: Edge, sessions: Sessions) -> Slack:
    handlers.register(slack.app, edge, commands=[])
    home_handlers.register(slack.app, edge, teams=no_teams)
    async with sessions.begin() as session:
        await workspace(session)
        await service.save(session, WS, [user("U0AMARA"), user("U0GUEST", is_restricted=True)], NOW)
    return slack


@pytest.mark.parametrize(
    ("who", "team", "action", "audited"),
    [
        ("U0AMARA", WS, blocks.CHANGE_ROLES, "give_roles"),
        ("U0GUEST", WS, blocks.CHANGE_ROLES, "give_roles"),
        ("U0OUT", "T0OTHER", blocks.CHANGE_ROLES, "give_roles"),
        ("U0AMARA", WS, blocks.TRAIL, "read_audit"),
        ("U0OUT", "T0OTHER", trail_blocks.OLDER, "read_audit"),
        ("U0OUT", "T0OTHER", home_blocks.CHOOSE_TEAM, "choose_team"),
        ("U0OUT", "T0OTHER", home_blocks.NOT_NOW, "choose_team"),
    ],
)
async def test_a_refusal_changes_nothing_and_is_audited_once(
    there: Slack, sessions: Sessions, gateway: RecordingGateway, who: str, team: str, action: str, audited: str
) -> None:
    assert (await there.press(who, action, option="line2", team=team)).status == 200
    assert gateway.views == []
    async with sessions.begin() as session:
        rows = (await session.execute(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject))).all()
        assert list(await session.scalars(select(Role.user_id))) == []
        assert set(await session.scalars(select(Member.team_id))) == {None}
    assert [tuple(row) for row in rows] == [(who, "refused", audited)]
