"""Asking for a file, and whether somebody may have it: read at the press and at every step of sending. In the caller's
transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.features.channels import service as channels
from bot.features.customers import service as customers
from bot.features.exports.rules import ACTION, CUSTOMER, EVERY, LATE, TOTALS, Asked, Wish
from bot.features.members import service as members
from bot.features.members import trail
from bot.features.members.trail import Wanted

FILE, SHARE, NOT_SENT = "exports.file", "exports.{what}", "exports.not_sent"
LOOKED_AT = 20  # of what somebody asked for in an hour


@dataclass(frozen=True, kw_only=True)
class Related:
    """What somebody has to do with the thing, for `members.may`. `about`: the customer, if there is one."""

    manages_customer: bool = False
    owns_channel: bool = False
    about: tuple[str, ...] = ()


async def related(session: AsyncSession, wish: Wish, *, now: datetime) -> Related:
    """To own channels means all of those that are wished for: somebody may have lost one of several."""
    ws, user = wish.workspace_id, wish.user
    if wish.what == CUSTOMER:
        known = await customers.get(session, ws, wish.subject)
        manages = known is not None and await customers.manages(session, ws, known.id, user, now=now)
        return Related(manages_customer=manages, about=() if known is None else (known.id,))
    if wish.what == TOTALS and wish.channels:
        owned = {channel.channel_id for channel in await channels.owned_by(session, ws, user)}
        return Related(owns_channel=owned.issuperset(wish.channels))
    return Related()


async def may(session: AsyncSession, wish: Wish, *, now: datetime) -> bool:
    found = await related(session, wish, now=now)
    return await members.may(
        session,
        wish.workspace_id,
        wish.user,
        ACTION[wish.what],
        manages_customer=found.manages_customer,
        owns_channel=found.owns_channel,
    )


async def within_reach(session: AsyncSession, wish: Wish) -> Wish:
    """Totals of all channels, or else of one's own."""
    person = await members.get(session, wish.workspace_id, wish.user)
    if wish.what != TOTALS or members.able(person, ACTION[TOTALS]):
        return wish
    owned = await channels.owned_by(session, wish.workspace_id, wish.user)
    return replace(wish, channels=tuple(channel.channel_id for channel in owned))


async def names_of_channels(session: AsyncSession, wish: Wish) -> dict[str, str]:
    """By id, of those that are wished for."""
    ws = wish.workspace_id
    found = await (channels.all(session, ws) if wish.channels is None else channels.some(session, ws, wish.channels))
    return {channel.channel_id: channel.name for channel in found}


async def ask(session: AsyncSession, wish: Wish, *, now: datetime, new_id: NewId) -> Asked:
    """Owes the file, once an hour. Whether they may is the caller's question."""
    ws = wish.workspace_id
    await members.lock(session, ws, wish.user)
    before = await _asked_before(session, wish, now=now)
    if before is not None:
        return before
    entry = new_id()
    await members.audit(
        session,
        new_id=lambda: entry,
        now=now,
        ws=ws,
        actor=wish.user,
        action=f"export.{wish.what}",
        subject=wish.subject,
        manages=wish.what == CUSTOMER,
    )
    ref = {**as_ref(wish), "asked": entry}
    upload = await queue.enqueue(
        session, now=now, workspace_id=ws, kind=FILE, key=f"export:{entry}:file", method="upload", target="", ref=ref,
        late_after=now + LATE,
    )  # fmt: skip
    await queue.enqueue(
        session, now=now, workspace_id=ws, kind=SHARE.format(what=wish.what), key=_key(entry), method="share",
        target=wish.user, ref=ref, under=upload, late_after=now + LATE,
    )  # fmt: skip
    return Asked()


def as_ref(wish: Wish) -> dict[str, Any]:
    channels = {} if wish.channels is None else {"channels": list(wish.channels)}
    return {"what": wish.what, "user": wish.user, "subject": wish.subject, **channels}


def wish_of(owed: Owed) -> Wish:
    ref, channels = owed.ref, owed.ref.get("channels")
    return Wish(
        workspace_id=owed.workspace_id,
        user=str(ref["user"]),
        what=str(ref["what"]),
        subject=str(ref["subject"]),
        channels=None if channels is None else tuple(channels),
    )


def _key(entry: str) -> str:
    return f"export:{entry}"


async def _asked_before(session: AsyncSession, wish: Wish, *, now: datetime) -> Asked | None:
    """By the audit trail; what came to nothing does not count."""
    wanted = Wanted(by=wish.user, action=f"export.{wish.what}", since=now - EVERY, about=frozenset({wish.subject}))
    found = await trail.listed(session, wish.workspace_id, wanted, before=None, limit=LOOKED_AT)
    for entry in found.entries:
        owed = await queue.find(session, workspace_id=wish.workspace_id, key=_key(entry.id))
        if owed is not None and owed.state not in {"failed", "skipped"}:
            return Asked(before=entry.at, sent=owed.state == "sent")
    return None


async def tell(session: AsyncSession, owed: Owed, *, error: str, now: datetime) -> None:
    """That nothing came of it, once."""
    await queue.enqueue(
        session, now=now, workspace_id=owed.workspace_id, kind=NOT_SENT, key=f"{_key(str(owed.ref['asked']))}:not_sent",
        method="post", target=str(owed.ref["user"]), ref={**owed.ref, "error": error[:64]},
    )  # fmt: skip
