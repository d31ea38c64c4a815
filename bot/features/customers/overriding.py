"""What an admin has changed stands above what files say, until a file says something new. Pure.

A customer remembers, of each field that an admin changed, what the file had said before. An import that says that
once more (an unchanged row, an old export) leaves the admin's value; one that says something else has news out of the
CRM: it wins, and the field is the files' own again. A file without the column says nothing.
"""

from collections.abc import Mapping
from typing import Any

FIELDS = (
    *("account_manager", "deputy", "adoptable", "max_adopters", "confidential", "may_be_named"),
    "news_every_days",
)


def still_said(
    row: Mapping[str, Any], overridden: Mapping[str, Any] | None
) -> tuple[Mapping[str, Any], dict[str, Any] | None]:
    """The row without what an admin's word stands above, and what is remembered from now on."""
    if not overridden:
        return row, None
    left = {field: said for field, said in overridden.items() if field not in row or row[field] == said}
    return {field: value for field, value in row.items() if field not in left}, left or None


def remember(
    overridden: Mapping[str, Any] | None, said: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any] | None:
    """`said`: what stood there before, as files say it; `now`: what the admin wants, both of the changed fields only.
    Who sets a field back to what the file had said overrides nothing."""
    kept = dict(overridden or {})
    for field, before in said.items():
        kept.setdefault(field, before)
        if kept[field] == now[field]:
            del kept[field]
    return kept or None
