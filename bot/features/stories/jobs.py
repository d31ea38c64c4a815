"""Stories and news as kinds of content that channels schedule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.channels.seams import Audience, Due, Preview
from bot.features.stories import blocks, service, store
from bot.features.stories.rules import NEWS, STORY, USUAL, Limits
from bot.slack.words import Words

LATENESS = timedelta(hours=4)


@dataclass(frozen=True, kw_only=True)
class Library:
    """A `channels.ContentKind`. `public_url`: where our own pictures can be fetched, "" where they cannot."""

    name: str
    public_url: str = ""
    lateness: timedelta = LATENESS
    limits: Limits = USUAL
    index: service.Index = field(default_factory=service.Index, compare=False)

    def label(self, words: Words) -> str:
        return words.say("News") if self.name == NEWS else words.say("Stories")

    async def preview(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Sequence[Preview]:
        now = await db_now(session)
        coming = await service.preview(session, audience, self.name, due, now=now, index=self.index, limits=self.limits)
        return [self._preview(one, audience, words) for one in coming]

    @staticmethod
    def _preview(one: service.Coming, audience: Audience, words: Words) -> Preview:
        if one.story is None or one.why is None:
            return Preview(due_at=one.due_at, headline=None, why=words.say("Nothing is left for this channel."))
        headline = one.story.wording(audience.locale).headline
        return Preview(due_at=one.due_at, headline=headline, why=blocks.why_line(words, one.why))

    async def planned(
        self, session: AsyncSession, audience: Audience, due: Sequence[Due], words: Words
    ) -> Mapping[str, Preview]:
        times = {one.occurrence_id: one.due_at for one in due}
        found: dict[str, Preview] = {}
        for occurrence, post in await store.owed_for(session, audience.workspace_id, list(times)):
            at = times[occurrence]
            sight = await service.sight(session, audience, post.story_id, post.reason, now=at)
            if sight is None or sight.refused:
                why = words.say("What was planned may not be posted here as things are now.")
                found[occurrence] = Preview(due_at=at, headline=None, why=why)
            else:
                why = words.say("Planned for this time by the editors.")
                headline = sight.story.wording(audience.locale).headline
                found[occurrence] = Preview(due_at=at, headline=headline, why=why)
        return found

    async def fill(self, session: AsyncSession, audience: Audience, due: Due, *, now: datetime) -> str | None:
        return await service.fill(
            session,
            audience,
            due,
            late_after=due.due_at + self.lateness,
            served=bool(self.public_url),
            now=now,
            index=self.index,
            limits=self.limits,
        )

    async def test_post(
        self, session: AsyncSession, audience: Audience, *, to_user: str, request: str, now: datetime
    ) -> bool:
        return await service.owe_test(
            session,
            audience,
            self.name,
            to_user=to_user,
            request=request,
            served=bool(self.public_url),
            now=now,
            index=self.index,
            limits=self.limits,
        )

    async def left(self, session: AsyncSession, audience: Audience, *, now: datetime) -> int:
        return await service.left(session, audience, self.name, now=now, index=self.index, limits=self.limits)


def kinds(
    *, public_url: str = "", lateness: Mapping[str, timedelta] | timedelta = LATENESS, limits: Limits = USUAL
) -> dict[str, Library]:
    """Both kinds by name, as channels wants them. `lateness` for both, or by kind."""
    by_kind = lateness if isinstance(lateness, Mapping) else dict.fromkeys((STORY, NEWS), lateness)
    return {
        name: Library(name=name, public_url=public_url, lateness=by_kind.get(name, LATENESS), limits=limits)
        for name in (STORY, NEWS)
    }
