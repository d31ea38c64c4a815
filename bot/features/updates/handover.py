"""A customer's account manager has changed: adopters hear who is new, the new one gets the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.features.adoptions import service as adoptions
from bot.features.updates import owing, store


async def manager_changed(
    session: AsyncSession, ws: str, customer_id: str, *, before: str | None, after: str | None, now: datetime
) -> None:
    """A `customers.seams.ManagerChanged`. Where nobody is new, nobody is told: editors see the customer on Home."""
    if after is None or after == before:
        return
    adopters = await adoptions.adopters(session, ws, customer_id)
    for adoption in adopters:
        if adoption.user_id != after:
            await _once_a_day(session, ws, owing.NEW_MANAGER, adoption.user_id, customer_id, now=now)
    if adopters or await store.of_customer(session, ws, customer_id, now=now, limit=1):
        await _once_a_day(session, ws, owing.HANDOVER, after, customer_id, now=now)


async def _once_a_day(session: AsyncSession, ws: str, kind: str, user: str, customer_id: str, *, now: datetime) -> None:
    """An import changes many at once: each person gets one message that names all of theirs."""
    for number in range(1, 50):
        key = f"{kind}:{user}:{now:%Y%m%d}:{number}"
        found = await queue.find(session, workspace_id=ws, key=key)
        if found is None or found.state == "pending":
            named = list(found.ref["customers"]) if found is not None else []
            ref: Mapping[str, Any] = {"user": user, "customers": sorted({*named, customer_id})}
            await queue.enqueue(
                session, now=now, workspace_id=ws, kind=kind, key=key, method="post", target=user, ref=ref
            )
            return
