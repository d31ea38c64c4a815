"""The company of the stories' tests, and a few people more."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.members import Member
from tests.features.stories.given import ADMIN, AMARA, EDITOR, GUEST, NOW, SAM, WS
from tests.features.stories.given import company as stories_company

TOM, KIM = "U0TOM", "U0KIM"
NAMES = {AMARA: "Amara Okoro", EDITOR: "Edith Lang", ADMIN: "Ada Minh", SAM: "Sam Reyes", GUEST: "Gus Guest"}

__all__ = ["ADMIN", "AMARA", "EDITOR", "GUEST", "KIM", "NAMES", "NOW", "SAM", "TOM", "WS", "company"]


async def company(session: AsyncSession) -> None:
    """Sam looks after Orion (cust1), nobody after Halden (cust2); Kestrelane (cust3) is confidential."""
    await stories_company(session)
    for user, name in ((TOM, "Tom Bell"), (KIM, "Kim Duarte")):
        session.add(
            Member(
                workspace_id=WS, user_id=user, name=name, kind="member", zone="UTC", locale="en-US", refreshed_at=NOW
            )
        )
    for user, name in NAMES.items():
        person = await session.get(Member, (WS, user))
        assert person is not None
        person.name, person.locale, person.zone = name, "en-US", "UTC"
        if user == AMARA:
            person.team_id = "line2"
    await session.flush()
