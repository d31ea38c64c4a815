"""What somebody reads in the audit trail, as Home's button shows it to them."""

from bot.db.engine import Sessions
from bot.features.members import service as members
from bot.features.members import trail
from bot.registry.seams import things_of
from tests.features.members.people import WS


async def trail_of(sessions: Sessions, user: str) -> list[tuple[str, tuple[str, ...]]]:
    """The newest first: what was done, and which of their customers and channels it concerns."""
    async with sessions.begin() as session:
        theirs = await trail.readable(session, await members.get(session, WS, user), things_of)
        found = await trail.page(session, WS, about=theirs)
    mine = theirs or frozenset()
    return [(one.action, tuple(sorted({*one.about, one.subject} & mine))) for one in found.entries]
