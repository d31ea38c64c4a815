"""Changing who looks after a customer and what may be done with it, by an admin's hand. In the caller's transaction;
whether `by` may is the caller's question."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.features.customers import overriding, store
from bot.features.customers.looking_after import reachable
from bot.features.customers.matching import tell
from bot.features.customers.rules import CustomerCard
from bot.features.customers.seams import ManagerChanged, Moved
from bot.features.members import service as members

PEOPLE = ("account_manager", "deputy")


async def not_members(session: AsyncSession, ws: str, users: Sequence[str | None], *, now: datetime) -> set[str]:
    """Those who cannot look after a customer. Somebody seen for the first time is looked up, and may be chosen."""
    found = [await members.get(session, ws, user, now=now) for user in users if user]
    return {person.user_id for person in found if not reachable(person)}


async def said_of_people(session: AsyncSession, ws: str, customer_id: str) -> dict[str, str]:
    """What a file says of an account manager or deputy whom Slack does not know."""
    row = await store.given_people(session, ws, customer_id)
    return {who: row[f"{who}_given"] for who in PEOPLE if row.get(who) is None and row.get(f"{who}_given")}


async def change(
    session: AsyncSession,
    ws: str,
    customer: CustomerCard,
    wanted: Mapping[str, Any],
    *,
    by: str,
    now: datetime,
    new_id: NewId,
    on_manager_changed: Sequence[ManagerChanged] = (),
) -> bool:
    """`wanted`: values for some of `overriding.FIELDS`. False where nothing differs. What changes is audited, and it
    stands above files that say what they said before (`overriding`)."""
    differs = {field: value for field, value in wanted.items() if getattr(customer, field) != value}
    if not differs:
        return False
    row = await store.given_people(session, ws, customer.id)
    said = {field: row[f"{field}_given"] if field in PEOPLE else getattr(customer, field) for field in differs}
    values = dict(differs)
    for who in PEOPLE:
        if who in differs:
            values[f"{who}_given"] = differs[who]
    if "account_manager" in differs:
        values["manager_left"] = None
    values["overridden"] = overriding.remember(row["overridden"], said, differs)
    await store.change_customer(session, ws, customer.id, values, now)
    await members.audit(
        session,
        new_id=new_id,
        now=now,
        ws=ws,
        actor=by,
        action="customer.changed",
        subject=customer.id,
        detail={field: [getattr(customer, field), value] for field, value in differs.items()},
    )
    if "account_manager" in differs:
        left = row["manager_left"] is not None and row["manager_left"] == customer.account_manager
        before = None if left else customer.account_manager
        moved = Moved(customer_id=customer.id, before=before, after=differs["account_manager"])
        await tell(on_manager_changed, session, ws, [moved], now=now)
    return True
