"""What of a story may be shown to whom, with what it takes to show it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.times import local_day
from bot.db import kept_pictures
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person, Standing
from bot.features.stories import rules, store
from bot.features.stories.rules import Place, Post, Shot, Story, Why


def place_of(audience: Audience) -> Place:
    return Place(
        workspace_id=audience.workspace_id,
        channel_id=audience.channel_id,
        zone=audience.zone,
        locale=audience.locale,
        team_ids=audience.team_ids,
        public_only=audience.public_only,
        outsiders=audience.outsiders,
    )


async def why(session: AsyncSession, ws: str, reason: Mapping[str, str], story: Story) -> Why:
    """The recorded reason with today's names."""
    product_id = reason.get("product", "")
    products = await customers.products(session, ws, [product_id]) if product_id else {}
    names = {team.id: team.name for team in await customers.teams(session, ws)} if "team" in reason else {}
    team, product = names.get(reason.get("team", "")), products.get(product_id)
    code = reason.get("code", "in_turn")
    if code in {"team_makes_product", "customer_of_team"} and (team is None or product is None):
        code = "in_turn"
    return Why(code=code, team=team, product=product.name if product else None, customer=story.customer)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What a renderer needs for one story in one place. `refused`: the code why it must not be shown there."""

    story: Story
    why: Why | None = None
    refused: str | None = None


async def sight(
    session: AsyncSession, audience: Audience, story_id: str, reason: Mapping[str, str], *, now: datetime
) -> Sight | None:
    story = await store.story(session, audience.workspace_id, story_id)
    if story is None:
        return None
    refused = rules.why_not(story.candidate(), place_of(audience), local_day(now, audience.zone))
    return Sight(story=story, why=await why(session, audience.workspace_id, reason, story), refused=refused)


async def shot(session: AsyncSession, ws: str, story: Story, public_url: str) -> Shot | None:
    """Where Slack can find the story's picture now."""
    if story.picture_url:
        return Shot(url=story.picture_url)
    if story.picture_hash is None:
        return None
    if public_url:
        return Shot(url=f"{public_url.rstrip('/')}/media/{story.picture_hash}")
    file_id = await kept_pictures.slack_file(session, ws, story.picture_hash)
    return Shot(file=file_id) if file_id else None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A story to read, or the code why not: not_found, outsiders, recalled, expired, consent, not_nameable."""

    story: Story | None = None
    shot: Shot | None = None
    post: Post | None = None
    refused: str | None = None


async def open_story(
    session: AsyncSession, ws: str, reader: Person, value: str, *, outsider: bool, public_url: str, now: datetime
) -> Opened:
    """`value` as *Read the whole story* carries it: a post's id, or `story:<id>` where there is no post."""
    if outsider or not members.allowed(Action.READ_STORY, Standing(person=reader)):
        return Opened(refused="outsiders")
    post = None if value.startswith("story:") else await store.post(session, ws, value)
    story_id = value.removeprefix("story:") if value.startswith("story:") else post.story_id if post else ""
    story = await store.story(session, ws, story_id)
    if story is None:
        return Opened(refused="not_found")
    refused = "recalled" if post and post.recalled else await _why_not_read(session, story, reader, post, now=now)
    if refused:
        return Opened(refused=refused, post=post)
    return Opened(story=story, post=post, shot=await shot(session, ws, story, public_url))


async def _why_not_read(
    session: AsyncSession, story: Story, reader: Person, post: Post | None, *, now: datetime
) -> str | None:
    """A guest reads what has public consent, or what was posted where an admin lets guests see more."""
    allowed = False
    if reader.is_guest and post is not None:
        channel = await channels.get(session, post.workspace_id, post.channel_id)
        allowed = channel is not None and channel.guests_see_internal
    place = Place(
        workspace_id=reader.workspace_id,
        channel_id="",
        zone=reader.zone,
        locale=reader.locale,
        public_only=reader.is_guest and not allowed,
    )
    return rules.why_not(story.candidate(), place, local_day(now, reader.zone))


async def latest_for(
    session: AsyncSession, ws: str, user: str, *, limit: int, now: datetime
) -> list[tuple[Post, Story]]:
    """The newest posts of the person's channels that they may read."""
    reader = await members.get(session, ws, user)
    mine = [channel.channel_id for channel in await channels.my_channels(session, ws, user)]
    if not mine or not members.able(reader, Action.READ_STORY):
        return []
    posts = await store.latest_posts(session, ws, limit=limit * 4, channel_ids=mine)
    return await _readable(session, ws, posts, reader, limit=limit, now=now)


async def _readable(
    session: AsyncSession, ws: str, posts: Sequence[Post], reader: Person, *, limit: int, now: datetime
) -> list[tuple[Post, Story]]:
    found = await store.stories_by_id(session, ws, {post.story_id for post in posts})
    seen: set[str] = set()
    readable: list[tuple[Post, Story]] = []
    for post in posts:
        story = found.get(post.story_id)
        if story is None or story.id in seen or await _why_not_read(session, story, reader, post, now=now):
            continue
        seen.add(story.id)
        readable.append((post, story))
    return readable[:limit]
