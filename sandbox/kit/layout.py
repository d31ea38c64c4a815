"""Blocks: what each may hold, and on which surfaces it may stand."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.kit import objects as o
from sandbox.kit.clean import at
from sandbox.kit.data import DATA_TABLE, DATA_VISUALIZATION, TABLE
from sandbox.kit.elements import (
    ALT_TEXT,
    BUTTON,
    ELEMENTS,
    IMAGE_FIELDS,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
)
from sandbox.kit.problem import Surface
from sandbox.kit.rich_text import RICH_TEXT, RICH_TEXT_ONLY
from sandbox.kit.spec import (
    Check,
    Fields,
    Run,
    array,
    at_least_one,
    boolean,
    enum,
    exactly_one,
    string,
    tagged,
    typed,
    url,
)

_ID: Fields = {"block_id": o.BLOCK_ID}
_IMAGE = tagged({"image": ELEMENTS["image"]})
_BUTTON = tagged({"button": BUTTON})

_ALL: frozenset[Surface] = frozenset({"message", "modal", "home"})
_VIEWS: frozenset[Surface] = frozenset({"modal", "home"})
_MESSAGES: frozenset[Surface] = frozenset({"message"})

SURFACES: dict[str, frozenset[Surface]] = {
    **dict.fromkeys(("section", "header", "divider", "context", "actions", "image", "rich_text", "video"), _ALL),
    **dict.fromkeys(
        ("table", "markdown", "data_table", "data_visualization", "context_actions", "container", "task_card", "plan"),
        _MESSAGES,
    ),
    "card": frozenset({"message", "home"}),
    "carousel": frozenset({"message", "home"}),
    "input": _VIEWS,
    "alert": frozenset({"modal"}),
}


def _input_element(value: object, pointer: str, run: Run) -> None:
    run.in_input = True
    tagged(IN_INPUT)(value, pointer, run)
    run.in_input = False
    if isinstance(value, dict) and value.get("type") == "file_input" and run.surface != "modal":
        run.say(at(pointer, "type"), "file_input is only allowed in modals")


def _folds_sensibly(value: dict[str, Any], pointer: str, run: Run) -> None:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        run.say(at(pointer, "default_collapsed"), "needs is_collapsible")
    if value.get("has_header_divider") and value.get("is_collapsible"):
        run.say(at(pointer, "has_header_divider"), "is not allowed with is_collapsible")


def _files_come_with_the_form(value: dict[str, Any], pointer: str, run: Run) -> None:
    if value["element"]["type"] == "file_input" and value.get("dispatch_action"):
        run.say(at(pointer, "dispatch_action"), "is not allowed with file_input")


def _not_at_slack(value: dict[str, Any], pointer: str, run: Run) -> None:
    host = urlsplit(value["video_url"]).hostname or ""
    if host == "slack.com" or host.endswith(".slack.com"):
        run.say(at(pointer, "video_url"), "must not be a Slack domain")


def _alone_not_pending(value: dict[str, Any], pointer: str, run: Run) -> None:
    if value["status"] == "pending":
        run.say(at(pointer, "status"), "only the tasks of a plan may be pending")


_HTTPS = url(schemes=("https",))
CARD = typed(
    "card",
    {},
    {
        **_ID,
        "hero_image": _IMAGE,
        "icon": _IMAGE,
        "title": o.mrkdwn(150),
        "subtitle": o.mrkdwn(150),
        "body": o.mrkdwn(200),
        "actions": array(_BUTTON, 1, 2),
    },
    at_least_one("hero_image", "title", "actions", "body"),
)

_TASK_FIELDS: tuple[Fields, Fields] = (
    {
        "task_id": string(1),
        "title": string(1),
        "status": enum("pending", "in_progress", "complete", "error"),
    },
    {
        **_ID,
        "details": RICH_TEXT_ONLY,
        "output": RICH_TEXT_ONLY,
        "sources": array(tagged({"url": typed("url", {"url": url(), "text": string(1)})})),
    },
)
_TASK = typed("task_card", *_TASK_FIELDS)

BLOCKS: dict[str, Check] = {
    "section": typed(
        "section",
        {},
        {
            **_ID,
            "text": o.text(),
            "fields": array(o.text(2000), 1, 10),
            "accessory": tagged(IN_SECTION),
            "expand": boolean,
        },
        at_least_one("text", "fields"),
    ),
    "header": typed("header", {"text": o.plain(150)}, _ID),
    "divider": typed("divider", {}, _ID),
    "context": typed(
        "context",
        {"elements": array(tagged({"image": ELEMENTS["image"], "plain_text": o.plain(), "mrkdwn": o.mrkdwn()}), 1, 10)},
        _ID,
    ),
    "actions": typed("actions", {"elements": array(tagged(IN_ACTIONS), 1, 25)}, _ID),
    "context_actions": typed("context_actions", {"elements": array(tagged(IN_CONTEXT_ACTIONS), 1, 5)}, _ID),
    "input": typed(
        "input",
        {"label": o.plain(2000), "element": _input_element},
        {**_ID, "hint": o.plain(2000), "optional": boolean, "dispatch_action": boolean},
        _files_come_with_the_form,
    ),
    "image": typed(
        "image",
        {"alt_text": ALT_TEXT},
        {**_ID, **IMAGE_FIELDS, "title": o.plain(2000)},
        exactly_one("image_url", "slack_file"),
    ),
    "rich_text": RICH_TEXT,
    "markdown": typed("markdown", {"text": string(1, 12_000)}, _ID),
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "alert": typed(
        "alert", {"text": o.text(200)}, {**_ID, "level": enum("default", "info", "warning", "error", "success")}
    ),
    "card": CARD,
    "carousel": typed("carousel", {"elements": array(tagged({"card": CARD}), 1, 10)}, _ID),
    "video": typed(
        "video",
        {"video_url": _HTTPS, "thumbnail_url": url(), "alt_text": ALT_TEXT, "title": o.plain(199)},
        {
            **_ID,
            "title_url": _HTTPS,
            "author_name": string(1, 49),
            "provider_name": string(1, 50),
            "provider_icon_url": url(),
            "description": o.plain(199),
        },
        _not_at_slack,
    ),
    "task_card": typed("task_card", *_TASK_FIELDS, _alone_not_pending),
    "plan": typed("plan", {"title": string(1)}, {**_ID, "tasks": array(tagged({"task_card": _TASK}), 0, 50)}),
}

_CHILDREN = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section", "table", "video")


def block(value: object, pointer: str, run: Run) -> None:
    """Any block, on the surface of the run."""
    tagged(BLOCKS)(value, pointer, run)
    _check_surface(value, pointer, run)


def _child(value: object, pointer: str, run: Run) -> None:
    tagged({name: BLOCKS[name] for name in _CHILDREN})(value, pointer, run)
    _check_surface(value, pointer, run)


def _check_surface(value: object, pointer: str, run: Run) -> None:
    kind = value.get("type") if isinstance(value, dict) else None
    if isinstance(kind, str) and kind in SURFACES and run.surface not in SURFACES[kind]:
        place = {"message": "messages", "modal": "modals", "home": "the Home tab"}[run.surface]
        run.say(at(pointer, "type"), f"unsupported type: {kind} is not allowed in {place}")


BLOCKS["container"] = typed(
    "container",
    {"child_blocks": array(_child, 1, 10)},
    {
        **_ID,
        "title": o.plain(150),
        "rich_text_title": RICH_TEXT_ONLY,
        "subtitle": o.text(150),
        "width": enum("narrow", "standard", "wide", "full"),
        "icon": _IMAGE,
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    at_least_one("title", "rich_text_title"),
    _folds_sensibly,
)
