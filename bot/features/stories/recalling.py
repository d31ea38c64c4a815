"""Taking a story back from everywhere it went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.stories import rules, store
from bot.features.stories.rules import Post, Story

POST, TEST, RECALL = "stories.post", "stories.test", "stories.recall"


async def find_post(session: AsyncSession, ws: str, text: str) -> Post | None:
    """By its id, a Slack permalink, or `channel:ts`."""
    reference = rules.read_reference(text)
    if reference is None:
        return None
    if reference.post_id:
        return await store.post(session, ws, reference.post_id)
    return await store.post_at(session, ws, reference.channel_id, reference.ts)


async def may_recall(session: AsyncSession, ws: str, post: Post, user: str) -> bool:
    manages = await _manages(session, ws, post, user)
    owners = await channels.owners_of(session, ws, post.channel_id)
    return await members.may(
        session,
        ws,
        user,
        Action.RECALL,
        manages_customer=manages,
        owns_channel=user in owners,
    )


async def _manages(session: AsyncSession, ws: str, post: Post, user: str) -> bool:
    customer = await customers.get(session, ws, post.customer_id) if post.customer_id else None
    return customer is not None and customer.looked_after_by(user)


async def audit_refusal(session: AsyncSession, post: Post, *, by: str, now: datetime, new_id: NewId) -> None:
    """Somebody tried who may not."""
    ws = post.workspace_id
    about = (post.customer_id, post.channel_id)
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="story.recall_refused", subject=post.id, about=about
    )


async def recall(session: AsyncSession, ws: str, post: Post, *, by: str, now: datetime, new_id: NewId) -> int:
    """Take the post's story back from everywhere it went; how many places had it or were about to. The caller has
    checked the right. The story comes back only with a changed file."""
    manages = await _manages(session, ws, post, by)
    return await recall_story(session, ws, post.story_id, by=by, now=now, new_id=new_id, manages=manages)


async def recall_story(
    session: AsyncSession, ws: str, story_id: str, *, by: str, now: datetime, new_id: NewId, manages: bool = False
) -> int:
    posts = [post for post in await store.posts_of(session, ws, story_id) if not post.recalled]
    first = await store.withdraw(session, ws, story_id, now=now)
    await store.recall_posts(session, ws, story_id, by=by[:32], now=now)
    for post in posts:
        await take_back(session, post, now=now)
    for key in await store.keys_of_tests(session, ws, TEST, story_id):
        await _take_back(session, ws, key, now=now)
    if posts or first:
        detail = {"story": story_id, "posts": [post.id for post in posts][:100]}
        await members.audit(
            session,
            new_id=new_id,
            now=now,
            ws=ws,
            actor=by,
            action="story.recall",
            subject=story_id,
            detail=detail,
            about=await concerns(session, ws, story_id, posts),
            manages=manages,
        )
    return len(posts)


async def concerns(session: AsyncSession, ws: str, story_id: str, posts: Sequence[Post]) -> list[str | None]:
    """Whose account manager and owners read of it in the audit trail: the story's customer, and where it stood."""
    story = await store.story(session, ws, story_id)
    return [story.customer_id if story else None, *(post.channel_id for post in posts)]


async def take_back(session: AsyncSession, post: Post, *, now: datetime) -> None:
    """Out of its channel. Where it had not gone out, its time has no post after all, and says why."""
    dropped = [
        await _take_back(session, post.workspace_id, key, now=now)
        for key in (f"{POST}:{post.id}", f"{POST}:{post.id}:plain")
    ]
    story = await store.story(session, post.workspace_id, post.story_id)
    if any(dropped) and post.posted_at is None and story is not None:
        await store.change_post(session, post.workspace_id, post.id, outcome="recalled")
        place = (post.workspace_id, post.channel_id)
        await channels.left_out(session, *place, story.kind, post.due_at, reason="recalled", now=now)


async def _take_back(session: AsyncSession, ws: str, key: str, *, now: datetime) -> bool:
    """Drop what is not on its way yet (true); what is, or has gone out, is deleted as soon as its place is known."""
    owed = await queue.find(session, workspace_id=ws, key=key)
    if owed is None or owed.state in {"failed", "skipped"}:
        return False
    if await queue.cancel(session, workspace_id=ws, key=key, reason="recalled"):
        return True
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=RECALL,
        key=f"{RECALL}:{owed.id}",
        method="delete",
        target=owed.channel or owed.target,
        ref={},
        under=owed.id,
    )
    return False


async def recallable_by(session: AsyncSession, ws: str, user: str, *, limit: int) -> list[tuple[Post, Story]]:
    """The newest posts that this person may recall: all for editors and admins, else of their own customers and in the
    channels they own."""
    if await members.may(session, ws, user, Action.RECALL):
        posts = await store.latest_posts(session, ws, limit=limit)
    else:
        mine: dict[str, Post] = {}
        if await members.may(session, ws, user, Action.RECALL, manages_customer=True):
            whose = [card.id for card in await customers.managed_by(session, ws, user)]
            mine |= {one.id: one for one in await store.latest_posts(session, ws, limit=limit, customer_ids=whose)}
        if await members.may(session, ws, user, Action.RECALL, owns_channel=True):
            own = [one.channel_id for one in await channels.owned_by(session, ws, user)]
            mine |= {one.id: one for one in await store.latest_posts(session, ws, limit=limit, channel_ids=own)}
        newest = sorted(mine.values(), key=lambda one: (one.posted_at or one.due_at, one.id), reverse=True)
        posts = newest[:limit]
    found = await store.stories_by_id(session, ws, {post.story_id for post in posts})
    return [(post, found[post.story_id]) for post in posts if post.story_id in found]
