"""The Slack app manifest: what Slack accepts, and no more rights than Canteen explains."""

import ast
import copy
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.features.channels.facts import EVENTS as CHANNEL_EVENTS

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "config" / "slack-manifest.yaml"
SCHEMA = yaml.safe_load((Path(__file__).parent / "manifest_schema.yaml").read_text("utf-8"))

# Which scope lets the app have which event (Slack's events reference); None: no scope needed.
EVENT_SCOPE = {
    "app_home_opened": None,
    "app_uninstalled": None,
    "tokens_revoked": None,
    "message.im": "im:history",
    "team_join": "users:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "channel_id_changed": "channels:read",
}

# Which bot scopes the program's methods need, for the kinds of conversation it uses them on (Slack's method pages).
METHOD = re.compile(r"(api|apps|auth|chat|conversations|dnd|files|reactions|team|users|views)(\.[a-zA-Z]+)+")
METHOD_SCOPES: dict[str, tuple[str, ...]] = {
    "api.test": (),
    "apps.connections.open": (),  # the app-level token's connections:write
    "auth.test": (),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.delete": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history"),
    "conversations.replies": ("channels:history", "groups:history", "im:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "conversations.list": ("channels:read",),
    "conversations.members": ("channels:read", "groups:read"),
    "conversations.join": ("channels:join",),
    "conversations.open": ("im:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
    "files.info": ("files:read",),
    "files.delete": ("files:write",),
    "reactions.add": ("reactions:write",),
    "dnd.teamInfo": ("dnd:read",),
    "users.info": ("users:read",),
    "users.list": ("users:read",),
    "views.open": (),
    "views.push": (),
    "views.update": (),
    "views.publish": (),
}
NOT_OF_A_METHOD = {"commands", "users:read.email"}  # slash commands; the e-mail inside users.list's answer


@pytest.fixture
def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(MANIFEST.read_text("utf-8"))
    return loaded


def test_slack_would_accept_it(manifest: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    errors = [f"{e.json_path}: {e.message}" for e in jsonschema.Draft202012Validator(SCHEMA).iter_errors(manifest)]
    assert errors == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("display_information", "name"), "x" * 36),
        (("display_information", "description"), "x" * 141),
        (("display_information", "long_description"), "x" * 174),
        (("display_information", "colour"), "#000000"),
        (("features", "bot_user", "display_name"), "x" * 81),
        (("features", "slash_commands", 0, "command"), "/" + "x" * 32),
        (("features", "slash_commands", 0, "hint"), "x"),
        (("settings", "event_subscriptions", "bot_events", 0), "Not An Event"),
        (("settings", "socket_mode"), True),
    ],
)
def test_the_schema_refuses_what_slack_refuses(manifest: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    broken: Any = copy.deepcopy(manifest)
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SCHEMA)


def test_every_scope_says_what_needs_it(manifest: dict[str, Any]) -> None:
    commented = dict(
        re.findall(r"^      - ([a-z_]+(?::[a-z_.]+)?) # (\S.*)$", MANIFEST.read_text("utf-8"), re.MULTILINE)
    )
    assert set(commented) == set(manifest["oauth_config"]["scopes"]["bot"])
    assert all(len(reason) >= 20 for reason in commented.values()), commented


def test_only_bot_scopes_are_asked_for(manifest: dict[str, Any]) -> None:
    assert set(manifest["oauth_config"]["scopes"]) == {"bot"}


def test_every_event_is_covered_by_a_scope(manifest: dict[str, Any]) -> None:
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    for event in manifest["settings"]["event_subscriptions"]["bot_events"]:
        fallback = "groups:read" if event.startswith("group_") else "channels:read"
        needed = EVENT_SCOPE.get(event, fallback)
        assert needed is None or needed in scopes, f"{event} needs {needed}"


def listened_to() -> set[str]:
    """The events that the program has listeners for, found where they are registered."""
    found = set(CHANNEL_EVENTS)
    for path in sorted((ROOT / "bot").rglob("*.py")):
        found |= set(re.findall(r'app\.event\("([a-z_]+)"\)', path.read_text("utf-8")))
    return {"message.im" if name == "message" else name for name in found}


def test_it_subscribes_to_what_somebody_listens_to_and_to_nothing_else(manifest: dict[str, Any]) -> None:
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == listened_to()


def called_methods() -> set[str]:
    """Web API methods that the program names (`family.method`, given as a literal to something that calls)."""
    found: set[str] = set()
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "call" in node.func.attr:
                for given in ast.walk(ast.Tuple(elts=node.args, ctx=ast.Load())):
                    if isinstance(given, ast.Constant) and METHOD.fullmatch(str(given.value)):
                        found.add(str(given.value))
        text = path.read_text("utf-8")
        found |= {name for name in METHOD_SCOPES if f'"{name}"' in text}
    return found


def test_every_method_has_its_scopes_and_every_scope_a_use(manifest: dict[str, Any]) -> None:
    scopes = set(manifest["oauth_config"]["scopes"]["bot"])
    called = called_methods()
    assert {"chat.postMessage", "conversations.info", "views.open", "auth.test"} <= called
    assert called - set(METHOD_SCOPES) == set(), "say here which scope each needs"
    needed = {scope for name in called for scope in METHOD_SCOPES[name]}
    assert needed - scopes == set()
    events = {EVENT_SCOPE.get(name) for name in manifest["settings"]["event_subscriptions"]["bot_events"]}
    assert scopes - needed - events == NOT_OF_A_METHOD


def test_people_can_write_to_it(manifest: dict[str, Any]) -> None:
    home = manifest["features"]["app_home"]
    assert home == {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": False}
    assert "message.im" in manifest["settings"]["event_subscriptions"]["bot_events"]


def test_it_works_without_a_public_address(manifest: dict[str, Any]) -> None:
    settings = manifest["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"]["is_enabled"] is True
    assert settings["token_rotation_enabled"] is False
    assert settings["org_deploy_enabled"] is False


def test_the_commands_are_the_ones_the_bot_answers(manifest: dict[str, Any]) -> None:
    commands = [command["command"] for command in manifest["features"]["slash_commands"]]
    assert commands == ["/customer", "/customer-update", "/customer-admin"]
