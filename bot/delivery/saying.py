"""Messages that stay true: made once, changed with what they show, taken back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.delivery.queue import Owed, Rank

DEAD = frozenset({"failed", "skipped"})
MOST_TIMES = 20


async def living(session: AsyncSession, ws: str, key: str) -> tuple[str, Owed | None]:
    """The delivery under `key` that has not ended without being sent, or the key for one to be made."""
    tried = key
    for number in range(2, MOST_TIMES):
        found = await queue.find(session, workspace_id=ws, key=tried)
        if found is None or found.state not in DEAD:
            return tried, found
        tried = f"{key}:{number}"
    return tried, await queue.find(session, workspace_id=ws, key=tried)


async def owe_message(
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
    again: bool = True,
    rank: Rank = Rank.FIRST,
) -> int:
    """Owe a message unless it is owed or made already: then it is shown as things are now. The delivery's id.

    `again`: one that ended without being sent is owed once more; else it stays as it ended. `rank`: of the edit.
    """
    if again:
        tried, found = await living(session, ws, key)
    else:
        tried, found = key, await queue.find(session, workspace_id=ws, key=key)
    if found is not None:
        if found.state not in DEAD:
            await show_again(session, found, now=now, rank=rank)
        return found.id
    return await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=kind,
        key=tried,
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
    key: str = "again",
) -> None:
    """Change a message to what it would say now. `owed` is the message, or an edit of it that Slack has just refused:
    then another `key`, as the one of the refused edit is in the middle of being noted as failed."""
    message = owed.under_id if owed.method == "update" else owed.id
    if message is None:
        return
    await queue.enqueue(
        session,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owed.kind,
        key=f"{owed.key}:{key}",
        method="update",
        target=owed.target,
        ref=owed.ref,
        under=message,
        due=due,
        rank=rank,
    )


async def show_key_again(
    session: AsyncSession,
    ws: str,
    key: str,
    *,
    now: datetime,
    due: datetime | None = None,
    rank: Rank = Rank.FIRST,
) -> None:
    _, found = await living(session, ws, key)
    if found is not None:
        await show_again(session, found, now=now, due=due, rank=rank)


async def owe_plain(session: AsyncSession, owed: Owed, *, now: datetime) -> str:
    """What Slack refused, again without its picture: its renderer is told `plain`. The new delivery's key."""
    key = f"{owed.key}:plain"
    await queue.enqueue(
        session,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owed.kind,
        key=key,
        method=owed.method,
        target=owed.target,
        ref={**owed.ref, "plain": True},
        under=owed.under_id,
    )
    return key


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
