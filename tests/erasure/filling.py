"""Rows for every table, made from the tables themselves: one set that hangs together for each name it is asked for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import JSON, Column, LargeBinary, String, Table, Text, cast, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.db.tables import Base
from bot.db.types import Enciphered, EncipheredBytes, EncipheredJson, UtcDateTime

WORKSPACE = "T0ERASE"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LISTS = {"files", "sent_to", "dates", "channels", "aliases", "scopes", "product_ids", "choices", "recalled_in"}
WORDS = [{"language": "en", "text": "which one?", "options": ["this", "that"], "why": "since", "alt": None}]
CONTENT = {"wordings": WORDS, "right": 1, "customer": None, "picture": None, "picture_url": None, "source": None}
STATES = {"hat_draws": "drawn", "deliveries": "sent", "relays": "sent", "questions": "answered", "drafts": "approved"}
ONE_A_WORKSPACE = {"workspaces", "pulse_settings", "quiz_desks", "quiet_dates"}
Set = dict[str, dict[str, Any]]


async def a_set(session: AsyncSession, name: str, values: Mapping[str, Mapping[str, Any]]) -> Set:
    """A row in every table, each pointing at the others of its set. `values`: what is to stand in columns, by table."""
    made: Set = {}
    for table in Base.metadata.sorted_tables:
        if table.name in ONE_A_WORKSPACE or _is_of_the_machine(table):
            continue
        made[table.name] = await a_row(session, table, name, made, values.get(table.name, {}))
    return made


def _is_of_the_machine(table: Table) -> bool:
    return "workspace_id" not in table.c and not table.foreign_keys


async def a_row(session: AsyncSession, table: Table, name: str, made: Set, values: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        column.name: values[column.name] if column.name in values else _value(table, column, name, made)
        for column in table.c
    }
    if "id" in table.c and table.c.id.autoincrement is True:
        row.pop("id")
    await session.execute(insert(table).values(row))
    if "id" in table.c and "id" not in row:
        row["id"] = await session.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1))
    return row


def _value(table: Table, column: Column[Any], name: str, made: Set) -> Any:
    for key in column.foreign_keys:
        target = made.get(key.column.table.name)
        if target is not None and key.column.table is not table:
            return target[key.column.name]
    if column.name == "workspace_id":
        return WORKSPACE
    if column.name in {"under_id", "quiet_days"}:
        return None
    if column.name == "state" and table.name in STATES:
        return STATES[table.name]
    if column.name == "content" and table.name in {"quizzes", "quiz_questions"}:
        return CONTENT
    if column.name == "result" and table.name == "hat_draws":
        return {"drawn": {}, "names": [], "in": 1}
    kind = column.type
    if isinstance(kind, String | Enciphered):
        length = getattr(kind, "length", None) or 40
        return f"{name}{table.name}{column.name}".replace("_", "")[:length]
    if isinstance(kind, JSON | EncipheredJson):
        return [] if column.name in LISTS else {}
    if isinstance(kind, LargeBinary | EncipheredBytes):
        return name.encode()
    if isinstance(kind, UtcDateTime):
        return NOW
    kinds = {bool: False, int: 1, date: NOW.date(), time: time(9)}
    return kinds.get(kind.python_type)


async def everything(session: AsyncSession) -> dict[tuple[str, str], list[str]]:
    """Every cell of every table as text, as the database has it, by table and column."""
    found: dict[tuple[str, str], list[str]] = {}
    for table in Base.metadata.sorted_tables:
        columns = list(table.c)
        shown = [column if isinstance(column.type, LargeBinary) else cast(column, Text) for column in columns]
        for row in await session.execute(select(*shown)):
            for column, cell in zip(columns, row, strict=True):
                if cell is not None:
                    text = cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)
                    found.setdefault((table.name, column.name), []).append(text)
    return found


def holding(cells: Mapping[tuple[str, str], list[str]], *words: str) -> set[tuple[str, str]]:
    """Where one of the words stands, in capitals or not, also as JSON writes it."""
    wanted = {one.casefold() for word in words for one in (word, word.encode("ascii", "backslashreplace").decode())}
    return {
        place for place, texts in cells.items() if any(word in text.casefold() for text in texts for word in wanted)
    }
