"""A channel gets its question: chosen, joined or begun, owed, told about. In the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.db.tables import quizzes
from bot.delivery import queue
from bot.delivery.queue import Owed, Rank
from bot.features.channels.seams import Audience, Due
from bot.features.members import service as members
from bot.features.quizzes import bank, choosing, rules, store
from bot.features.quizzes.choosing import Candidate, Place
from bot.features.quizzes.rules import LATENESS, USUAL, Content, Limits, Post, Quiz
from bot.features.stories import service as stories

POST, MESSAGE, PICTURE = "quizzes.post", "quizzes.message", "quizzes.picture"
TEST, NOTHING_LEFT = "quizzes.test", "quizzes.nothing_left"
NOTHING = "nothing_left"
PICTURE_WAIT = timedelta(seconds=60)


def place_of(audience: Audience) -> Place:
    return Place(
        workspace_id=audience.workspace_id,
        channel_id=audience.channel_id,
        locale=audience.locale,
        team_ids=audience.team_ids,
        public_only=audience.public_only,
        outsiders=audience.outsiders,
    )


async def _bank(session: AsyncSession, audience: Audience, limits: Limits, now: datetime) -> list[Candidate]:
    again = limits.not_again_within
    return await bank.bank(session, audience.workspace_id, audience.channel_id, now=now, not_again_within=again)


@dataclass(frozen=True, kw_only=True)
class Coming:
    """What would be asked then; None: nothing left."""

    due_at: datetime
    content: Content | None = None


async def preview(
    session: AsyncSession, audience: Audience, dues: Sequence[Due], *, now: datetime, limits: Limits = USUAL
) -> list[Coming]:
    """For each of `dues`, in order, as if the ones before had been posted. By then what is open now has been revealed,
    but for what can still be joined."""
    candidates = await _bank(session, audience, limits, now)
    chosen: list[tuple[Due, str | None]] = []
    for due in dues:
        found = choosing.choose(place_of(audience), candidates, due_at=due.due_at, limits=limits)
        chosen.append((due, found))
        until = due.due_at + limits.not_again_within
        candidates = [
            replace(one, taken_until=until, open_since=None, revealed_at=due.due_at)
            if one.question_id == found
            else one
            for one in candidates
        ]
    rows = await bank.questions(session, audience.workspace_id, {found for _, found in chosen if found})
    contents = {key: rules.content_from(row.content) for key, row in rows.items()}
    return [Coming(due_at=due.due_at, content=contents.get(found or "")) for due, found in chosen]


async def left(session: AsyncSession, audience: Audience, *, now: datetime, limits: Limits = USUAL) -> int:
    """How many questions the channel could still get from now on: those open elsewhere are free again by then."""
    candidates = [replace(one, open_since=None) for one in await _bank(session, audience, limits, now)]
    return len(choosing.still_open(place_of(audience), candidates, due_at=now, limits=limits))


# -- asking -----------------------------------------------------------------------------------------------------------


async def fill(
    session: AsyncSession,
    audience: Audience,
    due: Due,
    *,
    served: bool,
    now: datetime,
    limits: Limits = USUAL,
    lateness: timedelta = LATENESS,
) -> str | None:
    """Choose for the occurrence and owe the post; None, or `nothing_left`, of which the editors are told. `served`: our
    own pictures have a public address, so that none needs to be uploaded."""
    ws = audience.workspace_id
    await store.lock_choice(session, ws)
    candidates = await _bank(session, audience, limits, now)
    chosen = choosing.choose(place_of(audience), candidates, due_at=due.due_at, limits=limits)
    question = await bank.question(session, ws, chosen) if chosen else None
    if question is None:
        await _tell_nothing_left(session, audience, now=now)
        return NOTHING
    await ask(session, audience, due, question, served=served, now=now, lateness=lateness)
    return None


async def ask(
    session: AsyncSession,
    audience: Audience,
    due: Due,
    question: quizzes.Question,
    *,
    served: bool,
    now: datetime,
    lateness: timedelta = LATENESS,
) -> None:
    """The question in this channel, in the round that is open or a new one. The caller holds `store.lock_choice`."""
    closes_at = closing(due.due_at, audience.quiz_window, now)
    quiz = await _join_or_begin(session, question, due, closes_at, now)
    post = await _add_post(session, audience, due, quiz, closes_at)
    if post is not None:
        late_after = post.due_at + lateness
        late_after = min(late_after, post.closes_at) if late_after > now else post.closes_at
        await _owe_post(session, post, quiz, served=served, late_after=late_after, now=now)


def closing(due_at: datetime, window: timedelta, now: datetime) -> datetime:
    """Counted from the due time, so that whoever is told "24 hours" knows the end; where half of a short window has
    gone by already, from now."""
    closes_at = due_at + window
    return closes_at if now < due_at + window / 2 else now + window


async def _join_or_begin(
    session: AsyncSession, question: quizzes.Question, due: Due, closes_at: datetime, now: datetime
) -> Quiz:
    ws = question.workspace_id
    quiz = await store.open_quiz_of(session, ws, question.id)
    if quiz is None:
        await store.add_quiz(session, _round(question, due, closes_at))
    else:
        await store.close_later(session, quiz.id, closes_at)
        for post in await store.posts_of(session, quiz.id):
            if post.shut and post.ts is not None:
                await owe_message(session, post, shown=post.shown, rank=Rank.RECEIPT, now=now)
    begun = await store.open_quiz_of(session, ws, question.id)
    if begun is None:
        raise AssertionError("a round that was just begun is open")
    return begun


def _round(question: quizzes.Question, due: Due, closes_at: datetime) -> dict[str, Any]:
    """Its id and secret are made from the occurrence: after a restore from a backup the same round is begun again, and
    the messages that are there already take answers for it."""
    return {
        "id": sha256(f"quiz {due.occurrence_id}".encode()).hexdigest()[:24],
        "workspace_id": question.workspace_id,
        "question_id": question.id,
        "secret": rules.secret_of(question.secret, due.occurrence_id),
        "content": question.content,
        "author": question.author,
        "approver": question.approver,
        "editor": question.editor,
        "opens_at": due.due_at,
        "closes_at": closes_at,
        "revealed_at": None,
        "result": None,
    }


async def _add_post(
    session: AsyncSession, audience: Audience, due: Due, quiz: Quiz, closes_at: datetime
) -> Post | None:
    post = Post(
        id=sha256(f"quiz post {due.occurrence_id}".encode()).hexdigest()[:24],
        workspace_id=audience.workspace_id,
        quiz_id=quiz.id,
        channel_id=audience.channel_id,
        locale=audience.locale,
        zone=audience.zone,
        due_at=due.due_at,
        closes_at=closes_at,
    )
    values = {name: getattr(post, name) for name in Post.__dataclass_fields__}
    values |= {"occurrence_id": due.occurrence_id, "question_id": quiz.question_id}
    return post if await store.add_post(session, values) else None


async def _owe_post(
    session: AsyncSession, post: Post, quiz: Quiz, *, served: bool, late_after: datetime, now: datetime
) -> None:
    ref: dict[str, Any] = {"post": post.id, "wait_until": (now + PICTURE_WAIT).isoformat()}
    ref["picture"] = None if served else await owe_picture(session, post.workspace_id, quiz.content, now=now)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=post.workspace_id,
        kind=POST,
        key=f"{POST}:{post.id}",
        method="post",
        target=post.channel_id,
        ref=ref,
        due=post.due_at,  # also when it is past: after a restore, what was wanted in the gap is looked up first
        late_after=late_after,
    )


async def made_by(session: AsyncSession, post: Post) -> Owed | None:
    """The delivery that made the post's message."""
    for key in (f"{POST}:{post.id}:plain", f"{POST}:{post.id}"):
        owed = await queue.find(session, workspace_id=post.workspace_id, key=key)
        if owed is not None:
            return owed
    return None


