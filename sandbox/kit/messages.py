"""What a message carries besides its blocks: text, legacy attachments, metadata."""

import json
from typing import Any

from sandbox.kit.clean import at
from sandbox.kit.layout import block
from sandbox.kit.problem import Problem
from sandbox.kit.spec import (
    Check,
    Fields,
    Run,
    array,
    at_least_one,
    boolean,
    enum,
    integer,
    number,
    record,
    string,
    url,
)

BLOCKS_MAX = 50
ATTACHMENTS_MAX = 100
TEXT_MAX_POST = 40_000
TEXT_BYTES_UPDATE = 4_000
METADATA_BYTES = 1_024

_FIELD = record({}, {"title": string(), "value": string(), "short": boolean}, at_least_one("title", "value"))
_CONTENT = ("blocks", "text", "pretext", "title", "fields", "image_url", "thumb_url", "fallback")

_WORDS: Fields = dict.fromkeys(
    ("fallback", "text", "pretext", "title", "author_name", "author_subname", "callback_id"), string()
)
_LINKS: Fields = dict.fromkeys(
    ("title_link", "from_url", "author_link", "author_icon", "footer_icon", "image_url", "thumb_url"), url()
)


def _timestamp(value: object, pointer: str, run: Run) -> None:
    (string(1, 32, pattern=r"\d+(\.\d+)?", what="timestamp") if isinstance(value, str) else number())(
        value, pointer, run
    )


ATTACHMENT: Check = record(
    {},
    {
        **_WORDS,
        **_LINKS,
        "footer": string(0, 300),
        "color": string(pattern=r"good|warning|danger|#?[0-9A-Fa-f]{6}", what="colour"),
        "fields": array(_FIELD),
        "mrkdwn_in": array(enum("text", "pretext", "fields")),
        "ts": _timestamp,
        "id": integer(0),
        "blocks": array(block, 0, BLOCKS_MAX),
    },
    at_least_one(*_CONTENT),
)

_EVENT_TYPE = string(1, 50, pattern=r"[A-Za-z0-9_.-]+", what="event type")


def _scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def _flat(value: object, pointer: str, run: Run) -> None:
    for key, item in value.items() if isinstance(value, dict) else ():
        if not _scalar(item):
            run.say(at(pointer, key), "must be a string, number or boolean")


def _payload(value: object, pointer: str, run: Run) -> None:
    if not isinstance(value, dict):
        run.say(pointer, "must provide an object")
        return
    for key, item in value.items():
        where = at(pointer, key)
        if isinstance(item, list):
            for index, member in enumerate(item):
                if not isinstance(member, dict):
                    run.say(at(where, index), "must provide an object")
                _flat(member, at(where, index), run)
        elif isinstance(item, dict):
            _flat(item, where, run)
        elif not _scalar(item):
            run.say(where, "must be a string, number, boolean, object or array of objects")


METADATA = record({"event_type": _EVENT_TYPE, "event_payload": _payload})


def metadata_size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def too_many(attachments: list[Any]) -> list[Problem]:
    if len(attachments) <= ATTACHMENTS_MAX:
        return []
    message = f"no more than {ATTACHMENTS_MAX} items allowed"
    return [Problem(pointer="/attachments", message=message, code="too_many_attachments")]
