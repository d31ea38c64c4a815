"""The pulse: asked, answered, closed. Everything inside the caller's transaction.

Nothing here writes who answered what, or when: see docs/decisions on how answers are kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.delivery.queue import Rank, enqueue
from bot.features.channels import service as channels
from bot.features.channels.service import Channel
from bot.features.members import service as members
from bot.features.members.service import Action
from bot.features.pulse import rules, store
from bot.features.pulse.rules import Closed, Defaults, Outcome, Round

__all__ = ["Closed", "Defaults", "Outcome", "Round"]

ASK = "pulse.ask"


def ask_key(round_id: str) -> str:
    return f"{ASK}:{round_id}"


async def is_off(session: AsyncSession, workspace_id: str) -> bool:
    """Nobody in the workspace is asked."""
    return await store.is_off(session, workspace_id)


async def set_off(
    session: AsyncSession, workspace_id: str, off: bool, *, by: str, new_id: NewId, now: datetime
) -> bool:
    """False where it was so already. A round that is open goes on to its end."""
    if await store.is_off(session, workspace_id) is off:
        return False
    await store.set_off(session, workspace_id, off)
    what = "pulse.off" if off else "pulse.on"
    await channels.record(session, new_id, now, workspace_id, by, what, workspace_id)
    return True


async def get(session: AsyncSession, workspace_id: str, round_id: str) -> Round | None:
    return await store.get(session, workspace_id, round_id)


# -- asking -----------------------------------------------------------------------------------------------------------


async def ask(
    session: AsyncSession,
    channel: Channel,
    *,
    closes_at: datetime,
    before_posts: bool,
    key: str,
    new_id: NewId,
    now: datetime,
) -> str | None:
    """Open the channel's next round, owe it the one message; None where one is open. `key`: random, each time anew."""
    ws = channel.workspace_id
    before = (await store.rounds(session, ws, {channel.channel_id})).get(channel.channel_id, [])
    if any(one.closed_at is None for one in before):
        return None
    one = Round(
        id=new_id(),
        workspace_id=ws,
        channel_id=channel.channel_id,
        number=max((other.number for other in before), default=0) + 1,
        before_posts=before_posts,
        opened_at=now,
        closes_at=closes_at,
        key=key,
    )
    if not await store.open_round(session, one):
        return None
    await enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=ASK,
        key=ask_key(one.id),
        method="post",
        target=channel.channel_id,
        ref={"round": one.id},
        late_after=closes_at,
    )
    return one.id


async def ask_now(
    session: AsyncSession,
    channel: Channel,
    *,
    by: str,
    key: str,
    defaults: Defaults,
    new_id: NewId,
    now: datetime,
) -> str | None:
    """On an admin's word, whatever the calendar says: None where it is asked now, else the code why not (off, open,
    or what keeps posts out of the channel)."""
    ws = channel.workspace_id
    if channel.pulse_off or await store.is_off(session, ws):
        return "off"
    why = await channels.why_not_now(session, ws, channel.channel_id)
    if why is not None:
        return why
    posted = bool(await store.has_posts(session, ws, {channel.channel_id}))
    round_id = await ask(
        session,
        channel,
        closes_at=now + defaults.open_for,
        before_posts=not posted,
        key=key,
        new_id=new_id,
        now=now,
    )
    if round_id is None:
        return "open"
    await channels.record(session, new_id, now, ws, by, "pulse.ask", channel.channel_id)
    return None


async def not_asked(session: AsyncSession, one: Round, *, again: bool, now: datetime) -> None:
    """The message was never posted. `again`: as if it had not been due yet; else the next quarter's is the next."""
    if again:
        await store.drop(session, one.id)
    else:
        await store.drop_totals(session, one.id)
        await store.close(session, one.id, now)


# -- answering --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Door:
    """What somebody who pressed the button meets: `outcome` None: the questions."""

    round: Round | None
    outcome: Outcome | None


async def door(
    session: AsyncSession, workspace_id: str, round_id: str, user_id: str, *, secret: bytes, now: datetime
) -> Door:
    one = await store.get(session, workspace_id, round_id)
    return Door(round=one, outcome=await _against(session, one, user_id, secret=secret, now=now))


