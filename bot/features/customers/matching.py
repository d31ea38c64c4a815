"""Who looks after whom, after people have been read from Slack: names out of files find their people, and whoever has
left, or is back, is noticed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.moment import db_now
from bot.features.customers import service, store
from bot.features.customers.seams import ManagerChanged, Moved

AT_ONCE = 1_000


@dataclass(frozen=True, kw_only=True)
class LookedAfter:
    """Call it in the transaction that saved people. `on_changed` hears of every customer concerned, once."""

    on_changed: Sequence[ManagerChanged] = ()

    async def __call__(self, session: AsyncSession, workspace_id: str) -> int:
        """How many customers got the account manager that a file gave them."""
        now = await db_now(session)
        matched = await self._match_managers(session, workspace_id, now)
        await _match_deputies(session, workspace_id)
        await self._notice_leaving(session, workspace_id, now)
        return matched

    async def _match_managers(self, session: AsyncSession, ws: str, now: datetime) -> int:
        matched = 0
        for given in await store.unmatched(session, ws, "account_manager"):
            user = await service.find_manager(session, ws, given)
            if user is None:
                continue
            theirs = await store.set_person(session, ws, "account_manager", given, user)
            matched += len(theirs)
            moved = [Moved(customer_id=customer_id, before=None, after=user) for customer_id in theirs]
            await tell(self.on_changed, session, ws, moved, now=now)
        return matched

    async def _notice_leaving(self, session: AsyncSession, ws: str, now: datetime) -> None:
        """An account manager who was deactivated stays in the catalogue until somebody says who is new."""
        moved: list[Moved] = []
        for customer_id, user in await store.managers_who_left(session, ws):
            await store.note_left(session, customer_id, user)
            moved.append(Moved(customer_id=customer_id, before=user, after=None))
        for customer_id, user in await store.managers_who_are_back(session, ws):
            await store.note_left(session, customer_id, None)
            moved.append(Moved(customer_id=customer_id, before=None, after=user))
        await tell(self.on_changed, session, ws, moved, now=now)


async def tell(
    listeners: Sequence[ManagerChanged], session: AsyncSession, ws: str, moved: Sequence[Moved], *, now: datetime
) -> None:
    for start in range(0, len(moved), AT_ONCE):
        for changed in listeners:
            await changed(session, ws, moved[start : start + AT_ONCE], now=now)


async def _match_deputies(session: AsyncSession, ws: str) -> None:
    for given in await store.unmatched(session, ws, "deputy"):
        user = await service.find_manager(session, ws, given)
        if user is not None:
            await store.set_person(session, ws, "deputy", given, user)
