"""Every query about what adopters and account managers say to each other."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import updates as tables
from bot.db.upsert import insert_new
from bot.features.questions.rules import File, read_files
from bot.features.updates.exchanges.rules import Exchange, Note
from bot.features.updates.rules import HELD, SENT

N, E = tables.Note, tables.Exchange


def _note(row: tables.Note) -> Note:
    return Note(
        workspace_id=row.workspace_id,
        id=row.id,
        request=row.request,
        exchange_id=row.exchange_id,
        group_id=row.group_id,
        root_id=row.root_id,
        author=row.author,
        text=row.text,
        files=read_files(row.files),
        state=row.state,
        at=row.at,
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
    )


def _exchange(row: tables.Exchange) -> Exchange:
    return Exchange(
        workspace_id=row.workspace_id,
        id=row.id,
        customer_id=row.customer_id,
        adopter=row.adopter,
        partner=row.partner,
        root_id=row.root_id,
        offered_by=row.offered_by,
        offer_state=row.offer_state,
        draft_id=row.draft_id,
    )


async def add_note(session: AsyncSession, values: dict[str, Any]) -> bool:
    row = {"exchange_id": None, "root_id": None, "edited_at": None, "deleted_at": None, **values}
    return await insert_new(session, N, row, key=("workspace_id", "request"))


async def _notes(session: AsyncSession, *conditions: Any, lock: bool = False) -> list[Note]:
    """The oldest first."""
    query = select(N).where(*conditions).order_by(N.at, N.id).execution_options(populate_existing=True)
    return [_note(row) for row in await session.scalars(query.with_for_update() if lock else query)]


async def note(session: AsyncSession, ws: str, note_id: str) -> Note | None:
    found = await _notes(session, N.workspace_id == ws, N.id == note_id)
    return found[0] if found else None


async def note_by_request(session: AsyncSession, ws: str, request: str) -> Note | None:
    found = await _notes(session, N.workspace_id == ws, N.request == request, lock=True)
    return found[0] if found else None


async def group(session: AsyncSession, ws: str, group_id: str, *, lock: bool = False) -> list[Note]:
    return await _notes(session, N.workspace_id == ws, N.group_id == group_id, lock=lock)


async def held_below(session: AsyncSession, ws: str, root_id: int, author: str) -> list[Note]:
    """What this person has written in that thread and not decided about."""
    return await _notes(
        session,
        N.workspace_id == ws,
        N.root_id == root_id,
        N.author == author,
        N.state == HELD,
        N.deleted_at.is_(None),
        lock=True,
    )


async def of_exchange(session: AsyncSession, ws: str, exchange_id: str) -> list[Note]:
    """What was sent and still stands."""
    return await _notes(
        session, N.workspace_id == ws, N.exchange_id == exchange_id, N.state == SENT, N.deleted_at.is_(None)
    )


async def sent_by(session: AsyncSession, ws: str, exchange_id: str, author: str) -> list[Note]:
    """Also what was taken back since."""
    return await _notes(session, N.workspace_id == ws, N.exchange_id == exchange_id, N.author == author)


async def change_note(session: AsyncSession, ws: str, note_id: str, **values: Any) -> None:
    await session.execute(update(N).where(N.workspace_id == ws, N.id == note_id).values(**values))


async def exchange(session: AsyncSession, ws: str, exchange_id: str, *, lock: bool = False) -> Exchange | None:
    query = select(E).where(E.workspace_id == ws, E.id == exchange_id).execution_options(populate_existing=True)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else _exchange(row)


async def exchange_with(
    session: AsyncSession, ws: str, customer_id: str, adopter: str, partner: str, values: dict[str, Any]
) -> Exchange:
    """Made with `values` where there is none."""
    row = {
        "workspace_id": ws,
        "customer_id": customer_id,
        "adopter": adopter,
        "partner": partner,
        "offered_by": None,
        "offer_state": None,
        "offered_at": None,
        "draft_id": None,
        **values,
    }
    await insert_new(session, E, row, key=("workspace_id", "customer_id", "adopter", "partner"))
    found = await session.scalar(
        select(E)
        .where(E.workspace_id == ws, E.customer_id == customer_id, E.adopter == adopter, E.partner == partner)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise LookupError("an exchange that was just written")
    return _exchange(found)


async def change_exchange(session: AsyncSession, ws: str, exchange_id: str, **values: Any) -> None:
    await session.execute(update(E).where(E.workspace_id == ws, E.id == exchange_id).values(**values))


def as_json(files: Sequence[File]) -> list[dict[str, Any]]:
    return [file.as_json() for file in files]
