"""Looking what would go, and erasing it: the same steps, and the same code for both."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.ids import NewId
from bot.db.engine import Sessions
from bot.db.moment import db_now
from bot.delivery.forgetting import About, Forgotten, delete_files, forget_some
from bot.erasure import customer, person, pictures
from bot.erasure.customer import Around, Which
from bot.erasure.needles import Needles
from bot.erasure.person import Whom
from bot.erasure.rows import Found, Line
from bot.erasure.tables import patiently
from bot.features.members import service as members

DELIVERIES = 1_000  # looked at in one transaction


@dataclass(frozen=True, kw_only=True)
class Tools:
    """`served`: pictures are fetched from us, not uploaded. `by`: who asked, for the audit trail: an id."""

    sessions: Sessions
    new_id: NewId
    now: datetime
    by: str
    served: bool = False


@dataclass(kw_only=True)
class Outcome:
    """`reference` stands in the audit trail, and where a stand-in was needed. `files`: Slack's ids of pictures that
    are deleted there too."""

    reference: str
    lines: list[Line]
    messages: Forgotten
    files: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        done = self.messages
        return not (self.lines or done.ended or done.taken_back or done.emptied)

    def counted(self) -> Mapping[str, Any]:
        """Without anybody's name: what the audit trail keeps."""
        rows: dict[str, int] = {}
        for line in self.lines:
            if not line.what.startswith("stays"):
                rows[line.table] = rows.get(line.table, 0) + line.rows
        done = self.messages
        return {"rows": rows, "messages": {"ended": done.ended, "deleted": done.taken_back, "emptied": done.emptied}}


# -- a person ---------------------------------------------------------------------------------------------------------


async def look_at_person(tools: Tools, one: Whom, needles: Needles) -> Outcome:
    found = Found(writes=False)
    await person.through_tables(tools.sessions, one, needles, found, new_id=tools.new_id)
    messages = await _messages(tools, one.workspace_id, one.about(found, needles), writes=False)
    return Outcome(reference=needles.stand_in, lines=found.lines(), messages=messages)


async def erase_person(tools: Tools, one: Whom, needles: Needles) -> Outcome:
    """May be broken off and begun again: messages are taken back while what they were about still stands."""
    await person.take_back(tools.sessions, one, served=tools.served, now=tools.now)
    first = Found(writes=False)
    await person.through_tables(tools.sessions, one, needles, first, new_id=tools.new_id)
    messages = await _messages(tools, one.workspace_id, one.about(first, needles), writes=True)
    found = Found(writes=True)
    await person.through_tables(tools.sessions, one, needles, found, new_id=tools.new_id)
    return await _ended(tools, one.workspace_id, "erase.person", needles, found, messages)


# -- a customer -------------------------------------------------------------------------------------------------------


async def look_at_customer(tools: Tools, one: Which, needles: Needles) -> Outcome:
    async with tools.sessions.begin() as session:
        near = await customer.around(session, one)
    found = await _seen(tools, one, near, needles)
    messages = await _messages(tools, one.workspace_id, customer.about(one, near, found, needles), writes=False)
    return Outcome(reference=needles.stand_in, lines=found.lines(), messages=messages)


async def erase_customer(tools: Tools, one: Which, needles: Needles) -> Outcome:
    async with tools.sessions.begin() as session:
        near = await customer.around(session, one)
    seen = await _seen(tools, one, near, needles)
    about = customer.about(one, near, seen, needles)
    messages = await _messages(tools, one.workspace_id, about, writes=True)
    found = Found(writes=True, hashes=set(near.hashes), apart=customer.lines(near))
    await customer.take_back(tools.sessions, one, near, now=tools.now)
    await customer.go(tools.sessions, one, near, found, now=tools.now)
    await customer.through_tables(tools.sessions, one, near, needles, found)
    return await _ended(tools, one.workspace_id, "erase.customer", needles, found, messages)


async def _seen(tools: Tools, one: Which, near: Around, needles: Needles) -> Found:
    found = Found(writes=False, apart=customer.lines(near))
    await customer.go(tools.sessions, one, near, found, now=tools.now)
    await customer.through_tables(tools.sessions, one, near, needles, found)
    return found


# -- both -------------------------------------------------------------------------------------------------------------


async def _messages(tools: Tools, ws: str, about: About, *, writes: bool) -> Forgotten:
    async def some(session: AsyncSession, after: int) -> tuple[Forgotten, int | None]:
        now = await db_now(session)
        return await forget_some(session, ws, about, after=after, now=now, limit=DELIVERIES, writes=writes)

    done = Forgotten()
    last: int | None = 0
    while last is not None:
        more, last = await patiently(tools.sessions, partial(some, after=last))
        done += more
    return done


async def _ended(
    tools: Tools,
    ws: str,
    action: str,
    needles: Needles,
    found: Found,
    messages: Forgotten,
) -> Outcome:
    outcome = Outcome(reference=needles.stand_in, lines=found.lines(), messages=messages)

    async def work(session: AsyncSession) -> None:
        files = await pictures.drop(session, ws, found.hashes)
        outcome.files = [one for one in files if one]
        await delete_files(session, ws, outcome.files, now=await db_now(session))
        if outcome.nothing:
            return
        await members.audit(
            session,
            new_id=tools.new_id,
            now=tools.now,
            ws=ws,
            actor=needles.replaced(tools.by),
            action=action,
            subject=needles.stand_in,
            detail=outcome.counted(),
        )

    await patiently(tools.sessions, work)
    return outcome
