"""What updates owe Slack, under which kinds and keys. Every message is made once, and changed with what it shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.delivery.queue import Owed, Rank

RELAYS, RECEIPT, POST = "updates.relays", "updates.receipt", "updates.post"
HOLD, NOTE, REPLY, CONFIRMED = "updates.hold", "updates.note", "updates.reply", "updates.confirmed"
OFFER, NOT_SENT = "updates.offer", "updates.not_sent"
REMINDER, NEW_MANAGER, HANDOVER = "updates.reminder", "updates.new_manager", "updates.handover"
PICTURE = "updates.picture"
DEAD = frozenset({"failed", "skipped"})
DONE = "white_check_mark"


async def post(
    session: AsyncSession,
    *,
    now: datetime,
    ws: str,
    kind: str,
    key: str,
    target: str,
    ref: Mapping[str, Any],
    under: int | None = None,
    due: datetime | None = None,
) -> int:
    """Owe it unless it is owed or made already: then it is shown as things are now. The delivery's id."""
    found = await queue.find(session, workspace_id=ws, key=key)
    if found is not None:
        if found.state not in DEAD:
            await show_again(session, found, now=now)
        return found.id
    return await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=kind,
        key=key,
        method="post",
        target=target,
        ref=ref,
        under=under,
        due=due,
    )


async def show_again(
    session: AsyncSession,
    owed: Owed,
    *,
    now: datetime,
    due: datetime | None = None,
    rank: Rank = Rank.FIRST,
    ref: Mapping[str, Any] | None = None,
) -> None:
    """Change a message to what it would say now; one that waits to be sent says so anyway. `ref` adds to its own."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owed.kind,
        key=f"{owed.key}:again",
        method="update",
        target=owed.target,
        ref={**owed.ref, **(ref or {})},
        under=owed.id,
        due=due,
        rank=rank,
    )


async def show_key_again(session: AsyncSession, ws: str, key: str, *, now: datetime) -> None:
    found = await queue.find(session, workspace_id=ws, key=key)
    if found is not None and found.state not in DEAD:
        await show_again(session, found, now=now)


async def take_back(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
    """Delete a message; one that has not gone out never does."""
    ws = owed.workspace_id
    if await queue.cancel(session, workspace_id=ws, key=owed.key, reason="taken_back"):
        return
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=owed.kind,
        key=f"{owed.key}:gone",
        method="delete",
        target=owed.target,
        ref=owed.ref,
        under=owed.id,
    )


def receipt_key(update_id: str) -> str:
    return f"update:{update_id}:receipt"


def post_key(update_id: str, channel: str) -> str:
    return f"update:{update_id}:in:{channel}"


async def post_in(session: AsyncSession, ws: str, update_id: str, channel: str) -> Owed | None:
    """The update's post in a channel: the one without a picture, where Slack would not take the picture."""
    key = post_key(update_id, channel)
    plain = await queue.find(session, workspace_id=ws, key=f"{key}:plain")
    return plain or await queue.find(session, workspace_id=ws, key=key)


async def show_post_again(session: AsyncSession, ws: str, update_id: str, channel: str, *, now: datetime) -> None:
    found = await post_in(session, ws, update_id, channel)
    if found is not None and found.state not in DEAD:
        await show_again(session, found, now=now)


def hold_key(group_id: str) -> str:
    return f"note:{group_id}:hold"


def note_key(note_id: str) -> str:
    return f"note:{note_id}:on"


def offer_key(exchange_id: str, number: int) -> str:
    return f"exchange:{exchange_id}:offer:{number}"
