"""Owing: a row per message, written in the transaction of its cause. Knows no Slack."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import OWING
from bot.db.tables.delivery import Delivery
from bot.db.upsert import insert_new

Method = Literal["post", "update", "delete", "publish", "upload", "react", "delete_file", "share"]
ENDED = ("sent", "skipped", "failed")
REPEATABLE = frozenset({"update", "publish", "delete"})  # goes again, and shows what is true by then


class Rank(IntEnum):
    """Who goes first where calls are scarce: `chat.update` has 50 a minute for a whole workspace
    (https://docs.slack.dev/apis/web-api/rate-limits)."""

    FIRST = 0  # withdrawals, edits, and everything that is not an edit
    REVEAL = 1
    RECEIPT = 2
    TALLY = 3


@dataclass(frozen=True, kw_only=True)
class Owed:
    """A delivery as its renderer and its cause see it."""

    id: int
    workspace_id: str
    kind: str
    key: str
    method: Method
    target: str
    ref: Mapping[str, Any]
    channel: str | None
    ts: str | None
    thread_ts: str | None
    state: str
    under_id: int | None
    revision: int
    attempts: int = 0  # calls made for it before


def as_owed(row: Delivery) -> Owed:
    return Owed(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=row.kind,
        key=row.key,
        method=row.method,  # type: ignore[arg-type]  # only `enqueue` writes it
        target=row.target,
        ref=row.ref,
        channel=row.channel,
        ts=row.ts,
        thread_ts=row.thread_ts,
        state=row.state,
        under_id=row.under_id,
        revision=row.revision,
        attempts=row.attempts,
    )


def opaque_key(workspace_id: str, key: str) -> str:
    """What goes into the message's metadata. Made from the natural key, so that after a restore from a backup the same
    delivery, owed once more, is recognised in history."""
    return sha256(f"{workspace_id}\0{key}".encode()).hexdigest()[:32]


async def enqueue(
    session: AsyncSession,
    *,
    now: datetime,
    workspace_id: str,
    kind: str,
    key: str,
    method: Method,
    target: str,
    ref: Mapping[str, Any],
    under: int | None = None,
    due: datetime | None = None,
    late_after: datetime | None = None,
    rank: Rank = Rank.FIRST,
) -> int:
    """Owe one message; the delivery's id.

    `kind` names the renderer. `key` is the natural key within the workspace: the same key again coalesces, takes the
    new `ref` and bumps the revision, so that a repeatable delivery (update, publish, delete) that was already sent goes
    again; a post that was sent stays as it is. `target` is a channel id, or a user id for a DM or Home. `under` is the
    delivery this one waits for: a post under it goes into its thread, an update or delete changes that very message,
    and it fails when that one fails. `react` adds the emoji `ref["emoji"]` to `ref["channel"]`, `ref["ts"]` and renders
    nothing; neither does `delete_file`, of the file `target`. `share` hands the file of the upload it is under to
    `target`. Nothing is sent before `due` (default `now`); after `late_after` it is skipped. `rank` matters to edits.
    """
    session.info[OWING] = True
    values: dict[str, Any] = {
        "workspace_id": workspace_id,
        "kind": kind,
        "key": key,
        "method": method,
        "target": target,
        "ref": dict(ref),
        "under_id": under,
        "due_at": due or now,
        "wanted_at": due or now,
        "late_after": late_after,
        "rank": int(rank),
        "state": "pending",
        "opaque": opaque_key(workspace_id, key),
        "created_at": now,
        "revision": 1,
        "attempts": 0,
        "owner_told": False,
    }
    if not await insert_new(session, Delivery, values, key=("workspace_id", "key")):
        await _again(session, values)
    return (
        await session.execute(select(Delivery.id).where(Delivery.workspace_id == workspace_id, Delivery.key == key))
    ).scalar_one()


async def _again(session: AsyncSession, values: Mapping[str, Any]) -> None:
    same = (Delivery.workspace_id == values["workspace_id"], Delivery.key == values["key"])
    over = Delivery.state.in_(ENDED)
    # A tally must not send a withdrawal that still waits to the end of the line.
    rank = case((or_(over, Delivery.rank > values["rank"]), values["rank"]), else_=Delivery.rank)
    changed = {"ref": values["ref"], "rank": rank, "revision": Delivery.revision + 1}
    await session.execute(update(Delivery).where(*same).values(**changed))
    if values["method"] in REPEATABLE:
        again = {"state": "pending", "due_at": values["due_at"], "attempts": 0, "error": None}
        await session.execute(update(Delivery).where(*same, or_(over, Delivery.state == "pending")).values(**again))


async def owe_upload(
    session: AsyncSession, *, now: datetime, workspace_id: str, kind: str, key: str, ref: Mapping[str, Any]
) -> None:
    """Owe a picture to Slack, ahead of the message that shows it: once, also where it could not be sent."""
    if await find(session, workspace_id=workspace_id, key=key) is None:
        await enqueue(
            session,
            now=now,
            workspace_id=workspace_id,
            kind=kind,
            key=key,
            method="upload",
            target="",
            ref=ref,
        )


async def cancel(session: AsyncSession, *, workspace_id: str, key: str, reason: str) -> bool:
    """Drop what is owed under `key` if nothing has been sent yet; False where it is already on its way or gone out."""
    dropped = await session.execute(
        update(Delivery)
        .where(Delivery.workspace_id == workspace_id, Delivery.key == key, Delivery.state == "pending")
        .values(state="skipped", error=reason)
        .returning(Delivery.id)
    )
    return dropped.first() is not None


async def look_again(session: AsyncSession, *, workspace_id: str, target: str, now: datetime) -> None:
    """What was put off (a pause, quiet hours) is rendered now: the person has changed their mind about it. What is not
    due yet stays."""
    put_off = (Delivery.due_at > now, Delivery.due_at > Delivery.wanted_at, Delivery.wanted_at <= now)
    moved = await session.execute(
        update(Delivery)
        .where(
            Delivery.workspace_id == workspace_id,
            Delivery.target == target,
            Delivery.method == "post",
            Delivery.state == "pending",
            *put_off,
        )
        .values(due_at=now)
        .returning(Delivery.id)
    )
    if moved.first() is not None:
        session.info[OWING] = True


async def next_in_line(session: AsyncSession, *, workspace_id: str, until: datetime, limit: int) -> set[str]:
    """Where the next posts of the workspace go that are due by then."""
    found = await session.scalars(
        select(Delivery.target)
        .where(
            Delivery.state == "pending",
            Delivery.due_at <= until,
            Delivery.workspace_id == workspace_id,
            Delivery.method == "post",
        )
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
    )
    return set(found)


async def find(session: AsyncSession, *, workspace_id: str, key: str) -> Owed | None:
    row = await session.scalar(select(Delivery).where(Delivery.workspace_id == workspace_id, Delivery.key == key))
    return None if row is None else as_owed(row)


async def by_id(session: AsyncSession, delivery_id: int) -> Owed | None:
    row = await session.get(Delivery, delivery_id)
    return None if row is None else as_owed(row)


async def by_message(session: AsyncSession, *, workspace_id: str, channel: str, ts: str) -> Owed | None:
    """The delivery that made the message: how a DM's thread knows which feature it belongs to."""
    row = await session.scalar(
        select(Delivery).where(
            Delivery.workspace_id == workspace_id,
            Delivery.channel == channel,
            Delivery.ts == ts,
            Delivery.method == "post",
        )
    )
    return None if row is None else as_owed(row)
