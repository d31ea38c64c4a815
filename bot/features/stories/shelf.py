"""Writing the library: stories, their products and variants, their pictures, and the record of an import."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import customers, stories
from bot.db.upsert import upsert
from bot.features.stories.rules import Wording


@dataclass(frozen=True, kw_only=True)
class Known:
    id: str
    fingerprint: str
    published_on: date
    withdrawn: bool


async def known(session: AsyncSession, ws: str) -> dict[str, Known]:
    """What is there, by its file's path."""
    rows = await session.execute(
        select(
            stories.Story.source,
            stories.Story.id,
            stories.Story.fingerprint,
            stories.Story.published_on,
            stories.Story.withdrawn_at,
        ).where(stories.Story.workspace_id == ws)
    )
    return {
        row.source: Known(
            id=row.id,
            fingerprint=row.fingerprint,
            published_on=row.published_on,
            withdrawn=row.withdrawn_at is not None,
        )
        for row in rows
    }


@dataclass(frozen=True, kw_only=True)
class Origin:
    source: str
    fingerprint: str


async def origin(session: AsyncSession, ws: str, story_id: str) -> Origin | None:
    """Where a story came from: with these kept, the next import of its unchanged file leaves a correction alone."""
    row = (
        await session.execute(
            select(stories.Story.source, stories.Story.fingerprint).where(
                stories.Story.workspace_id == ws, stories.Story.id == story_id
            )
        )
    ).first()
    return None if row is None else Origin(source=row.source, fingerprint=row.fingerprint)


async def put(
    session: AsyncSession, values: Mapping[str, Any], *, products: Collection[str], variants: Mapping[str, Wording]
) -> None:
    """A story whole: what it had before and has no longer goes."""
    await upsert(
        session,
        stories.Story,
        [values],
        key=("workspace_id", "source"),
        update=[name for name in values if name not in {"id", "workspace_id", "source"}],
    )
    ws, story_id = values["workspace_id"], values["id"]
    for table in (stories.StoryProduct, stories.StoryVariant):
        await session.execute(delete(table).where(table.workspace_id == ws, table.story_id == story_id))
    made = [{"workspace_id": ws, "story_id": story_id, "product_id": product} for product in sorted(products)]
    await upsert(session, stories.StoryProduct, made, key=("story_id", "product_id"))
    rows = [
        {
            "workspace_id": ws,
            "story_id": story_id,
            "language": language,
            "headline": wording.headline,
            "snippet": wording.snippet,
            "quote_text": wording.quote,
            "body": wording.body,
            "picture_alt": wording.alt,
        }
        for language, wording in sorted(variants.items())
    ]
    await upsert(session, stories.StoryVariant, rows, key=("story_id", "language"))


async def has_picture(session: AsyncSession, ws: str, digest: str) -> bool:
    found = await session.scalar(
        select(stories.Picture.hash).where(stories.Picture.workspace_id == ws, stories.Picture.hash == digest)
    )
    return found is not None


async def record(session: AsyncSession, values: Mapping[str, Any]) -> None:
    session.add(customers.ImportRecord(**values))
    await session.flush()
