"""Input blocks that Block Kit has and forms of the inbox share."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bot.slack import kit
from bot.slack.kit import Block, Element
from bot.slack.payloads import Submission

PICTURES = ("png", "jpg", "jpeg", "gif")


def radio(label: str, block: str, options: Sequence[Element], chosen: str) -> Block:
    initial = next((one for one in options if one["value"] == chosen), options[0])
    element = {"type": "radio_buttons", "action_id": block, "options": list(options), "initial_option": initial}
    return kit.entry(label, element, block_id=block)


def tick(label: str, block: str, option: Element, *, ticked: bool = False) -> Block:
    element: Element = {"type": "checkboxes", "action_id": block, "options": [option]}
    if ticked:
        element["initial_options"] = [option]
    return kit.entry(label, element, block_id=block, optional=True)


def picture(label: str, block: str, hint: str) -> Block:
    element = {"type": "file_input", "action_id": block, "filetypes": list(PICTURES), "max_files": 1}
    return kit.entry(label, element, block_id=block, hint=hint, optional=True)


def day(label: str, block: str, *, initial: str = "", hint: str = "") -> Block:
    element: Element = {"type": "datepicker", "action_id": block}
    if initial:
        element["initial_date"] = initial
    return kit.entry(label, element, block_id=block, hint=hint, optional=True)


def typed(
    label: str,
    block: str,
    *,
    initial: str = "",
    limit: int,
    hint: str = "",
    multiline: bool = False,
    optional: bool = True,
) -> Block:
    """What an offered text has beyond `limit` is left out of the field, as Slack would refuse it."""
    element = kit.text_input(action=block, initial=initial, multiline=multiline, limit=limit)
    return kit.entry(label, element, block_id=block, hint=hint, optional=optional)


def search(
    label: str, block: str, action: str, chosen: Sequence[Element], *, many: bool = False, hint: str = ""
) -> Block:
    element = kit.search(action=action, minimum=0, many=many)
    if chosen:
        element["initial_options" if many else "initial_option"] = list(chosen) if many else chosen[0]
    return kit.entry(label, element, block_id=block, hint=hint, optional=True)


def moment(given: Submission, block: str) -> datetime | None:
    """Out of a `datetimepicker`."""
    for state in given.values.get(block, {}).values():
        found = state.get("selected_date_time") if isinstance(state, dict) else None
        if isinstance(found, int) and 0 < found < 10**10:
            return datetime.fromtimestamp(found, UTC)
    return None


def files(given: Submission, block: str) -> list[dict[str, Any]]:
    """Slack's file objects out of a `file_input`."""
    for state in given.values.get(block, {}).values():
        found = state.get("files") if isinstance(state, dict) else None
        if isinstance(found, list):
            return [one for one in found if isinstance(one, dict)]
    return []
