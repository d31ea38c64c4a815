"""What a migration takes away from the code of the level before it, or holds up on PostgreSQL while that code runs.

Judged by the statements that PostgreSQL would get, so that it makes no difference how a migration was written. What is
not known to be harmless is refused.
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

NAME = r'"?(\w+)"?'
TABLE = re.compile(rf"CREATE TABLE {NAME} \(")
COLUMN = re.compile(rf"ALTER TABLE {NAME} ADD COLUMN {NAME} (.+)", re.DOTALL)
INDEX = re.compile(rf"CREATE (UNIQUE )?INDEX {NAME} ON {NAME} \(([^)]*)\)")
CONSTANT = re.compile(r"DEFAULT ('[^']*'|-?\d+|true|false|NULL)(\s|$)")


def statements(upgrade: Callable[[], None]) -> Sequence[str]:
    """What PostgreSQL would be told."""
    told = io.StringIO()
    context = MigrationContext.configure(dialect_name="postgresql", opts={"as_sql": True, "output_buffer": told})
    with Operations.context(context):
        upgrade()
    without_notes = re.sub(r"^--.*$", "", told.getvalue(), flags=re.MULTILINE)
    return [" ".join(one.split()) for one in without_notes.split(";") if one.strip()]


def complaints(upgrade: Callable[[], None]) -> list[str]:
    """Empty where the code of the level before goes on undisturbed."""
    return list(_complaints(statements(upgrade)))


def _complaints(told: Sequence[str]) -> Iterator[str]:
    new_tables: set[str] = set()
    new_columns: set[tuple[str, str]] = set()
    for one in told:
        if found := TABLE.match(one):
            new_tables.add(found[1])
        elif found := COLUMN.match(one):
            new_columns.add((found[1], found[2]))
            if found[1] not in new_tables:
                yield from _of_column(found[1], found[2], found[3])
        elif found := INDEX.match(one):
            columns = {(found[3], name.strip(' "')) for name in found[4].split(",")}
            if found[1] and found[3] not in new_tables and not columns <= new_columns:
                yield f"a unique index tightens what {found[3]} takes: {found[2]}"
        else:
            yield f"takes away, changes or locks: {one}"


def _of_column(table: str, column: str, rest: str) -> Iterator[str]:
    if "NOT NULL" in rest and "DEFAULT" not in rest:
        yield f"{table}.{column} wants a value that older code does not give: NOT NULL without a server default"
    if "DEFAULT" in rest and not CONSTANT.search(rest):
        yield f"{table}.{column} has a default that is not a constant: PostgreSQL may write the table anew"
    if re.search(r"\b(UNIQUE|CHECK|REFERENCES|PRIMARY)\b", rest):
        yield f"{table}.{column} comes with a constraint, which is checked against every row"
