"""All cases, and the listeners that the app has, so that none is without a case."""

import re
from collections.abc import Iterator, Mapping
from inspect import getclosurevars
from typing import Any

from tests.rights import cases, cases_admin, cases_exports
from tests.rights.cases import Case
from tests.rights.door import Door
from tests.rights.payloads import Command, Event, Press, Submit, Typing

GROUPS: Mapping[str, tuple[Case, ...]] = {
    "quizzes": cases.QUIZZES + cases.STORIES + cases.HOME,
    "updates": cases.UPDATES + cases_admin.UPDATE_SEARCHES,
    "adoptions": cases.ADOPTIONS + cases.VISITS + cases.HATS,
    "customers": cases_admin.DROPS + cases_admin.CUSTOMERS + cases.QUESTIONS,
    "inbox": cases_admin.INBOX + cases_admin.MEMBERS,
    "channels": cases_admin.CHANNELS + cases_admin.PULSE,
    "commands": cases_admin.COMMANDS,
    "exports": cases_exports.EXPORTS,
}
ALL: tuple[Case, ...] = tuple(case for group in GROUPS.values() for case in group)
Key = tuple[str, str]
KINDS = {Press: "block_actions", Typing: "block_suggestion", Submit: "view_submission", Command: "command"}


def listeners(door: Door) -> Iterator[tuple[str, str | re.Pattern[str]]]:
    """What Bolt was given, as (kind, id)."""
    for listener in door.app._async_listeners:
        yield _of(listener.matchers[0].func)


def words_of_commands(door: Door) -> list[Any]:
    """What follows a slash: each with its `command` and `word`."""
    owners: list[Any] = [getattr(one.ack_function, "__self__", None) for one in door.app._async_listeners]
    owners += [
        getattr(getattr(one.ack_function, "__wrapped__", None), "__self__", None) for one in door.app._async_listeners
    ]
    return [word for owner in owners if hasattr(owner, "commands") for word in owner.commands]


def _of(matcher: Any) -> tuple[str, str | re.Pattern[str]]:
    names = matcher.__qualname__.split(".")[0]
    found = _constants(matcher, 4)
    for kind, name in (("command", "command"), ("event", "event_type"), ("view_submission", "callback_id")):
        if name in found:
            return kind, found[name]
    if "constraints" in found:
        return ("block_suggestion" if "block_suggestion" in found["code"] else "block_actions"), found["constraints"]
    raise AssertionError(f"a listener of an unknown kind: {names}")


def _constants(function: Any, depth: int) -> dict[str, Any]:
    """What a matcher of Bolt's was made with."""
    found: dict[str, Any] = {"code": " ".join(function.__code__.co_names)}
    for name, value in getclosurevars(function).nonlocals.items():
        if callable(value) and hasattr(value, "__code__") and depth:
            inner = _constants(value, depth - 1)
            found = {**inner, **found, "code": f"{found['code']} {inner['code']}"}
        elif not callable(value):
            found[name] = value
    return found


def key_of(case: Case) -> Key:
    payload = case.payload
    if isinstance(payload, Submit):
        return "view_submission", payload.callback
    if isinstance(payload, Command):
        return "command", payload.command
    if isinstance(payload, Event):
        return "event", payload.kind
    return KINDS[type(payload)], payload.action


def matches(wanted: str | re.Pattern[str], given: str) -> bool:
    return bool(wanted.search(given)) if isinstance(wanted, re.Pattern) else wanted == given
