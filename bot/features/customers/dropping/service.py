"""Files dropped into the direct message with Canteen, from the event to the end: every step in the caller's
transaction. Fetching, checking and importing are a job's (`jobs`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.delivery import queue
from bot.features.customers.dropping import store
from bot.features.customers.dropping.rules import (
    FORGOTTEN,
    KEPT,
    WAITING,
    Drop,
    State,
    importable,
    pack_report,
)
from bot.features.customers.seams import Report
from bot.features.members import service as members
from bot.features.members.service import Action

REPORT, NOT_ADMIN = "customers.drop", "customers.drop_not_admin"
AT_ONCE = 50
ENDED: Mapping[str, Any] = {"data": None, "url": ""}


class DroppedFile(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def mimetype(self) -> str: ...
    @property
    def url(self) -> str: ...


class Message(Protocol):
    """What somebody did in the direct message with Canteen (`questions.rules.Heard`)."""

    @property
    def workspace_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def ts(self) -> str: ...
    @property
    def change(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def files(self) -> Sequence[DroppedFile]: ...
    @property
    def outsider(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class ImportDrops:
    """A `questions.seams.DropOwner`: files that look like something to import."""

    new_id: NewId

    async def takes(self, session: AsyncSession, heard: Message, *, now: datetime) -> bool:
        """Other files, and words beside a file that is refused, are for others to hear as well."""
        if heard.change != "new":
            if heard.change == "deleted":
                await _taken_back(session, heard, now=now)
            return False
        files = [file for file in heard.files if importable(file.name, file.mimetype)]
        if not files or heard.outsider:
            return False
        person = await members.get(session, heard.workspace_id, heard.user_id, now=now)
        if not members.able(person, Action.READ_INSIDE):
            return False
        alone = len(files) == len(heard.files)
        if not await members.may(session, heard.workspace_id, heard.user_id, Action.IMPORT):
            await self._refuse(session, heard, now=now)
            return alone and not heard.text.strip()
        for file in files:
            await self._take(session, heard, file, beside=not alone, now=now)
        return alone

    async def _refuse(self, session: AsyncSession, heard: Message, *, now: datetime) -> None:
        ws, user = heard.workspace_id, heard.user_id
        await members.refused(session, ws, user, Action.IMPORT, now=now, new_id=self.new_id)
        await queue.enqueue(
            session,
            now=now,
            workspace_id=ws,
            kind=NOT_ADMIN,
            key=f"drop:not_admin:{heard.channel}:{heard.ts}",
            method="post",
            target=user,
            ref={"user": user},
        )

    async def _take(
        self, session: AsyncSession, heard: Message, file: DroppedFile, *, beside: bool, now: datetime
    ) -> None:
        """`beside`: other files came with it, which are not joined to it."""
        values: dict[str, Any] = {
            "id": self.new_id(),
            "workspace_id": heard.workspace_id,
            "user_id": heard.user_id,
            "channel_id": heard.channel,
            "ts": heard.ts,
            "file_id": file.id,
            "name": file.name,
            "url": file.url,
            "state": State.FETCHING.value,
            "what": None,
            "choices": [],
            "data": None,
            "report": None,
            "at": now,
            "pressed_at": None,
            "tries": 0,
            "try_at": now,
        }
        if await store.keep(session, values):
            await queue.enqueue(
                session,
                now=now,
                workspace_id=heard.workspace_id,
                kind=REPORT,
                key=_key(values["id"]),
                method="post",
                target=heard.user_id,
                ref={"drop": values["id"], "beside": beside},
            )


def _key(drop_id: object) -> str:
    return f"drop:{drop_id}"


async def _taken_back(session: AsyncSession, heard: Message, *, now: datetime) -> None:
    """Its author deleted the message: what is not being imported yet is discarded."""
    for drop in await store.of_message(session, heard.workspace_id, heard.channel, heard.ts):
        before = (State.FETCHING, State.CHECKING, *WAITING)
        if drop.user_id == heard.user_id and await _end(session, drop, State.DISCARDED, before=before):
            await show_again(session, drop, now=now)


async def _end(session: AsyncSession, drop: Drop, state: State, *, before: Sequence[State]) -> bool:
    return await store.change_if(session, drop, states=before, state=state.value, report=None, **ENDED)


async def show_again(session: AsyncSession, drop: Drop, *, now: datetime) -> None:
    """Its message shows what is true now."""
    first = await queue.find(session, workspace_id=drop.workspace_id, key=_key(drop.id))
    if first is not None:
        await queue.enqueue(
            session,
            now=now,
            workspace_id=drop.workspace_id,
            kind=REPORT,
            key=f"{first.key}:again",
            method="update",
            target=first.target,
            ref=first.ref,
            under=first.id,
        )


# -- what an admin decides ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """`drop` None: not there, or not theirs, which is the same to them. `done` False: its time has passed."""

    drop: Drop | None
    done: bool = False
    admin: bool = True


async def own(session: AsyncSession, ws: str, user: str, drop_id: str, *, now: datetime, new_id: NewId) -> Pressed:
    """The drop under a button of theirs, locked."""
    if not await members.may(session, ws, user, Action.IMPORT):
        await members.refused(session, ws, user, Action.IMPORT, now=now, new_id=new_id)
        return Pressed(drop=None, admin=False)
    drop = await store.get(session, ws, drop_id, lock=True)
    return Pressed(drop=drop if drop is not None and drop.user_id == user else None)


async def begin(session: AsyncSession, drop: Drop, *, now: datetime) -> bool:
    """*Import*: once, however often it is pressed."""
    begun = await store.change_if(
        session, drop, states=[State.CHECKED], state=State.IMPORTING.value, pressed_at=now, try_at=now, tries=0
    )
    if begun:
        await show_again(session, drop, now=now)
    return begun


async def discard(session: AsyncSession, drop: Drop, *, now: datetime) -> bool:
    done = await _end(session, drop, State.DISCARDED, before=WAITING)
    if done:
        await show_again(session, drop, now=now)
    return done


async def ask_again(session: AsyncSession, drop: Drop, *, now: datetime) -> bool:
    """*It is something else*: any of the importers' words may be chosen."""
    asked = await store.change_if(session, drop, states=[State.CHECKED], state=State.ASKING.value, choices=[])
    if asked:
        await show_again(session, drop, now=now)
    return asked


