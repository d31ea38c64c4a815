"""Whether and when people are written to unasked. Everything runs in the caller's transaction."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.features.members import outstanding, rules, store, waking
from bot.features.members.rules import Person

DND_SCOPE = "dnd:read"
A_PAUSE = timedelta(weeks=2)
ASK_AGAIN = timedelta(seconds=3)  # how soon do-not-disturb is expected to have been read
PATIENCE = timedelta(minutes=1)  # longer than this a message does not wait for it to be read
FORGOTTEN = timedelta(minutes=10)
READ_AHEAD = 200  # four calls, 13 s: so many messages take 40


async def _person(session: AsyncSession, ws: str, user: str) -> Person:
    """Somebody not read from Slack yet is a member."""
    kind = rules.MEMBER if rules.is_user_id(user) else rules.EXTERNAL
    return await store.person(session, ws, user) or Person(workspace_id=ws, user_id=user, name="", kind=kind)


async def when_to_write(session: AsyncSession, ws: str, user: str, *, now: datetime) -> datetime | None:
    """The earliest moment for a direct message that the person has not asked for: after their pause, quiet time and
    do-not-disturb.

    `now`: at once. None: never, since they have stopped, left, or are a guest, an app or of another company. Ask at
    every send, also for what was owed before: what people have said since is obeyed. Where Slack lets us read
    do-not-disturb, the first question has it read (by `disturbing`) and the answer is a few seconds later.
    """
    person = await _person(session, ws, user)
    at = waking.earliest(person, now)
    return at if at != now else await _undisturbed(session, person, now)


async def when_awake(session: AsyncSession, ws: str, user: str, *, now: datetime) -> datetime:
    """As `when_to_write`, for what the person's own part in it asks of them, such as a question to an account manager:
    it waits for quiet time and do-not-disturb, and comes though they paused or stopped what nobody asked for."""
    person = await _person(session, ws, user)
    at = waking.next_waking(person, now)
    return at if at != now else await _undisturbed(session, person, now)


async def _undisturbed(session: AsyncSession, person: Person, now: datetime) -> datetime:
    ws, user = person.workspace_id, person.user_id
    if DND_SCOPE not in await store.scopes(session, ws):
        return now
    if not waking.dnd_is_fresh(person.dnd, now):
        wanted = await store.want_dnd(session, ws, user, now, again_before=now - FORGOTTEN)
        if wanted == now:
            await _of_the_next_too(session, ws, now)
        return now if wanted is None or now - wanted >= PATIENCE else now + ASK_AGAIN
    return waking.after_dnd(person, now)


async def _of_the_next_too(session: AsyncSession, ws: str, now: datetime) -> None:
    """Whoever is asked about only when their own message's turn has come takes two turns of the pace: where many
    people get a message at once, the others are read ahead, with the same calls."""
    users = await queue.next_in_line(session, workspace_id=ws, until=now + PATIENCE, limit=READ_AHEAD)
    stale = now - waking.DND_FRESH
    await outstanding.want_do_not_disturb(session, ws, users, now=now, read_before=stale)


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


async def absent_among(session: AsyncSession, ws: str, users: Collection[str], *, now: datetime) -> set[str]:
    """Those of them who are away by the dates they gave themselves."""
    found = await store.people(session, ws, users)
    return {person.user_id for person in found if waking.is_absent(person, now)}


async def is_absent(session: AsyncSession, ws: str, user: str, *, now: datetime) -> bool:
    """Away by the dates they gave themselves."""
    person = await store.person(session, ws, user)
    return person is not None and waking.is_absent(person, now)


async def pause(session: AsyncSession, ws: str, user: str, until: datetime, now: datetime) -> bool:
    """What is owed waits. False, here and below, where the person has not been read from Slack yet: nothing is kept."""
    return await _wish(session, ws, user, now, paused_until=until)


async def stop(session: AsyncSession, ws: str, user: str, now: datetime) -> bool:
    """What is owed is dropped as soon as it is looked at, which is now."""
    return await _wish(session, ws, user, now, stopped_at=now)


async def resume(session: AsyncSession, ws: str, user: str, now: datetime) -> bool:
    """After a pause or a stop. What waited for the end of the pause goes on."""
    return await _wish(session, ws, user, now, stopped_at=None, paused_until=None)


async def how_often(session: AsyncSession, ws: str, user: str, every: str, now: datetime) -> bool:
    """`every`: rules.DAILY or rules.WEEKLY."""
    return await _wish(session, ws, user, now, dm_every=every if every == rules.WEEKLY else None)


async def show_name(session: AsyncSession, ws: str, user: str, shown: bool) -> bool:
    """Whether the person's name may stand in standings and results: the one place where that is kept."""
    return await store.change(session, ws, user, shows_name=shown)


async def keep_wishes(session: AsyncSession, ws: str, user: str, wishes: Mapping[str, Any], now: datetime) -> bool:
    """`wishes`: columns of the members' table, as `wishes.Wishes.columns` gives them."""
    return await _wish(session, ws, user, now, **wishes)


async def _wish(session: AsyncSession, ws: str, user: str, now: datetime, **values: Any) -> bool:
    if not await store.change(session, ws, user, **values):
        return False
    await queue.look_again(session, workspace_id=ws, target=user, now=now)
    return True


async def dnd_to_read(session: AsyncSession, ws: str, now: datetime, *, limit: int, gap: timedelta) -> list[str]:
    """Ids for dnd.teamInfo: those for whom a message waits, the longest first; `gap` is what one call costs."""
    waiting = await store.dnd_wanted(session, ws, limit)
    return waiting if waiting and await store.take_turn(session, ws, "dnd.teamInfo", now, gap=gap) else []


async def save_dnd(
    session: AsyncSession, ws: str, users: Collection[str], said: Mapping[str, rules.DoNotDisturb], now: datetime
) -> None:
    """`users` were asked about. Of whom Slack says nothing, nothing is known to be disturbed."""
    for user in sorted(users):
        found = said.get(user) or rules.DoNotDisturb(read_at=now)
        await store.change(
            session, ws, user, dnd_read_at=now, dnd_from=found.begins, dnd_until=found.ends, dnd_wanted_at=None
        )
        await queue.look_again(session, workspace_id=ws, target=user, now=now)
