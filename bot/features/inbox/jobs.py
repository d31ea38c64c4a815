"""By the clock: pictures that came with drafts are fetched and made safe."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.due_pictures import fetch_due
from bot.features.edge import Edge
from bot.features.inbox import pictures, store
from bot.features.inbox.store import Wanted
from bot.slack.fetching import Fetched


@dataclass(frozen=True, kw_only=True)
class FetchPictures:
    """`served`: our own pictures have a public address, so that none needs to be uploaded."""

    edge: Edge
    served: bool

    async def __call__(self, now: datetime) -> None:
        await fetch_due(self.edge, now=now, due=store.due_pictures, change=store.change_picture, note=self._note)

    async def _note(self, session: AsyncSession, due: Wanted, got: Fetched, now: datetime) -> None:
        ws, file_id, picture = due.workspace_id, due.file_id, got.picture
        if picture is None:
            await pictures.failed(session, ws, file_id, tries=due.tries, again=got.again, why=got.why, now=now)
            return
        await pictures.kept(
            session,
            ws,
            file_id,
            digest=picture.hash,
            mimetype=picture.mimetype,
            data=picture.data,
            served=self.served,
            now=now,
        )
