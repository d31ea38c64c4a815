"""Every query about stories, their pictures and posts. Imports write through `shelf`."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import channels, customers, stories
from bot.db.tables.delivery import Delivery
from bot.db.tables.members import Member
from bot.db.upsert import insert_new
from bot.features.stories.rules import Candidate, Made, Post, Product, Shown, Story, Wording, named_in_channels

OWED_FOR = timedelta(hours=5)  # longer than any lateness: what has not gone out by then never will

_LOOKS = (
    stories.Story.id,
    stories.Story.kind,
    stories.Story.customer_id,
    stories.Story.consent,
    stories.Story.language,
    stories.Story.published_on,
    stories.Story.expires_on,
)


def _nameable(customer_id: str | None, confidential: bool | None, may_be_named: bool | None) -> bool:
    return customer_id is None or named_in_channels(confidential=bool(confidential), may_be_named=may_be_named)


async def version(session: AsyncSession, ws: str) -> tuple[Hashable, ...]:
    """Changes with everything that `candidates` reads. Naming and makers have no time of change, so they are read."""
    S, P = stories.Story, customers.Product  # noqa: N806
    counted = (
        select(func.count(), func.count(S.withdrawn_at), func.max(S.updated_at)).where(S.workspace_id == ws),
        select(func.count(), func.count(P.team_id), func.max(P.updated_at)).where(P.workspace_id == ws),
        *(
            select(func.count()).where(table.workspace_id == ws)
            for table in (stories.StoryProduct, stories.StoryVariant, customers.ProductCustomer)
        ),
    )
    counts = [tuple((await session.execute(query)).one()) for query in counted]
    told = select(S.customer_id).where(S.workspace_id == ws, S.customer_id.is_not(None))
    naming = await session.execute(
        select(customers.Customer.id, customers.Customer.confidential, customers.Customer.may_be_named)
        .where(customers.Customer.workspace_id == ws, customers.Customer.id.in_(told))
        .order_by(customers.Customer.id)
    )
    return (*counts, hash(tuple(tuple(row) for row in naming)))


async def candidates(session: AsyncSession, ws: str, kind: str) -> list[Candidate]:
    """The whole library of one kind, without its texts."""
    rows = (
        await session.execute(
            select(*_LOOKS, customers.Customer.confidential, customers.Customer.may_be_named)
            .outerjoin(customers.Customer, customers.Customer.id == stories.Story.customer_id)
            .where(stories.Story.workspace_id == ws, stories.Story.kind == kind, stories.Story.withdrawn_at.is_(None))
        )
    ).all()
    about = await _makers_of_stories(session, ws)
    uses = await _makers_for_customers(session, ws)
    spoken = await _languages(session, ws)
    return [
        Candidate(
            story_id=row.id,
            kind=row.kind,
            customer_id=row.customer_id,
            nameable=_nameable(row.customer_id, row.confidential, row.may_be_named),
            consent=row.consent,
            published_on=row.published_on,
            expires_on=row.expires_on,
            languages=(row.language, *spoken.get(row.id, ())),
            about=tuple(about.get(row.id, ())),
            uses=tuple(uses.get(row.customer_id or "", ())),
        )
        for row in rows
    ]


async def _makers_of_stories(session: AsyncSession, ws: str) -> Mapping[str, list[Made]]:
    found: dict[str, list[Made]] = defaultdict(list)
    rows = await session.execute(
        select(stories.StoryProduct.story_id, customers.Product.id, customers.Product.team_id)
        .join(customers.Product, customers.Product.id == stories.StoryProduct.product_id)
        .where(stories.StoryProduct.workspace_id == ws, customers.Product.team_id.is_not(None))
        .order_by(customers.Product.id)
    )
    for story_id, product_id, team_id in rows:
        found[story_id].append(Made(product_id=product_id, team_id=team_id or ""))
    return found


async def _makers_for_customers(session: AsyncSession, ws: str) -> Mapping[str, list[Made]]:
    """Only of customers that a story is about."""
    found: dict[str, list[Made]] = defaultdict(list)
    told = select(stories.Story.customer_id).where(
        stories.Story.workspace_id == ws, stories.Story.customer_id.is_not(None)
    )
    rows = await session.execute(
        select(customers.ProductCustomer.customer_id, customers.Product.id, customers.Product.team_id)
        .join(customers.Product, customers.Product.id == customers.ProductCustomer.product_id)
        .where(
            customers.ProductCustomer.workspace_id == ws,
            customers.ProductCustomer.customer_id.in_(told),
            customers.Product.team_id.is_not(None),
        )
        .order_by(customers.Product.id)
    )
    for customer_id, product_id, team_id in rows:
        found[customer_id].append(Made(product_id=product_id, team_id=team_id or ""))
    return found


async def _languages(session: AsyncSession, ws: str) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    rows = await session.execute(
        select(stories.StoryVariant.story_id, stories.StoryVariant.language)
        .where(stories.StoryVariant.workspace_id == ws)
        .order_by(stories.StoryVariant.language)
    )
    for story_id, language in rows:
        found[story_id].append(language)
    return found


async def shown(session: AsyncSession, ws: str, channel_id: str, *, now: datetime) -> list[Shown]:
    """What the channel got, may have got, or is about to get; not what was owed and never sent."""
    still_owed = and_(stories.Post.outcome.is_(None), stories.Post.due_at >= now - OWED_FOR)
    rows = await session.execute(
        select(stories.Post.story_id, stories.Post.customer_id, stories.Post.due_at).where(
            stories.Post.workspace_id == ws,
            stories.Post.channel_id == channel_id,
            or_(stories.Post.outcome.in_(("sent", "uncertain")), still_owed),
        )
    )
    return [Shown(story_id=story, customer_id=customer, at=at) for story, customer, at in rows]


async def lock_channel(session: AsyncSession, ws: str, channel_id: str) -> None:
    """One choice at a time in a channel: two processes at two of its slots must not choose the same story."""
    await session.execute(
        select(channels.Channel.channel_id)
        .where(channels.Channel.workspace_id == ws, channels.Channel.channel_id == channel_id)
        .with_for_update()
    )


async def story(session: AsyncSession, ws: str, story_id: str) -> Story | None:
    return (await stories_by_id(session, ws, [story_id])).get(story_id)


async def stories_by_id(session: AsyncSession, ws: str, ids: Collection[str]) -> dict[str, Story]:
    rows = (
        await session.execute(
            select(stories.Story, customers.Customer, Member.name)
            .outerjoin(customers.Customer, customers.Customer.id == stories.Story.customer_id)
            .outerjoin(
                Member, and_(Member.workspace_id == ws, Member.user_id == stories.Story.credit_user, Member.name != "")
            )
            .where(stories.Story.workspace_id == ws, stories.Story.id.in_(sorted(ids)))
        )
    ).all()
    found = [row.id for row, _, _ in rows]
    made = await _products(session, ws, found)
    variants = await _variants(session, ws, found)
    return {
        row.id: _story(row, customer, variants.get(row.id, {}), made.get(row.id, []), credit)
        for row, customer, credit in rows
    }


def _story(
    row: stories.Story,
    customer: customers.Customer | None,
    variants: Mapping[str, Wording],
    products: Sequence[Product],
    credit: str | None,
) -> Story:
    original = Wording(
        headline=row.headline, snippet=row.snippet, body=row.body, quote=row.quote_text, alt=row.picture_alt
    )
    flags = (customer.confidential, customer.may_be_named) if customer else (None, None)
    return Story(
        id=row.id,
        kind=row.kind,
        customer_id=row.customer_id,
        customer=customer.name if customer else None,
        nameable=_nameable(row.customer_id, *flags),
        wordings={row.language: original, **variants},
        quote_name=row.quote_name,
        quote_role=row.quote_role,
        picture_hash=row.picture_hash,
        picture_url=row.picture_url,
        video_url=row.video_url,
        consent=row.consent,
        published_on=row.published_on,
        expires_on=row.expires_on,
        withdrawn=row.withdrawn_at is not None,
        products=tuple(products),
        credit=credit,
    )


async def _products(session: AsyncSession, ws: str, story_ids: Sequence[str]) -> Mapping[str, list[Product]]:
    found: dict[str, list[Product]] = defaultdict(list)
    rows = await session.execute(
        select(stories.StoryProduct.story_id, customers.Product, customers.Team.name)
        .join(customers.Product, customers.Product.id == stories.StoryProduct.product_id)
        .outerjoin(customers.Team, customers.Team.id == customers.Product.team_id)
        .where(stories.StoryProduct.workspace_id == ws, stories.StoryProduct.story_id.in_(story_ids))
        .order_by(customers.Product.name, customers.Product.id)
    )
    for story_id, product, team in rows:
        found[story_id].append(Product(id=product.id, name=product.name, team_id=product.team_id, team=team))
    return found


async def _variants(session: AsyncSession, ws: str, story_ids: Sequence[str]) -> Mapping[str, dict[str, Wording]]:
    found: dict[str, dict[str, Wording]] = defaultdict(dict)
    rows = await session.scalars(
        select(stories.StoryVariant)
        .where(stories.StoryVariant.workspace_id == ws, stories.StoryVariant.story_id.in_(story_ids))
        .order_by(stories.StoryVariant.language)
    )
    for row in rows:
        found[row.story_id][row.language] = Wording(
            headline=row.headline, snippet=row.snippet, body=row.body, quote=row.quote_text, alt=row.picture_alt
        )
    return found


# -- posts ------------------------------------------------------------------------------------------------------------


def _post(row: stories.Post) -> Post:
    return Post(
        id=row.id,
        workspace_id=row.workspace_id,
        channel_id=row.channel_id,
        story_id=row.story_id,
        customer_id=row.customer_id,
        reason=row.reason,
        due_at=row.due_at,
        ts=row.ts,
        posted_at=row.posted_at,
        recalled=row.recalled_at is not None,
        outcome=row.outcome,
    )


async def add_post(session: AsyncSession, values: Mapping[str, Any]) -> bool:
    """False where the occurrence has its post already."""
    return await insert_new(session, stories.Post, values, key=("occurrence_id",))


async def post(session: AsyncSession, ws: str, post_id: str) -> Post | None:
    row = await session.scalar(select(stories.Post).where(stories.Post.workspace_id == ws, stories.Post.id == post_id))
    return None if row is None else _post(row)


async def post_at(session: AsyncSession, ws: str, channel_id: str, ts: str) -> Post | None:
    row = await session.scalar(
        select(stories.Post).where(
            stories.Post.workspace_id == ws, stories.Post.channel_id == channel_id, stories.Post.ts == ts
        )
    )
    return None if row is None else _post(row)


async def posts_of(session: AsyncSession, ws: str, story_id: str) -> list[Post]:
    rows = await session.scalars(
        select(stories.Post)
        .where(stories.Post.workspace_id == ws, stories.Post.story_id == story_id)
        .order_by(stories.Post.due_at, stories.Post.id)
    )
    return [_post(row) for row in rows]


async def owed_for(session: AsyncSession, ws: str, occurrences: Collection[str]) -> list[tuple[str, Post]]:
    """The posts of these occurrences that have not gone out, with the occurrence."""
    rows = await session.scalars(
        select(stories.Post).where(
            stories.Post.workspace_id == ws,
            stories.Post.occurrence_id.in_(sorted(occurrences)),
            stories.Post.outcome.is_(None),
            stories.Post.recalled_at.is_(None),
        )
    )
    return [(row.occurrence_id, _post(row)) for row in rows]


async def latest_posts(
    session: AsyncSession,
    ws: str,
    *,
    limit: int,
    channel_ids: Collection[str] | None = None,
    customer_ids: Collection[str] | None = None,
) -> list[Post]:
    """Made and not recalled, the newest first; only in these channels, only of these customers."""
    query = select(stories.Post).where(
        stories.Post.workspace_id == ws, stories.Post.posted_at.is_not(None), stories.Post.recalled_at.is_(None)
    )
    if channel_ids is not None:
        query = query.where(stories.Post.channel_id.in_(sorted(channel_ids)))
    if customer_ids is not None:
        query = query.where(stories.Post.customer_id.in_(sorted(customer_ids)))
    rows = await session.scalars(query.order_by(stories.Post.posted_at.desc(), stories.Post.id).limit(limit))
    return [_post(row) for row in rows]


async def change_post(session: AsyncSession, ws: str, post_id: str, **values: Any) -> None:
    await session.execute(
        update(stories.Post).where(stories.Post.workspace_id == ws, stories.Post.id == post_id).values(**values)
    )


async def recall_posts(session: AsyncSession, ws: str, story_id: str, *, by: str | None, now: datetime) -> int:
    """How many were not recalled before."""
    changed = await session.execute(
        update(stories.Post)
        .where(stories.Post.workspace_id == ws, stories.Post.story_id == story_id, stories.Post.recalled_at.is_(None))
        .values(recalled_at=now, recalled_by=by)
        .returning(stories.Post.id)
    )
    return len(changed.all())


async def withdraw(session: AsyncSession, ws: str, story_id: str, *, now: datetime) -> bool:
    changed = await session.execute(
        update(stories.Story)
        .where(stories.Story.workspace_id == ws, stories.Story.id == story_id, stories.Story.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(stories.Story.id)
    )
    return changed.first() is not None


async def uncredit(session: AsyncSession, ws: str, story_id: str) -> None:
    mine = (stories.Story.workspace_id == ws, stories.Story.id == story_id)
    await session.execute(update(stories.Story).where(*mine).values(credit_user=None))


async def keys_of_tests(session: AsyncSession, ws: str, kind: str, story_id: str) -> list[str]:
    """Keys of the deliveries by which people got this story as a test."""
    rows = await session.scalars(
        select(Delivery.key).where(
            Delivery.workspace_id == ws,
            Delivery.kind == kind,
            Delivery.key.startswith(f"{kind}:{story_id}:", autoescape=True),
        )
    )
    return sorted(rows)


# -- pictures ---------------------------------------------------------------------------------------------------------


async def picture(session: AsyncSession, digest: str) -> tuple[str, bytes] | None:
    """Mimetype and bytes, of any workspace: the same bytes have the same hash wherever they were imported."""
    query = select(stories.Picture.mimetype, stories.Picture.data).where(stories.Picture.hash == digest)
    row = (await session.execute(query.limit(1))).first()
    return None if row is None else (row.mimetype, row.data)
