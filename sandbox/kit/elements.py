"""Block elements: what can be pressed, picked, filled in or looked at."""

import re
from datetime import date
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from sandbox.kit import objects as o
from sandbox.kit.clean import at
from sandbox.kit.rich_text import RICH_TEXT_ONLY
from sandbox.kit.spec import (
    Check,
    Fields,
    Rule,
    Run,
    array,
    boolean,
    distinct,
    enum,
    exactly_one,
    in_order,
    integer,
    length,
    record,
    string,
    typed,
    url,
)

_ID: Fields = {"action_id": o.ACTION_ID}
_CONFIRM: Fields = {"confirm": o.CONFIRM}
_FOCUS: Fields = {"focus_on_load": boolean}
_HINT: Fields = {"placeholder": o.plain(150)}
_PICK: Fields = {**_ID, **_CONFIRM, **_FOCUS}
_MENU: Fields = {**_PICK, **_HINT}
_MULTI: Fields = {**_MENU, "max_selected_items": integer(1)}
_TYPE_IN: Fields = {**_ID, **_FOCUS, **_HINT, "dispatch_action_config": o.DISPATCH}
_LABEL: Fields = {"accessibility_label": string(1, 75)}
_SEEN_BY: Fields = {"visible_to_user_ids": array(o.USER, 1, 10)}


def _all_options(value: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = [(f"/options/{index}", option) for index, option in enumerate(value.get("options", []))]
    for index, group in enumerate(value.get("option_groups", [])):
        found += [(f"/option_groups/{index}/options/{n}", option) for n, option in enumerate(group["options"])]
    return found


def _values_differ(value: dict[str, Any], pointer: str, run: Run) -> None:
    seen: set[str] = set()
    for where, option in _all_options(value):
        if option["value"] in seen:
            run.say(f"{pointer}{where}/value", "must be unique among the options of one element")
        seen.add(option["value"])


def _initial_is_offered(value: dict[str, Any], pointer: str, run: Run) -> None:
    offered = [option for _, option in _all_options(value)]
    if "initial_option" in value and value["initial_option"] not in offered:
        run.say(at(pointer, "initial_option"), "must exactly match one of the options")
    for index, option in enumerate(value.get("initial_options", [])):
        if option not in offered:
            run.say(at(at(pointer, "initial_options"), index), "must exactly match one of the options")


def _not_more_than_allowed(name: str) -> Rule:
    def rule(value: dict[str, Any], pointer: str, run: Run) -> None:
        if "max_selected_items" in value and len(value.get(name, [])) > value["max_selected_items"]:
            run.say(at(pointer, name), "must not have more items than max_selected_items")

    return rule


def _choice(kind: str, most: int, initial: Fields, *, markup: bool = True) -> Check:
    optional = {**_PICK, **initial}
    options = {"options": array(o.option(markup=markup), 1, most)}
    return typed(kind, options, optional, _values_differ, distinct("initial_options"), _initial_is_offered)


def _static(kind: str, shared: Fields, initial: Fields) -> Check:
    return typed(
        kind,
        {},
        {
            **shared,
            **initial,
            "options": array(o.option(), 1, 100),
            "option_groups": array(o.OPTION_GROUP, 1, 100),
        },
        exactly_one("options", "option_groups"),
        _values_differ,
        distinct("initial_options"),
        _initial_is_offered,
        _not_more_than_allowed("initial_options"),
    )


def _menu(kind: str, more: Fields) -> Check:
    return typed(kind, {}, {**_MENU, **more})


def _multi_menu(kind: str, initial: str, item: Check, more: Fields | None = None) -> Check:
    optional = {**_MULTI, initial: array(item, 1, 100), **(more or {})}
    return typed(kind, {}, optional, distinct(initial), _not_more_than_allowed(initial))


def _answers_elsewhere(value: object, pointer: str, run: Run) -> None:
    boolean(value, pointer, run)
    if value is True and not (run.surface == "modal" and run.in_input):
        run.say(pointer, "is only allowed in an input block of a modal")


def _day(value: object, pointer: str, run: Run) -> None:
    try:
        fits = isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) is not None
        date.fromisoformat(str(value))
    except ValueError:
        fits = False
    if not fits:
        run.say(pointer, "must be a date as YYYY-MM-DD")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: object, pointer: str, run: Run) -> None:
    if not isinstance(value, str) or value not in _zones():
        run.say(pointer, "must be an IANA time zone")


def _numbers_fit(value: dict[str, Any], pointer: str, run: Run) -> None:
    whole = not value["is_decimal_allowed"]
    given = {name: value[name] for name in ("min_value", "initial_value", "max_value") if name in value}
    if whole:
        for name, text in given.items():
            if "." in text:
                run.say(at(pointer, name), "must be a whole number")
    for low, high in (("min_value", "max_value"), ("min_value", "initial_value"), ("initial_value", "max_value")):
        if low in given and high in given and float(given[low]) > float(given[high]):
            run.say(at(pointer, low), f"must not be greater than {high}")


def _initial_fits(value: dict[str, Any], pointer: str, run: Run) -> None:
    count = length(value.get("initial_value", ""))
    if count > value.get("max_length", count):
        run.say(at(pointer, "initial_value"), "must not be longer than max_length")


_NUMBER = string(pattern=r"-?\d{1,50}(\.\d{1,48})?", what="number")
_FILTER: Fields = {"filter": o.CONVERSATION_FILTER, "default_to_current_conversation": boolean}
_REPLY: Fields = {"response_url_enabled": _answers_elsewhere}
_QUERY: Fields = {"min_query_length": integer(0)}
_INITIAL: Fields = {"initial_option": o.option()}
_INITIALS: Fields = {"initial_options": array(o.option(), 1, 100)}
_MARKED: Fields = {"initial_option": o.option(markup=True)}
_MARKEDS: Fields = {"initial_options": array(o.option(markup=True), 1, 10)}

