"""By the clock: pictures that came with drafts are fetched and made safe."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.edge import Edge
from bot.features.inbox import pictures as inbox_pictures
from bot.features.inbox import store
from bot.features.inbox.store import Wanted
from bot.slack.fetching import fetch

AT_ONCE = 10
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class FetchPictures:
    """`served`: our own pictures have a public address, so that none needs to be uploaded."""

    edge: Edge
    served: bool

    async def __call__(self, now: datetime) -> None:
        async def take(session: AsyncSession) -> Sequence[Wanted]:
            due = await store.due_pictures(session, now, AT_ONCE)
            for one in due:  # another process, or the next tick, does not take it as well
                await store.change_picture(session, one.workspace_id, one.file_id, try_at=now + LEASE)
            return due

        for one in await self.edge.sessions.run(take):
            await self._fetch(one, now)

    async def _fetch(self, due: Wanted, now: datetime) -> None:
        got = await fetch(self.edge.gateway, due.workspace_id, due.url)
        picture = got.picture

        async def note(session: AsyncSession) -> None:
            ws, file_id = due.workspace_id, due.file_id
            if picture is None:
                await inbox_pictures.failed(
                    session, ws, file_id, tries=due.tries, again=got.again, why=got.why, now=now
                )
                return
            await inbox_pictures.kept(
                session,
                ws,
                file_id,
                digest=picture.hash,
                mimetype=picture.mimetype,
                data=picture.data,
                served=self.served,
                now=now,
            )

        await self.edge.sessions.run(note)
