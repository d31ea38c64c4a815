"""What the local Slack takes from an app's manifest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Command:
    command: str
    description: str
    usage_hint: str
    should_escape: bool
    url: str


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    name: str
    type: str
    callback_id: str
    description: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    bot_scopes: frozenset[str]
    user_scopes: frozenset[str]
    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    bot_events: frozenset[str]
    events_url: str
    interactivity: bool
    interactivity_url: str
    options_url: str
    home_tab: bool
    messages_tab: bool
    messages_tab_read_only: bool


def read_manifest(raw: Mapping[str, Any]) -> Manifest:
    features, settings = raw.get("features") or {}, raw.get("settings") or {}
    scopes = (raw.get("oauth_config") or {}).get("scopes") or {}
    events = settings.get("event_subscriptions") or {}
    interactivity = settings.get("interactivity") or {}
    home = features.get("app_home") or {}
    return Manifest(
        bot_scopes=frozenset([*(scopes.get("bot") or ()), *(scopes.get("bot_optional") or ())]),
        user_scopes=frozenset([*(scopes.get("user") or ()), *(scopes.get("user_optional") or ())]),
        commands=tuple(_command(entry) for entry in features.get("slash_commands") or ()),
        shortcuts=tuple(_shortcut(entry) for entry in features.get("shortcuts") or ()),
        bot_events=frozenset(events.get("bot_events") or ()),
        events_url=events.get("request_url") or "",
        interactivity=bool(interactivity.get("is_enabled")),
        interactivity_url=interactivity.get("request_url") or "",
        options_url=interactivity.get("message_menu_options_url") or "",
        home_tab=bool(home.get("home_tab_enabled")),
        messages_tab=bool(home.get("messages_tab_enabled")),
        messages_tab_read_only=bool(home.get("messages_tab_read_only_enabled")),
    )


def _command(entry: Mapping[str, Any]) -> Command:
    return Command(
        command=str(entry["command"]),
        description=str(entry.get("description") or ""),
        usage_hint=str(entry.get("usage_hint") or ""),
        should_escape=bool(entry.get("should_escape")),
        url=str(entry.get("url") or ""),
    )


def _shortcut(entry: Mapping[str, Any]) -> Shortcut:
    return Shortcut(
        name=str(entry["name"]),
        type=str(entry["type"]),
        callback_id=str(entry["callback_id"]),
        description=str(entry.get("description") or ""),
    )
