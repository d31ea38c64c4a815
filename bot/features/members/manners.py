"""Whether and when people are written to unasked. Everything runs in the caller's transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.members import rules, store, waking
from bot.features.members.rules import Person


async def _person(session: AsyncSession, ws: str, user: str) -> Person:
    """Somebody not read from Slack yet is a member."""
    kind = rules.MEMBER if rules.is_user_id(user) else rules.EXTERNAL
    return await store.person(session, ws, user) or Person(workspace_id=ws, user_id=user, name="", kind=kind)


async def when_to_write(session: AsyncSession, ws: str, user: str, *, now: datetime) -> datetime | None:
    """The earliest moment for a direct message that the person has not asked for: after their pause and quiet time.

    `now`: at once. None: never, since they have stopped, left, or are a guest, an app or of another company. Ask at
    every send, also for what was owed before: what people have said since is obeyed.
    """
    return waking.earliest(await _person(session, ws, user), now)


async def take_turn(session: AsyncSession, ws: str, user: str, *, key: str, now: datetime) -> datetime:
    """At most one direct message goes unasked on a day of the person's own (or in seven, after *Less*): `now` when
    `key` takes this turn, or has it already; else when the next turn begins. Answers to one's own questions, receipts
    and what the person has just asked for need no turn. Ask `when_to_write` first."""
    await store.lock(session, ws, user)  # two messages at once must not both find the week free
    person = await _person(session, ws, user)
    today = waking.local_day(person, now)
    for _ in range(2):
        taken = await store.turns_since(session, ws, user, waking.turn_blocked_since(person, today))
        if any(key[:255] == by for _, by in taken):
            return now
        if taken:
            return waking.next_turn(person, taken[0][0])
        if await store.add_turn(session, ws, user, today, key):
            return now
    return waking.next_turn(person, today)


async def is_absent(session: AsyncSession, ws: str, user: str, *, now: datetime) -> bool:
    """Away by the dates they gave themselves."""
    person = await store.person(session, ws, user)
    return person is not None and waking.is_absent(person, now)
