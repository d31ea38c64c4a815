"""All that is kept about one person, for themselves: from the same rules by which it would be erased."""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, LargeBinary, Table, false, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.spreadsheet import Archive
from bot.db.engine import Sessions
from bot.erasure.needles import Needles
from bot.erasure.person import Whom
from bot.erasure.rules import PERSON, Rule
from bot.erasure.tables import Row, each_window, may_hold, of_workspaces, read, windows, workspace_of

MINE = {"quiz_answers": "user_id", "relays": "user_id", "customer_updates": "author", "deliveries": "target"}
NOT_PERSONAL = frozenset({"opaque", "lease", "fingerprint", "secret"})
# Of the machine's own rows nothing is handed to a person: they say by which keys it works, and live for days at most.
MACHINERY = frozenset({"seen_events", "pace", "look_ups", "draft_sketches", "pulse_voices"})
INSIDE = frozenset({("deliveries", "key"), ("deliveries", "ref"), ("deliveries", "error"), ("answers", "sent_to")})
Data = dict[str, list[dict[str, Any]]]


async def data_of(sessions: Sessions, one: Whom, needles: Needles) -> Data:
    """By table. Of rows that are the person's every column; of others what says something about them."""
    found: Data = {}
    for table in of_workspaces():
        mine = workspace_of(table) == one.workspace_id
        work = partial(_collect, table=table, needles=needles, found=found)
        await each_window(sessions, table, mine, may_hold(table, needles), work=work)
    return found


async def _collect(_session: AsyncSession, rows: Sequence[Row], *, table: Table, needles: Needles, found: Data) -> None:
    rule = PERSON.get(table.name)
    if rule is None:
        return
    for row in rows:
        columns = _about(table, rule, row, needles)
        if columns:
            shown = {name: _plain(row[name]) for name in row if name in columns}
            found.setdefault(table.name, []).append(shown)


def _about(table: Table, rule: Rule, row: Row, needles: Needles) -> set[str]:
    whose = [*rule.row.split(), *filter(None, [MINE.get(table.name)])]
    if any(needles.is_one(row[name]) for name in whose):
        return row.keys() - NOT_PERSONAL
    mine = {name for name, _ in rule.columns() if name in row and needles.found_in(row[name])}
    mine |= {name for name in rule.given.split() if needles.is_named(row[name])}
    mine |= {name for by, names in rule.words.items() if needles.is_one(row[by]) for name in names.split()}
    when = {name for name in ("at", "action") if name in row}
    return mine | when | {column.name for column in table.primary_key.columns} if mine else set()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return f"{len(value)} bytes" if isinstance(value, bytes) else value


# -- as a file for the person ----------------------------------------------------------------------------------------


async def write_own(sessions: Sessions, one: Whom, archive: Archive) -> None:
    """A sheet for each table. Of rows that are theirs every column; of others only where they themselves are named by
    id: what somebody else wrote is not theirs, though it may speak of them."""
    written = [table for table in of_workspaces() if await _write_table(sessions, one, table, archive)]
    with archive.sheet(
        "what-is-what", ("sheet", "column", "what it is for", "who sees it", "how long it is kept")
    ) as add:
        for table in written:
            for column in _shown(table):
                said = column.info
                if "personal" in said:
                    add(_named(table), column.name, said["personal"], said["seen_by"], said["kept"])


async def _write_table(sessions: Sessions, one: Whom, table: Table, archive: Archive) -> bool:
    """Whether there was anything: a sheet without rows is left out."""
    rule = PERSON.get(table.name)
    if rule is None or table.name in MACHINERY:
        return False
    theirs = _Theirs(one, table, rule)
    found = windows(sessions, table, workspace_of(table) == one.workspace_id, theirs.condition)
    rows, columns = await anext(found, None), _shown(table)
    if rows is None:
        return False
    with archive.sheet(_named(table), [column.name for column in columns]) as add:
        while rows is not None:
            for row in rows:
                told = theirs.told(row)
                add(*(_cell(row[column.name]) if column.name in told else None for column in columns))
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
        exact = [table.c[name].in_(_exact(one)) for name in (*self._mine, *self._naming)]
        loose = [func.lower(table.c[name]).in_(sorted(self._given)) for name in self._as_given]
        self.condition: ColumnElement[bool] = or_(false(), *exact, *loose)

    def told(self, row: Row) -> set[str]:
        """Which of its columns. Also in a row of theirs nobody else is named by whom they were not told of."""
        named = {name for name in self._naming if self._is(row[name], self._ids)}
        named |= {name for name in self._as_given if self._is(row[name], self._given)}
        if any(self._is(row[name], self._ids) for name in self._mine):
            return row.keys() - {*self._naming, *self._as_given} | named
        return named | self._always

    @staticmethod
    def _is(value: object, words: Collection[str]) -> bool:
        return isinstance(value, str) and value.strip().casefold() in words


def _exact(one: Whom) -> list[str]:
    """As Slack's ids and e-mails are stored."""
    return sorted({word for word in (one.user_id, one.user_id.casefold(), one.email) if word})


def _named(table: Table) -> str:
    return table.name.replace("_", "-")


def _shown(table: Table) -> list[Column[Any]]:
    hidden = NOT_PERSONAL | {"workspace_id"}
    readable = [one for one in read(table) if one.name not in hidden and (table.name, one.name) not in INSIDE]
    return [one for one in readable if not isinstance(one.type, LargeBinary)]


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
