"""The author's receipt: one direct message that fills itself in, at most once a minute."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue, saying
from bot.delivery.queue import Rank
from bot.features.updates import owing, store
from bot.features.updates.rules import RECEIPT_EVERY, Update


async def owe(session: AsyncSession, update: Update, *, now: datetime) -> None:
    """At once, also at night: its reader has just pressed *Send*."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=update.workspace_id,
        kind=owing.RECEIPT,
        key=owing.receipt_key(update.id),
        method="post",
        target=update.author,
        ref={"update": update.id},
    )


async def refresh(session: AsyncSession, ws: str, update_id: str, *, now: datetime, at_once: bool = False) -> None:
    """Something about the update has changed. `at_once`: by its author, who is looking."""
    update = await store.get(session, ws, update_id)
    found = await queue.find(session, workspace_id=ws, key=owing.receipt_key(update_id))
    if update is None or found is None or found.state in saying.DEAD:
        return
    due = now if at_once else next_showing(update, now)
    rank = Rank.FIRST if at_once else Rank.RECEIPT
    shown = replace(found, ref={**found.ref, "at_once": at_once})
    await saying.show_again(session, shown, now=now, due=due, rank=rank)


def next_showing(update: Update, now: datetime) -> datetime:
    return now if update.receipt_at is None else max(now, update.receipt_at + RECEIPT_EVERY)


async def shown(session: AsyncSession, ws: str, update_id: str, *, now: datetime) -> None:
    await store.change(session, ws, update_id, receipt_at=now)
