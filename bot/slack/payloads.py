"""Slack's payloads, read once into frozen values. What does not fit raises `UnreadableError`, never KeyError later."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.core.strings import why_unusable

NOT_STORED = re.compile("[\x00\ud800-\udfff]")


class UnreadableError(ValueError):
    """The payload lacks what Slack documents: answered politely, never with a traceback."""


@dataclass(frozen=True, kw_only=True)
class Who:
    """From Slack's signed payload. `home_team` differs from `workspace_id` for people of other companies."""

    workspace_id: str
    user_id: str
    home_team: str = ""

    @property
    def outsider(self) -> bool:
        return bool(self.home_team) and self.home_team != self.workspace_id


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button, menu or other element used, in a message, a modal or Home. `acted_at` is Slack's action_ts."""

    who: Who
    action: str
    block_id: str
    value: str
    chosen: tuple[str, ...]
    acted_at: str
    trigger_id: str
    response_url: str
    channel: str
    message_ts: str
    thread_ts: str
    view_id: str
    view_hash: str
    private: str
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Natural key of the press: the same for every repeat of it."""
        return f"press:{self.message_ts or self.view_id}:{self.who.user_id}:{self.action}:{self.acted_at}"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A modal submitted. `values` as Slack gives them: block id, action id, element state; see `typed` and `picked`."""

    who: Who
    view_id: str
    view_hash: str
    callback: str
    private: str
    trigger_id: str
    values: Mapping[str, Mapping[str, Any]]

    @property
    def key(self) -> str:
        return f"view:{self.view_id}:{self.callback}"

    def typed(self, block: str) -> str:
        return typed(self.values, block)

    def picked(self, block: str) -> tuple[str, ...]:
        return picked(self.values, block)


@dataclass(frozen=True, kw_only=True)
class SlashCommand:
    who: Who
    command: str
    text: str
    channel: str
    trigger_id: str
    response_url: str

    @property
    def key(self) -> str:
        return f"command:{self.trigger_id}"


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a person has typed into an external select."""

    who: Who
    action: str
    query: str
    private: str


@dataclass(frozen=True, kw_only=True)
class DirectMessage:
    """A message event in a DM with the app. `change`: new, edited, deleted. `text` is unescaped; `files` have `id`,
    `name`, `mimetype`, `url_private`."""

    who: Who
    event_id: str
    change: str
    channel: str
    ts: str
    thread_ts: str
    text: str
    files: tuple[Mapping[str, Any], ...]

    @property
    def key(self) -> str:
        return f"event:{self.event_id}"


def who(body: Mapping[str, Any]) -> Who:
    user = body.get("user")
    user = user if isinstance(user, Mapping) else {}
    team = body.get("team")
    workspace = team.get("id") if isinstance(team, Mapping) else None
    user_id = _text(user.get("id") or body.get("user_id"))
    workspace = _text(workspace or body.get("team_id") or user.get("team_id"))
    if not user_id or not workspace:
        raise UnreadableError("no user or workspace")
    return Who(workspace_id=workspace, user_id=user_id, home_team=_text(user.get("team_id")))


def press(body: Mapping[str, Any]) -> Press:
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise UnreadableError("no action")
    action = actions[0]
    container = _map(body.get("container"))
    view = _map(body.get("view"))
    return Press(
        who=who(body),
        action=_text(action.get("action_id")),
        block_id=_text(action.get("block_id")),
        value=_text(action.get("value")),
        chosen=chosen(action),
        acted_at=_text(action.get("action_ts")),
        trigger_id=_text(body.get("trigger_id")),
        response_url=_text(body.get("response_url")),
        channel=_text(container.get("channel_id") or _map(body.get("channel")).get("id")),
        message_ts=_text(container.get("message_ts")),
        thread_ts=_text(container.get("thread_ts") or _map(body.get("message")).get("thread_ts")),
        view_id=_text(view.get("id")),
        view_hash=_text(view.get("hash")),
        private=_text(view.get("private_metadata")),
        values=_map(_map(view.get("state")).get("values") or _map(body.get("state")).get("values")),
    )


def submission(body: Mapping[str, Any]) -> Submission:
    view = _map(body.get("view"))
    if not view.get("id"):
        raise UnreadableError("no view")
    return Submission(
        who=who(body),
        view_id=_text(view.get("id")),
        view_hash=_text(view.get("hash")),
        callback=_text(view.get("callback_id")),
        private=_text(view.get("private_metadata")),
        trigger_id=_text(body.get("trigger_id")),
        values=_map(_map(view.get("state")).get("values")),
    )


def slash_command(body: Mapping[str, Any]) -> SlashCommand:
    return SlashCommand(
        who=who(body),
        command=_text(body.get("command")),
        text=_words(body.get("text")).strip(),
        channel=_text(body.get("channel_id")),
        trigger_id=_text(body.get("trigger_id")),
        response_url=_text(body.get("response_url")),
    )


def search(body: Mapping[str, Any]) -> Search:
    return Search(
        who=who(body),
        action=_text(body.get("action_id")),
        query=_words(body.get("value")),
        private=_text(_map(body.get("view")).get("private_metadata")),
    )


# Not a set: what a payload has there may be anything, also what cannot be looked up in one.
DIRECT = (None, "file_share", "message_changed", "message_deleted", "thread_broadcast")


def direct_message(body: Mapping[str, Any]) -> DirectMessage | None:
    """None for what is not a person's message: the bot's own, other apps', joins, and unchanged "edits" (unfurls)."""
    from bot.slack.text import unescape

    event = _map(body.get("event"))
    subtype = event.get("subtype")
    if subtype not in DIRECT:
        return None
    now, before = _map(event.get("message")), _map(event.get("previous_message"))
    said = {"message_changed": now, "message_deleted": before}.get(str(subtype), event)
    if said.get("bot_id") or said.get("subtype") == "bot_message" or not said.get("user"):
        return None
    if subtype == "message_changed" and now.get("subtype") == "tombstone":
        subtype, said = "message_deleted", before or now
    if subtype == "message_changed" and (now.get("text"), now.get("files")) == (
        before.get("text"),
        before.get("files"),
    ):
        return None
    change = {"message_changed": "edited", "message_deleted": "deleted"}.get(str(subtype), "new")
    files = said.get("files")
    return DirectMessage(
        who=Who(
            workspace_id=_text(body.get("team_id")),
            user_id=_text(said.get("user")),
            home_team=_text(said.get("user_team") or said.get("team")),
        ),
        event_id=_text(body.get("event_id")),
        change=change,
        channel=_text(event.get("channel")),
        ts=_text(said.get("ts")),
        thread_ts=_text(said.get("thread_ts")),
        text=unescape(_words(said.get("text"))),
        files=tuple(one for one in files if isinstance(one, Mapping)) if isinstance(files, list) else (),
    )


