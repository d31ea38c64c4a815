"""A customer's account manager has changed: adopters hear who is new, the new one gets the history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.features.adoptions import service as adoptions
from bot.features.customers.seams import Moved
from bot.features.updates import owing, store


async def manager_changed(session: AsyncSession, ws: str, moved: Sequence[Moved], *, now: datetime) -> None:
    """A `customers.seams.ManagerChanged`. Where nobody is new, nobody is told: editors see the customer on Home."""
    new = {one.customer_id: one.after for one in moved if one.after is not None and one.after != one.before}
    adopters = await adoptions.adopters_of(session, ws, list(new))
    written_about = await store.latest(session, ws, list(new), now=now)
    for adoption in adopters:
        if adoption.user_id != new[adoption.customer_id]:
            await _once_a_day(session, ws, owing.NEW_MANAGER, adoption.user_id, adoption.customer_id, now=now)
    for customer_id in sorted({*written_about, *(adoption.customer_id for adoption in adopters)}):
        await _once_a_day(session, ws, owing.HANDOVER, new[customer_id], customer_id, now=now)


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
