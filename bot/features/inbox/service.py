"""Offering drafts and reading the inbox. Everything inside the caller's transaction. Decisions are in `deciding`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.core.strings import why_unusable
from bot.features.inbox import store, telling
from bot.features.inbox.rules import (
    APPROVED,
    BODY,
    EXCHANGE,
    NEWER,
    SPOTTED,
    TAKEN_BACK,
    UPDATE,
    WAITING,
    WRITTEN,
    Content,
    Draft,
    Refusal,
    headline_of,
    leading,
)

__all__ = ["EXCHANGE", "SPOTTED", "UPDATE", "WRITTEN", "Content", "Draft", "Refusal"]


async def offer(
    session: AsyncSession,
    *,
    ws: str,
    kind: str,
    author: str,
    headline: str,
    text: str,
    customer_id: str | None,
    origin: Mapping[str, Any],
    picture: str | None = None,
    language: str | None = None,
    request: str,
    now: datetime,
    new_id: NewId,
    product_ids: tuple[str, ...] = (),
    picture_alt: str | None = None,
    credit: bool = False,
    details: Mapping[str, Any] | None = None,
) -> str:
    """Put it into the editors' inbox; the draft's id, the same again for the same `request`. The caller has checked
    `Action.SUGGEST`.

    `kind`: story, news or question. `origin`: {"what": update | exchange | spotted | written, "id": ...}. `picture` is
    the hash of one kept in `pictures`. `text` of any length: what fits a post becomes the post's text, all of it the
    whole story. `credit`: the author asked to be named."""
    text, headline = _usable(text), _usable(headline)
    content = Content(
        headline=headline_of(headline, text),
        text=leading(text),
        body=text.strip()[:BODY],
        customer_id=customer_id,
        product_ids=product_ids,
        picture_hash=picture,
        picture_alt=picture_alt,
        language=language or "en",
        details=details or {},
    )
    return await add(
        session,
        ws=ws,
        kind=kind,
        author=author,
        content=content,
        origin=origin,
        credit=credit,
        request=request,
        now=now,
        new_id=new_id,
    )


def _usable(text: str) -> str:
    """Without what no field takes. The parts offer what has passed a form; this only keeps an old text from failing."""
    if why_unusable(text) is None:
        return text
    return "".join(one for one in text if why_unusable(one) is None)


async def add(
    session: AsyncSession,
    *,
    ws: str,
    kind: str,
    author: str,
    content: Content,
    origin: Mapping[str, Any],
    credit: bool = False,
    request: str,
    now: datetime,
    new_id: NewId,
) -> str:
    """The draft's id, the same again for the same `request`."""
    draft_id = new_id()
    values = {
        "id": draft_id,
        "workspace_id": ws,
        "request": request[:128],
        "kind": kind,
        "state": WAITING,
        "author": author,
        "credit": credit,
        "origin": dict(origin),
        **content.values(),
        "offered_at": now,
        "revision": 1,
    }
    if await store.add(session, values):
        draft = await store.get(session, ws, draft_id)
        if draft is not None:
            await telling.offered(session, draft, now=now)
        return draft_id
    return await store.id_of_request(session, ws, request[:128]) or draft_id


async def get(session: AsyncSession, ws: str, draft_id: str) -> Draft | None:
    return await store.get(session, ws, draft_id)


async def reword(session: AsyncSession, ws: str, draft_id: str, *, headline: str, text: str, now: datetime) -> bool:
    """What it came from was changed by its author. Where somebody has edited the draft, that stays, and the new text
    stands beside it. Whoever looked at it before is told to look again. False where it does not wait any more."""
    draft = await store.get(session, ws, draft_id, lock=True)
    if draft is None or not draft.is_waiting:
        return False
    text, headline = _usable(text).strip(), _usable(headline)
    values: Mapping[str, Any] = {"origin": {**draft.origin, NEWER: text[:BODY]}}
    if draft.edited_by is None:
        values = {"headline": headline_of(headline, text), "text": leading(text), "body": text[:BODY]}
    await store.change(session, ws, draft_id, **values)
    await telling.refresh_homes(session, ws, {draft.author}, now=now)
    return True


async def was_taken(session: AsyncSession, ws: str, draft_id: str) -> bool:
    """An editor approved it, so that it lives on without what it came from."""
    draft = await store.get(session, ws, draft_id)
    return draft is not None and draft.state == APPROVED


async def drop(session: AsyncSession, ws: str, draft_id: str, *, by: str, now: datetime) -> bool:
    """What was offered is no longer: its author took it back, or what it came from was withdrawn. False where it does
    not wait any more; what was posted is recalled, not dropped. The caller has checked the right."""
    draft = await store.get(session, ws, draft_id, lock=True)
    if draft is None or not draft.is_waiting:
        return False
    await store.change(session, ws, draft_id, state=TAKEN_BACK, decided_by=by, decided_at=now)
    await telling.refresh_homes(session, ws, {draft.author}, now=now)
    return True
