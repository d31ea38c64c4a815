"""A folder brought in: what is added, changed, unchanged and refused, on both databases."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.db.engine import Sessions
from bot.db.tables.customers import ImportRecord
from bot.db.tables.stories import Picture, Story, StoryProduct, StoryVariant
from bot.features.stories import service
from bot.features.stories.importing import StoriesImporter
from bot.features.stories.rules import Limits
from tests.doubles import CountingIds
from tests.features.stories.given import NOW, WS, bring_in, company, folder, png, story


@pytest.fixture
async def given(sessions: Sessions) -> Sessions:
    async with sessions.begin() as session:
        await company(session)
    return sessions


async def number_of(sessions: Sessions, table: type) -> int:
    async with sessions.begin() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_a_folder_comes_in_once(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    pictured = story().replace("kind: story\n", "kind: story\npicture: {file: ../pictures/tv.png, alt: A television}\n")
    path = folder(tmp_path, {"orion.md": pictured, "more/halden.md": story(customer="Halden"), "README.md": "hello"})
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "tv.png").write_bytes(png())
    first = await bring_in(given, path, new_id)
    assert (first.added, first.changed, first.unchanged, first.refused) == (2, 0, 0, ())
    assert first.written
    again = await bring_in(given, path, new_id)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
    assert await number_of(given, Story) == 2
    assert await number_of(given, StoryVariant) == 2
    assert await number_of(given, StoryProduct) == 2
    assert await number_of(given, Picture) == 1
    assert await number_of(given, ImportRecord) == 2
    async with given.begin() as session:
        row = await session.scalar(select(Story).where(Story.source == "orion.md"))
        assert row is not None
        assert row.picture_hash
        found = await service.picture(session, row.picture_hash)
    assert found is not None
    assert found[0] == "image/jpeg"


async def test_a_dry_run_writes_nothing_and_says_the_same(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    path = folder(tmp_path, {"a.md": story(), "b.md": story(kind="poem")})
    dry = await bring_in(given, path, new_id, dry_run=True)
    assert (dry.added, len(dry.refused), dry.written, dry.dry_run) == (1, 1, False, True)
    assert await number_of(given, Story) == 0
    assert await number_of(given, ImportRecord) == 0
    wet = await bring_in(given, path, new_id)
    assert (wet.added, wet.refused) == (dry.added, dry.refused)


async def test_a_bad_file_stops_nothing_unless_strict(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    path = folder(tmp_path, {"a.md": story(), "b.md": story(headline="x" * 151)})
    strict = await bring_in(given, path, new_id, strict=True)
    assert not strict.written
    assert await number_of(given, Story) == 0
    assert (await bring_in(given, path, new_id)).written
    assert await number_of(given, Story) == 1


@pytest.mark.parametrize(
    ("content", "line", "column", "why"),
    [
        (story(customer="Nobody"), 3, "customer", "Nobody"),
        (story().replace("PB-7]", "XX-1]"), 4, "products", "XX-1"),
        (
            story().replace("kind: story\n", "kind: story\npicture:\n  file: /etc/passwd\n  alt: x\n"),
            4,
            "picture.file",
            "no picture",
        ),
        (
            story().replace("kind: story\n", "kind: story\npicture:\n  file: fake.png\n  alt: x\n"),
            4,
            "picture.file",
            "SVG",
        ),
    ],
)
async def test_what_is_refused_says_where(
    given: Sessions, tmp_path: Path, new_id: CountingIds, content: str, line: int, column: str, why: str
) -> None:
    path = folder(tmp_path, {"bad.md": content, "good.md": story(), "fake.png": "<svg/>"})
    report = await bring_in(given, path, new_id)
    assert report.added == 1
    assert [(one.file, one.line, one.column) for one in report.refused] == [("bad.md", line, column)]
    assert why in report.refused[0].why
    assert report.refused[0].cure


async def test_a_link_out_of_the_folder_leads_nowhere(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    outside = tmp_path.parent / f"{tmp_path.name}-outside.png"
    outside.write_bytes(png())
    content = story().replace("kind: story\n", "kind: story\npicture: {file: way.png, alt: x}\n")
    path = folder(tmp_path, {"a.md": content})
    (path / "way.png").symlink_to(outside)
    report = await bring_in(given, path, new_id)
    assert report.refused[0].column == "picture.file"


async def test_a_changed_file_changes_its_story_only(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    path = folder(tmp_path, {"a.md": story(), "b.md": story(customer="NL-002")})
    await bring_in(given, path, new_id)
    (path / "a.md").write_text(story(headline="Another headline"))
    report = await bring_in(given, path, new_id)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    async with given.begin() as session:
        headlines = set(await session.scalars(select(Story.headline)))
    assert "Another headline" in headlines


async def test_who_may_not_be_named_yet_is_asked_about(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    path = folder(tmp_path, {"a.md": story(customer="Omorido"), "b.md": story(customer="Kestrelane")})
    report = await bring_in(given, path, new_id)
    assert report.added == 2
    assert [question.name for question in report.questions] == ["Omorido"]
    assert len(report.warnings) == 2
    assert "confidential" in " ".join(report.warnings)


async def test_a_recalled_story_comes_back_only_changed(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    path = folder(tmp_path, {"a.md": story()})
    await bring_in(given, path, new_id)
    async with given.begin() as session:
        story_id = await session.scalar(select(Story.id))
        assert story_id
        await service.recall_story(session, WS, story_id, by="cli", now=NOW, new_id=new_id)
    report = await bring_in(given, path, new_id)
    assert report.unchanged == 1
    assert any("recalled" in warning for warning in report.warnings)
    (path / "a.md").write_text(story(headline="Put right"))
    assert (await bring_in(given, path, new_id)).changed == 1
    async with given.begin() as session:
        found = await service.get_story(session, WS, story_id)
    assert found is not None
    assert not found.withdrawn


@pytest.mark.parametrize("where", ["headline", "snippet", "quote"])
async def test_a_confidential_customer_is_not_named_in_passing(
    given: Sessions, tmp_path: Path, new_id: CountingIds, where: str
) -> None:
    path = folder(tmp_path, {"a.md": story(**{where: "They fly with KESTRELANE's drones."}), "b.md": story()})
    report = await bring_in(given, path, new_id)
    assert report.added == 1
    assert "confidential" in report.refused[0].why
    assert "Kestrelane" not in report.refused[0].why


async def test_the_limits_are_those_given(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    importer = StoriesImporter(Limits(post_words=5, news_expires_after=timedelta(days=2)))
    path = folder(
        tmp_path,
        {"a.md": story(), "n.md": story(kind="news", snippet="Five words are in here.", published="2026-11-20")},
    )
    report = await importer.run(
        given,
        path,
        workspace_id=WS,
        by="cli",
        dry_run=False,
        strict=False,
        now=NOW,
        new_id=new_id,
        progress=lambda done, total: None,
    )
    assert [(one.file, one.column) for one in report.refused] == [("a.md", "snippet")]
    async with given.begin() as session:
        row = await session.scalar(select(Story))
    assert row is not None
    assert str(row.expires_on) == "2026-11-22"


async def test_news_lasts_two_weeks(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    await bring_in(given, folder(tmp_path, {"n.md": story(kind="news", published="2026-11-20")}), new_id)
    async with given.begin() as session:
        row = await session.scalar(select(Story))
    assert row is not None
    assert str(row.expires_on) == "2026-12-04"


@pytest.mark.parametrize("name", ["missing", "empty"])
async def test_a_folder_that_holds_nothing(given: Sessions, tmp_path: Path, new_id: CountingIds, name: str) -> None:
    (tmp_path / "empty").mkdir()
    report = await bring_in(given, tmp_path / name, new_id)
    assert not report.written
    assert report.refused[0].cure


async def test_progress_ends_at_its_total(given: Sessions, tmp_path: Path, new_id: CountingIds) -> None:
    steps: list[tuple[int, int]] = []
    await StoriesImporter().run(
        given,
        folder(tmp_path, {f"{number}.md": story() for number in range(3)}),
        workspace_id=WS,
        by="cli",
        dry_run=False,
        strict=False,
        now=NOW,
        new_id=new_id,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == sorted(steps)
    assert steps[-1] == (6, 6)
