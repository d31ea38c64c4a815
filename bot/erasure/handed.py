"""What is kept about one person as a file for themselves: narrower than `own`, and readable without the database."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Table, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions
from bot.db.tables.channels import Channel
from bot.db.tables.customers import Customer, Team
from bot.db.tables.quizzes import Quiz
from bot.erasure.own import MINE, NOT_PERSONAL
from bot.erasure.person import Whom
from bot.erasure.rules import PERSON, Rule
from bot.erasure.tables import Row, finds, of_workspaces, read, windows, workspace_of

# Of the machine's own rows nothing is handed to a person: they say by which keys it works, and live for days at most.
MACHINERY = frozenset({"seen_events", "pace", "look_ups", "draft_sketches", "pulse_voices"})
INSIDE = NOT_PERSONAL | {
    "workspace_id",
    "request",
    "root_id",
    "group_id",
    "bundle_id",
    "draw_id",
    "hash",
    "fingerprint",
}
TOLD_OF_DELIVERIES = frozenset({"kind", "method", "target", "state", "wanted_at", "sent_at", "channel", "ts"})
NOT_TOLD = frozenset({("answers", "sent_to"), ("relay_bundles", "key"), ("members", "refreshed_at")})
NAMED = {"customer_id": "customer", "team_id": "team", "channel_id": "channel"}
ANSWERED = ("question", "answer")
ALL = ("*", "*", "Times are in UTC. What cannot be read without the database, such as keys, is left out.", "", "")


async def write_own(sessions: Sessions, one: Whom, archive: Archive) -> None:
    """A sheet for each table. Of rows that are theirs every column; of others only where they themselves are named by
    id: what somebody else wrote is not theirs, though it may speak of them."""
    names = _Names(sessions=sessions, workspace_id=one.workspace_id)
    written = [table for table in of_workspaces() if await _write_table(sessions, one, table, archive, names)]
    about = ("sheet", "column", "what it is for", "who sees it", "how long it is kept")
    with archive.sheet("what-is-what", about) as add:
        add(*ALL)
        for table in written:
            for column in _shown(table):
                said = column.info
                if "personal" in said:
                    add(_called(table), column.name, said["personal"], said["seen_by"], said["kept"])


async def _write_table(sessions: Sessions, one: Whom, table: Table, archive: Archive, names: "_Names") -> bool:
    """Whether there was anything: a sheet without rows is left out."""
    rule = PERSON.get(table.name)
    if rule is None or table.name in MACHINERY:
        return False
    theirs = _Theirs(one, table, rule)
    mine = workspace_of(table) == one.workspace_id
    found = windows(sessions, table, mine, theirs.condition, by_index=theirs.by_index)
    rows, columns = await anext(found, None), _shown(table)
    if rows is None:
        return False
    with archive.sheet(_called(table), [column.name for column in columns] + names.columns(table)) as add:
        while rows is not None:
            await names.learn(table, rows)
            for row in rows:
                told = theirs.told(row)
                cells = [_cell(row[column.name]) if column.name in told else None for column in columns]
                add(*cells, *names.of(table, row, told))
            rows = await anext(found, None)
    return True


class _Theirs:
    """Which rows of a table are a person's, or name them."""

    def __init__(self, one: Whom, table: Table, rule: Rule) -> None:
        self._ids = frozenset(word.casefold() for word in (one.user_id, one.email) if word)
        self._given = self._ids | ({one.name.casefold()} if one.name else set())
        self._mine = (*rule.row.split(), *filter(None, [MINE.get(table.name)]))
        naming = (*rule.nobody.split(), *rule.stand_in.split())
        self._naming = [name for name in naming if not isinstance(table.c[name].type, JSON)]
        self._as_given = rule.given.split()
        self._always = {column.name for column in table.primary_key.columns} | {"at", "action"}
        self._did = "actor" if table.name == "audit" else None
        exact = [table.c[name].in_(_exact(one)) for name in (*self._mine, *self._naming)]
        loose = [func.lower(table.c[name]).in_(sorted(self._given)) for name in self._as_given]
        self.condition: ColumnElement[bool] = or_(false(), *exact, *loose)
        self.by_index = not loose and finds(table, {*self._mine, *self._naming})

    def told(self, row: Row) -> Collection[str]:
        """Which of its columns. Also in a row of theirs nobody else is named by whom they were not told of; but of what
        they did themselves all is told."""
        if self._did and self._is(row[self._did], self._ids):
            return row.keys()
        named = {name for name in self._naming if self._is(row[name], self._ids)}
        named |= {name for name in self._as_given if self._is(row[name], self._given)}
        if any(self._is(row[name], self._ids) for name in self._mine):
            return row.keys() - {*self._naming, *self._as_given} | named
        return named | self._always

    @staticmethod
    def _is(value: object, words: Collection[str]) -> bool:
        return isinstance(value, str) and value.strip().casefold() in words


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What customers, teams, channels and answers are called, beside their ids."""

    sessions: Sessions
    workspace_id: str
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    rounds: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def columns(self, table: Table) -> list[str]:
        shown = {column.name for column in _shown(table)}
        answered = ANSWERED if table.name == "quiz_answers" else ()
        return [*(name for column, name in NAMED.items() if column in shown), *answered]

    async def learn(self, table: Table, rows: Sequence[Row]) -> None:
        self.rounds.clear()
        async with self.sessions.begin() as session:
            for column in NAMED.keys() & table.c.keys():
                await self._learn(session, column, {row[column] for row in rows if row[column]})
            if table.name == "quiz_answers":
                asked = select(Quiz.id, Quiz.content).where(Quiz.id.in_({row["quiz_id"] for row in rows}))
                self.rounds.update({row[0]: row[1] for row in await session.execute(asked)})

    async def _learn(self, session: AsyncSession, column: str, ids: Collection[str]) -> None:
        if new := [one for one in sorted(ids) if (column, one) not in self.known]:
            asked = {
                "customer_id": select(Customer.id, Customer.name).where(Customer.id.in_(new)),
                "team_id": select(Team.id, Team.name).where(Team.id.in_(new)),
                "channel_id": select(Channel.channel_id, Channel.name).where(
                    Channel.workspace_id == self.workspace_id, Channel.channel_id.in_(new)
                ),
            }[column]
            self.known.update({(column, row[0]): row[1] for row in await session.execute(asked)})

    def of(self, table: Table, row: Row, told: Collection[str]) -> list[str]:
        shown = {column.name for column in _shown(table)}
        called = [
            self.known.get((column, row[column]), "") if column in told else "" for column in NAMED if column in shown
        ]
        return [*called, *(self._answered(row) if table.name == "quiz_answers" else ())]

    def _answered(self, row: Row) -> tuple[str, str]:
        """As it was first worded. Whether it was right they are told in Slack, once the quiz is out."""
        content = self.rounds.get(row["quiz_id"]) or {}
        wording = next(iter(content.get("wordings", ())), None)
        if wording is None:
            return "", ""
        options = wording["options"]
        return wording["text"], options[row["option"]] if 0 <= row["option"] < len(options) else ""


def _exact(one: Whom) -> list[str]:
    """As Slack's ids and e-mails are stored."""
    return sorted({word for word in (one.user_id, one.user_id.casefold(), one.email) if word})


def _called(table: Table) -> str:
    return table.name.replace("_", "-")


def _shown(table: Table) -> list[Column[Any]]:
    readable = [one for one in read(table) if not isinstance(one.type, LargeBinary)]
    if table.name == "deliveries":
        return [one for one in readable if one.name in TOLD_OF_DELIVERIES]
    return [one for one in readable if one.name not in INSIDE and (table.name, one.name) not in NOT_TOLD]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
