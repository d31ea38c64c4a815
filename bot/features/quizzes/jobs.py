"""From the clock: quizzes as a kind of content that channels schedule, their tallies and their reveals."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.channels.seams import Audience, Due, Preview
from bot.features.edge import Edge
from bot.features.quizzes import bank, service, sight
from bot.features.quizzes.rules import KIND, LATENESS, USUAL, Limits
from bot.slack.words import Words

log = logging.getLogger(__name__)
TALLY_EVERY = timedelta(seconds=0.8)  # a third of the least time between two edits, so that none comes much too late
REVEAL_EVERY = timedelta(seconds=2)
REVEALS_A_TICK = 50


@dataclass(frozen=True, kw_only=True)
class QuizKind:
    """A `channels.ContentKind`. `public_url`: where our own pictures can be fetched, "" where they cannot."""

    name: str = KIND
    public_url: str = ""
    lateness: timedelta = LATENESS
    limits: Limits = USUAL

    def label(self, words: Words) -> str:
        return words.say("Quizzes")

    async def preview(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Sequence[Preview]:
        """Questions without their answers: whoever looks may answer them later."""
        coming = await service.preview(session, audience, due, now=await db_now(session), limits=self.limits)
        found = []
        for one in coming:
            if one.content is None:
                why = words.say("No question is left for this channel.")
                found.append(Preview(due_at=one.due_at, headline=None, why=why))
            else:
                why = words.say("Here because this channel has not had it within a year.")
                headline = one.content.wording(audience.locale).text
                found.append(Preview(due_at=one.due_at, headline=headline, why=why))
        return found

    async def planned(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Mapping[str, Preview]:
        """As `preview`, without the answers."""
        times = {one.occurrence_id: one.due_at for one in due}
        found: dict[str, Preview] = {}
        for occurrence, quiz in await bank.owed_for(session, audience.workspace_id, list(times)):
            at = times[occurrence]
            if quiz.is_withdrawn or await sight.may_stand(session, quiz, audience):
                why = words.say("What was planned may not be posted here as things are now.")
                found[occurrence] = Preview(due_at=at, headline=None, why=why)
            else:
                why = words.say("Planned for this time by the editors.")
                headline = quiz.content.wording(audience.locale).text
                found[occurrence] = Preview(due_at=at, headline=headline, why=why)
        return found

    async def fill(self, session: AsyncSession, audience: Audience, due: Due, *, now: datetime) -> str | None:
        served, limits = bool(self.public_url), self.limits
        return await service.fill(session, audience, due, served=served, now=now, limits=limits, lateness=self.lateness)

    async def test_post(
        self, session: AsyncSession, audience: Audience, *, to_user: str, request: str, now: datetime
    ) -> bool:
        return await service.owe_test(
            session,
            audience,
            to_user=to_user,
            request=request,
            served=bool(self.public_url),
            now=now,
            limits=self.limits,
        )

    async def left(self, session: AsyncSession, audience: Audience, *, now: datetime) -> int:
        return await service.left(session, audience, now=now, limits=self.limits)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Any number of processes may run it: an edit is taken by one of them."""

    edge: Edge

    async def __call__(self, _now: datetime) -> int:
        """How many edits are owed now."""
        async with self.edge.sessions.begin() as session:
            return await service.tally(session, now=await db_now(session))


@dataclass(frozen=True, kw_only=True)
class Reveal:
    """Whoever locks a round that has closed counts it. The database's clock decides, not the tick's."""

    edge: Edge
    limits: Limits

    async def __call__(self, _now: datetime) -> int:
        """How many were revealed."""
        async with self.edge.sessions.begin() as session:
            due = await service.due_to_reveal(session, limit=REVEALS_A_TICK)
        done = 0
        for ws, quiz_id in due:
            try:
                done += await self._one(ws, quiz_id)
            except Exception:
                log.exception("quiz %s could not be revealed", quiz_id)
        return done

    async def _one(self, ws: str, quiz_id: str) -> bool:
        async def work(session: AsyncSession) -> bool:
            return await service.reveal(session, ws, quiz_id, limits=self.limits)

        return await self.edge.sessions.run(work)
