"""A full company from nothing but the schema: rows for every table, with values that are hard to carry."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Dialect, MetaData, String, Table

HARD = (
    "Ærø – 'quoted\" \\ %s \t🥘👩‍🍳𝄞 e\u0301 \u202e \ufeff"  # astral, joined, combining, right-to-left, a mark of order
)
LARGEST = {True: 2**63 - 1, False: 2**31 - 1}
FIRST = datetime(2026, 3, 29, 0, 59, 59, 999999, tzinfo=UTC)


def tables_of(connection: Connection) -> list[Table]:
    """Of the database as it is, in the order of what refers to what, without what the schema says of itself."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in {"alembic_version", "schema_facts"}]


def rows(table: Table, count: int, dialect: Dialect) -> Iterator[dict[str, Any]]:
    """Row n refers to row n of other tables. Of what may be empty, every third is."""
    for n in range(count):
        yield {column.name: value(column, n, dialect) for column in table.columns}


def value(column: Column[Any], n: int, dialect: Dialect) -> Any:
    refers_to = next((key.column for key in column.foreign_keys), None)
    if refers_to is not None and refers_to.table is column.table:
        return None if n == 0 else value(refers_to, n - 1, dialect)
    if column.nullable and n % 3 == 2:
        return None
    if refers_to is not None:
        return value(refers_to, n, dialect)
    return _plain(column, n, dialect)


def _plain(column: Column[Any], n: int, dialect: Dialect) -> Any:
    kind = column.type.python_type
    if kind is datetime:
        moment = FIRST + timedelta(hours=n, microseconds=n)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment
    if kind is str:
        length = column.type.length if isinstance(column.type, String) else None
        return f"{n} {column.name} {HARD}"[:length] if length is None or length >= 16 else f"{n:07}"[:length]
    if kind is int:
        free = not (column.primary_key or column.unique)
        return LARGEST[isinstance(column.type, BigInteger)] - n if free and n % 2 else n + 1
    made: dict[Any, Any] = {  # `object`: JSON
        bool: n % 2 == 0,
        date: date(2026, 2, 28) + timedelta(days=n),
        time: time(9, n % 60, 7, 123456 + n),
        bytes: bytes(range(256)) + n.to_bytes(4),
        object: {"n": n, "text": HARD, "list": [1, -2.5, None, True], "nothing": {}},
    }
    return made[kind]
