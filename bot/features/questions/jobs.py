"""By the clock: questions move with their account managers, and shared pictures are copied."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.due_pictures import fetch_due
from bot.features.edge import Edge
from bot.features.questions import copies, holding, store
from bot.features.questions.store import DueCopy
from bot.slack.fetching import Fetched


@dataclass(frozen=True, kw_only=True)
class Reassign:
    """An unanswered question whose account manager has changed, left or come back goes to whoever it belongs to now;
    those that wait with nobody go to the first who can take them. Each in a transaction of its own."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await store.with_unanswered(session)
        for ws in workspaces:
            await self._workspace(ws, now)

    async def _workspace(self, ws: str, now: datetime) -> None:
        after = ""
        while True:
            async with self.edge.sessions.begin() as session:
                found = await store.unanswered(session, ws, after=after)
                moved = [one.id for one in found if not await holding.is_settled(session, one)]
            for question_id in moved:
                await self._settle(ws, question_id, now)
            if not found:
                return
            after = found[-1].id

    async def _settle(self, ws: str, question_id: str, now: datetime) -> None:
        async def work(session: AsyncSession) -> None:
            question = await store.question(session, ws, question_id)
            if question is not None and question.is_unanswered:
                await holding.settle(session, question, now=now)
                if question.with_user is not None:
                    await holding.promote(session, ws, question.with_user, now=now)

        await self.edge.sessions.run(work)


@dataclass(frozen=True, kw_only=True)
class CopyPictures:
    """Reads what people shared with Canteen, makes it safe, and owes it to Slack as files of its own."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        await fetch_due(self.edge, now=now, due=store.due_copies, change=store.change_copy, note=_note)


async def _note(session: AsyncSession, due: DueCopy, got: Fetched, now: datetime) -> None:
    ws, file_id, picture = due.workspace_id, due.file_id, got.picture
    if picture is None:
        await copies.failed(session, ws, file_id, tries=due.tries, again=got.again, now=now)
        return
    await copies.kept(session, ws, file_id, digest=picture.hash, mimetype=picture.mimetype, data=picture.data, now=now)
