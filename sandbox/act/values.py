"""What a person chooses or types, turned into the value Slack sends; only what is on offer can be chosen."""

import re
from typing import Any

from sandbox import objects
from sandbox.act.typing import take_file
from sandbox.elements import VALUE_KEYS
from sandbox.errors import CannotDoError
from sandbox.slack import Slack
from sandbox.store import Json


def options_of(element: Json) -> list[Json]:
    grouped = [option for group in element.get("option_groups") or () for option in group.get("options") or ()]
    return [*(element.get("options") or ()), *grouped]


def option(element: Json, wanted: Any, offered: list[Json]) -> Json:
    """One of the options on offer, by its label or its value."""
    for one in (*options_of(element), *offered):
        if wanted in (one.get("value"), one["text"]["text"]):
            return one
    raise CannotDoError("no_such_option", f"{wanted!r} is not offered", status=404)


def build(slack: Slack, user: str, element: Json, given: Any, offered: list[Json]) -> Json:
    """The state of an element after the person gave it this; None empties it."""
    kind = element["type"]
    key = VALUE_KEYS[kind]
    return {"type": kind, key: _value(slack, user, element, kind, given, offered)} | (
        {"timezone": element["timezone"]} if kind == "timepicker" and element.get("timezone") else {}
    )


def _value(slack: Slack, user: str, element: Json, kind: str, given: Any, offered: list[Json]) -> Any:
    if kind == "file_input":
        return _files(slack, user, element, given)
    many = kind.startswith("multi_") or kind == "checkboxes"
    if many:
        wanted = given if isinstance(given, list) else [] if given is None else [given]
        most = element.get("max_selected_items")
        if most and len(wanted) > most:
            raise CannotDoError("too_many", f"at most {most} can be chosen")
        return [_one(slack, user, element, kind, one, offered) for one in wanted]
    if given is None or given == "":
        return None
    return _one(slack, user, element, kind, given, offered)


def _one(slack: Slack, user: str, element: Json, kind: str, given: Any, offered: list[Json]) -> Any:
    if kind.endswith(("static_select", "external_select")) or kind in ("checkboxes", "radio_buttons", "overflow"):
        return option(element, given, offered)
    if kind.endswith("users_select"):
        return _person(slack, user, given)
    if kind.endswith(("conversations_select", "channels_select")):
        return _conversation(slack, user, kind, element, given)
    if kind == "rich_text_input":
        return given if isinstance(given, dict) else _rich(str(given))
    return _plain(kind, given)


def _files(slack: Slack, user: str, element: Json, given: Any) -> list[Json]:
    entries = given if isinstance(given, list) else []
    most, wanted = element.get("max_files", 10), element.get("filetypes")
    if len(entries) > most:
        raise CannotDoError("too_many", f"at most {most} files can be given")
    for entry in entries:
        ending = str(entry.get("name") if isinstance(entry, dict) else "").rsplit(".", 1)[-1].lower()
        if wanted and ending not in wanted:
            raise CannotDoError("invalid_file", f"only {', '.join(wanted)} can be given")
    team = slack.store.people[user].team
    return [objects.file(slack, take_file(slack, user, team, entry)) for entry in entries]


def _person(slack: Slack, user: str, given: Any) -> str:
    team = slack.store.people[user].team
    for person in slack.store.people.values():
        if person.team == team and given in (person.id, person.name, person.real_name):
            return person.id
    raise CannotDoError("no_such_person", f"there is no {given!r} to choose", status=404)


def _conversation(slack: Slack, user: str, kind: str, element: Json, given: Any) -> str:
    wanted = element.get("filter") or {}
    include = wanted.get("include")
    for one in slack.store.channels.values():
        if given not in (one.id, one.name, f"#{one.name}") or one.deleted or one.archived:
            continue
        if one.kind != "public" and user not in one.members:
            continue
        if kind.endswith("channels_select") and one.kind != "public":
            continue
        sort = {"public": "public", "private": "private", "dm": "im"}[one.kind]
        if include and sort not in include:
            continue
        if wanted.get("exclude_external_shared_channels") and one.shared:
            continue
        return one.id
    raise CannotDoError("no_such_channel", f"there is no {given!r} to choose", status=404)


def _plain(kind: str, given: Any) -> Any:
    shapes = {"datepicker": r"\d{4}-\d{2}-\d{2}", "timepicker": r"([01]\d|2[0-3]):[0-5]\d", "datetimepicker": r"\d{10}"}
    shape = shapes.get(kind)
    if shape and not re.fullmatch(shape, str(given)):
        raise CannotDoError("invalid_value", f"{given!r} is not what a {kind} takes")
    return int(given) if kind == "datetimepicker" else str(given)


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def field_error(block: Json, value: Json) -> str | None:
    """What Slack itself says under a field before it sends a form to the app."""
    element = block["element"]
    key = VALUE_KEYS[element["type"]]
    given = value.get(key)
    if given in (None, "", []):
        return None if block.get("optional") else "Please complete this required field."
    if key != "value":
        return None
    text = str(given)
    kind = element["type"]
    if kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "Please enter a valid email address."
    if kind == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        return "Please enter a valid URL."
    if kind == "number_input":
        return _number_error(element, text)
    if element.get("min_length") and len(text) < element["min_length"]:
        return f"Please enter at least {element['min_length']} characters."
    most = element.get("max_length") or 3000
    return f"Please enter at most {most} characters." if len(text) > most else None


def _number_error(element: Json, text: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, text):
        return "Please enter a number." if element.get("is_decimal_allowed") else "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and float(text) > float(high):
        return f"Please enter a number of at most {high}."
    return None
