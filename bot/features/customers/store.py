"""Every query for customers, products and teams one by one; `importing/store.py` has those of imports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.customers import Customer, CustomerName, ImportRecord, Product, ProductCustomer, Team
from bot.db.tables.members import Member
from bot.features.customers.rules import (
    CustomerCard,
    Imported,
    ProductCard,
    TeamCard,
    Users,
    Viewer,
    split_list,
    trigrams,
)
from bot.features.members import service as members


def _card(row: Customer) -> CustomerCard:
    return CustomerCard(
        workspace_id=row.workspace_id,
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        aliases=tuple(row.aliases or ()),
        industry=row.industry,
        country=row.country,
        customer_since=row.customer_since,
        size_rank=row.size_rank,
        revenue_band=row.revenue_band,
        website=row.website,
        logo=row.logo,
        account_manager=row.account_manager,
        deputy=row.deputy,
        news_every_days=row.news_every_days,
        adoptable=row.adoptable,
        max_adopters=row.max_adopters,
        confidential=row.confidential,
        may_be_named=row.may_be_named,
    )


def _product(row: Product) -> ProductCard:
    return ProductCard(
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        team_id=row.team_id,
        ends_up_in=split_list(row.ends_up_in),
    )


async def _cards(session: AsyncSession, statement: Select[Any]) -> list[CustomerCard]:
    return [_card(row) for row in await session.scalars(statement)]


def _customers(workspace_id: str, viewer: Viewer | None = None) -> Select[Any]:
    """`rules.visible` as a condition, so that a limited search is not filled with what may not be seen."""
    statement = select(Customer).where(Customer.workspace_id == workspace_id)
    if viewer is None:
        return statement
    if viewer.outsider:
        return statement.where(Customer.id.is_(None))
    if viewer.guest or viewer.public_only or viewer.in_channel:
        return statement.where(Customer.may_be_named.is_(True), Customer.confidential.is_(False))
    return statement


async def customer(session: AsyncSession, workspace_id: str, customer_id: str) -> CustomerCard | None:
    found = await session.scalar(_customers(workspace_id).where(Customer.id == customer_id))
    return None if found is None else _card(found)


async def customers(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> list[CustomerCard]:
    return await _cards(session, _customers(workspace_id).where(Customer.id.in_(ids)).order_by(Customer.name_key))


def _named(condition: ColumnElement[bool], workspace_id: str) -> ColumnElement[bool]:
    ids = select(CustomerName.customer_id).where(CustomerName.workspace_id == workspace_id, condition)
    return Customer.id.in_(ids)


async def confidential_names(session: AsyncSession, workspace_id: str) -> dict[str, str]:
    rows = await session.execute(
        select(CustomerName.name_key, CustomerName.customer_id)
        .join(Customer, Customer.id == CustomerName.customer_id)
        .where(CustomerName.workspace_id == workspace_id, Customer.confidential.is_(True))
    )
    return {row.name_key: row.customer_id for row in rows}


async def with_exact_name(
    session: AsyncSession, workspace_id: str, key: str, viewer: Viewer | None, *, own_name_only: bool
) -> list[CustomerCard]:
    exact = Customer.name_key == key if own_name_only else _named(CustomerName.name_key == key, workspace_id)
    statement = _customers(workspace_id, viewer).where(exact)
    return await _cards(session, statement.order_by(Customer.name_key, Customer.external_id).limit(25))


async def with_prefix(
    session: AsyncSession, workspace_id: str, key: str, viewer: Viewer | None, limit: int
) -> list[CustomerCard]:
    starts = CustomerName.name_key.startswith(key, autoescape=True)
    statement = _customers(workspace_id, viewer).where(_named(starts, workspace_id))
    return await _cards(session, statement.order_by(Customer.name_key, Customer.external_id).limit(limit))


async def containing(
    session: AsyncSession, workspace_id: str, key: str, viewer: Viewer | None, limit: int
) -> list[CustomerCard]:
    inside = CustomerName.name_key.contains(key, autoescape=True)
    statement = _customers(workspace_id, viewer).where(_named(inside, workspace_id))
    return await _cards(session, statement.order_by(Customer.name_key, Customer.external_id).limit(limit))


async def resembling(
    session: AsyncSession, workspace_id: str, key: str, viewer: Viewer | None, limit: int = 600
) -> list[CustomerCard]:
    """Those that share a piece with `key`: few enough to be compared one by one."""
    pieces = [CustomerName.name_key.contains(piece, autoescape=True) for piece in trigrams(key)]
    start = CustomerName.name_key.startswith(key[:2], autoescape=True)
    found = await _cards(session, _customers(workspace_id, viewer).where(_named(start, workspace_id)).limit(limit // 2))
    more = await _cards(
        session, _customers(workspace_id, viewer).where(_named(or_(*pieces), workspace_id)).limit(limit)
    )
    return list({card.id: card for card in (*found, *more)}.values())


async def looked_after_by(session: AsyncSession, workspace_id: str, user_id: str) -> list[CustomerCard]:
    statement = _customers(workspace_id).where(Customer.account_manager == user_id)
    return await _cards(session, statement.order_by(Customer.name_key))


async def managed_by(session: AsyncSession, workspace_id: str, user_id: str) -> list[CustomerCard]:
    theirs = or_(Customer.account_manager == user_id, Customer.deputy == user_id)
    return await _cards(session, _customers(workspace_id).where(theirs).order_by(Customer.name_key))


async def account_managers(session: AsyncSession, workspace_id: str) -> list[str]:
    """And deputies."""
    found: set[str] = set()
    for column in (Customer.account_manager, Customer.deputy):
        users = select(column).where(Customer.workspace_id == workspace_id, column.is_not(None)).distinct()
        found.update(user for user in await session.scalars(users) if user)
    return sorted(found)


async def without_manager(
    session: AsyncSession, workspace_id: str, unreachable: Sequence[str], limit: int | None
) -> list[CustomerCard]:
    nobody = [or_(column.is_(None), column.in_(unreachable)) for column in (Customer.account_manager, Customer.deputy)]
    return await _cards(session, _customers(workspace_id).where(*nobody).order_by(Customer.name_key).limit(limit))


async def unanswered_naming(
    session: AsyncSession, workspace_id: str, limit: int | None = None
) -> tuple[int, list[CustomerCard]]:
    """Customers of whom no admin has said whether they may be named: how many, and the first `limit`."""
    asked = and_(Customer.workspace_id == workspace_id, Customer.may_be_named.is_(None))
    count = (await session.execute(select(func.count()).select_from(Customer).where(asked))).scalar_one()
    statement = select(Customer).where(asked).order_by(Customer.name_key, Customer.external_id).limit(limit)
    return count, await _cards(session, statement)


async def set_naming(
    session: AsyncSession, workspace_id: str, customer_ids: Sequence[str] | None, answer: bool
) -> list[str]:
    """`customer_ids` None: all that nobody has answered yet. The ids that changed."""
    statement = update(Customer).where(Customer.workspace_id == workspace_id)
    if customer_ids is None:
        statement = statement.where(Customer.may_be_named.is_(None))
    else:
        differs = or_(Customer.may_be_named.is_(None), Customer.may_be_named.is_not(answer))
        statement = statement.where(Customer.id.in_(customer_ids), differs)
    return list(await session.scalars(statement.values(may_be_named=answer).returning(Customer.id)))


async def products(session: AsyncSession, workspace_id: str, ids: Sequence[str]) -> list[ProductCard]:
    statement = select(Product).where(Product.workspace_id == workspace_id, Product.id.in_(ids))
    return [_product(row) for row in await session.scalars(statement)]


async def products_of_teams(session: AsyncSession, workspace_id: str, team_ids: Sequence[str]) -> list[ProductCard]:
    statement = select(Product).where(Product.workspace_id == workspace_id, Product.team_id.in_(team_ids))
    return [_product(row) for row in await session.scalars(statement.order_by(Product.name_key, Product.id))]


async def products_of_customer(session: AsyncSession, workspace_id: str, customer_id: str) -> list[ProductCard]:
    statement = (
        select(Product)
        .join(ProductCustomer, ProductCustomer.product_id == Product.id)
        .where(Product.workspace_id == workspace_id, ProductCustomer.customer_id == customer_id)
        .order_by(Product.name_key, Product.id)
    )
    return [_product(row) for row in await session.scalars(statement)]


async def customers_of_products(
    session: AsyncSession, workspace_id: str, product_ids: Sequence[str], viewer: Viewer | None, limit: int | None
) -> dict[str, Users]:
    """Of each product the first `limit`. What is over it is counted in the database and not read."""
    product = ProductCustomer.product_id
    numbered = (
        _customers(workspace_id, viewer)
        .with_only_columns(
            Customer.id,
            product,
            func.row_number().over(partition_by=product, order_by=(Customer.name_key, Customer.id)).label("nth"),
            func.count().over(partition_by=product).label("total"),
        )
        .join(ProductCustomer, ProductCustomer.customer_id == Customer.id)
        .where(product.in_(product_ids))
        .subquery()
    )
    columns = numbered.c
    statement = select(Customer, columns.product_id, columns.total).join(numbered, columns.id == Customer.id)
    if limit is not None:
        statement = statement.where(columns.nth <= limit)
    cards: dict[str, list[CustomerCard]] = {product_id: [] for product_id in product_ids}
    counts: dict[str, int] = {}
    for row, product_id, total in await session.execute(statement.order_by(columns.nth)):
        cards[product_id].append(_card(row))
        counts[product_id] = total
    return {one: Users(first=tuple(first), count=counts.get(one, 0)) for one, first in cards.items()}


async def products_called(session: AsyncSession, workspace_id: str, key: str, external_id: str) -> list[ProductCard]:
    statement = select(Product).where(
        Product.workspace_id == workspace_id, or_(Product.name_key == key, Product.external_id == external_id)
    )
    return [_product(row) for row in await session.scalars(statement.order_by(Product.id))]


async def customer_by_external_id(session: AsyncSession, workspace_id: str, external_id: str) -> CustomerCard | None:
    found = await session.scalar(_customers(workspace_id).where(Customer.external_id == external_id))
    return None if found is None else _card(found)


async def teams(session: AsyncSession, workspace_id: str) -> list[TeamCard]:
    statement = select(Team).where(Team.workspace_id == workspace_id).order_by(Team.name_key)
    return [TeamCard(id=row.id, name=row.name) for row in await session.scalars(statement)]


async def last_imports(session: AsyncSession, workspace_id: str) -> list[Imported]:
    nth = func.row_number().over(
        partition_by=ImportRecord.what, order_by=(ImportRecord.at.desc(), ImportRecord.id.desc())
    )
    numbered = select(ImportRecord.id, nth.label("nth")).where(ImportRecord.workspace_id == workspace_id).subquery()
    rows = await session.scalars(
        select(ImportRecord)
        .join(numbered, numbered.c.id == ImportRecord.id)
        .where(numbered.c.nth == 1)
        .order_by(ImportRecord.at.desc(), ImportRecord.id)
    )
    return [
        Imported(
            what=row.what,
            at=row.at,
            file_name=row.file_name,
            added=row.added,
            changed=row.changed,
            unchanged=row.unchanged,
            refused=row.refused,
        )
        for row in rows
    ]


async def given_people(session: AsyncSession, workspace_id: str, customer_id: str) -> dict[str, Any]:
    """Who looks after the customer, what files said of them, what an admin has overridden, and who has left."""
    columns = (
        *(Customer.account_manager, Customer.account_manager_given, Customer.deputy, Customer.deputy_given),
        *(Customer.overridden, Customer.manager_left),
    )
    same = (Customer.workspace_id == workspace_id, Customer.id == customer_id)
    found = (await session.execute(select(*columns).where(*same).with_for_update())).mappings().first()
    return dict(found) if found is not None else {}


async def change_customer(
    session: AsyncSession, workspace_id: str, customer_id: str, values: Mapping[str, Any], now: datetime
) -> None:
    same = (Customer.workspace_id == workspace_id, Customer.id == customer_id)
    await session.execute(update(Customer).where(*same).values(**values, updated_at=now))


async def count(session: AsyncSession, workspace_id: str) -> int:
    asked = select(func.count()).select_from(Customer).where(Customer.workspace_id == workspace_id)
    return (await session.execute(asked)).scalar_one()


async def unmatched(session: AsyncSession, ws: str, who: str) -> list[str]:
    """What files said of people nobody has been found for."""
    person, given = getattr(Customer, who), getattr(Customer, f"{who}_given")
    statement = select(given).where(Customer.workspace_id == ws, person.is_(None), given.is_not(None)).distinct()
    return [one for one in await session.scalars(statement) if one]


async def set_person(session: AsyncSession, ws: str, who: str, said: str, user: str) -> Sequence[str]:
    """`who`: account_manager or deputy. For every customer that waits for this person; which."""
    person, given = getattr(Customer, who), getattr(Customer, f"{who}_given")
    changed = await session.scalars(
        update(Customer)
        .where(Customer.workspace_id == ws, person.is_(None), given == said)
        .values({who: user})
        .returning(Customer.id)
    )
    return changed.all()


def _has_left() -> ColumnElement[bool]:
    untold = or_(Customer.manager_left.is_(None), Customer.manager_left != Customer.account_manager)
    return and_(Member.kind != members.MEMBER, untold)


def _is_back() -> ColumnElement[bool]:
    return and_(Member.kind == members.MEMBER, Customer.manager_left == Customer.account_manager)


async def managers_who_left(session: AsyncSession, ws: str) -> list[tuple[str, str]]:
    """Customers and their account managers of whom it has not been noted yet."""
    return await _with_manager(session, ws, _has_left())


async def managers_who_are_back(session: AsyncSession, ws: str) -> list[tuple[str, str]]:
    """Of whom it was noted that they had left."""
    return await _with_manager(session, ws, _is_back())


async def _with_manager(session: AsyncSession, ws: str, condition: ColumnElement[bool]) -> list[tuple[str, str]]:
    theirs = and_(Member.workspace_id == Customer.workspace_id, Member.user_id == Customer.account_manager)
    found = await session.execute(
        select(Customer.id, Member.user_id)
        .join(Member, theirs)
        .where(Customer.workspace_id == ws, condition)
        .order_by(Customer.id)
    )
    return [(customer_id, user) for customer_id, user in found]


async def note_left(session: AsyncSession, customer_id: str, user: str | None) -> None:
    await session.execute(update(Customer).where(Customer.id == customer_id).values(manager_left=user))