async def choose(session: AsyncSession, drop: Drop, what: str, *, now: datetime) -> bool:
    chosen = await store.change_if(
        session, drop, states=[State.ASKING], state=State.CHECKING.value, what=what, try_at=now, tries=0
    )
    if chosen:
        await show_again(session, drop, now=now)
    return chosen


# -- what a job does ---------------------------------------------------------------------------------------------------


async def fetched(
    session: AsyncSession, drop: Drop, data: bytes, what: str | None, choices: Sequence[str], *, now: datetime
) -> bool:
    """The bytes are here, and what they are, or what they may be. False: taken back, or another process's by now."""
    state = State.CHECKING if what is not None else State.ASKING
    kept = await store.change_if(
        session,
        drop,
        states=[State.FETCHING],
        held_until=drop.try_at,
        state=state.value,
        what=what,
        choices=list(choices),
        data=data,
        tries=0,
        try_at=now,
    )
    if kept:
        await show_again(session, drop, now=now)
    return kept


async def settled(session: AsyncSession, drop: Drop, state: State, report: Report | None, *, now: datetime) -> None:
    """Checked, imported, refused, lost. The bytes stay only where there is something to press."""
    erased: Mapping[str, Any] = {} if state in WAITING else ENDED
    packed = None if report is None else pack_report(report)
    done = await store.change_if(
        session, drop, states=[drop.state], held_until=drop.try_at, state=state.value, report=packed, **erased
    )
    if done:
        await show_again(session, drop, now=now)


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """What nobody decided on within a day is erased, and what has ended is forgotten a day later."""
    for drop in await store.waiting_since(session, now - KEPT, AT_ONCE):
        if await _end(session, drop, State.EXPIRED, before=WAITING):
            await show_again(session, drop, now=now)
    await store.forget_before(session, now - FORGOTTEN)
