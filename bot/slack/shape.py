"""Whether a signed payload has the shape that Slack documents, as far as Bolt relies on it: Bolt reads it unasked, and
what does not fit ends there in a traceback. What is merely unknown fits."""

from collections.abc import Mapping
from typing import Any

from bot.core.strings import why_unusable

NAMES = (
    "type", "subtype", "id", "team_id", "user_id", "enterprise_id", "channel_id", "app_installed_team_id", "bot_id",
    "callback_id", "action_id", "block_id", "command", "trigger_id", "response_url", "event_id", "thread_ts",
    "user_team", "name", "old_channel_id", "new_channel_id", "channel_type", "tab",
    "context_team_id", "context_enterprise_id",
)  # fmt: skip
NAMED = ("user", "team", "channel", "enterprise", "item")  # an id, or what has one
PARTS = (
    "event", "view", "message", "previous_message", "container", "state", "assistant_thread", "function_data",
    "workflow_step",
)  # fmt: skip
LISTS = ("actions", "authorizations", "response_urls")
DEEPEST = 4


def fits(body: Mapping[str, Any]) -> bool:
    return _fits(body, DEEPEST) and _complete(body)


def _fits(part: Mapping[str, Any], left: int) -> bool:
    if not all(part.get(name) is None or _is_name(part[name]) for name in NAMES):
        return False
    inner = []
    for name in (*NAMED, *PARTS):
        value = part.get(name)
        if isinstance(value, Mapping):
            inner.append(value)
        elif value is not None and not (name in NAMED and _is_name(value)):
            return False
    for name in LISTS:
        several = part.get(name)
        if several is None:
            continue
        if not isinstance(several, list) or not all(isinstance(one, Mapping) for one in several):
            return False
        inner.extend(several)
    return all(left > 0 and _fits(one, left - 1) for one in inner)


def _is_name(value: object) -> bool:
    """No database takes NUL or half a surrogate pair."""
    return isinstance(value, str) and why_unusable(value) is None


def _complete(body: Mapping[str, Any]) -> bool:
    """What Bolt finds the listener by is there."""
    view, event, actions = body.get("view"), body.get("event"), body.get("actions")
    match body.get("type"):
        case "block_actions":
            return bool(actions) and isinstance(actions, list) and isinstance(actions[0].get("action_id"), str)
        case "block_suggestion":
            return isinstance(body.get("action_id"), str)
        case "view_submission" | "view_closed":
            return isinstance(view, Mapping) and isinstance(view.get("callback_id"), str) and "type" in view
        case "event_callback":
            return isinstance(event, Mapping) and isinstance(event.get("type"), str)
    return "event" not in body or isinstance(event, Mapping)
