"""Customers, products and teams for everyone else; call inside your own transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.moment import db_now
from bot.features.customers import store
from bot.features.customers.looking_after import Managers, managed_by, managers, managers_of, manages, reachable
from bot.features.customers.rules import (
    MEMBER,
    CustomerCard,
    Imported,
    Made,
    ProductCard,
    Shown,
    TeamCard,
    Users,
    Viewer,
    closest,
    for_outside,
    name_key,
    sees_inside,
    visible,
)
from bot.features.members import service as members

__all__ = [
    "MEMBER",
    "CustomerCard",
    "Found",
    "Made",
    "Managers",
    "ProductCard",
    "Shown",
    "TeamCard",
    "Viewer",
    "managed_by",
    "managers",
    "managers_of",
    "manages",
    "name_key",
    "sees_inside",
    "visible",
]

CANDIDATES = 10


@dataclass(frozen=True, kw_only=True)
class Found:
    """Exactly one of: a `customer`; several `candidates` to choose from; `closest` ones when nothing fits."""

    customer: CustomerCard | None = None
    candidates: tuple[CustomerCard, ...] = ()
    closest: tuple[CustomerCard, ...] = ()


async def get(session: AsyncSession, workspace_id: str, customer_id: str) -> CustomerCard | None:
    """None also for a customer of another workspace."""
    return await store.customer(session, workspace_id, customer_id)


async def last_imports(session: AsyncSession, workspace_id: str) -> list[Imported]:
    """The last of each kind, the newest first."""
    return await store.last_imports(session, workspace_id)


async def count(session: AsyncSession, workspace_id: str) -> int:
    return await store.count(session, workspace_id)


async def customers(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> dict[str, CustomerCard]:
    return {card.id: card for card in await store.customers(session, workspace_id, list(ids))}


async def confidential_names(session: AsyncSession, workspace_id: str) -> dict[str, str]:
    """Names and aliases (as keys) that no channel may read, and whose customer's id each is."""
    return await store.confidential_names(session, workspace_id)


async def find_by_name(session: AsyncSession, workspace_id: str, text: str, viewer: Viewer | None = None) -> Found:
    """By exact name, then alias, then a beginning that only one customer has, then whatever contains the text.

    `viewer` None looks at everything (for imports and the like); else only at what that viewer may see.
    """
    key = name_key(text)
    if not key:
        return Found()
    for own_name_only in (True, False):
        exact = await store.with_exact_name(session, workspace_id, key, viewer, own_name_only=own_name_only)
        if exact:
            return _one_or_many(exact)
    for look in (store.with_prefix, store.containing):
        found = await look(session, workspace_id, key, viewer, CANDIDATES)
        if found:
            return _one_or_many(found)
    return Found(closest=await _closest(session, workspace_id, key, viewer))


def _one_or_many(found: Sequence[CustomerCard]) -> Found:
    return Found(customer=found[0]) if len(found) == 1 else Found(candidates=tuple(found[:CANDIDATES]))


async def _closest(
    session: AsyncSession, workspace_id: str, key: str, viewer: Viewer | None
) -> tuple[CustomerCard, ...]:
    by_name: dict[str, CustomerCard] = {}
    for card in await store.resembling(session, workspace_id, key, viewer):
        for name in (*card.aliases, card.name):
            by_name[name] = card
    best = [by_name[name] for name in closest(key, list(by_name), limit=CANDIDATES)]
    return tuple({card.id: card for card in best}.values())[:5]


async def exactly(session: AsyncSession, workspace_id: str, text: str) -> Found:
    """For files: by external id, else by exact name or alias; `closest` says what may have been meant."""
    by_id = await store.customer_by_external_id(session, workspace_id, text.strip())
    if by_id is not None:
        return Found(customer=by_id)
    key = name_key(text)
    exact = await store.with_exact_name(session, workspace_id, key, None, own_name_only=False) if key else []
    if exact:
        return _one_or_many(exact)
    return Found(closest=await _closest(session, workspace_id, key, None) if key else ())


async def search(
    session: AsyncSession, workspace_id: str, text: str, viewer: Viewer, limit: int = 20
) -> list[CustomerCard]:
    """What fits as far as it is typed: names that begin so first, then those that contain it."""
    key = name_key(text)
    found = await store.with_prefix(session, workspace_id, key, viewer, limit)
    if key and len(found) < limit:
        found += await store.containing(session, workspace_id, key, viewer, limit)
    return list({card.id: card for card in found}.values())[:limit]


