"""By the clock: questions move with their account managers, and shared pictures are copied."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.edge import Edge
from bot.features.members import service as members
from bot.features.questions import copies, holding, store
from bot.features.questions.store import DueCopy
from bot.slack.fetching import fetch

AT_ONCE = 10
LEASE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Reassign:
    """An unanswered question whose account manager has changed, left or come back goes to whoever it belongs to now;
    those that wait with nobody go to the first who can take them. Each in a transaction of its own."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await members.workspaces(session)
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
        async def take(session: AsyncSession) -> list[DueCopy]:
            due = await store.due_copies(session, now, AT_ONCE)
            for one in due:  # another process, or the next tick, does not take it as well
                await store.change_copy(session, one.workspace_id, one.file_id, try_at=now + LEASE)
            return due

        for one in await self.edge.sessions.run(take):
            await self._copy(one, now)

    async def _copy(self, due: DueCopy, now: datetime) -> None:
        got = await fetch(self.edge.gateway, due.workspace_id, due.url)
        picture = got.picture

        async def note(session: AsyncSession) -> None:
            if picture is None:
                await copies.failed(session, due.workspace_id, due.file_id, tries=due.tries, again=got.again, now=now)
                return
            await copies.kept(
                session,
                due.workspace_id,
                due.file_id,
                digest=picture.hash,
                mimetype=picture.mimetype,
                data=picture.data,
                now=now,
            )

        await self.edge.sessions.run(note)
