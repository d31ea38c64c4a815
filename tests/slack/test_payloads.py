"""Whatever JSON comes: a payload is read, or refused as unreadable; nothing else, and nothing that no database takes."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from inspect import getmembers, isfunction, signature
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.core.strings import why_unusable
from bot.slack import payloads
from bot.slack.payloads import NOT_STORED, UnreadableError

# What Slack's payloads are made of, and everything else that JSON may have in its place.
NAMES = st.sampled_from(
    [
        "user",
        "team",
        "view",
        "actions",
        "container",
        "channel",
        "message",
        "state",
        "values",
        "event",
        "id",
        "team_id",
        "user_id",
        "value",
        "text",
        "type",
        "blocks",
        "action_id",
        "block_id",
        "action_ts",
        "trigger_id",
        "response_url",
        "channel_id",
        "message_ts",
        "thread_ts",
        "ts",
        "hash",
        "private_metadata",
        "callback_id",
        "selected_option",
        "selected_options",
        "selected_user",
        "selected_users",
        "selected_channels",
        "selected_date",
        "selected_time",
        "command",
        "event_id",
        "subtype",
        "bot_id",
        "files",
        "previous_message",
        "any",
    ]
)
WORDS = st.sampled_from(
    [
        "U0A",
        "T0A",
        "message_changed",
        "message_deleted",
        "file_share",
        "tombstone",
        "a\x00b",
        "\ud83d",
        "e" + "\u0301" * 99,
    ]
)
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), WORDS, st.text(st.characters(), max_size=8))
JSON = st.recursive(
    LEAVES, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(NAMES, inside, max_size=6), max_leaves=24
)
ID = st.just("U0A") | LEAVES
SOMEBODY = st.fixed_dictionaries({"id": st.just("U0A")}, optional={"team_id": WORDS | LEAVES})
MESSAGES = st.fixed_dictionaries(
    {"user": ID}, optional=dict.fromkeys(("text", "ts", "thread_ts", "team", "files", "bot_id", "subtype"), LEAVES)
)
EVENTS = MESSAGES | st.fixed_dictionaries(
    {"subtype": WORDS}, optional={"message": MESSAGES, "previous_message": MESSAGES, "user": ID, "channel": JSON}
)
BODIES = st.fixed_dictionaries(
    {"user": SOMEBODY, "team_id": st.just("T0A")},
    optional={
        "user_id": ID, "team": JSON, "text": LEAVES, "value": LEAVES, "view": st.dictionaries(NAMES, JSON, max_size=5),
        "actions": st.lists(st.dictionaries(NAMES, JSON, max_size=5), max_size=1) | JSON, "container": JSON,
        "channel": JSON, "message": JSON, "state": JSON, "command": LEAVES, "event": EVENTS | JSON,
    },
) | st.dictionaries(NAMES, JSON, max_size=8)  # fmt: skip
TYPED = frozenset({"text", "query", "values"})  # what people wrote: checked where it is used, or cleaned here
READERS: Mapping[str, Callable[[Any], object]] = {
    name: found
    for name, found in getmembers(payloads, isfunction)
    if found.__module__ == payloads.__name__ and list(signature(found).parameters) == ["body"]
}


def unfit(read: object) -> list[str]:
    """The ids and words of ours that hold what they should not."""
    if not is_dataclass(read):
        return []
    found: list[str] = []
    for one in fields(read):
        value = getattr(read, one.name)
        found += unfit(value)
        texts = (
            [value]
            if isinstance(value, str)
            else [part for part in value if isinstance(part, str)]
            if isinstance(value, tuple)
            else []
        )
        wrong = NOT_STORED.search if one.name in TYPED else why_unusable
        found += [f"{one.name}: {text!r}" for text in texts if wrong(text)]
    return found


def test_the_readers_are_all_there() -> None:
    assert READERS.keys() == {"who", "press", "submission", "slash_command", "search", "direct_message"}


@pytest.mark.row("F9")
@given(body=BODIES)
@example(body={"user": {"id": "U0A", "team_id": "a\x00b"}, "team_id": "T0A"})
@example(body={"event": {"user": None, "subtype": []}})
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_payload_is_read_or_refused(body: dict[str, Any]) -> None:
    for name, reader in READERS.items():
        try:
            read = reader(body)
        except UnreadableError:
            continue
        assert unfit(read) == [], name


@pytest.mark.row("F9")
@given(values=st.dictionaries(NAMES, JSON, max_size=4), block=NAMES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_so_is_what_stands_in_a_window(values: dict[str, Any], block: str) -> None:
    assert isinstance(payloads.typed(values, block), str)
    assert all(why_unusable(one) is None for one in payloads.picked(values, block))
    state = values.get(block)
    if isinstance(state, dict):
        assert all(why_unusable(one) is None for one in payloads.chosen(state))