IMAGE_FIELDS: Fields = {"image_url": url(), "slack_file": o.SLACK_FILE}
ALT_TEXT = string(1, 2000)

_VERDICT = record({"text": o.plain(75), "value": string(1, 2000)}, _LABEL)
_INPUT_PARAMETER = record({"name": string(1), "value": string()})
_WORKFLOW = record(
    {"trigger": record({"url": url()}, {"customizable_input_parameters": array(_INPUT_PARAMETER)})},
)

BUTTON = typed(
    "button",
    {"text": o.plain(75)},
    {
        **_ID,
        **_CONFIRM,
        **_LABEL,
        **_SEEN_BY,
        "value": string(1, 2000),
        "url": url(),
        "style": o.BUTTON_STYLE,
        "agent_prompt": string(1, 4000),
        "agent_prompt_display": string(1, 4000),
    },
)

ELEMENTS: dict[str, Check] = {
    "button": BUTTON,
    "checkboxes": _choice("checkboxes", 10, _MARKEDS),
    "radio_buttons": _choice("radio_buttons", 10, _MARKED),
    "overflow": typed("overflow", {"options": array(o.option(links=True), 1, 5)}, {**_ID, **_CONFIRM}, _values_differ),
    "static_select": _static("static_select", _MENU, _INITIAL),
    "multi_static_select": _static("multi_static_select", _MULTI, _INITIALS),
    "external_select": _menu("external_select", {**_QUERY, **_INITIAL}),
    "multi_external_select": _multi_menu("multi_external_select", "initial_options", o.option(), _QUERY),
    "users_select": _menu("users_select", {"initial_user": o.USER}),
    "multi_users_select": _multi_menu("multi_users_select", "initial_users", o.USER),
    "channels_select": _menu("channels_select", {"initial_channel": o.CHANNEL, **_REPLY}),
    "multi_channels_select": _multi_menu("multi_channels_select", "initial_channels", o.CHANNEL),
    "conversations_select": _menu(
        "conversations_select", {"initial_conversation": o.CONVERSATION, **_FILTER, **_REPLY}
    ),
    "multi_conversations_select": _multi_menu(
        "multi_conversations_select", "initial_conversations", o.CONVERSATION, _FILTER
    ),
    "datepicker": typed("datepicker", {}, {**_MENU, "initial_date": _day}),
    "timepicker": typed(
        "timepicker",
        {},
        {
            **_MENU,
            "initial_time": string(pattern=r"([01][0-9]|2[0-3]):[0-5][0-9]", what="time as HH:mm"),
            "timezone": _zone,
        },
    ),
    "datetimepicker": typed(
        "datetimepicker", {}, {**_PICK, "initial_date_time": integer(1_000_000_000, 9_999_999_999)}
    ),
    "plain_text_input": typed(
        "plain_text_input",
        {},
        {
            **_TYPE_IN,
            "initial_value": string(0, 3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        in_order("min_length", "max_length"),
        _initial_fits,
    ),
    "rich_text_input": typed(
        "rich_text_input",
        _ID,
        {**_TYPE_IN, "initial_value": RICH_TEXT_ONLY, "min_lines": integer(1, 100), "max_lines": integer(1, 100)},
        in_order("min_lines", "max_lines"),
    ),
    "email_text_input": typed("email_text_input", {}, {**_TYPE_IN, "initial_value": string(0, 3000)}),
    "url_text_input": typed("url_text_input", {}, {**_TYPE_IN, "initial_value": string(0, 3000)}),
    "number_input": typed(
        "number_input",
        {"is_decimal_allowed": boolean},
        {**_TYPE_IN, "initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        _numbers_fit,
    ),
    "file_input": typed("file_input", {}, {**_ID, "filetypes": array(string(1, 255), 1), "max_files": integer(1, 10)}),
    "image": typed("image", {"alt_text": ALT_TEXT}, IMAGE_FIELDS, exactly_one("image_url", "slack_file")),
    "workflow_button": typed(
        "workflow_button",
        {"text": o.plain(75), "workflow": _WORKFLOW, **_ID},
        {**_CONFIRM, **_LABEL, "style": o.BUTTON_STYLE},
    ),
    "feedback_buttons": typed("feedback_buttons", {"positive_button": _VERDICT, "negative_button": _VERDICT}, _ID),
    "icon_button": typed(
        "icon_button",
        {"icon": enum("trash"), "text": o.plain(75)},
        {**_ID, **_CONFIRM, **_LABEL, **_SEEN_BY, "value": string(1, 2000)},
    ),
}

_SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
_MENUS = (*_SELECTS, *(f"multi_{name}" for name in _SELECTS))
_PICKED = ("checkboxes", "radio_buttons", "datepicker", "timepicker", *_MENUS)
_TYPED_IN = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input")


def of_kinds(*names: str) -> dict[str, Check]:
    return {name: ELEMENTS[name] for name in names}


IN_SECTION = of_kinds("button", "image", "overflow", "workflow_button", *_PICKED)
IN_ACTIONS = of_kinds("button", "overflow", "workflow_button", "datetimepicker", "rich_text_input", *_PICKED)
IN_INPUT = of_kinds("datetimepicker", "rich_text_input", *_TYPED_IN, *_PICKED)
IN_CONTEXT_ACTIONS = of_kinds("feedback_buttons", "icon_button")
