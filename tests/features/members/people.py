"""Slack's user objects and a workspace with a few teams, for these tests."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.customers import Team
from bot.db.tables.workspaces import Workspace

WS = "T0NORTH"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def user(user_id: str = "U0AMARA", **changes: Any) -> dict[str, Any]:
    """As users.list gives it with include_locale; `email` goes into the profile."""
    email = changes.pop("email", f"{user_id.lower()}@northlight.example")
    name = changes.pop("name", user_id.title())
    return {
        "id": user_id,
        "team_id": WS,
        "name": name.lower(),
        "deleted": False,
        "is_bot": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "tz": "Europe/Lisbon",
        "locale": "en-GB",
        "profile": {"real_name": name, "display_name": name.lower(), "email": email},
        **changes,
    }


async def workspace(session: AsyncSession, ws: str = WS, **changes: Any) -> None:
    values = {
        "name": "Northlight Works",
        "bot_token": "xoxb-test",
        "bot_id": "B0CANTEEN",
        "bot_user_id": "U0CANTEEN",
        "scopes": ["users:read"],
        "state": "active",
        "locale": "en-GB",
        "added_at": NOW,
        **changes,
    }
    session.add(Workspace(id=ws, **values))
    await session.flush()


async def team(session: AsyncSession, team_id: str = "team-line2", name: str = "Line 2", ws: str = WS) -> str:
    session.add(Team(id=team_id, workspace_id=ws, name=name, name_key=name.casefold()))
    await session.flush()
    return team_id
