"""Several processes at several slots of one channel at the same moment."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from bot.db.tables.stories import Post
from bot.features.stories import jobs
from tests.features.stories.conftest import Works
from tests.features.stories.given import NOW, occurrence, story


async def test_they_never_choose_the_same_story(works: Works) -> None:
    count = 6
    await works.library(**{f"s{number}": story(headline=f"Number {number}") for number in range(count)})
    audience = await works.audience()
    dues = []
    async with works.sessions.begin() as session:
        for number in range(count):
            dues.append(await occurrence(session, f"occ{number}", due_at=NOW + timedelta(seconds=number)))

    async def fill(number: int) -> str | None:
        async with works.sessions.begin() as session:
            return await jobs.Library(name="story").fill(session, audience, dues[number], now=NOW)

    assert await asyncio.gather(*(fill(number) for number in range(count))) == [None] * count
    async with works.sessions.begin() as session:
        chosen = list(await session.scalars(select(Post.story_id)))
    assert len(set(chosen)) == count
