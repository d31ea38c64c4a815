"""Pictures that come with updates and notes: copied, made safe, uploaded anew, shown where they belong."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.delivery import queue, saying
from bot.delivery.queue import Owed
from bot.features.updates import owing, picture_store
from bot.features.updates.picture_store import FAILED, KEPT, WANTED, Copy

MOST_TRIES = 5
PATIENCE = timedelta(seconds=60)  # a message waits no longer for its picture
LOOK_AGAIN = timedelta(seconds=2)
REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format"})  # what Slack says of a picture it cannot show


async def want(
    session: AsyncSession,
    ws: str,
    files: Sequence[tuple[str, str]],
    *,
    update_id: str | None = None,
    note_id: str | None = None,
    now: datetime,
) -> None:
    """`files`: id and address of each."""
    for file_id, url in files:
        await picture_store.want(
            session,
            {
                "workspace_id": ws,
                "file_id": file_id,
                "url": url,
                "update_id": update_id,
                "note_id": note_id,
                "try_at": now,
            },
        )


async def ready(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> dict[str, str]:
    """Slack's id of our copy, by the id of the file that was shared; only of those that can be shown."""
    found = await picture_store.some(session, ws, file_ids) if file_ids else {}
    return {one.file_id: one.slack_file for one in found.values() if one.state == KEPT and one.slack_file}


async def settling(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> bool:
    """Whether any of them may still be on its way."""
    found = await picture_store.some(session, ws, file_ids) if file_ids else {}
    return any(one.state == WANTED or (one.state == KEPT and not one.slack_file) for one in found.values())


async def kept(session: AsyncSession, copy: Copy, *, digest: str, mimetype: str, data: bytes, now: datetime) -> bool:
    """Its bytes are here: owe the upload. True where the same picture has been uploaded before."""
    ws = copy.workspace_id
    await kept_pictures.keep(session, ws, digest, mimetype, data, now)
    await picture_store.change(session, ws, copy.file_id, state=KEPT, hash=digest)
    if await kept_pictures.slack_file(session, ws, digest):
        return True
    key = f"update:picture:{digest}"
    await queue.owe_upload(session, now=now, workspace_id=ws, kind=owing.PICTURE, key=key, ref={"hash": digest})
    return False


async def not_kept(session: AsyncSession, copy: Copy, *, again: bool, now: datetime) -> bool:
    """True where it is given up."""
    if again and copy.tries < MOST_TRIES:
        wait = timedelta(seconds=5 * 2**copy.tries)
        await picture_store.change(session, copy.workspace_id, copy.file_id, tries=copy.tries + 1, try_at=now + wait)
        return False
    await give_up(session, copy.workspace_id, [copy.file_id])
    return True


async def give_up(session: AsyncSession, ws: str, file_ids: Sequence[str]) -> None:
    for file_id in file_ids:
        await picture_store.change(session, ws, file_id, state=FAILED)


async def change_without(session: AsyncSession, owed: Owed, file_ids: Sequence[str], *, now: datetime) -> None:
    """`owed` is a change of a message that Slack has just refused, as where a picture was deleted by the workspace's
    retention: it goes again without any, once. Another message may have given up the pictures a moment ago."""
    if file_ids and not owed.key.endswith(":plain"):
        await give_up(session, owed.workspace_id, list(await ready(session, owed.workspace_id, file_ids)))
        await saying.show_again(session, owed, now=now, key="plain")


async def hash_of(session: AsyncSession, ws: str, file_id: str | None) -> str | None:
    found = await picture_store.some(session, ws, [file_id]) if file_id else {}
    return found[file_id].hash if file_id in found else None
