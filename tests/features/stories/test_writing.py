"""Stories written and corrected in Slack."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from bot.db.tables.channels import ChannelPerson, Occurrence
from bot.db.tables.stories import Post, Story
from bot.features.channels import blocks as channels_blocks
from bot.features.channels.rules import Miss
from bot.features.stories import service, store, writing
from bot.features.stories.rules import Wording
from bot.features.stories.writing import Written
from bot.slack.words import Words
from tests.features.members.people import WS
from tests.features.stories.conftest import Works
from tests.features.stories.given import CHANNEL, EDITOR, GUEST, NOW, bring_in, folder, story

WRITTEN = Written(
    kind="story",
    customer_id="cust1",
    product_ids=("pb7",),
    language="en",
    wording=Wording(headline="Put right", snippet="Now it is true.", body="All of it."),
    consent="public",
)


async def correct(works: Works, written: Written) -> int | None:
    async with works.sessions.begin() as session:
        story_id = await session.scalar(select(Story.id))
        return await writing.correct(
            session, WS, story_id or "", written, by=EDITOR, served=False, now=NOW, new_id=works.new_id
        )


async def test_a_corrected_story_stays_so_until_its_file_changes(works: Works) -> None:
    files = {"orion.md": story()}
    await works.library(orion=story())
    assert await correct(works, WRITTEN) == 0
    report = await bring_in(works.sessions, folder(works.tmp_path, files), works.new_id)
    assert (report.changed, report.unchanged) == (0, 1)
    async with works.sessions.begin() as session:
        found = (await session.scalars(select(Story))).one()
        assert (found.headline, found.source) == ("Put right", "orion.md")
        assert found.published_on.isoformat() == "2026-11-01"
    files["orion.md"] = story(headline="From the file again")
    report = await bring_in(works.sessions, folder(works.tmp_path, files), works.new_id)
    assert report.changed == 1


async def test_translations_stay_where_the_words_do(works: Works) -> None:
    await works.library(orion=story())
    async with works.sessions.begin() as session:
        story_id = await session.scalar(select(Story.id))
        before = await store.story(session, WS, story_id or "")
    assert before is not None
    same = replace(WRITTEN, wording=before.wordings["en"], quote_name=before.quote_name)
    await correct(works, same)
    async with works.sessions.begin() as session:
        found = await store.story(session, WS, before.id)
        assert found is not None
        assert set(found.wordings) == {"en", "pt-PT"}
    await correct(works, WRITTEN)
    async with works.sessions.begin() as session:
        found = await store.story(session, WS, before.id)
        assert found is not None
        assert set(found.wordings) == {"en"}


async def test_an_expired_post_is_corrected_too(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    await works.rounds()
    assert await correct(works, replace(WRITTEN, expires_on=(NOW - timedelta(days=2)).date())) == 1
    await works.rounds()
    (post,) = works.posted()
    assert post["text"].startswith("Corrected: Put right.")
    assert post["blocks"][0]["type"] == "rich_text"  # or Slack answers block_mismatch


async def test_a_post_that_may_no_longer_stand_there_is_taken_back(works: Works) -> None:
    await works.library(orion=story(consent="public"))
    async with works.sessions.begin() as session:
        session.add(ChannelPerson(workspace_id=WS, channel_id=CHANNEL, user_id=GUEST))
    await works.fill()
    await works.rounds()
    assert len(works.posted()) == 1
    await correct(works, replace(WRITTEN, consent="internal"))
    await works.rounds()
    assert works.posted() == []


async def test_a_post_held_back_says_so_and_not_that_nothing_was_left(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    async with works.sessions.begin() as session:
        await session.execute(update(Story).values(expires_on=(NOW - timedelta(days=2)).date()))
    await works.rounds()
    async with works.sessions.begin() as session:
        row = (await session.scalars(select(Occurrence))).one()
        assert (row.state, row.reason) == ("skipped", "expired")
    line = channels_blocks.missed_line(Words(), [Miss(kind="story", due_at=NOW, reason="expired")])
    assert "was held back" in line
    assert "nothing to post" not in line


async def test_a_post_recalled_before_it_went_out_leaves_its_time_recalled(works: Works) -> None:
    await works.library(orion=story())
    await works.fill()
    async with works.sessions.begin() as session:
        story_id = await session.scalar(select(Story.id))
        await service.recall_story(session, WS, story_id or "", by=EDITOR, now=NOW, new_id=works.new_id)
    async with works.sessions.begin() as session:
        row = (await session.scalars(select(Occurrence))).one()
        assert (row.state, row.reason) == ("skipped", "recalled")
        assert (await session.scalars(select(Post.outcome))).one() == "recalled"
