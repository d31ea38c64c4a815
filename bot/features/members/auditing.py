"""Writing the audit trail, in the caller's transaction."""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.features.members import rules, store, trail_store
from bot.features.members.rights import Action
from bot.features.members.rules import MEMBER


async def audit(
    session: AsyncSession,
    *,
    new_id: NewId,
    now: datetime,
    ws: str,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    about: Collection[str | None] = (),
    manages: bool = False,
    role: str | None = None,
) -> None:
    """`detail` holds ids and settings, never what people wrote. `about`: ids of the customers and channels it concerns,
    whose account managers and owners read it; the subject need not be said again, and None says nothing. `manages`: the
    actor looks after the customer in question. `role`: what `role_of` said of the actor, where that has changed
    since."""
    row = {"id": new_id(), "workspace_id": ws, "actor": actor, "action": action, "subject": subject[:128]}
    row["role"] = role or await role_of(session, ws, actor, manages=manages)
    things = {one for one in about if one} - {subject}
    await trail_store.write(session, {**row, "detail": dict(detail or {}), "at": now}, about=things)


async def role_of(session: AsyncSession, ws: str, actor: str, *, manages: bool = False) -> str:
    """In which roles somebody acts now, for the audit trail."""
    if not rules.is_user_id(actor):
        return rules.acting_without_person(actor)
    kinds = await store.kinds(session, ws, [actor])
    return rules.acting_as(kinds.get(actor, MEMBER), await store.roles_of(session, ws, actor), manages=manages)


async def refused(
    session: AsyncSession,
    ws: str,
    actor: str,
    action: Action,
    *,
    about: Collection[str | None] = (),
    now: datetime,
    new_id: NewId,
) -> None:
    """Keep in the audit trail that somebody tried what they may not do. `about`: as `audit` takes it, of what is known
    to be there."""
    await audit(
        session, new_id=new_id, now=now, ws=ws, actor=actor, action="refused", subject=action.value, about=about
    )


async def refused_once(
    session: AsyncSession,
    ws: str,
    actor: str,
    action: Action,
    *,
    thing: str,
    about: Collection[str | None] = (),
    now: datetime,
) -> None:
    """As `refused`, for what may be pressed by thousands: once for each person and thing."""
    entry_id = hashlib.sha256(f"refused {ws} {actor} {action.value} {thing}".encode()).hexdigest()[:32]
    if await trail_store.entry(session, ws, entry_id) is None:
        await refused(session, ws, actor, action, about=about, now=now, new_id=lambda: entry_id)