async def owe_message(
    session: AsyncSession, post: Post, *, shown: int, rank: Rank, now: datetime, plain: bool = False
) -> None:
    """Owe the message as it is to look by now. Tally and reveal are one delivery: two edits of one message on their way
    at once might arrive in either order, and an old tally would cover the answer. Once Slack has refused the picture it
    stays out: a failure is told once, so that the next one would stand."""
    made = await made_by(session, post)
    if made is None:
        return
    key = f"{MESSAGE}:{post.id}"
    before = await queue.find(session, workspace_id=post.workspace_id, key=key)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=post.workspace_id,
        kind=MESSAGE,
        key=key,
        method="update",
        target=post.channel_id,
        ref={
            "post": post.id,
            "shown": shown,
            "plain": plain or any(one and one.ref.get("plain") for one in (made, before)),
        },
        under=made.id,
        rank=rank,
    )


async def owe_picture(session: AsyncSession, ws: str, content: Content, *, now: datetime) -> str | None:
    """Owe the upload of the question's own picture where Slack does not have it yet; the key to look for. One that
    failed is tried again with the posts of another day."""
    digest = content.picture_hash
    if digest is None or content.picture_url or await kept_pictures.slack_file(session, ws, digest):
        return None
    key = f"{PICTURE}:{digest}:{now:%Y%m%d}"
    await queue.owe_upload(session, now=now, workspace_id=ws, kind=PICTURE, key=key, ref={"hash": digest})
    return key


async def owe_test(
    session: AsyncSession,
    audience: Audience,
    *,
    to_user: str,
    request: str,
    served: bool,
    now: datetime,
    limits: Limits = USUAL,
) -> bool:
    """Owe the person a DM with what would come next in that channel; False where nothing is left."""
    candidates = await _bank(session, audience, limits, now)
    chosen = choosing.choose(place_of(audience), candidates, due_at=now, limits=limits)
    question = await bank.question(session, audience.workspace_id, chosen) if chosen else None
    if question is None:
        return False
    ws, asked = audience.workspace_id, sha256(request.encode()).hexdigest()[:32]
    ref: dict[str, Any] = {"question": question.id, "user": to_user, "channel": audience.channel_id, "request": asked}
    ref["wait_until"] = (now + PICTURE_WAIT).isoformat()
    content = rules.content_from(question.content)
    ref["picture"] = None if served else await owe_picture(session, ws, content, now=now)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=TEST,
        key=f"{TEST}:{question.id}:{asked}",
        method="post",
        target=to_user,
        ref=ref,
    )
    return True


async def _tell_nothing_left(session: AsyncSession, audience: Audience, *, now: datetime) -> None:
    """The editors, else the admins, once a week for each channel."""
    year, week, _ = now.isocalendar()
    for person in await stories.keepers(session, audience.workspace_id):
        key = f"{NOTHING_LEFT}:{audience.channel_id}:{person.user_id}:{year}-{week:02}"
        if await queue.find(session, workspace_id=person.workspace_id, key=key) is None:
            await queue.enqueue(
                session,
                now=now,
                workspace_id=person.workspace_id,
                kind=NOTHING_LEFT,
                key=key,
                method="post",
                target=person.user_id,
                ref={"user": person.user_id, "channel": audience.channel_id},
                due=members.next_waking(person, now),
            )
