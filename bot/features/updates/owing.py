"""What updates owe Slack, under which kinds and keys. Every message is made once, and changed with what it shows."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.delivery import queue
from bot.delivery.queue import Owed
from bot.delivery.saying import DEAD, show_again, take_back

RELAYS, RECEIPT, POST = "updates.relays", "updates.receipt", "updates.post"
HOLD, NOTE, REPLY, CONFIRMED = "updates.hold", "updates.note", "updates.reply", "updates.confirmed"
OFFER, NOT_SENT, HELD_BACK = "updates.offer", "updates.not_sent", "updates.held_back"
REMINDER, NEW_MANAGER, HANDOVER = "updates.reminder", "updates.new_manager", "updates.handover"
PICTURE = "updates.picture"
DONE = "white_check_mark"


def receipt_key(update_id: str) -> str:
    return f"update:{update_id}:receipt"


def post_key(update_id: str, channel: str) -> str:
    return f"update:{update_id}:in:{channel}"


def held_back_key(update_id: str, user: str) -> str:
    return f"update:{update_id}:held_back:{user}"


async def post_in(session: AsyncSession, ws: str, update_id: str, channel: str) -> Owed | None:
    """The update's post in a channel: the one without a picture, where Slack would not take the picture."""
    return await _as_it_goes(session, ws, post_key(update_id, channel))


async def note_in(session: AsyncSession, ws: str, note_id: str) -> Owed | None:
    """The message that carries a note; as `post_in`."""
    return await _as_it_goes(session, ws, note_key(note_id))


async def _as_it_goes(session: AsyncSession, ws: str, key: str) -> Owed | None:
    found = await queue.find(session, workspace_id=ws, key=key)
    while found is not None and (plain := await queue.find(session, workspace_id=ws, key=f"{found.key}:plain")):
        found = plain
    return found


async def show_post_again(session: AsyncSession, ws: str, update_id: str, channel: str, *, now: datetime) -> None:
    found = await post_in(session, ws, update_id, channel)
    if found is not None and found.state not in DEAD:
        await show_again(session, found, now=now)


async def take_back_post(session: AsyncSession, ws: str, update_id: str, channel: str, *, now: datetime) -> None:
    found = await post_in(session, ws, update_id, channel)
    if found is not None and found.state not in DEAD:
        await take_back(session, found, now=now)


async def show_note_again(session: AsyncSession, ws: str, note_id: str, *, now: datetime) -> None:
    found = await note_in(session, ws, note_id)
    if found is not None and found.state not in DEAD:
        await show_again(session, found, now=now)


def hold_key(group_id: str) -> str:
    return f"note:{group_id}:hold"


def note_key(note_id: str) -> str:
    return f"note:{note_id}:on"


def offer_key(exchange_id: str, number: int) -> str:
    return f"exchange:{exchange_id}:offer:{number}"
