"""Every query about drafts, sketches of forms, and the pictures that came with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import customers, inbox
from bot.db.tables.delivery import Delivery
from bot.db.upsert import insert_new
from bot.features.inbox.rules import WAITING, Content, Draft

SKETCHES_KEPT = timedelta(days=1)


def _draft(row: inbox.Draft) -> Draft:
    content = {name: getattr(row, name) for name in Content.__dataclass_fields__}
    return Draft(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=row.kind,
        state=row.state,
        author=row.author,
        content=Content(**{**content, "product_ids": tuple(row.product_ids)}),
        origin=row.origin,
        offered_at=row.offered_at,
        credit=row.credit,
        revision=row.revision,
        edited_by=row.edited_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        published=row.published,
    )


async def add(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """True exactly once per request."""
    return await insert_new(session, inbox.Draft, values, key=("workspace_id", "request"))


async def id_of_request(session: AsyncSession, ws: str, request: str) -> str | None:
    return await session.scalar(
        select(inbox.Draft.id).where(inbox.Draft.workspace_id == ws, inbox.Draft.request == request)
    )


async def get(session: AsyncSession, ws: str, draft_id: str, *, lock: bool = False) -> Draft | None:
    query = select(inbox.Draft).where(inbox.Draft.workspace_id == ws, inbox.Draft.id == draft_id)
    query = query.with_for_update() if lock else query
    row = await session.scalar(query.execution_options(populate_existing=True))
    return None if row is None else _draft(row)


async def waiting(session: AsyncSession, ws: str, *, limit: int, offset: int = 0) -> list[Draft]:
    """The oldest first."""
    rows = await session.scalars(
        select(inbox.Draft)
        .where(inbox.Draft.workspace_id == ws, inbox.Draft.state == WAITING)
        .order_by(inbox.Draft.offered_at, inbox.Draft.id)
        .limit(limit)
        .offset(offset)
    )
    return [_draft(row) for row in rows]


async def count_waiting(session: AsyncSession, ws: str) -> int:
    query = select(func.count()).select_from(inbox.Draft)
    return await session.scalar(query.where(inbox.Draft.workspace_id == ws, inbox.Draft.state == WAITING)) or 0


async def by_author(session: AsyncSession, ws: str, author: str, *, limit: int) -> list[Draft]:
    """The newest first."""
    rows = await session.scalars(
        select(inbox.Draft)
        .where(inbox.Draft.workspace_id == ws, inbox.Draft.author == author)
        .order_by(inbox.Draft.offered_at.desc(), inbox.Draft.id)
        .limit(limit)
    )
    return [_draft(row) for row in rows]


async def of_published(session: AsyncSession, ws: str, published: str) -> Draft | None:
    row = await session.scalar(
        select(inbox.Draft).where(inbox.Draft.workspace_id == ws, inbox.Draft.published == published).limit(1)
    )
    return None if row is None else _draft(row)


async def change(session: AsyncSession, ws: str, draft_id: str, **values: Any) -> None:
    await session.execute(
        update(inbox.Draft)
        .where(inbox.Draft.workspace_id == ws, inbox.Draft.id == draft_id)
        .values(**values, revision=inbox.Draft.revision + 1)
    )


async def set_picture(session: AsyncSession, ws: str, draft_id: str, digest: str) -> None:
    """Whoever edits meanwhile goes on: a picture that has arrived is no change of theirs."""
    await session.execute(
        update(inbox.Draft)
        .where(inbox.Draft.workspace_id == ws, inbox.Draft.id == draft_id)
        .values(picture_hash=digest)
    )


async def is_owed(session: AsyncSession, ws: str, kind: str, user: str) -> bool:
    """Whether a message of this kind waits to be sent to the person."""
    found = await session.scalar(
        select(Delivery.id)
        .where(
            Delivery.workspace_id == ws,
            Delivery.kind == kind,
            Delivery.target == user,
            Delivery.state == "pending",
        )
        .limit(1)
    )
    return found is not None


# -- sketches ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Sketch:
    id: str
    by: str
    subject: str
    kind: str
    content: Mapping[str, Any]


async def add_sketch(session: AsyncSession, ws: str, sketch: Sketch, *, now: datetime) -> None:
    """In place of what the same form had before. Those of yesterday go."""
    await session.execute(delete(inbox.DraftSketch).where(inbox.DraftSketch.made_at < now - SKETCHES_KEPT))
    await session.merge(
        inbox.DraftSketch(
            id=sketch.id,
            workspace_id=ws,
            by=sketch.by,
            subject=sketch.subject,
            kind=sketch.kind,
            content=dict(sketch.content),
            made_at=now,
        )
    )
    await session.flush()


async def sketch(session: AsyncSession, ws: str, sketch_id: str, by: str) -> Sketch | None:
    """Only to whoever made it."""
    row = await session.scalar(
        select(inbox.DraftSketch).where(
            inbox.DraftSketch.workspace_id == ws, inbox.DraftSketch.id == sketch_id, inbox.DraftSketch.by == by
        )
    )
    if row is None:
        return None
    return Sketch(id=row.id, by=row.by, subject=row.subject, kind=row.kind, content=row.content)


# -- pictures ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A picture to be fetched. `state`, `hash` and `why` say how that went."""

    workspace_id: str
    file_id: str
    draft_id: str | None
    url: str
    state: str
    hash: str | None
    why: str | None
    tries: int


