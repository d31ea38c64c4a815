from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions
from bot.features.exports import handlers, owed
from bot.features.exports.making import Making
from bot.registry.part import Given, Part


def plug(given: Given) -> Part:
    handlers.Exports(edge=given.edge).register(given.app)
    return Part(renderers=owed.renderers(Making(sessions=given.edge.sessions, write_own=write_own)))


async def write_own(sessions: Sessions, ws: str, user: str, archive: Archive) -> None:
    """A `exports.seams.WriteOwn`: by the rules of erasing, which are loaded when somebody asks."""
    from bot.erasure import handed
    from bot.erasure.person import whom

    async with sessions.begin() as session:
        one = await whom(session, ws, user)
    if one is not None:
        await handed.write_own(sessions, one, archive)
