"""What adoptions owe Slack, under which keys. Each message is made once, and changed with what it shows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue, saying
from bot.delivery.queue import Rank
from bot.features.adoptions.rules import Adoption, Hat, Swap, Visit, next_tally

INTRO, NOTE, ADOPTERS = "adoptions.intro", "adoptions.note", "adoptions.adopters"
VISIT, SWAP, TOLD = "adoptions.visit", "adoptions.swap", "adoptions.told"
HAT, RESULT = "adoptions.hat", "adoptions.hat_result"


def intro_key(adoption_id: str) -> str:
    """Of the delivery that opens the adopter's thread for the customer; what follows is owed `under` it."""
    return f"adoption:{adoption_id}:intro"


async def intro(session: AsyncSession, adoption: Adoption, *, now: datetime, due: datetime | None = None) -> int:
    """The delivery's id. Owed again, it changes nothing. `due`: of a draw its time, also when that is past: after a
    restore from a backup, what was wanted in the gap is looked up first."""
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
        due=due,
    )


async def intro_again(session: AsyncSession, adoption: Adoption, *, now: datetime) -> None:
    """Show the head of the thread as things are now."""
    await _again(session, adoption.workspace_id, intro_key(adoption.id), now=now)


async def _again(session: AsyncSession, ws: str, key: str, *, now: datetime) -> None:
    """After what is withdrawn and revealed: nobody waits for it."""
    await saying.show_key_again(session, ws, key, now=now, rank=Rank.RECEIPT)


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
        key=_note_key(adoption, what, once),
        method="post",
        target=adoption.user_id,
        ref={"adoption": adoption.id, "what": what, **(ref or {})},
        under=await intro(session, adoption, now=now),
    )


async def note_again(session: AsyncSession, adoption: Adoption, what: str, *, once: str, now: datetime) -> None:
    await _again(session, adoption.workspace_id, _note_key(adoption, what, once), now=now)


def _note_key(adoption: Adoption, what: str, once: str) -> str:
    return f"adoption:{adoption.id}:{what}:{once}"[:160]


async def adopters_by_day(session: AsyncSession, ws: str, manager: str, *, now: datetime) -> None:
    """The account manager's message of the day about new adopters: the first makes it, the others join it."""
    day = now.date().isoformat()
    await _list(session, ws, manager, f"adopters:{manager}:{day}", {"manager": manager, "day": day}, now=now)


async def adopters_of_draw(session: AsyncSession, ws: str, manager: str, drawn: Hat, *, now: datetime) -> None:
    ref = {"manager": manager, "draw": drawn.id}
    await _list(session, ws, manager, f"adopters:{manager}:draw:{drawn.id}", ref, now=now, due=drawn.draw_at)


async def _list(
    session: AsyncSession,
    ws: str,
    manager: str,
    key: str,
    ref: Mapping[str, Any],
    *,
    now: datetime,
    due: datetime | None = None,
) -> None:
    await saying.owe_message(
        session, now=now, ws=ws, kind=ADOPTERS, key=key, target=manager, ref=ref, due=due, again=False,
        rank=Rank.RECEIPT,
    )  # fmt: skip


async def lists_again(session: AsyncSession, adoption: Adoption, manager: str, *, now: datetime) -> None:
    """The account manager's message that lists this adoption, as things are now."""
    part = f"draw:{adoption.draw_id}" if adoption.draw_id else adoption.since.date().isoformat()
    await _again(session, adoption.workspace_id, f"adopters:{manager}:{part}", now=now)


async def to_manager(session: AsyncSession, visit: Visit, *, now: datetime) -> None:
    """The proposed dates, each time they are proposed; what stood there before is shown as it is now."""
    for turn in range(1, visit.turn):
        await _again(session, visit.workspace_id, visit_key(visit.id, turn), now=now)
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
        await _again(session, visit.workspace_id, visit_key(visit.id, turn), now=now)


def visit_key(visit_id: str, turn: int) -> str:
    return f"visit:{visit_id}:{turn}"


async def swap(session: AsyncSession, asked: Swap, *, now: datetime) -> None:
    """To the colleague; owed again, the message is shown as things are now."""
    await saying.owe_message(
        session,
        now=now,
        ws=asked.workspace_id,
        kind=SWAP,
        key=f"swap:{asked.id}",
        target=asked.asked,
        ref={"swap": asked.id},
        again=False,
        rank=Rank.RECEIPT,
    )


async def told(
    session: AsyncSession,
    ws: str,
    user: str,
    what: str,
    *,
    once: str,
    now: datetime,
    ref: Mapping[str, Any],
    due: datetime | None = None,
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
        due=due,
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
    due, rank = (None, Rank.REVEAL) if at_once else (next_tally(now), Rank.TALLY)
    await saying.show_key_again(session, shown.workspace_id, hat_key(shown.id), now=now, due=due, rank=rank)


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
        due=drawn.draw_at,
    )
