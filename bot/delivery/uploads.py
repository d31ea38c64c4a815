"""Pictures that we keep, for Slack."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.delivery.queue import Owed
from bot.delivery.rendering import Quiet, Rendered, Skip, Upload


class Uploads(Quiet):
    """Of `queue.owe_upload`: a picture ahead of the message that shows it. A failure costs the picture, not the
    message. A feature says what is to be read where it cannot be seen, and what becomes of it."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:
        digest = str(owed.ref["hash"])
        found, alt = await kept_pictures.find(session, owed.workspace_id, digest), await self.alt(session, owed)
        if found is None or alt is None:
            return Skip(reason="gone")
        return Upload.of(digest, found.mimetype, found.data, alt=alt)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:
        if owed.ts:
            digest = str(owed.ref["hash"])
            await kept_pictures.uploaded(session, owed.workspace_id, digest, owed.ts)
            await self.ready(session, owed.workspace_id, digest, now=now)

    async def alt(self, session: AsyncSession, owed: Owed) -> str | None:  # noqa: ARG002
        """None where the picture is not wanted any more."""
        return ""

    async def ready(self, session: AsyncSession, ws: str, digest: str, *, now: datetime) -> None:
        """Messages can show it now."""
