"""What Slack would send, for whoever does it: nothing in it says whether they may."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.rights.world import STRANGER, World

Body = dict[str, Any]
Value = Callable[[World], str]
_numbers = count(1)


def nothing(_: World) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Somebody of `world`, as the signature has them."""

    world: World
    name: str

    @property
    def user(self) -> dict[str, str]:
        team = "T0ELSEWHERE" if self.name == STRANGER else self.world.ws
        return {"id": self.world.user(self.name), "team_id": team}


@dataclass(frozen=True, kw_only=True)
class Press:
    """A button (`value`) or a menu (`option`), in a message, on Home or in a window. `things`: whose ids it carries."""

    action: str
    value: Value = nothing
    option: Value | None = None
    place: str = "message"
    ts: Value = nothing
    channel: Value = nothing
    state: Mapping[str, Any] = field(default_factory=dict)
    state_of: Callable[[World], Mapping[str, Any]] | None = None

    def body(self, who: Sender, things: World) -> Body:
        number = next(_numbers)
        pressed: Body = {"action_id": self.action, "block_id": "b", "action_ts": f"{1_700_000_000 + number}.000100"}
        if self.option is not None:
            pressed |= {"type": "static_select", "selected_option": option(self.option(things))}
        else:
            pressed |= {"type": "button", "value": self.value(things)}
        common = {
            "type": "block_actions",
            "team": {"id": who.world.ws},
            "user": who.user,
            "trigger_id": f"{number}.1",
            "actions": [pressed],
        }
        state = {"values": self.state_of(things) if self.state_of else self.state}
        if self.place == "message":
            box = {"type": "message", "message_ts": self.ts(things) or "1700000000.000100"}
            box["channel_id"] = self.channel(things) or f"D0{who.world.letter}{who.name.upper()}"
            return common | {"container": box, "response_url": "https://hooks.example/1", "state": state}
        kind = "home" if self.place == "home" else "modal"
        view = {"id": f"V{number}", "type": kind, "state": state, "hash": "1", "private_metadata": self.value(things)}
        return common | {"view": view, "container": {"type": "view", "view_id": view["id"]}}


@dataclass(frozen=True, kw_only=True)
class Command:
    command: str
    text: Value = nothing

    def body(self, who: Sender, things: World) -> Body:
        return {
            "command": self.command,
            "text": self.text(things),
            "team_id": who.world.ws,
            "user_id": who.user["id"],
            "channel_id": who.world.place("line"),
            "trigger_id": f"{next(_numbers)}.2",
            "response_url": "https://hooks.example/2",
        }


@dataclass(frozen=True, kw_only=True)
class Typing:
    """Somebody types into a menu."""

    action: str
    typed: Value = nothing

    def body(self, who: Sender, things: World) -> Body:
        return {
            "type": "block_suggestion",
            "team": {"id": who.world.ws},
            "user": who.user,
            "action_id": self.action,
            "block_id": "b",
            "value": self.typed(things),
            "view": {"id": "V1", "type": "modal", "private_metadata": ""},
        }


@dataclass(frozen=True, kw_only=True)
class Submit:
    """A window as it was opened, with what is filled in. `private` and `values` are of the window's own making."""

    callback: str
    private: Value = nothing
    values: Callable[[World], Mapping[str, Any]] = field(default=lambda _: {})

    def body(self, who: Sender, things: World) -> Body:
        number = next(_numbers)
        view = {
            "id": f"V{number}",
            "type": "modal",
            "callback_id": self.callback,
            "private_metadata": self.private(things),
            "state": {"values": self.values(things)},
        }
        return {
            "type": "view_submission",
            "team": {"id": who.world.ws},
            "user": who.user,
            "trigger_id": f"{number}.3",
            "view": view,
        }


@dataclass(frozen=True, kw_only=True)
class Event:
    """`fields`: beside the user who caused it."""

    kind: str
    fields: Callable[[World], Mapping[str, Any]] = field(default=lambda _: {})

    def body(self, who: Sender, things: World) -> Body:
        event = {"type": self.kind, "user": who.user["id"], **self.fields(things)}
        if self.kind == "message":
            event |= {"user_team": who.user["team_id"], "channel": f"D0{who.world.letter}{who.name.upper()}"}
        number = next(_numbers)
        return {"type": "event_callback", "team_id": who.world.ws, "event_id": f"Ev{number}", "event": event}


Payload = Press | Command | Typing | Submit | Event


def option(value: str) -> Body:
    return {"text": {"type": "plain_text", "text": value or "-"}, "value": value}


def text(value: str) -> Body:
    return {"any": {"type": "plain_text_input", "value": value}}


def one(value: str) -> Body:
    return {"any": {"type": "static_select", "selected_option": option(value)}}


def many(*values: str) -> Body:
    return {"any": {"type": "multi_static_select", "selected_options": [option(value) for value in values]}}


def person(user: str) -> Body:
    return {"any": {"type": "users_select", "selected_user": user}}


def people(*users: str) -> Body:
    return {"any": {"type": "multi_users_select", "selected_users": list(users)}}


def channels(*ids: str) -> Body:
    return {"any": {"type": "multi_conversations_select", "selected_conversations": list(ids)}}


def day(value: str) -> Body:
    return {"any": {"type": "datepicker", "selected_date": value}}


def clock(value: str) -> Body:
    return {"any": {"type": "timepicker", "selected_time": value}}