async def products(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> dict[str, ProductCard]:
    return {card.id: card for card in await store.products(session, workspace_id, list(ids))}


async def product_exactly(session: AsyncSession, workspace_id: str, text: str) -> ProductCard | None:
    """For files: by external id, else by a name that only one product has."""
    found = await store.products_called(session, workspace_id, name_key(text), text.strip())
    by_id = [card for card in found if card.external_id == text.strip()]
    return by_id[0] if by_id else found[0] if len(found) == 1 else None


async def products_of_team(session: AsyncSession, workspace_id: str, team_id: str) -> list[ProductCard]:
    return await store.products_of_teams(session, workspace_id, [team_id])


async def products_of_teams(session: AsyncSession, workspace_id: str, team_ids: Sequence[str]) -> list[ProductCard]:
    return await store.products_of_teams(session, workspace_id, list(team_ids))


async def products_of_customer(session: AsyncSession, workspace_id: str, customer_id: str) -> list[ProductCard]:
    return await store.products_of_customer(session, workspace_id, customer_id)


async def customers_of_products(
    session: AsyncSession,
    workspace_id: str,
    product_ids: Sequence[str],
    viewer: Viewer | None = None,
    *,
    limit: int | None = None,
) -> dict[str, Users]:
    """Of each product the first `limit` by name, and how many there are."""
    return await store.customers_of_products(session, workspace_id, list(product_ids), viewer, limit)


async def teams(session: AsyncSession, workspace_id: str) -> list[TeamCard]:
    return await store.teams(session, workspace_id)


async def customers_of_manager(session: AsyncSession, workspace_id: str, user_id: str) -> list[CustomerCard]:
    return await store.looked_after_by(session, workspace_id, user_id)


async def account_manager_of(session: AsyncSession, workspace_id: str, customer_id: str) -> members.Person | None:
    """Who is asked about the customer now: the account manager, or the deputy while that person is away or cannot be
    reached (deactivated, a guest, not of this company). None: nobody who can be asked."""
    return (await managers(session, workspace_id, customer_id, now=await db_now(session))).acting


def viewer_of(person: members.Person, *, outsider: bool = False) -> Viewer:
    """`outsider`: Slack says that they are of another company. Somebody Slack has not told us about yet sees no more
    than a guest."""
    return Viewer(guest=person.is_guest or person.refreshed_at is None, outsider=outsider or not person.is_person)


async def shown(session: AsyncSession, customer: CustomerCard, viewer: Viewer) -> Shown | None:
    """None where this viewer must not read the customer's name."""
    if not visible(customer, viewer):
        return None
    workspace_id = customer.workspace_id
    used = await store.products_of_customer(session, workspace_id, customer.id)
    known = {team.id: team for team in await store.teams(session, workspace_id)}
    made = tuple(Made(product=product, team=known.get(product.team_id or "")) for product in used)
    if not sees_inside(viewer):
        return Shown(customer=for_outside(customer), made=made, inside=False)
    people = await managers_of(session, customer, now=await db_now(session))
    manager, deputy = (one.name if one and reachable(one) else None for one in (people.manager, people.deputy))
    return Shown(customer=customer, made=made, manager=manager, deputy=deputy)


async def without_reachable_manager(
    session: AsyncSession, workspace_id: str, limit: int | None = None
) -> list[CustomerCard]:
    """Customers whose questions go to the editors: neither account manager nor deputy can be asked."""
    given = await store.account_managers(session, workspace_id)
    people = await members.people(session, workspace_id, given)
    gone = [user for user in given if not reachable(people.get(user))]
    return await store.without_manager(session, workspace_id, gone, limit)


async def find_manager(session: AsyncSession, workspace_id: str, given: str) -> str | None:
    """The Slack id of a member of this company by e-mail or Slack id."""
    look = members.by_email if "@" in given else members.known
    person = await look(session, workspace_id, given)
    return person.user_id if person is not None and reachable(person) else None


async def unanswered_naming(
    session: AsyncSession, workspace_id: str, limit: int | None = None
) -> tuple[int, list[CustomerCard]]:
    """How many customers no admin has answered for, and the first `limit` of them by name."""
    return await store.unanswered_naming(session, workspace_id, limit)


async def answer_naming(
    session: AsyncSession,
    workspace_id: str,
    customer_ids: Sequence[str] | None,
    answer: bool,
    *,
    by: str,
    now: datetime,
    new_id: NewId,
    manages: bool = False,
) -> int:
    """Whether these customers (None: all that are unanswered) may be named to guests and outside; how many changed.

    The caller has checked that `by` is an admin, or looks after the customer (`manages`). Saying the same again changes
    nothing and is not audited.
    """
    changed = await store.set_naming(session, workspace_id, customer_ids, answer)
    if changed:
        await members.audit(
            session,
            new_id=new_id,
            now=now,
            ws=workspace_id,
            actor=by,
            action="customer.naming",
            subject=changed[0] if len(changed) == 1 else "customers",
            detail={"answer": answer, "count": len(changed), "customers": changed[:100]},
            about=changed,
            manages=manages,
        )
    return len(changed)