def _wanted(row: inbox.DraftPicture) -> Wanted:
    names = Wanted.__dataclass_fields__
    return Wanted(**{name: getattr(row, name) for name in names})


async def want(session: AsyncSession, ws: str, file_id: str, url: str, *, now: datetime) -> None:
    values = {
        "workspace_id": ws,
        "file_id": file_id,
        "draft_id": None,
        "url": url,
        "state": "wanted",
        "hash": None,
        "why": None,
        "tries": 0,
        "try_at": now,
    }
    await insert_new(session, inbox.DraftPicture, values, key=("workspace_id", "file_id"))


async def picture_of_file(session: AsyncSession, ws: str, file_id: str) -> Wanted | None:
    row = await session.scalar(
        select(inbox.DraftPicture).where(inbox.DraftPicture.workspace_id == ws, inbox.DraftPicture.file_id == file_id)
    )
    return None if row is None else _wanted(row)


async def pictures_of(session: AsyncSession, ws: str, draft_id: str) -> list[Wanted]:
    rows = await session.scalars(
        select(inbox.DraftPicture)
        .where(inbox.DraftPicture.workspace_id == ws, inbox.DraftPicture.draft_id == draft_id)
        .order_by(inbox.DraftPicture.file_id)
    )
    return [_wanted(row) for row in rows]


async def due_pictures(session: AsyncSession, now: datetime, limit: int) -> Sequence[Wanted]:
    rows = await session.scalars(
        select(inbox.DraftPicture)
        .where(inbox.DraftPicture.state == "wanted", inbox.DraftPicture.try_at <= now)
        .order_by(inbox.DraftPicture.try_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_wanted(row) for row in rows]


async def change_picture(session: AsyncSession, ws: str, file_id: str, **values: Any) -> None:
    await session.execute(
        update(inbox.DraftPicture)
        .where(inbox.DraftPicture.workspace_id == ws, inbox.DraftPicture.file_id == file_id)
        .values(**values)
    )


# -- what forms search in ---------------------------------------------------------------------------------------------


async def products_like(session: AsyncSession, ws: str, typed: str, limit: int) -> list[tuple[str, str]]:
    """Ids and names: what begins so first, then what contains it."""
    P = customers.Product  # noqa: N806
    key = typed.strip().casefold()
    rows = await session.execute(
        select(P.id, P.name)
        .where(P.workspace_id == ws, P.name_key.contains(key, autoescape=True))
        .order_by(P.name_key.startswith(key, autoescape=True).desc(), P.name_key, P.id)
        .limit(limit)
    )
    return [(row.id, row.name) for row in rows]