def typed(values: Mapping[str, Mapping[str, Any]], block: str) -> str:
    """What was typed or set in the only element of `block`; "" where it is empty."""
    for state in _map(values.get(block)).values():
        for name in ("value", "selected_date", "selected_time"):
            found = _map(state).get(name)
            if isinstance(found, str):
                return found
    return ""


def picked(values: Mapping[str, Mapping[str, Any]], block: str) -> tuple[str, ...]:
    """The values (or Slack ids) chosen in the only element of `block`, in the order shown."""
    for state in _map(values.get(block)).values():
        return chosen(_map(state))
    return ()


def chosen(state: Mapping[str, Any]) -> tuple[str, ...]:
    """Out of an element's state or a block action: what is selected, for every kind of menu."""
    one = _map(state.get("selected_option")).get("value")
    if isinstance(one, str):
        return (_text(one),)
    for name in ("selected_user", "selected_channel", "selected_conversation", "selected_date", "selected_time"):
        if isinstance(state.get(name), str):
            return (_text(state[name]),)
    many = state.get("selected_options")
    if isinstance(many, list):
        return tuple(_text(_map(option).get("value")) for option in many)
    for name in ("selected_users", "selected_channels", "selected_conversations"):
        if isinstance(state.get(name), list):
            return tuple(_text(item) for item in state[name])
    return ()


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict | Mapping) else {}  # asking an abstract class takes ten times as long


def _text(value: object) -> str:
    """An id or a word of ours: "" for what no database takes."""
    return value if isinstance(value, str) and why_unusable(value) is None else ""


def _words(value: object) -> str:
    """What a person typed outside a window, where no field can say what is wrong: without what no database takes."""
    return NOT_STORED.sub("", value) if isinstance(value, str) else ""
