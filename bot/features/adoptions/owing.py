"""What adoptions owe Slack, under which keys. Each message is made once, and changed with what it shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.delivery.queue import Owed, Rank
from bot.features.adoptions.rules import Adoption, Hat, Swap, Visit, next_tally

INTRO, NOTE, ADOPTERS = "adoptions.intro", "adoptions.note", "adoptions.adopters"
VISIT, SWAP, TOLD = "adoptions.visit", "adoptions.swap", "adoptions.told"
HAT, RESULT = "adoptions.hat", "adoptions.hat_result"


def intro_key(adoption_id: str) -> str:
    """Of the delivery that opens the adopter's thread for the customer; what follows is owed `under` it."""
    return f"adoption:{adoption_id}:intro"


async def intro(session: AsyncSession, adoption: Adoption, *, now: datetime) -> int:
    """The delivery's id. Owed again, it changes nothing."""
    found = await queue.find(session, workspace_id=adoption.workspace_id, key=intro_key(adoption.id))
    if found is not None:
        return found.id
    return await queue.enqueue(
        session,
        now=now,
        workspace_id=adoption.workspace_id,
        kind=INTRO,
        key=intro_key(adoption.id),
        method="post",
        target=adoption.user_id,
        ref={"adoption": adoption.id},
    )


async def intro_again(session: AsyncSession, adoption: Adoption, *, now: datetime) -> None:
    """Show the head of the thread as things are now."""
    found = await queue.find(session, workspace_id=adoption.workspace_id, key=intro_key(adoption.id))
    if found is not None:
        await again(session, found, now=now)


async def again(
    session: AsyncSession, owed: Owed, *, now: datetime, due: datetime | None = None, rank: Rank = Rank.RECEIPT
) -> None:
    """Show the message as things are now; `rank` says before which other edits."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owed.kind,
        key=f"{owed.key}:again",
        method="update",
        target=owed.target,
        ref=owed.ref,
        under=owed.id,
        due=due,
        rank=rank,
    )


async def note(
    session: AsyncSession,
    adoption: Adoption,
    what: str,
    *,
    now: datetime,
    once: str,
    ref: Mapping[str, Any] | None = None,
) -> None:
    """One line in the adopter's thread for the customer. `once` makes it one note, however often it is owed."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=adoption.workspace_id,
        kind=NOTE,
        key=f"adoption:{adoption.id}:{what}:{once}"[:160],
        method="post",
        target=adoption.user_id,
        ref={"adoption": adoption.id, "what": what, **(ref or {})},
        under=await intro(session, adoption, now=now),
    )


async def note_again(session: AsyncSession, adoption: Adoption, what: str, *, once: str, now: datetime) -> None:
    key = f"adoption:{adoption.id}:{what}:{once}"[:160]
    found = await queue.find(session, workspace_id=adoption.workspace_id, key=key)
    if found is not None:
        await again(session, found, now=now)


async def adopters_by_day(session: AsyncSession, ws: str, manager: str, *, now: datetime) -> None:
    """The account manager's message of the day about new adopters: the first makes it, the others join it."""
    day = now.date().isoformat()
    await _list(session, ws, manager, f"adopters:{manager}:{day}", {"manager": manager, "day": day}, now=now)


async def adopters_of_draw(session: AsyncSession, ws: str, manager: str, draw_id: str, *, now: datetime) -> None:
    ref = {"manager": manager, "draw": draw_id}
    await _list(session, ws, manager, f"adopters:{manager}:draw:{draw_id}", ref, now=now)


async def _list(
    session: AsyncSession, ws: str, manager: str, key: str, ref: Mapping[str, Any], *, now: datetime
) -> None:
    found = await queue.find(session, workspace_id=ws, key=key)
    if found is not None:
        await again(session, found, now=now)
        return
    await queue.enqueue(
        session, now=now, workspace_id=ws, kind=ADOPTERS, key=key, method="post", target=manager, ref=ref
    )


async def lists_again(session: AsyncSession, adoption: Adoption, manager: str, *, now: datetime) -> None:
    """The account manager's message that lists this adoption, as things are now."""
    part = f"draw:{adoption.draw_id}" if adoption.draw_id else adoption.since.date().isoformat()
    found = await queue.find(session, workspace_id=adoption.workspace_id, key=f"adopters:{manager}:{part}")
    if found is not None:
        await again(session, found, now=now)


async def to_manager(session: AsyncSession, visit: Visit, *, now: datetime) -> None:
    """The proposed dates, each time they are proposed; what stood there before is shown as it is now."""
    for turn in range(1, visit.turn):
        earlier = await queue.find(session, workspace_id=visit.workspace_id, key=visit_key(visit.id, turn))
        if earlier is not None:
            await again(session, earlier, now=now)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=visit.workspace_id,
        kind=VISIT,
        key=visit_key(visit.id, visit.turn),
        method="post",
        target=visit.manager,
        ref={"visit": visit.id, "turn": visit.turn},
    )


async def visit_again(session: AsyncSession, visit: Visit, *, now: datetime) -> None:
    """Every message to the account manager about this visit, as things are now."""
    for turn in range(1, visit.turn + 1):
        found = await queue.find(session, workspace_id=visit.workspace_id, key=visit_key(visit.id, turn))
        if found is not None:
            await again(session, found, now=now)


def visit_key(visit_id: str, turn: int) -> str:
    return f"visit:{visit_id}:{turn}"


async def swap(session: AsyncSession, asked: Swap, *, now: datetime) -> None:
    """To the colleague; owed again, the message is shown as things are now."""
    found = await queue.find(session, workspace_id=asked.workspace_id, key=f"swap:{asked.id}")
    if found is not None:
        await again(session, found, now=now)
        return
    await queue.enqueue(
        session,
        now=now,
        workspace_id=asked.workspace_id,
        kind=SWAP,
        key=f"swap:{asked.id}",
        method="post",
        target=asked.asked,
        ref={"swap": asked.id},
    )


async def told(
    session: AsyncSession, ws: str, user: str, what: str, *, once: str, now: datetime, ref: Mapping[str, Any]
) -> None:
    """A line by itself to somebody who has no thread it belongs to."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=ws,
        kind=TOLD,
        key=f"adoptions:{what}:{once}"[:160],
        method="post",
        target=user,
        ref={"user": user, "what": what, **ref},
    )


def hat_key(hat_id: str) -> str:
    return f"hat:{hat_id}"


async def hat(session: AsyncSession, opened: Hat, *, now: datetime) -> None:
    await queue.enqueue(
        session,
        now=now,
        workspace_id=opened.workspace_id,
        kind=HAT,
        key=hat_key(opened.id),
        method="post",
        target=opened.channel_id,
        ref={"hat": opened.id},
        late_after=opened.draw_at,
    )


async def hat_again(session: AsyncSession, shown: Hat, *, now: datetime, at_once: bool = False) -> None:
    """The hat's message as things are now: at once, or with the next tally."""
    found = await queue.find(session, workspace_id=shown.workspace_id, key=hat_key(shown.id))
    if found is not None:
        due, rank = (None, Rank.REVEAL) if at_once else (next_tally(now), Rank.TALLY)
        await again(session, found, now=now, due=due, rank=rank)


async def hat_result(session: AsyncSession, drawn: Hat, *, now: datetime) -> None:
    await queue.enqueue(
        session,
        now=now,
        workspace_id=drawn.workspace_id,
        kind=RESULT,
        key=f"hat:{drawn.id}:result",
        method="post",
        target=drawn.channel_id,
        ref={"hat": drawn.id},
    )
