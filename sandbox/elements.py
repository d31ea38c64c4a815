"""Interactive elements inside blocks: finding them, naming them, and the state they start with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.ids import Ids
from sandbox.store import Json

# How each element's value is named in `state.values` and in a press.
VALUE_KEYS = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "file_input": "files",
}
_INITIAL = {
    "value": "initial_value",
    "rich_text_value": "initial_value",
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_user": "initial_user",
    "selected_users": "initial_users",
    "selected_conversation": "initial_conversation",
    "selected_conversations": "initial_conversations",
    "selected_channel": "initial_channel",
    "selected_channels": "initial_channels",
    "selected_date": "initial_date",
    "selected_time": "initial_time",
    "selected_date_time": "initial_date_time",
}
_STATELESS = ("button", "overflow", "workflow_button", "icon_button", "feedback_buttons")
BUTTONS = ("button", "workflow_button", "icon_button", "feedback_buttons")


@dataclass(frozen=True, kw_only=True)
class Found:
    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def label(self) -> str:
        if self.block.get("type") == "input":
            return str(self.block["label"]["text"])
        text = self.element.get("text") or self.element.get("placeholder") or {}
        return str(text.get("text", "")) if isinstance(text, dict) else ""


def with_ids(ids: Ids, blocks: list[Json]) -> list[Json]:
    """The blocks with a block_id each and an action_id for each element, made up where the app gave none."""
    return [_named(ids, block) for block in blocks]


def _named(ids: Ids, block: Json) -> Json:
    named = {**block, "block_id": block.get("block_id") or ids.secret()[:5]}
    if isinstance(named.get("elements"), list) and named["type"] in ("actions", "context_actions"):
        named["elements"] = [_with_action(ids, one) for one in named["elements"]]
    for place in ("accessory", "element"):
        if isinstance(named.get(place), dict):
            named[place] = _with_action(ids, named[place])
    for place in ("actions", "blocks", "cards", "child_blocks"):
        inner = named.get(place)
        if isinstance(inner, list):
            named[place] = [_with_action(ids, one) if place == "actions" else _named(ids, one) for one in inner]
    if named["type"] == "carousel" and isinstance(named.get("elements"), list):
        named["elements"] = [_named(ids, one) for one in named["elements"]]
    return named


def _with_action(ids: Ids, element: Json) -> Json:
    if element.get("type") not in VALUE_KEYS and element.get("type") not in BUTTONS:
        return element
    return {**element, "action_id": element.get("action_id") or ids.secret()[:5]}


def find_all(blocks: list[Json]) -> Iterator[Found]:
    """Every interactive element, in reading order."""
    for block in blocks:
        for place in ("elements", "actions", "accessory", "element"):
            inner = block.get(place)
            for element in inner if isinstance(inner, list) else [inner] if isinstance(inner, dict) else []:
                if element.get("type") in VALUE_KEYS or element.get("type") in BUTTONS:
                    yield Found(block=block, element=element)
        for place in ("blocks", "cards", "child_blocks", "elements"):
            inner = block.get(place)
            if isinstance(inner, list):
                yield from find_all([one for one in inner if isinstance(one, dict) and "block_id" in one])


def initial_values(blocks: list[Json]) -> dict[str, Json]:
    """`state.values` as it is before anyone touches anything."""
    values: dict[str, Json] = {}
    for found in find_all(blocks):
        if found.kind not in _STATELESS:
            values.setdefault(found.block_id, {})[found.action_id] = _initial(found.element)
    return values


def _initial(element: Json) -> Json:
    kind = element["type"]
    key = VALUE_KEYS[kind]
    start: Any = element.get(_INITIAL.get(key, ""))
    if start is None and key in (
        "selected_options",
        "selected_users",
        "selected_conversations",
        "selected_channels",
        "files",
    ):
        start = []
    value: Json = {"type": kind, key: start}
    if kind == "timepicker" and element.get("timezone"):
        value["timezone"] = element["timezone"]
    return value
