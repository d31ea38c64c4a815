"""Who looks after a customer now. Everything runs in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.customers import store
from bot.features.customers.rules import CustomerCard
from bot.features.members import service as members


@dataclass(frozen=True, kw_only=True)
class Managers:
    """`manager` and `deputy` as the catalogue has them, where Slack knows them; they may have left. `acting`: who is
    asked now: the account manager when reachable and not absent, else the deputy when reachable, else nobody."""

    manager: members.Person | None = None
    deputy: members.Person | None = None
    acting: members.Person | None = None


async def managers(session: AsyncSession, workspace_id: str, customer_id: str, *, now: datetime) -> Managers:
    customer = await store.customer(session, workspace_id, customer_id)
    return Managers() if customer is None else await managers_of(session, customer, now=now)


async def managers_of(session: AsyncSession, customer: CustomerCard, *, now: datetime) -> Managers:
    users = [user for user in (customer.account_manager, customer.deputy) if user]
    known = await members.people(session, customer.workspace_id, users)
    manager, deputy = known.get(customer.account_manager or ""), known.get(customer.deputy or "")
    away = manager is None or await members.is_absent(session, customer.workspace_id, manager.user_id, now=now)
    acting = manager if reachable(manager) and not away else deputy if reachable(deputy) else None
    return Managers(manager=manager, deputy=deputy, acting=acting)


def reachable(person: members.Person | None) -> bool:
    """Of this company and still here: can be asked."""
    return person is not None and members.able(person, members.Action.ANSWER, manages_customer=True)


async def manages(session: AsyncSession, workspace_id: str, customer_id: str, user: str, *, now: datetime) -> bool:  # noqa: ARG001
    """As account manager or deputy; a deputy may act at any time."""
    customer = await store.customer(session, workspace_id, customer_id)
    return customer is not None and customer.looked_after_by(user)


async def managed_by(session: AsyncSession, workspace_id: str, user: str) -> list[CustomerCard]:
    """As account manager or deputy, by name."""
    return await store.managed_by(session, workspace_id, user)