async def _against(
    session: AsyncSession, one: Round | None, user_id: str, *, secret: bytes, now: datetime
) -> Outcome | None:
    if one is None or not one.is_open(now) or one.key is None:
        return Outcome.CLOSED
    if not await may_answer(session, one, user_id):
        return Outcome.NOT_THERE
    mark = rules.mark(one.key, secret, user_id)
    return Outcome.ALREADY if rules.has_mark(await store.marks(session, one.id), mark) else None


async def may_answer(session: AsyncSession, one: Round, user_id: str) -> bool:
    """The channel's own people; guests where the channel lets them answer quizzes."""
    ws, channel = one.workspace_id, await channels.get(session, one.workspace_id, one.channel_id)
    if channel is None:
        return False
    inside = await store.is_inside(session, ws, one.channel_id, user_id)
    return inside and await members.may(session, ws, user_id, Action.ANSWER_PULSE, guests_allowed=channel.guests_answer)


async def answer(
    session: AsyncSession,
    workspace_id: str,
    round_id: str,
    user_id: str,
    answers: Mapping[str, int],
    *,
    secret: bytes,
    now: datetime,
) -> Outcome:
    """Count them once. The same submission again is ALREADY, which the person is told in the same words: to tell them
    apart, something of the submission would have to be kept."""
    one = await store.get(session, workspace_id, round_id, lock=True)
    against = await _against(session, one, user_id, secret=secret, now=now)
    if against is not None or one is None or one.key is None:
        return against or Outcome.CLOSED
    if not answers:
        return Outcome.NOTHING
    marks = rules.with_mark(await store.marks(session, one.id), rules.mark(one.key, secret, user_id))
    if marks is None:
        return Outcome.ALREADY
    totals = (await store.totals(session, {one.id})).get(one.id, {})
    await store.set_totals(session, one.id, rules.counted(totals, answers))
    await store.set_marks(session, one.id, marks)
    return Outcome.COUNTED


# -- closing ----------------------------------------------------------------------------------------------------------


async def close(session: AsyncSession, workspace_id: str, round_id: str, *, now: datetime) -> bool:
    """Destroy who answered, keep what may be shown, and owe the message its last words. False where it was closed."""
    one = await store.get(session, workspace_id, round_id, lock=True)
    if one is None or one.closed_at is not None:
        return False
    totals = rules.shown((await store.totals(session, {one.id})).get(one.id, {}))
    if totals:
        await store.set_totals(session, one.id, totals)
    else:
        await store.drop_totals(session, one.id)
    await store.close(session, one.id, now)
    asked = await queue.find(session, workspace_id=workspace_id, key=ask_key(one.id))
    if asked is not None:
        await enqueue(
            session,
            now=now,
            workspace_id=workspace_id,
            kind=ASK,
            key=f"{ask_key(one.id)}:closed",
            method="update",
            target=one.channel_id,
            ref={"round": one.id},
            under=asked.id,
            rank=Rank.RECEIPT,
        )
    return True


async def closed_rounds(
    session: AsyncSession, workspace_id: str, channel_ids: Collection[str]
) -> dict[str, list[Closed]]:
    """By channel, the first one first; with no totals where too few answered. Of a round that is still open there is
    nothing: totals that grow would say what the last one chose."""
    found = await store.rounds(session, workspace_id, channel_ids)
    done = {channel: [one for one in those if one.closed_at is not None] for channel, those in found.items()}
    totals = await store.totals(session, {one.id for those in done.values() for one in those})
    return {
        channel: [Closed(round=one, totals=rules.shown(totals.get(one.id, {}))) for one in those]
        for channel, those in done.items()
        if those
    }


async def open_rounds(session: AsyncSession, workspace_id: str, channel_ids: Collection[str]) -> dict[str, Round]:
    found = await store.rounds(session, workspace_id, channel_ids)
    return {channel: one for channel, those in found.items() for one in those if one.closed_at is None}


async def answered(session: AsyncSession, one: Round) -> int:
    """How many answered a round that has closed; 0 where that may not be said."""
    totals = rules.shown((await store.totals(session, {one.id})).get(one.id, {}))
    return max((tally.answers for tally in totals.values()), default=0) if one.closed_at else 0
