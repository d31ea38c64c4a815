"""By the clock: hats are drawn at their time, and adoptions of people who are no members any more end quietly."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.features.adoptions import hats, service
from bot.features.adoptions.service import AT_ONCE
from bot.features.edge import Edge
from bot.features.members import service as members


@dataclass(frozen=True, kw_only=True)
class DrawHats:
    """By the database's clock. Two processes at once draw one hat once: the row decides."""

    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            due = await hats.due(session)
        for ws, hat_id in due:
            await self._draw(ws, hat_id)
        async with self.edge.sessions.begin() as session:
            drawn = await hats.untold(session)
        for ws, hat_id in drawn:
            await self._tell(ws, hat_id, now)

    async def _draw(self, ws: str, hat_id: str) -> None:
        await self.edge.sessions.run(lambda session: hats.draw_due(session, ws, hat_id, new_id=self.edge.new_id))

    async def _tell(self, ws: str, hat_id: str, now: datetime) -> None:
        """A few at a time; what a crash leaves is done by the next tick, once each."""
        run, after = self.edge.sessions.run, ""
        while after := await run(partial(hats.introduce, ws=ws, hat_id=hat_id, after=after, now=now)):
            pass
        await run(lambda session: hats.tell(session, ws, hat_id, now=now))


@dataclass(frozen=True, kw_only=True)
class EndOfPeopleGone:
    edge: Edge

    async def __call__(self, now: datetime) -> None:
        async with self.edge.sessions.begin() as session:
            workspaces = await members.workspaces(session)
        for ws in workspaces:
            while await self._end(ws, now) == AT_ONCE:
                pass

    async def _end(self, ws: str, now: datetime) -> int:
        new_id = self.edge.new_id
        return await self.edge.sessions.run(
            lambda session: service.end_of_people_gone(session, ws, now=now, new_id=new_id)
        )
