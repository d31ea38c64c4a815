"""What wiring hands to this feature."""

from typing import Protocol

from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions


class WriteOwn(Protocol):
    """What is kept about one person, into an archive: a sheet for each kind of thing."""

    async def __call__(self, sessions: Sessions, ws: str, user: str, archive: Archive) -> None: ...
