"""All that is kept about one person, for themselves: from the same rules by which it would be erased."""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import partial
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.engine import Sessions
from bot.erasure.needles import Needles
from bot.erasure.person import Whom
from bot.erasure.rules import PERSON, Rule
from bot.erasure.tables import Row, each_window, may_hold, of_workspaces, workspace_of

MINE = {"quiz_answers": "user_id", "relays": "user_id", "customer_updates": "author", "deliveries": "target"}
NOT_PERSONAL = frozenset({"opaque", "lease", "fingerprint", "secret"})
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
