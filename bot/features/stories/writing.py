"""Stories that editors write in Slack: into the library, onto a channel's calendar, corrected wherever they stand."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.times import local_day
from bot.delivery import queue
from bot.features.channels import planning
from bot.features.channels import service as channels
from bot.features.channels.seams import Audience
from bot.features.members import service as members
from bot.features.stories import rules, service, shelf, store
from bot.features.stories.recalling import POST, take_back
from bot.features.stories.rules import USUAL, Choice, Limits, Post, Reason, Story, Wording
from bot.features.stories.showing import place_of

CORRECT = "stories.correct"
SOURCE = "inbox:"


@dataclass(frozen=True, kw_only=True)
class Written:
    """A story in the words of an editor. `credit`: the Slack id of whoever sent it in and asked to be named."""

    kind: str
    customer_id: str | None
    product_ids: tuple[str, ...]
    language: str
    wording: Wording
    quote_name: str | None = None
    quote_role: str | None = None
    picture_hash: str | None = None
    consent: str = "internal"
    expires_on: date | None = None
    credit: str | None = None


async def write(
    session: AsyncSession, ws: str, story_id: str, written: Written, *, now: datetime, limits: Limits = USUAL
) -> None:
    """Into the library, published on what is the earliest day anywhere now; the same `story_id` again changes it."""
    today = (now - timedelta(hours=12)).date()
    await _put(session, ws, story_id, f"{SOURCE}{story_id}", written, today, now, limits)


async def _put(
    session: AsyncSession,
    ws: str,
    story_id: str,
    source: str,
    written: Written,
    published: date,
    now: datetime,
    limits: Limits,
    *,
    fingerprint: str | None = None,
    variants: dict[str, Wording] | None = None,
    urls: tuple[str | None, str | None] = (None, None),
) -> None:
    wording = written.wording
    values = {
        "id": story_id,
        "workspace_id": ws,
        "source": source,
        "kind": written.kind,
        "customer_id": written.customer_id,
        "language": written.language,
        "headline": wording.headline,
        "snippet": wording.snippet,
        "body": wording.body,
        "quote_text": wording.quote,
        "quote_name": written.quote_name,
        "quote_role": written.quote_role,
        "picture_hash": written.picture_hash,
        "picture_url": urls[0] if written.picture_hash is None else None,
        "picture_alt": wording.alt,
        "video_url": urls[1],
        "consent": written.consent,
        "published_on": published,
        "expires_on": rules.expiry(written.kind, published, written.expires_on, limits),
        "withdrawn_at": None,
        "credit_user": written.credit,
        "fingerprint": fingerprint or sha256(repr(written).encode()).hexdigest(),
        "updated_at": now,
    }
    await shelf.put(session, values, products=written.product_ids, variants=variants or {})


# -- on the calendar --------------------------------------------------------------------------------------------------


def why_not_there(story: Story, audience: Audience, at: datetime) -> str | None:
    """The code why this story could not be posted in that channel then; None where it could. For one that is not in
    the library yet, too."""
    return rules.why_not(story.candidate(), place_of(audience), local_day(at, audience.zone))


async def plan(
    session: AsyncSession,
    ws: str,
    story_id: str,
    channel_id: str,
    at: datetime,
    *,
    request: str,
    by: str,
    lateness: timedelta,
    served: bool,
    now: datetime,
    new_id: NewId,
) -> bool:
    """Owe the post for that time; rights, consent and guests are read again then. Once for each `request`."""
    story = await store.story(session, ws, story_id)
    audience = await channels.audience(session, ws, channel_id)
    if story is None or audience is None:
        return False
    due = await planning.plan(
        session, ws, channel_id, story.kind, at, request=request, by=by, about=story.customer_id, new_id=new_id, now=now
    )
    if due is None:
        return False
    choice = Choice(story_id=story.id, customer_id=story.customer_id, reason=_reason(story, audience))
    late_after = max(at, now) + lateness
    await service.owe_post(session, audience, due, choice, story, late_after=late_after, served=served, now=now)
    return True


def _reason(story: Story, audience: Audience) -> Reason:
    for product in story.products:
        if product.team_id in audience.team_ids:
            return Reason(code="team_makes_product", about={"team": product.team_id or "", "product": product.id})
    return Reason(code="chosen")


# -- corrected --------------------------------------------------------------------------------------------------------


async def correct(
    session: AsyncSession,
    ws: str,
    story_id: str,
    written: Written,
    *,
    by: str,
    served: bool,
    now: datetime,
    new_id: NewId,
    limits: Limits = USUAL,
) -> int | None:
    """Change a story and every post of it; in how many places it stands or is about to. None for one that is not there
    or was recalled. Translations go where the words changed: they would still say what was wrong."""
    story = await store.story(session, ws, story_id)
    origin = await shelf.origin(session, ws, story_id)
    if story is None or origin is None or story.withdrawn:
        return None
    original, *others = story.wordings.items()
    kept = dict(others) if original == (written.language, written.wording) else {}
    await _put(
        session,
        ws,
        story_id,
        origin.source,
        written,
        story.published_on,
        now,
        limits,
        fingerprint=origin.fingerprint,
        variants=kept,
        urls=(story.picture_url, story.video_url),
    )
    posts = [post for post in await store.posts_of(session, ws, story_id) if not post.recalled]
    changed = await store.story(session, ws, story_id) or story
    for post in posts:
        await _owe_correction(session, post, changed, served=served, now=now)
    detail = {"posts": [post.id for post in posts][:100]}
    about = await service.concerns(session, ws, story_id, posts)
    await members.audit(
        session, new_id=new_id, now=now, ws=ws, actor=by, action="story.correct", subject=story_id, detail=detail,
        about=about,
    )  # fmt: skip
    return len([post for post in posts if post.outcome in {None, "sent", "uncertain"}])


async def _owe_correction(session: AsyncSession, post: Post, story: Story, *, served: bool, now: datetime) -> None:
    """What has not gone out yet is rendered anew anyway."""
    for key in (f"{POST}:{post.id}", f"{POST}:{post.id}:plain"):
        owed = await queue.find(session, workspace_id=post.workspace_id, key=key)
        if owed is None or owed.state in {"failed", "skipped", "pending"}:
            continue
        picture = None if served else await service.owe_picture(session, post.workspace_id, story, now=now)
        ref = {"post": post.id, "wait_until": (now + service.PICTURE_WAIT).isoformat(), "picture": picture}
        await queue.enqueue(
            session,
            now=now,
            workspace_id=post.workspace_id,
            kind=CORRECT,
            key=f"{CORRECT}:{owed.id}",
            method="update",
            target=owed.target,
            ref=ref,
            under=owed.id,
        )


async def not_corrected(session: AsyncSession, ws: str, post_id: str, reason: str, *, now: datetime) -> None:
    """A post that could not be shown as corrected, because it may no longer stand there, goes."""
    post = await store.post(session, ws, post_id)
    if post is not None and reason in {"consent", "not_nameable", "outsiders"}:
        await take_back(session, post, now=now)


async def uncredit(session: AsyncSession, ws: str, story_id: str, *, served: bool, now: datetime) -> None:
    """Nobody is named any more as who sent it in, also where it stands already."""
    await store.uncredit(session, ws, story_id)
    found = await store.story(session, ws, story_id)
    for post in await store.posts_of(session, ws, story_id) if found is not None else ():
        if found is not None and not post.recalled:
            await _owe_correction(session, post, found, served=served, now=now)
