"""Block Kit as pure functions with Slack's limits inside (https://docs.slack.dev/reference/block-kit/).

Text that is too long for its place raises `TooLongError`: content is refused at authoring, never cut or sent broken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.slack.text import spoken

Block = dict[str, Any]
Element = dict[str, Any]


class TooLongError(ValueError):
    def __init__(self, what: str, length: int, limit: int) -> None:
        super().__init__(f"{what} has {length} characters; Slack allows {limit}")
        self.length, self.limit = length, limit


@dataclass(frozen=True, kw_only=True)
class Message:
    """`text` must make sense read aloud: screen readers get it alone. `blocks` at most 50."""

    text: str
    blocks: Sequence[Block] = ()

    def __post_init__(self) -> None:
        _within("a message", len(self.blocks), 50)
        _within("a message's text", len(self.text.encode()), 4000)  # chat.update was seen to count bytes


@dataclass(frozen=True, kw_only=True)
class View:
    """A modal or a Home tab. `private` (private_metadata, 3,000 characters) carries opaque ids only."""

    type: Literal["modal", "home"]
    blocks: Sequence[Block]
    title: str = ""
    callback_id: str = ""
    submit: str = ""
    close: str = ""
    private: str = ""
    notify_on_close: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def payload(self) -> dict[str, Any]:
        _within("a view", len(self.blocks), 100)
        _within("private metadata", len(self.private), 3000)
        view: dict[str, Any] = {"type": self.type, "blocks": list(self.blocks)}
        if self.callback_id:
            view["callback_id"] = self.callback_id
        if self.private:
            view["private_metadata"] = self.private
        if self.type == "modal":
            view["title"] = plain(self.title, 24)
            for name, words in (("submit", self.submit), ("close", self.close)):
                if words:
                    view[name] = plain(words, 24)
            if self.notify_on_close:
                view["notify_on_close"] = True
        return {**view, **self.extra}


def _within(what: str, length: int, limit: int) -> None:
    if length > limit:
        raise TooLongError(what, length, limit)


def plain(text: str, limit: int = 3000) -> Element:
    """Never parsed by Slack: the safe carrier of people's text."""
    _within("this text", len(text), limit)
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str, limit: int = 3000) -> Element:
    """`verbatim` keeps Slack from linking bare @here and #names. Escape people's text with `text.escape` first."""
    _within("this text", len(text), limit)
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _with_id(block: Block, block_id: str | None) -> Block:
    return {**block, "block_id": block_id} if block_id else block


def section(text: str, *, accessory: Element | None = None, block_id: str | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory:
        block["accessory"] = accessory
    return _with_id(block, block_id)


def fields(texts: Sequence[str]) -> Block:
    _within("a section's fields", len(texts), 10)
    return {"type": "section", "fields": [mrkdwn(text, 2000) for text in texts]}


def told(text: str) -> Message:
    """A message of one section. `text` is our own mrkdwn."""
    return Message(text=spoken(text), blocks=[section(text)])


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def divider() -> Block:
    return {"type": "divider"}


def context(*texts: str) -> Block:
    _within("a context", len(texts), 10)
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def image(*, alt: str, url: str | None = None, file: str | None = None, title: str | None = None) -> Block:
    """Exactly one of `url` (https, public) and `file` (an uploaded file's id)."""
    _within("alt text", len(alt), 2000)
    block: Block = {"type": "image", "alt_text": alt}
    if title:
        block["title"] = plain(title, 2000)
    if file:
        block["slack_file"] = {"id": file}
    else:
        block["image_url"] = url
    return block


def actions(*elements: Element, block_id: str | None = None) -> Block:
    _within("a row of buttons", len(elements), 25)
    return _with_id({"type": "actions", "elements": list(elements)}, block_id)


def button(
    text: str,
    *,
    action: str,
    value: str = "",
    url: str = "",
    style: Literal["primary", "danger", ""] = "",
    confirm: Element | None = None,
    label: str = "",
) -> Element:
    """`text` at most 75 characters, about 30 are shown; `label` is what a screen reader says instead."""
    element: Element = {"type": "button", "text": plain(text, 75), "action_id": action}
    for name, given in (("value", value), ("url", url), ("style", style), ("accessibility_label", label)):
        if given:
            element[name] = given
    if confirm:
        element["confirm"] = confirm
    return element


def confirm(title: str, text: str, yes: str, no: str, *, danger: bool = True) -> Element:
    asked: Element = {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
    return {**asked, "style": "danger"} if danger else asked


def option(text: str, value: str, description: str = "") -> Element:
    """`text`, `value` and `description` at most 75 characters; longer labels are shortened with an ellipsis."""
    _within("an option's value", len(value), 75)
    choice: Element = {"text": plain(shorten(text, 75), 75), "value": value}
    if description:
        choice["description"] = plain(shorten(description, 75), 75)
    return choice


def shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def entry(
    label: str, element: Element, *, block_id: str, hint: str = "", optional: bool = False, dispatch: bool = False
) -> Block:
    """An input block."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": element,
        "optional": optional,
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    if dispatch:
        block["dispatch_action"] = True
    return block


def text_input(
    *, action: str, initial: str = "", multiline: bool = False, limit: int = 3000, placeholder: str = ""
) -> Element:
    element: Element = {"type": "plain_text_input", "action_id": action, "multiline": multiline, "max_length": limit}
    if initial:
        element["initial_value"] = initial[:limit]
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def select(
    *, action: str, options: Sequence[Element], initial: Element | None = None, placeholder: str = ""
) -> Element:
    """One of at most 100 options."""
    _within("a menu", len(options), 100)
    element: Element = {"type": "static_select", "action_id": action, "options": list(options)}
    if initial:
        element["initial_option"] = initial
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element


def search(
    *, action: str, placeholder: str = "", minimum: int = 0, initial: Element | None = None, many: bool = False
) -> Element:
    """An external select: Slack asks us for options as the person types."""
    kind = "multi_external_select" if many else "external_select"
    element: Element = {"type": kind, "action_id": action, "min_query_length": minimum}
    if initial:
        element["initial_options" if many else "initial_option"] = [initial] if many else initial
    if placeholder:
        element["placeholder"] = plain(placeholder, 150)
    return element
