"""Tables and charts."""

from typing import Any

from sandbox.kit import objects as o
from sandbox.kit.clean import at
from sandbox.kit.rich_text import RICH_TEXT
from sandbox.kit.spec import (
    Check,
    Rule,
    Run,
    array,
    boolean,
    distinct,
    enum,
    integer,
    number,
    optional,
    record,
    string,
    tagged,
    typed,
)

_RAW_NUMBER = typed("raw_number", {"value": number(), "text": string(1)})
_CELL = tagged({"raw_text": o.RAW_TEXT, "raw_number": _RAW_NUMBER, "rich_text": RICH_TEXT})
_ROW = array(_CELL, 1, 20)
_COLUMN = optional(record({}, {"align": enum("left", "center", "right"), "is_wrapped": boolean}))

TABLE = typed(
    "table",
    {"rows": array(_ROW, 1, 100)},
    {"block_id": o.BLOCK_ID, "column_settings": array(_COLUMN, 0, 20)},
)


def _rectangular(value: dict[str, Any], pointer: str, run: Run) -> None:
    width = len(value["rows"][0])
    for index, row in enumerate(value["rows"]):
        if len(row) != width:
            run.say(at(at(pointer, "rows"), index), f"must have {width} cells like the first row")


def _plain_header(value: dict[str, Any], pointer: str, run: Run) -> None:
    for index, cell in enumerate(value["rows"][0]):
        if cell["type"] != "raw_text":
            run.say(f"{pointer}/rows/0/{index}", "a header cell must be raw_text")


def _header_column_exists(value: dict[str, Any], pointer: str, run: Run) -> None:
    if value.get("row_header_column_index", 0) >= len(value["rows"][0]):
        run.say(at(pointer, "row_header_column_index"), "must be one of the columns")


DATA_TABLE = typed(
    "data_table",
    {"rows": array(_ROW, 2, 201), "caption": string(1)},
    {"block_id": o.BLOCK_ID, "page_size": integer(1, 100), "row_header_column_index": integer(0)},
    _rectangular,
    _plain_header,
    _header_column_exists,
)

_LABEL = string(1, 20)
_AXIS = record(
    {"categories": array(_LABEL, 1, 20)},
    {"x_label": string(1, 50), "y_label": string(1, 50)},
    distinct("categories"),
)
_POINT = record({"label": _LABEL, "value": number()})
_SERIES = record({"name": _LABEL, "data": array(_POINT, 1, 20)})


def _every_category(value: dict[str, Any], pointer: str, run: Run) -> None:
    categories = value["axis_config"]["categories"]
    for index, series in enumerate(value["series"]):
        if [point["label"] for point in series["data"]] != categories:
            run.say(f"{pointer}/series/{index}/data", "must have one point for each category, in their order")


_AXIS_RULES: tuple[Rule, ...] = (distinct("series", of="name"), _every_category)


def _on_axes(kind: str) -> Check:
    return typed(kind, {"series": array(_SERIES, 1, 12), "axis_config": _AXIS}, None, *_AXIS_RULES)


_SEGMENT = record({"label": _LABEL, "value": number(above=0)})
_CHART = tagged(
    {
        "pie": typed("pie", {"segments": array(_SEGMENT, 1, 12)}, None, distinct("segments", of="label")),
        "bar": _on_axes("bar"),
        "line": _on_axes("line"),
        "area": _on_axes("area"),
    }
)

DATA_VISUALIZATION = typed("data_visualization", {"title": string(1, 50), "chart": _CHART}, {"block_id": o.BLOCK_ID})
