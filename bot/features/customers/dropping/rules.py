"""A file dropped into the direct message with Canteen: what it may be, and what becomes of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.core.texts import pack, unpack, worded
from bot.features.customers.seams import Refusal, Report

KEPT = timedelta(hours=24)
FORGOTTEN = timedelta(days=2)  # when the row goes too; its message stays as it is
MOST_TRIES = 5
MOST_REFUSALS, MOST_WARNINGS = 200, 20
ENDINGS = (".csv", ".tsv", ".tab", ".md", ".markdown", ".yaml", ".yml")
SHEETS = (".xlsx", ".xls", ".xlsm", ".ods", ".numbers")  # almost what is wanted: said so rather than passed over
MIMETYPES = frozenset({"text/csv", "text/tab-separated-values", "text/markdown", "application/yaml", "text/yaml"})


class State(StrEnum):
    FETCHING = "fetching"
    ASKING = "asking"  # which of `choices` it is
    CHECKING = "checking"
    CHECKED = "checked"
    IMPORTING = "importing"
    IMPORTED = "imported"
    NOTHING = "nothing"  # it would change nothing
    REFUSED = "refused"  # the whole file, or every row of it
    DISCARDED = "discarded"
    EXPIRED = "expired"
    LOST = "lost"  # it could not be fetched from Slack
    BROKEN = "broken"  # a fault of ours, again and again


WORKING = (State.FETCHING, State.CHECKING, State.IMPORTING)
WAITING = (State.ASKING, State.CHECKED)


@dataclass(frozen=True, kw_only=True)
class Drop:
    """A dropped file without its bytes. `report` None: not checked yet."""

    workspace_id: str
    id: str
    user_id: str
    name: str
    url: str
    state: State
    what: str | None
    choices: tuple[str, ...]
    report: Report | None
    at: datetime
    pressed_at: datetime | None
    tries: int
    try_at: datetime


def importable(name: str, mimetype: str) -> bool:
    """Whether a file looks as if it was dropped to be imported. Spreadsheets do, and are refused with a cure."""
    return name.casefold().endswith((*ENDINGS, *SHEETS)) or mimetype in MIMETYPES


def likeliest(scores: Mapping[str, int]) -> tuple[str | None, tuple[str, ...]]:
    """`scores`: how well a file suits each importer, 0 not at all. The one it is, or those it may be: both empty where
    nothing fits."""
    best = max(scores.values(), default=0)
    if best <= 0:
        return None, ()
    fitting = tuple(what for what, score in scores.items() if score == best)
    return (fitting[0], ()) if len(fitting) == 1 else (None, fitting)


def unrecognised(file: str) -> Report:
    """A report for a file that fits no importer."""
    why = worded("by its column names it is neither customers, products, teams nor people, nor another file I know")
    cure = worded("name the columns in the first row")
    if file.casefold().endswith(SHEETS):
        why = worded("it is a spreadsheet, not CSV")
        cure = worded("in the spreadsheet choose Save as, CSV UTF-8, and drop that file here")
    refusal = Refusal(file=file, line=1, column="", why=why, cure=cure)
    return Report(what="", refused=(refusal,))


def after_check(report: Report) -> State:
    if report.added + report.changed:
        return State.CHECKED
    return State.REFUSED if report.refused else State.NOTHING


def pack_report(report: Report) -> dict[str, Any]:
    """As JSON, with as many details as a person is shown."""
    return {
        "what": report.what,
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "refused": [
            {"file": one.file, "line": one.line, "column": one.column, "why": pack(one.why), "cure": pack(one.cure)}
            for one in report.refused[:MOST_REFUSALS]
        ],
        "refused_rows": report.refused_rows,
        "warnings": [pack(one) for one in report.warnings[:MOST_WARNINGS]],
        "unanswered": report.unanswered,
        "written": report.written,
        "dry_run": report.dry_run,
    }


def unpack_report(packed: Mapping[str, Any] | None) -> Report | None:
    if packed is None:
        return None
    refused: Sequence[Mapping[str, Any]] = packed["refused"]
    return Report(
        what=str(packed["what"]),
        added=int(packed["added"]),
        changed=int(packed["changed"]),
        unchanged=int(packed["unchanged"]),
        refused_rows=int(packed["refused_rows"]),
        unanswered=int(packed["unanswered"]),
        refused=tuple(
            Refusal(
                file=str(one["file"]),
                line=int(one["line"]),
                column=str(one["column"]),
                why=unpack(one["why"]),
                cure=unpack(one["cure"]),
            )
            for one in refused
        ),
        warnings=tuple(unpack(one) for one in packed["warnings"]),
        written=bool(packed["written"]),
        dry_run=bool(packed["dry_run"]),
    )
