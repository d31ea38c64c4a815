"""What becomes of a picture that was put into a form or dropped to the app. In the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.delivery import queue
from bot.features.inbox import store, telling

PICTURE = "inbox.picture"
MOST_TRIES = 5


async def want(session: AsyncSession, ws: str, file: Mapping[str, Any], *, now: datetime) -> str | None:
    """Have one of Slack's files fetched, once; its id, None for what is no file. `attach` says whose it is."""
    file_id, url = file.get("id"), file.get("url_private") or file.get("url")
    if not isinstance(file_id, str) or not isinstance(url, str) or not file_id or not url:
        return None
    await store.want(session, ws, file_id[:32], url, now=now)
    return file_id[:32]


async def attach(session: AsyncSession, ws: str, file_id: str, draft_id: str) -> None:
    """The draft gets the picture, now or when it is here."""
    found = await store.picture_of_file(session, ws, file_id)
    if found is None:
        return
    await store.change_picture(session, ws, file_id, draft_id=draft_id)
    if found.state == "kept" and found.hash is not None:
        await store.set_picture(session, ws, draft_id, found.hash)


async def kept(
    session: AsyncSession,
    ws: str,
    file_id: str,
    *,
    digest: str,
    mimetype: str,
    data: bytes,
    served: bool,
    now: datetime,
) -> None:
    """Its bytes are here: the draft has it, and Slack gets it ahead of the preview unless `served` at an address."""
    await kept_pictures.keep(session, ws, digest, mimetype, data, now)
    await store.change_picture(session, ws, file_id, state="kept", hash=digest)
    found = await store.picture_of_file(session, ws, file_id)
    if found is not None and found.draft_id is not None:
        draft = await store.get(session, ws, found.draft_id, lock=True)
        if draft is not None and draft.is_waiting:
            await store.set_picture(session, ws, draft.id, digest)
            await telling.refresh_homes(session, ws, {draft.author}, now=now)
    if not served:
        key = f"{PICTURE}:{digest}"
        await queue.owe_upload(session, now=now, workspace_id=ws, kind=PICTURE, key=key, ref={"hash": digest})


async def failed(
    session: AsyncSession, ws: str, file_id: str, *, tries: int, again: bool, why: str, now: datetime
) -> None:
    if again and tries < MOST_TRIES:
        later = now + timedelta(seconds=5 * 2**tries)
        await store.change_picture(session, ws, file_id, tries=tries + 1, try_at=later)
        return
    await store.change_picture(session, ws, file_id, state="failed", tries=tries + 1, why=why[:200])
