"""What a row of each file means. Pure: cells in, plain JSON values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.core.texts import Text, worded
from bot.features.customers.importing import fields
from bot.features.customers.importing.columns import Columns
from bot.features.customers.importing.fields import CellError
from bot.features.customers.importing.reading import Record
from bot.features.customers.rules import name_key, split_list

NAME, TEXT, ID = 200, 500, 128
MOST_IN_LIST = 2_000
NO_ID, NO_NAME, NO_TEAM = worded("the id is empty"), worded("the name is empty"), worded("the team is empty")
NO_ENTRY = worded("an entry of the list is empty")


@dataclass(frozen=True, kw_only=True)
class Row:
    """`key`: two rows with the same one are the same thing. `values` only has the columns that the file has."""

    line: int
    key: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Bad:
    line: int
    field: str
    why: Text
    cure: Text


def parse(what: str, columns: Columns, record: Record, today: date) -> Row | list[Bad]:
    """Every cell that is wrong is told, not only the first."""
    if len(record.cells) > len(columns.headers) and any(cell.strip() for cell in record.cells[len(columns.headers) :]):
        return [
            Bad(
                line=record.line,
                field="",
                why=worded(
                    "it has {cells} cells, but there are {names} column names",
                    cells=len(record.cells),
                    names=len(columns.headers),
                ),
                cure=worded("put quotes around a cell that contains the separator"),
            )
        ]
    values: dict[str, Any] = {}
    bad: list[Bad] = []
    for field, position in columns.at.items():
        cell = record.cells[position] if position < len(record.cells) else ""
        try:
            values[field] = _value(what, field, cell, today)
        except CellError as error:
            bad.append(Bad(line=record.line, field=field, why=error.why, cure=error.cure))
    if bad:
        return bad
    try:
        return Row(line=record.line, key=_key(what, values), values=values)
    except CellError as error:
        return [Bad(line=record.line, field="", why=error.why, cure=error.cure)]


def _value(what: str, field: str, cell: str, today: date) -> Any:
    match field:
        case "external_id":
            return fields.needed(fields.line(cell, ID) or "", ID, NO_ID)
        case "name":
            return fields.needed(fields.line(cell, NAME) or "", NAME, NO_NAME)
        case "aliases":
            return _many(cell, 20)
        case "customers":
            return _many(cell, MOST_IN_LIST)
        case "ends_up_in":
            return " | ".join(_many(cell, 12)) or None
        case "customer_since":
            found = fields.day(cell, today)
            return found.isoformat() if found else None
        case "size_rank":
            return fields.whole_number(cell, 1, 1_000_000)
        case "news_every_days":
            return fields.whole_number(cell, 1, 365)
        case "max_adopters":
            return fields.whole_number(cell, 0, 10_000)
        case "revenue_band":
            return fields.revenue_band(cell)
        case "website":
            return fields.website(cell)
        case "adoptable" | "confidential" | "may_be_named":
            found_answer = fields.yes_no(cell)
            return (field == "adoptable") if found_answer is None and field != "may_be_named" else found_answer
        case "account_manager" | "deputy" | "email" | "slack_id":
            return fields.person(cell)
        case "team":
            found_team = fields.line(cell, NAME)
            return fields.needed(found_team or "", NAME, NO_TEAM) if what == "people" else found_team
        case "logo":
            return fields.website(cell) if "://" in cell else fields.line(cell, TEXT)
        case _:
            return fields.line(cell, TEXT)


def _many(cell: str, most: int) -> list[str]:
    parts = split_list(fields.text(cell, 100_000))
    if len(parts) > most:
        raise CellError(
            worded("its list has {count} entries; {limit} are allowed", count=len(parts), limit=most),
            worded("leave some out"),
        )
    return [fields.needed(fields.line(part, NAME) or "", NAME, NO_ENTRY) for part in parts]


def _key(what: str, values: Mapping[str, Any]) -> str:
    if what == "teams":
        return name_key(values["name"])
    if what != "people":
        return str(values["external_id"])
    person = values.get("slack_id") or values.get("email")
    if person is None:
        raise CellError(worded("there is neither an e-mail nor a Slack id"), worded("fill in one of them"))
    if not fields.is_person_key(person):
        raise CellError(
            worded("“{found}” is neither an e-mail nor a Slack id", found=str(person)),
            worded("write the e-mail the person has in Slack"),
        )
    return str(person).casefold()


def near(names: Sequence[str], cure: Text) -> Text:
    """A cure that also says what may have been meant."""
    if not names:
        return cure
    return worded("{cure} (is it {names}?)", cure=cure, names=" / ".join(f"“{name}”" for name in names[:3]))
