"""What adopters and account managers write below each other's messages: kept, sent on, answered, taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue, saying
from bot.delivery.queue import Owed
from bot.features.adoptions import owing as adoptions_owing
from bot.features.adoptions import service as adoptions
from bot.features.customers import service as customers
from bot.features.members import service as members
from bot.features.members.service import Action, Person
from bot.features.questions.rules import LONGEST, Heard
from bot.features.updates import owing, pictures, service, store
from bot.features.updates.exchanges import store as exchange_store
from bot.features.updates.exchanges.rules import (
    DECIDED,
    GONE,
    NOBODY,
    NOT_ADOPTED,
    NOT_YOURS,
    TOO_LONG,
    UNDELIVERED,
    Exchange,
    Note,
    SentOn,
)
from bot.features.updates.rules import HELD, KEPT, SENT


@dataclass(frozen=True, kw_only=True)
class AdopterThreads:
    """A `questions.seams.ThreadOwner`. An adopter's words wait for *Send it on*; the answers to them do not wait."""

    new_id: NewId
    kinds: Collection[str] = (adoptions_owing.INTRO, owing.RELAYS, owing.NOTE)

    async def on_message(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        note = await exchange_store.note_by_request(session, heard.workspace_id, heard.message)
        if note is not None:
            await _changed(session, note, heard, now=now)
        elif heard.change != "deleted" and (heard.text.strip() or heard.files):
            if owed.kind == owing.NOTE:
                await self._answered(session, heard, owed, now=now)
            elif heard.user_id == owed.target:
                await self._held(session, heard, owed, now=now)

    async def _held(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        """Kept until its author decides; what they write meanwhile waits with it."""
        ws = heard.workspace_id
        person = await members.get(session, ws, heard.user_id, now=now)
        if heard.outsider or not members.able(person, Action.EXCHANGE, own=True):
            return
        if not await fits(session, heard, owed.id, now=now):
            return
        before = await exchange_store.held_below(session, ws, owed.id, heard.user_id)
        note_id = self.new_id()
        group = before[0].group_id if before else note_id
        await self._add(session, heard, note_id, now=now, group_id=group, state=HELD, root_id=owed.id)
        await saying.owe_message(
            session,
            now=now,
            ws=ws,
            kind=owing.HOLD,
            key=owing.hold_key(group),
            target=heard.user_id,
            ref={"group": group, "root": owed.id},
            under=owed.id,
            again=False,
        )

    async def _add(self, session: AsyncSession, heard: Heard, note_id: str, *, now: datetime, **values: object) -> None:
        ws = heard.workspace_id
        row = {
            "id": note_id,
            "workspace_id": ws,
            "request": heard.message,
            "author": heard.user_id,
            "text": heard.text.strip(),
            "files": exchange_store.as_json(heard.files),
            "at": now,
            **values,
        }
        if await exchange_store.add_note(session, row):
            await want_pictures(session, heard, note_id, now=now)

    async def _answered(self, session: AsyncSession, heard: Heard, owed: Owed, *, now: datetime) -> None:
        """By whoever looks after the customer: at once to the adopter."""
        ws = heard.workspace_id
        exchange = await exchange_store.exchange(session, ws, str(owed.ref.get("exchange")))
        if exchange is None:
            return
        if not await may_answer(session, exchange, heard.user_id, now=now):
            user, about = heard.user_id, [exchange.customer_id]
            await members.refused(session, ws, user, Action.ANSWER, about=about, now=now, new_id=self.new_id)
            await not_sent(session, heard, owed.id, NOT_YOURS, now=now)
            return
        if not await fits(session, heard, owed.id, now=now):
            return
        note_id = self.new_id()
        await self._add(session, heard, note_id, now=now, group_id=note_id, state=SENT, exchange_id=exchange.id)
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=owing.REPLY,
            key=owing.note_key(note_id),
            method="post",
            target=exchange.adopter,
            ref={"note": note_id, "exchange": exchange.id, "below": owed.id},
            under=exchange.root_id,
        )
        await show_opener_again(session, exchange, now=now)


async def may_answer(session: AsyncSession, exchange: Exchange, user: str, *, now: datetime) -> bool:
    manages = await customers.manages(session, exchange.workspace_id, exchange.customer_id, user, now=now)
    return user == exchange.partner and await members.may(
        session, exchange.workspace_id, user, Action.ANSWER, manages_customer=manages
    )


async def want_pictures(session: AsyncSession, heard: Heard, note_id: str, *, now: datetime) -> None:
    wanted = [(file.id, file.url) for file in heard.files if file.is_picture and file.url]
    await pictures.want(session, heard.workspace_id, wanted, note_id=note_id, now=now)


async def fits(session: AsyncSession, heard: Heard, root: int, *, now: datetime) -> bool:
    """What is too long goes no further, rather than cut; its author is told."""
    if len(heard.text.strip()) <= LONGEST:
        return True
    await not_sent(session, heard, root, TOO_LONG, now=now)
    return False


async def not_sent(session: AsyncSession, heard: Heard, root: int, why: str, *, now: datetime) -> None:
    await saying.owe_message(
        session,
        now=now,
        ws=heard.workspace_id,
        kind=owing.NOT_SENT,
        key=f"not_sent:{heard.message}",
        target=heard.user_id,
        ref={"user": heard.user_id, "why": why, "count": len(heard.text.strip())},
        under=root,
        again=False,
    )


# -- changed by their author ------------------------------------------------------------------------------------------


async def _changed(session: AsyncSession, note: Note, heard: Heard, *, now: datetime) -> None:
    """The copies follow."""
    if heard.user_id != note.author or note.deleted or heard.change == "new":
        return
    ws = note.workspace_id
    if heard.change == "deleted":
        await exchange_store.change_note(session, ws, note.id, text="", files=[], deleted_at=now)
    else:
        found = await owing.note_in(session, ws, note.id)
        if len(heard.text.strip()) > LONGEST:
            await not_sent(
                session, heard, note.root_id or (found.under_id or found.id if found else 0), TOO_LONG, now=now
            )
            return
        files = exchange_store.as_json(heard.files)
        await exchange_store.change_note(session, ws, note.id, text=heard.text.strip(), files=files, edited_at=now)
        await want_pictures(session, heard, note.id, now=now)
    if note.state == SENT:
        await _show_sent(session, note, deleted=heard.change == "deleted", now=now)
    if note.root_id is not None:
        await saying.show_key_again(session, ws, owing.hold_key(note.group_id), now=now)


async def _show_sent(session: AsyncSession, note: Note, *, deleted: bool, now: datetime) -> None:
    """A message in a thread is deleted with it; one that opens a thread says that it was taken back."""
    found = await owing.note_in(session, note.workspace_id, note.id)
    if found is None or found.state in saying.DEAD:
        return
    if deleted and found.under_id is not None:
        await saying.take_back(session, found, now=now)
    else:
        await saying.show_again(session, found, now=now)


# -- sent on ----------------------------------------------------------------------------------------------------------


async def about(session: AsyncSession, ws: str, root_id: int) -> list[str]:
    """The customers that a thread of an adopter's is about."""
    owed = await queue.by_id(session, root_id)
    if owed is None or owed.workspace_id != ws:
        return []
    if owed.kind == adoptions_owing.INTRO:
        adoption = await adoptions.get(session, ws, str(owed.ref.get("adoption")))
        return [adoption.customer_id] if adoption is not None else []
    carried = await store.in_bundle(session, ws, str(owed.ref.get("bundle")))
    updates = await store.some(session, ws, {one.update_id for one in carried})
    return sorted({one.customer_id for one in updates.values()})


async def send_on(
    session: AsyncSession, person: Person, group_id: str, customer_id: str, *, now: datetime, new_id: NewId
) -> SentOn:
    """All that waits in the group, to whoever acts for the customer at this moment."""
    ws = person.workspace_id
    notes = await exchange_store.group(session, ws, group_id, lock=True)
    if not notes or not await _theirs(session, person, notes, now=now, new_id=new_id):
        return SentOn(refusal=GONE)
    held = [one for one in notes if one.state == HELD and not one.deleted]
    if not held:
        return SentOn(refusal=DECIDED)
    root = held[0].root_id or 0
    if customer_id not in await about(session, ws, root):
        return SentOn(refusal=GONE)
    if await adoptions.find(session, ws, person.user_id, customer_id) is None:
        return SentOn(refusal=NOT_ADOPTED)
    about_it = [customer_id]
    if not await members.permitted(session, ws, person.user_id, Action.ASK, about=about_it, now=now, new_id=new_id):
        return SentOn(refusal=GONE)
    partner = (await customers.managers(session, ws, customer_id, now=now)).acting
    if partner is None or partner.user_id == person.user_id:
        return SentOn(refusal=NOBODY)
    exchange = await exchange_store.exchange_with(
        session, ws, customer_id, person.user_id, partner.user_id, {"id": new_id(), "root_id": root, "opened_at": now}
    )
    await exchange_store.change_exchange(session, ws, exchange.id, root_id=root)
    for note in held:
        await exchange_store.change_note(session, ws, note.id, state=SENT, exchange_id=exchange.id)
        await _to_partner(session, exchange, note, partner, now=now)
    await saying.show_key_again(session, ws, owing.hold_key(group_id), now=now)
    update = await store.last_sent_to(session, ws, person.user_id, customer_id)
    if update is not None:
        await service.asked(session, update, person.user_id, now=now)
    return SentOn(partner=partner)


async def _theirs(
    session: AsyncSession, person: Person, notes: Sequence[Note], *, now: datetime, new_id: NewId
) -> bool:
    """Whether this person may decide about a group of notes: its author may."""
    own = all(one.author == person.user_id for one in notes)
    return await members.permitted(
        session, person.workspace_id, person.user_id, Action.EXCHANGE, own=own, now=now, new_id=new_id
    )


async def _to_partner(session: AsyncSession, exchange: Exchange, note: Note, partner: Person, *, now: datetime) -> None:
    """The first opens the partner's thread for this adopter and customer. In their waking hours."""
    opener = await opener_of(session, exchange)
    await queue.enqueue(
        session,
        now=now,
        workspace_id=exchange.workspace_id,
        kind=owing.NOTE,
        key=owing.note_key(note.id),
        method="post",
        target=partner.user_id,
        ref={"note": note.id, "exchange": exchange.id},
        under=opener.id if opener is not None and opener.ref.get("note") != note.id else None,
        due=members.next_waking(partner, now),
    )


async def opener_of(session: AsyncSession, exchange: Exchange) -> Owed | None:
    """The message that opens the partner's thread."""
    ws = exchange.workspace_id
    for note in await exchange_store.sent_by(session, ws, exchange.id, exchange.adopter):
        found = await owing.note_in(session, ws, note.id)
        if found is not None and found.under_id is None and found.state not in saying.DEAD:
            return found
    return None


async def show_opener_again(session: AsyncSession, exchange: Exchange, *, now: datetime) -> None:
    opener = await opener_of(session, exchange)
    if opener is not None:
        await saying.show_again(session, opener, now=now)


async def keep(session: AsyncSession, person: Person, group_id: str, *, now: datetime, new_id: NewId) -> bool:
    """Not to be sent. False where it has been decided already."""
    ws = person.workspace_id
    notes = await exchange_store.group(session, ws, group_id, lock=True)
    if not notes or not await _theirs(session, person, notes, now=now, new_id=new_id):
        return False
    held = [one for one in notes if one.state == HELD]
    for note in held:
        await exchange_store.change_note(session, ws, note.id, state=KEPT)
    if held:
        await saying.show_key_again(session, ws, owing.hold_key(group_id), now=now)
    return bool(held)


async def reply_sent(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
    """Its author sees a tick on their own message."""
    note = await exchange_store.note(session, owed.workspace_id, str(owed.ref.get("note")))
    if note is None:
        return
    channel, _, ts = note.request.partition(":")
    await queue.enqueue(
        session,
        now=now,
        workspace_id=owed.workspace_id,
        kind=owing.CONFIRMED,
        key=f"note:{note.id}:confirmed",
        method="react",
        target=channel,
        ref={"emoji": owing.DONE, "channel": channel, "ts": ts},
    )


async def reply_lost(session: AsyncSession, owed: Owed, *, now: datetime) -> None:
    """Its author hears that the adopter did not get it."""
    note = await exchange_store.note(session, owed.workspace_id, str(owed.ref.get("note")))
    if note is not None and not note.deleted:
        await saying.owe_message(
            session,
            now=now,
            ws=owed.workspace_id,
            kind=owing.NOT_SENT,
            key=f"not_sent:{note.request}:lost",
            target=note.author,
            ref={"user": note.author, "why": UNDELIVERED, "count": 0},
            under=owed.ref.get("below") or note.root_id,
            again=False,
        )
