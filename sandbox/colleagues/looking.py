"""What a person can press, read from what they see."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Button:
    action: str
    block: str


@dataclass(frozen=True, kw_only=True)
class Post:
    """A message. `thread` is the message that begins its thread; `last` who wrote last in there."""

    channel: str
    ts: str
    thread: str
    last: str
    text: str
    buttons: tuple[Button, ...]

    def reads(self, patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(self.text, wanted) for wanted in patterns)

    def fitting(self, patterns: tuple[str, ...]) -> tuple[Button, ...]:
        return tuple(one for one in self.buttons if any(fnmatchcase(one.action, wanted) for wanted in patterns))


def posts(seen: Json) -> Iterator[Post]:
    """Every message that is not only for this person's eyes, the oldest of each conversation first."""
    for channel, messages in seen["messages"].items():
        for root in messages:
            replies = root.get("replies") or []
            said = [one for one in (root, *replies) if not one.get("ephemeral")]
            last = str((said[-1] if said else root).get("user") or "")
            for one in said:
                yield Post(
                    channel=channel,
                    ts=one["ts"],
                    thread=root["ts"],
                    last=last,
                    text=str(one.get("text") or ""),
                    buttons=tuple(_buttons(one.get("blocks") or [])),
                )


def _buttons(blocks: list[Json]) -> Iterator[Button]:
    for block in blocks:
        inner = block.get("elements") if block.get("type") == "actions" else [block.get("accessory")]
        for element in inner or ():
            if isinstance(element, dict) and element.get("type") == "button" and not element.get("url"):
                yield Button(action=str(element["action_id"]), block=str(block["block_id"]))


def answers(modal: Json, words: str, leaning: float = 0.0) -> Json:
    """What a form needs before it can be sent: `words` in its empty text fields, ticks, and one of what is offered (the
    first for a `leaning` of 0, the last just below 1)."""
    found: Json = {}
    for block in modal["view"]["blocks"]:
        if block["type"] != "input":
            continue
        element = block["element"]
        held = modal["values"].get(block["block_id"], {}).get(element.get("action_id", ""), {})
        empty = not any(value for key, value in held.items() if key != "type")
        if empty and element["type"] == "plain_text_input" and not block.get("optional"):
            found[block["block_id"]] = words
        elif empty and not block.get("optional") and element.get("options"):
            found[block["block_id"]] = _one(element, leaning)
    return found


def _one(element: Json, leaning: float) -> Any:
    options = element["options"]
    if element["type"] in ("checkboxes", "multi_static_select"):
        return [options[0]["value"]]
    return options[int(leaning * len(options))]["value"]
