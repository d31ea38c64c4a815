"""A customer's data, as whoever looks after it may read it in Slack already: a sheet for each kind of thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.core.spreadsheet import Archive, cell
from bot.features.exports import store
from bot.features.members import service as members
from bot.features.questions.rules import FOLLOW_UP
from bot.features.updates.blocks import kind_label

if TYPE_CHECKING:
    from bot.db.engine import Sessions
    from bot.slack.words import Words


@dataclass(frozen=True, kw_only=True)
class CustomerFile:
    """`reader`: who looks after the customer, and gets what was said to them; None: nobody in particular."""

    sessions: Sessions
    workspace_id: str
    customer_id: str
    reader: str | None
    words: Words

    async def write(self, archive: Archive) -> None:
        await self._updates(archive)
        await self._adopters(archive)
        await self._questions(archive)
        if self.reader is not None:
            await self._exchanges(archive, self.reader)
        await self._news(archive)

    async def _names(self, users: Collection[str | None]) -> Mapping[str | None, str]:
        """Whoever has been erased has none."""
        asked = {one for one in users if one}
        async with self.sessions.begin() as session:
            found = await members.people(session, self.workspace_id, asked)
        return {user: person.name for user, person in found.items()}

    async def _updates(self, archive: Archive) -> None:
        say = self.words.say
        columns = [
            say("when (UTC)"), say("by"), say("kind"), say("headline"), say("text"), say("link"), say("state"),
            say("delivered to"), say("thanked"), say("asked"),
        ]  # fmt: skip
        with archive.sheet("updates", columns) as add:
            async for rows in store.updates(self.sessions, self.workspace_id, self.customer_id):
                names = await self._names([row.author for row in rows])
                async with self.sessions.begin() as session:
                    reached = await store.reached(session, self.workspace_id, [row.id for row in rows])
                for row in rows:
                    gone = row.withdrawn_at is not None
                    words = ("", "", "") if gone else (row.headline, row.text, row.link)
                    state = say("taken back") if gone else self._state(row.held_back_at, row.embargo_until)
                    name = names.get(row.author, "")
                    add(
                        row.at,
                        name,
                        kind_label(self.words, row.kind),
                        *words,
                        state,
                        *reached.get(row.id, (0, 0, 0)),
                    )

    def _state(self, held_back: datetime | None, embargo: datetime | None) -> str:
        if held_back is not None:
            return self.words.say("not gone out")
        return "" if embargo is None else self.words.say("not before {when}", when=f"{cell(embargo)} UTC")

    async def _adopters(self, archive: Archive) -> None:
        say = self.words.say
        with archive.sheet("adopters", [say("name"), say("since (UTC)")]) as add:
            async for rows in store.adopters(self.sessions, self.workspace_id, self.customer_id):
                names = await self._names([row.user_id for row in rows])
                for row in rows:
                    add(names.get(row.user_id, ""), row.since)

    async def _questions(self, archive: Archive) -> None:
        """Who asked is told to whoever was asked; of others' questions only what later askers may read too."""
        say = self.words.say
        columns = [say("question"), say("when (UTC)"), say("what"), say("by"), say("text")]
        number = 0
        with archive.sheet("questions", columns) as add:
            async for rows in store.questions(self.sessions, self.workspace_id, self.customer_id, self.reader):
                mine = {row.id for row in rows if self.reader is not None and row.with_user == self.reader}
                async with self.sessions.begin() as session:
                    said = await store.answers(session, self.workspace_id, [row.id for row in rows])
                names = await self._names([*(row.asker for row in rows), *(one.author for one in said)])
                for row in rows:
                    number += 1
                    known = row.id in mine
                    add(number, row.asked_at, say("question"), names.get(row.asker, "") if known else "", row.text)
                    for one in said:
                        further = one.direction == FOLLOW_UP
                        if one.question_id == row.id and (known or not further):
                            what = say("asked further") if further else say("answer")
                            add(number, one.at, what, names.get(one.author, ""), one.text)

    async def _exchanges(self, archive: Archive, reader: str) -> None:
        say = self.words.say
        with archive.sheet("exchanges", [say("with"), say("when (UTC)"), say("by"), say("text")]) as add:
            async for rows in store.notes(self.sessions, self.workspace_id, self.customer_id, reader):
                names = await self._names([one for row in rows for one in (row.adopter, row.author)])
                for row in rows:
                    add(names.get(row.adopter, ""), row.at, names.get(row.author, ""), row.text)

    async def _news(self, archive: Archive) -> None:
        say = self.words.say
        columns = [say("when (UTC)"), say("channel"), say("kind"), say("headline"), say("text")]
        kinds = {"story": say("story"), "news": say("news")}
        with archive.sheet("stories-and-news", columns) as add:
            async for rows in store.news(self.sessions, self.workspace_id, self.customer_id):
                for row in rows:
                    where = f"#{row.name}" if row.name else ""
                    add(row.posted_at, where, kinds.get(row.kind, row.kind), row.headline, row.snippet)
