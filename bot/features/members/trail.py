"""Reading the audit trail, newest first, a page at a time; and how much of it somebody may read."""

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.members import trail_store
from bot.features.members.rights import Action, Standing, allowed
from bot.features.members.rules import Entry, Page, Person, Wanted
from bot.features.members.seams import ThingsOf

__all__ = ["A_PAGE", "NOTHING", "Entry", "Page", "Wanted", "entry", "listed", "page", "readable"]

A_PAGE = 10
NOTHING: frozenset[str] = frozenset()


async def readable(session: AsyncSession, person: Person, things_of: ThingsOf | None) -> frozenset[str] | None:
    """The ids of whatever this person may read the trail of; None for everything."""
    if allowed(Action.READ_AUDIT, Standing(person=person)):
        return None
    if things_of is None:
        return NOTHING
    theirs = await things_of(session, person.workspace_id, person.user_id)
    manages, owns = Standing(person=person, manages_customer=True), Standing(person=person, owns_channel=True)
    found = {*theirs.customers} if allowed(Action.READ_AUDIT, manages) else set()
    found |= {*theirs.channels} if allowed(Action.READ_AUDIT, owns) else set()
    return frozenset(found) or NOTHING


async def entry(session: AsyncSession, ws: str, entry_id: str) -> Entry | None:
    return await trail_store.entry(session, ws, entry_id)


async def listed(session: AsyncSession, ws: str, wanted: Wanted, *, before: Entry | None, limit: int) -> Page:
    """The newest that are wanted, or those before an entry."""
    found = await trail_store.before(session, ws, before, limit=limit + 1, wanted=wanted)
    return Page(entries=found[:limit], newer=before is not None, older=len(found) > limit)


async def page(
    session: AsyncSession,
    ws: str,
    *,
    older_than: str = "",
    newer_than: str = "",
    size: int = A_PAGE,
    about: frozenset[str] | None = None,
) -> Page:
    """By the id of the entry that it follows; where that is unknown, or a page of newer ones would not be full, the
    newest. `about`: what concerns one of these, and of what else it concerns no word."""
    found = await _turned(session, ws, older_than=older_than, newer_than=newer_than, size=size, about=about)
    if about is None:
        return found
    return replace(found, entries=[replace(one, about=tuple(sorted(about & {*one.about}))) for one in found.entries])


async def _turned(
    session: AsyncSession, ws: str, *, older_than: str, newer_than: str, size: int, about: frozenset[str] | None
) -> Page:
    turned = older_than or newer_than
    start = await trail_store.entry(session, ws, turned) if turned else None
    if start is not None and newer_than:
        found = await trail_store.after(session, ws, start, limit=size + 1, wanted=Wanted(about=about))
        if len(found) > size:
            return Page(entries=found[:size][::-1], newer=True, older=True)
        start = None
    return await listed(session, ws, Wanted(about=about), before=start, limit=size)
