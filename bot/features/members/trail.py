"""Reading the audit trail, newest first, a page at a time. Whether somebody may is the caller's question."""

from sqlalchemy.ext.asyncio import AsyncSession

from bot.features.members import store
from bot.features.members.rules import Entry, Page, Wanted

__all__ = ["A_PAGE", "Entry", "Page", "Wanted", "entry", "listed", "page"]

A_PAGE = 10


async def entry(session: AsyncSession, ws: str, entry_id: str) -> Entry | None:
    return await store.audit_entry(session, ws, entry_id)


async def listed(session: AsyncSession, ws: str, wanted: Wanted, *, before: Entry | None, limit: int) -> Page:
    """The newest that are wanted, or those before an entry."""
    found = await store.audit_before(session, ws, before, limit=limit + 1, wanted=wanted)
    return Page(entries=found[:limit], newer=before is not None, older=len(found) > limit)


async def page(
    session: AsyncSession, ws: str, *, older_than: str = "", newer_than: str = "", size: int = A_PAGE
) -> Page:
    """By the id of the entry that it follows; where that is unknown, or a page of newer ones would not be full, the
    newest."""
    turned = older_than or newer_than
    start = await store.audit_entry(session, ws, turned) if turned else None
    if start is not None and newer_than:
        found = await store.audit_after(session, ws, start, limit=size + 1)
        if len(found) > size:
            return Page(entries=found[:size][::-1], newer=True, older=True)
        start = None
    return await listed(session, ws, Wanted(), before=start, limit=size)
