"""Every query about updates, their relays, and the messages that carry them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, func, or_, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import updates as tables
from bot.db.tables.workspaces import Workspace
from bot.db.upsert import insert_new, upsert
from bot.features.updates.rules import FAILED, OWED, SENT, WAITING, Relay, Update

U, R, B = tables.CustomerUpdate, tables.Relay, tables.RelayBundle


def _update(row: tables.CustomerUpdate) -> Update:
    return Update(
        workspace_id=row.workspace_id,
        id=row.id,
        customer_id=row.customer_id,
        author=row.author,
        kind=row.kind,
        headline=row.headline,
        text=row.text,
        link=row.link,
        picture=row.picture,
        channels=tuple(one for one in row.channels if one not in (row.recalled_in or ())),
        offered=row.offered,
        draft_id=row.draft_id,
        embargo_until=row.embargo_until,
        at=row.at,
        edited=row.edited_at is not None,
        withdrawn=row.withdrawn_at is not None,
        receipt_at=row.receipt_at,
        held_back=row.held_back_at is not None,
        withdrawn_by=None if row.withdrawn_by == row.author else row.withdrawn_by,
        recalled_in=tuple(row.recalled_in or ()),
    )


def _relay(row: tables.Relay) -> Relay:
    return Relay(
        workspace_id=row.workspace_id,
        update_id=row.update_id,
        user_id=row.user_id,
        adoption_id=row.adoption_id,
        bundle_id=row.bundle_id,
        state=row.state,
        why=row.why,
        thanked_at=row.thanked_at,
        asked_at=row.asked_at,
    )


# -- updates ----------------------------------------------------------------------------------------------------------


async def add_update(session: AsyncSession, values: dict[str, Any]) -> bool:
    none_yet = ("draft_id", "went_out_at", "held_back_at", "edited_at", "withdrawn_at", "receipt_at")
    row = {**dict.fromkeys((*none_yet, "withdrawn_by", "recalled_in")), **values}
    return await insert_new(session, U, row, key=("workspace_id", "request"))


async def _updates(session: AsyncSession, *conditions: Any, limit: int = 500) -> list[Update]:
    """The newest first."""
    rows = await session.scalars(
        select(U)
        .where(*conditions)
        .order_by(U.at.desc(), U.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_update(row) for row in rows]


async def get(session: AsyncSession, ws: str, update_id: str) -> Update | None:
    found = await _updates(session, U.workspace_id == ws, U.id == update_id)
    return found[0] if found else None


async def locked(session: AsyncSession, ws: str, update_id: str) -> Update | None:
    row = await session.scalar(
        select(U)
        .where(U.workspace_id == ws, U.id == update_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return None if row is None else _update(row)


async def by_request(session: AsyncSession, ws: str, request: str) -> Update | None:
    found = await _updates(session, U.workspace_id == ws, U.request == request)
    return found[0] if found else None


async def some(session: AsyncSession, ws: str, ids: Collection[str]) -> dict[str, Update]:
    return {one.id: one for one in await _updates(session, U.workspace_id == ws, U.id.in_(sorted(ids)))}


async def change(session: AsyncSession, ws: str, update_id: str, **values: Any) -> None:
    await session.execute(update(U).where(U.workspace_id == ws, U.id == update_id).values(**values))


async def by_author(session: AsyncSession, ws: str, author: str, limit: int) -> list[Update]:
    return await _updates(session, U.workspace_id == ws, U.author == author, limit=limit)


def _readable(now: datetime) -> tuple[Any, ...]:
    over = (U.embargo_until.is_(None)) | (U.embargo_until <= now)
    return (U.withdrawn_at.is_(None), U.held_back_at.is_(None), over)


async def of_customer(session: AsyncSession, ws: str, customer_id: str, *, now: datetime, limit: int) -> list[Update]:
    return await _updates(session, U.workspace_id == ws, U.customer_id == customer_id, *_readable(now), limit=limit)


async def in_channels(
    session: AsyncSession,
    ws: str,
    *,
    now: datetime,
    limit: int,
    channel_ids: Collection[str] | None = None,
    customer_ids: Collection[str] = (),
) -> list[Update]:
    """That went to channels: all, or to one of these, or about one of these customers."""
    places = cast(U.channels, Text)
    theirs = or_(U.customer_id.in_(sorted(customer_ids)), *(places.contains(f'"{one}"') for one in channel_ids or ()))
    conditions = (places != "[]", *(() if channel_ids is None else (theirs,)))
    return await _updates(session, U.workspace_id == ws, *_readable(now), *conditions, limit=limit)


async def latest(session: AsyncSession, ws: str, customer_ids: Sequence[str], *, now: datetime) -> dict[str, Update]:
    """The last that may be read by now, by customer."""
    newest = (
        select(U.customer_id, func.max(U.at).label("at"))
        .where(U.workspace_id == ws, U.customer_id.in_(list(customer_ids)), *_readable(now))
        .group_by(U.customer_id)
        .subquery()
    )
    rows = await session.scalars(
        select(U)
        .join(newest, (newest.c.customer_id == U.customer_id) & (newest.c.at == U.at))
        .where(U.workspace_id == ws, *_readable(now))
        .execution_options(populate_existing=True)
    )
    return {row.customer_id: _update(row) for row in rows}


async def last_written(session: AsyncSession, ws: str, customer_ids: Sequence[str]) -> dict[str, datetime]:
    """When somebody last wrote about each, whether it may be read already or not."""
    rows = await session.execute(
        select(U.customer_id, func.max(U.at))
        .where(U.workspace_id == ws, U.customer_id.in_(list(customer_ids)), U.withdrawn_at.is_(None))
        .where(U.held_back_at.is_(None))
        .group_by(U.customer_id)
    )
    return {row[0]: row[1] for row in rows}


async def to_offer(session: AsyncSession, ws: str, *, now: datetime, limit: int) -> list[Update]:
    return await _updates(
        session, U.workspace_id == ws, U.offered.is_(True), U.draft_id.is_(None), *_readable(now), limit=limit
    )


async def to_go_out(session: AsyncSession, ws: str, *, now: datetime, limit: int) -> list[Update]:
    """Those that may be read by now and whose adopters have not been looked up: their embargo is over."""
    return await _updates(session, U.workspace_id == ws, U.went_out_at.is_(None), *_readable(now), limit=limit)


async def outstanding(session: AsyncSession, *, now: datetime) -> list[str]:
    """The workspaces in which something is to go out, to be offered, or in no message yet: asked every few seconds."""
    offers = (U.offered.is_(True), U.draft_id.is_(None))
    found = union(
        select(U.workspace_id).where(U.went_out_at.is_(None), *_readable(now)),
        select(U.workspace_id).where(*offers, *_readable(now)),
        select(R.workspace_id).join(U, U.id == R.update_id).where(R.state == WAITING, *_readable(now)),
    )
    active = select(Workspace.id).where(Workspace.id.in_(found), Workspace.state == "active")
    return sorted(await session.scalars(active))


async def mark_gone_out(session: AsyncSession, ws: str, update_id: str, now: datetime) -> bool:
    """Whether it was this time."""
    done = await session.execute(
        update(U)
        .where(U.workspace_id == ws, U.id == update_id, U.went_out_at.is_(None))
        .values(went_out_at=now)
        .returning(U.id)
    )
    return done.first() is not None


async def mark_held_back(session: AsyncSession, ws: str, update_id: str, now: datetime) -> bool:
    """Whether it was this time. One that has gone out is not."""
    done = await session.execute(
        update(U)
        .where(U.workspace_id == ws, U.id == update_id, U.went_out_at.is_(None), U.held_back_at.is_(None))
        .values(held_back_at=now)
        .returning(U.id)
    )
    return done.first() is not None


async def nothing_new(session: AsyncSession, ws: str, customer_ids: Sequence[str]) -> dict[str, datetime]:
    N = tables.NothingNew  # noqa: N806
    rows = await session.execute(
        select(N.customer_id, N.at).where(N.workspace_id == ws, N.customer_id.in_(list(customer_ids)))
    )
    return {row[0]: row[1] for row in rows}


# -- relays -----------------------------------------------------------------------------------------------------------


async def add_relays(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    more = {"bundle_id": None, "why": None, "sent_at": None, "thanked_at": None, "asked_at": None}
    await upsert(session, R, [{**more, **row} for row in rows], key=("update_id", "user_id"), update=())


async def _relays(session: AsyncSession, *conditions: Any, limit: int = 10_000) -> list[Relay]:
    rows = await session.scalars(
        select(R)
        .where(*conditions)
        .order_by(R.update_id, R.user_id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_relay(row) for row in rows]


async def relays_of(session: AsyncSession, ws: str, update_id: str) -> list[Relay]:
    return await _relays(session, R.workspace_id == ws, R.update_id == update_id)


async def relays_of_some(session: AsyncSession, ws: str, update_ids: Sequence[str]) -> dict[str, list[Relay]]:
    """By update, for each of them."""
    found: dict[str, list[Relay]] = {update_id: [] for update_id in update_ids}
    for one in await _relays(session, R.workspace_id == ws, R.update_id.in_(list(update_ids))):
        found[one.update_id].append(one)
    return found


async def relay(session: AsyncSession, ws: str, update_id: str, user: str, *, lock: bool = False) -> Relay | None:
    query = select(R).where(R.workspace_id == ws, R.update_id == update_id, R.user_id == user)
    query = (query.with_for_update() if lock else query).execution_options(populate_existing=True)
    row = await session.scalar(query)
    return None if row is None else _relay(row)


async def in_bundle(session: AsyncSession, ws: str, bundle_id: str) -> list[Relay]:
    return await _relays(session, R.workspace_id == ws, R.bundle_id == bundle_id)


async def last_sent_to(session: AsyncSession, ws: str, user: str, customer_id: str) -> Update | None:
    """The newest about this customer that the person got."""
    got = select(R.update_id).where(R.workspace_id == ws, R.user_id == user, R.state == SENT)
    found = await _updates(session, U.workspace_id == ws, U.customer_id == customer_id, U.id.in_(got), limit=1)
    return found[0] if found else None


async def waiting(session: AsyncSession, ws: str, now: datetime, limit: int) -> list[Relay]:
    """Not in any message yet, though they may be read by now."""
    may = select(U.id).where(U.workspace_id == ws, *_readable(now))
    return await _relays(session, R.workspace_id == ws, R.state == WAITING, R.update_id.in_(may), limit=limit)


async def change_relay(session: AsyncSession, ws: str, update_id: str, user: str, **values: Any) -> None:
    await session.execute(
        update(R).where(R.workspace_id == ws, R.update_id == update_id, R.user_id == user).values(**values)
    )


async def change_undelivered(session: AsyncSession, ws: str, update_id: str, **values: Any) -> None:
    """Those of an update that have not gone out."""
    await session.execute(
        update(R).where(R.workspace_id == ws, R.update_id == update_id, R.state.in_((WAITING, OWED))).values(**values)
    )


async def mark_once(session: AsyncSession, ws: str, update_id: str, user: str, column: str, now: datetime) -> bool:
    """Set `thanked_at` or `asked_at` of a relay unless it is set; whether it was this time. Whoever
    presses below a message has got it, whatever Slack said when it was sent."""
    field = getattr(R, column)
    done = await session.execute(
        update(R)
        .where(
            R.workspace_id == ws,
            R.update_id == update_id,
            R.user_id == user,
            R.state.in_((SENT, FAILED)),
            field.is_(None),
        )
        .values({column: now, "state": SENT})
        .returning(R.update_id)
    )
    return done.first() is not None


# -- bundles ----------------------------------------------------------------------------------------------------------


async def open_bundle(session: AsyncSession, ws: str, user: str) -> tables.RelayBundle | None:
    """The message to this person that has not been rendered yet, locked."""
    found: tables.RelayBundle | None = await session.scalar(
        select(B)
        .where(B.workspace_id == ws, B.user_id == user, B.closed_at.is_(None))
        .order_by(B.created_at.desc(), B.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found


async def bundle(session: AsyncSession, ws: str, bundle_id: str, *, lock: bool = False) -> tables.RelayBundle | None:
    query = select(B).where(B.workspace_id == ws, B.id == bundle_id)
    found: tables.RelayBundle | None = await session.scalar(
        (query.with_for_update() if lock else query).execution_options(populate_existing=True)
    )
    return found


async def add_bundle(session: AsyncSession, ws: str, bundle_id: str, user: str, key: str, now: datetime) -> None:
    row = {"id": bundle_id, "workspace_id": ws, "user_id": user, "key": key, "created_at": now, "closed_at": None}
    await insert_new(session, B, row, key=("id",))


async def change_bundle(session: AsyncSession, ws: str, bundle_id: str, **values: Any) -> None:
    await session.execute(update(B).where(B.workspace_id == ws, B.id == bundle_id).values(**values))
