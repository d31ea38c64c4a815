"""Pictures shared in a direct message with Canteen, copied for whoever the message is relayed to."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.db import kept_pictures
from bot.delivery import queue, saying
from bot.delivery.queue import Owed
from bot.features.questions import holding, owing, store
from bot.features.questions.rules import FOLLOW_UP

MOST_TRIES = 5


async def kept(
    session: AsyncSession, ws: str, file_id: str, *, digest: str, mimetype: str, data: bytes, now: datetime
) -> None:
    """The copy's bytes are here: owe its upload, or show it at once where the same picture was uploaded before."""
    await kept_pictures.keep(session, ws, digest, mimetype, data, now)
    await store.change_copy(session, ws, file_id, state="kept", hash=digest)
    if await kept_pictures.slack_file(session, ws, digest):
        await show(session, ws, digest, now=now)
        return
    key = f"question:picture:{digest}"
    await queue.owe_upload(session, now=now, workspace_id=ws, kind=owing.PICTURE, key=key, ref={"hash": digest})


async def failed(session: AsyncSession, ws: str, file_id: str, *, tries: int, again: bool, now: datetime) -> None:
    if again and tries < MOST_TRIES:
        await store.change_copy(session, ws, file_id, tries=tries + 1, try_at=now + timedelta(seconds=5 * 2**tries))
    else:
        await store.change_copy(session, ws, file_id, state="failed", tries=tries + 1)


async def show(session: AsyncSession, ws: str, digest: str, *, now: datetime) -> None:
    """In every message that carries it."""
    for question_id, answer_id in await store.shown_in(session, ws, digest):
        question = await store.question(session, ws, question_id)
        said = await store.answer(session, ws, answer_id) if answer_id else None
        if question is None:
            continue
        if said is None:
            await holding.refresh_all(session, question, now=now)
        elif said.direction == FOLLOW_UP:
            for user in said.sent_to:
                _, owed = await saying.living(session, ws, owing.follow_up_key(said, user))
                if owed is not None:
                    await saying.show_again(session, owed, now=now)
        else:
            owed, _ = await owing.delivery_of(session, question, said)
            if owed is not None:
                await saying.show_again(session, owed, now=now)


async def show_where_ready(session: AsyncSession, owed: Owed, file_ids: Sequence[str], *, now: datetime) -> None:
    """A message has gone out without its pictures, which may be ready by now."""
    if file_ids and await store.ready(session, owed.workspace_id, file_ids):
        await saying.show_again(session, owed, now=now)


async def once_more(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
    """`owed` is the update that Slack refused, which is in the middle of being noted as failed: another one follows."""
    await saying.show_again(session, owed, now=now, key="plain")
