"""Messages about what is erased: ended where they are owed, taken back where they stand in Slack, and nothing left in
their rows that says about whom they were."""

import re
from collections.abc import Callable, Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables.delivery import Delivery
from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.rendering import Quiet, Rendered, Skip

TAKE_BACK = "erased.take_back"
DELETE_FILE = "erased.file"
REASON = "erased"
NOT_BEGUN = frozenset({"pending", "claimed"})
MAY_STAND = frozenset({"sent", "sending", "unresolved", "uncertain"})
WORDS = re.compile(r"[\w.-]+")
LOOKED_AT = select(
    Delivery.id, Delivery.kind, Delivery.key, cast(Delivery.ref, Text).label("ref"), Delivery.target, Delivery.channel
)


@dataclass(frozen=True, kw_only=True)
class About:
    """`ids` of rows that go; `names` whether a text names what is erased; `targets`: people and their direct messages.
    `spared`: kinds that say nothing about it, though they hang on the same rows."""

    ids: AbstractSet[str]
    named: Callable[[object], bool]
    targets: Collection[str] = ()
    spared: Collection[str] = ()

    def concerns(self, row: Any) -> bool:
        if row.target in self.targets or row.channel in self.targets:
            return True
        if row.kind in self.spared:
            return False
        words = f"{row.key} {row.ref}"
        return not self.ids.isdisjoint(WORDS.findall(words)) or self.named(words)


@dataclass(kw_only=True)
class Forgotten:
    """How many were ended before they were sent, are to be deleted in Slack, and were emptied only."""

    ended: int = 0
    taken_back: int = 0
    emptied: int = 0

    def __add__(self, other: "Forgotten") -> "Forgotten":
        return Forgotten(
            ended=self.ended + other.ended,
            taken_back=self.taken_back + other.taken_back,
            emptied=self.emptied + other.emptied,
        )


async def forget_some(
    session: AsyncSession, ws: str, about: About, *, after: int, now: datetime, limit: int, writes: bool
) -> tuple[Forgotten, int | None]:
    """Of the `limit` deliveries that follow `after`; and the last of them, None where there are no more."""
    done = Forgotten()
    mine = (Delivery.workspace_id == ws, Delivery.id > after)
    found = (await session.execute(LOOKED_AT.where(*mine).order_by(Delivery.id).limit(limit))).all()
    ids = [row.id for row in found if row.kind != TAKE_BACK and about.concerns(row)]
    rows = select(Delivery).where(Delivery.id.in_(ids)).order_by(Delivery.id).with_for_update()
    for row in await session.scalars(rows) if ids else ():
        if not row.key.startswith(f"{REASON}:"):
            await _forget(session, row, done, now=now, writes=writes)
    return done, found[-1].id if len(found) == limit else None


async def _forget(session: AsyncSession, row: Delivery, done: Forgotten, *, now: datetime, writes: bool) -> None:
    stands = row.method == "post" and row.state in MAY_STAND
    deletes = row.method == "delete" and row.state not in queue.ENDED
    if stands:
        done.taken_back += 1
    elif row.state in NOT_BEGUN and not deletes:
        done.ended += 1
    elif not deletes:
        done.emptied += 1
    if not writes:
        return
    if row.method == "share" and row.ts and row.state not in NOT_BEGUN:
        await delete_files(session, row.workspace_id, [row.ts], now=now)
    if stands:
        row.key, row.ref, row.kind = f"{REASON}:{row.id}", {}, TAKE_BACK
        await session.flush()
        await _owe_deletion(session, row, now=now)
    elif deletes:  # a recall under way: it goes on
        row.key, row.ref, row.kind, row.target = f"{REASON}:{row.id}", {}, TAKE_BACK, ""
    else:
        if row.state in NOT_BEGUN:
            row.state, row.error, row.lease, row.lease_until = "skipped", REASON, None, None
        _empty(row)


async def _owe_deletion(session: AsyncSession, row: Delivery, *, now: datetime) -> None:
    """Waits for the message where it is just being sent, or nobody knows yet whether it was."""
    await queue.enqueue(
        session,
        now=now,
        workspace_id=row.workspace_id,
        kind=TAKE_BACK,
        key=f"{REASON}:{row.id}:gone",
        method="delete",
        target="",
        ref={},
        under=row.id,
    )


async def delete_files(session: AsyncSession, ws: str, files: Iterable[str], *, now: datetime) -> None:
    """Pictures that Canteen uploaded, by Slack's ids."""
    for file in files:
        await queue.enqueue(
            session, now=now, workspace_id=ws, kind=DELETE_FILE, key=f"{REASON}:{file}", method="delete_file",
            target=file, ref={},
        )  # fmt: skip


class DeletesFile(Quiet):
    """Nothing is said: the file goes."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Skip(reason=REASON)


def _empty(row: Delivery) -> None:
    row.key, row.target, row.ref, row.channel = f"{REASON}:{row.id}", "", {}, None
    row.ts = row.thread_ts = None
    row.opaque = ""


class TakenBack(Quiet):
    """Of messages that were about something erased: once the deletion has ended, nothing says where they stood."""

    async def render(self, session: AsyncSession, owed: Owed) -> Rendered:  # noqa: ARG002
        return Skip(reason=REASON)

    async def on_sent(self, session: AsyncSession, owed: Owed, *, now: datetime) -> None:  # noqa: ARG002
        await self._emptied(session, owed)

    async def on_failed(self, session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:  # noqa: ARG002
        await self._emptied(session, owed)

    async def on_skipped(self, session: AsyncSession, owed: Owed, *, reason: str, now: datetime) -> None:  # noqa: ARG002
        await self._emptied(session, owed)

    @staticmethod
    async def _emptied(session: AsyncSession, owed: Owed) -> None:
        """Of the message itself nothing may go while its deletion still needs its place."""
        if owed.method != "delete":
            return
        nothing = {"target": "", "channel": None, "ts": None, "thread_ts": None, "opaque": ""}
        both = [one for one in (owed.id, owed.under_id) if one is not None]
        await session.execute(update(Delivery).where(Delivery.id.in_(both)).values(**nothing))
