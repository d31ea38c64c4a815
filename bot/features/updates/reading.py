"""Slack's state of the window, read into a form."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.features.updates.rules import (
    CHANNELS,
    CUSTOMER,
    EMBARGO,
    HEADLINE,
    KIND,
    KINDS,
    LINK,
    NEWS,
    OFFER,
    PICTURE,
    TEXT,
    TICK,
    Form,
    Update,
)
from bot.slack.payloads import picked, typed

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
Values = Mapping[str, Mapping[str, Any]]


def read_form(values: Values) -> Form:
    """What is missing or makes no sense reads as not given."""
    customer, kind = picked(values, CUSTOMER), picked(values, KIND)
    return Form(
        customer_id=customer[0][:32] if customer else "",
        text=typed(values, TEXT),
        kind=kind[0] if kind and kind[0] in KINDS else NEWS,
        headline=typed(values, HEADLINE),
        link=typed(values, LINK),
        channels=tuple(dict.fromkeys(one[:32] for one in picked(values, CHANNELS) if one)),
        offer=bool(picked(values, OFFER)),
        tick=bool(picked(values, TICK)),
        embargo=_moment(values),
        picture=_picture(values),
    )


def read_edit(values: Values, update: Update) -> Form:
    """What the window does not have stays as it was."""
    given = read_form(values)
    return replace(
        given,
        customer_id=update.customer_id,
        channels=update.channels,
        offer=update.offered,
        embargo=None,
        picture=None,
    )


def _only(values: Values, block: str) -> Mapping[str, Any]:
    for state in (values.get(block) or {}).values():
        return state if isinstance(state, Mapping) else {}
    return {}


def _moment(values: Values) -> datetime | None:
    given = _only(values, EMBARGO).get("selected_date_time")
    return datetime.fromtimestamp(given, UTC) if isinstance(given, int) and 0 < given < 10**10 else None


def files_of(values: Values) -> list[Mapping[str, Any]]:
    files = _only(values, PICTURE).get("files")
    return [one for one in files if isinstance(one, Mapping)] if isinstance(files, list) else []


def _picture(values: Values) -> tuple[str, str] | None:
    for one in files_of(values)[:1]:
        file_id, url, kind = one.get("id"), one.get("url_private"), one.get("mimetype")
        if isinstance(file_id, str) and isinstance(url, str) and kind in PICTURES:
            return file_id[:32], url
    return None
