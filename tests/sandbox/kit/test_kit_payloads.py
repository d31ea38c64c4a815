"""Whole payloads: ids across blocks, views, attachments, metadata, text, and the text made from blocks."""

import json
from typing import Any

import pytest

from sandbox.kit import (
    Problem,
    check_attachments,
    check_blocks,
    check_metadata,
    check_text,
    check_view,
    fallback_text,
)
from tests.sandbox.kit.kit_samples import (
    BLOCKS,
    Json,
    actions,
    ask,
    button,
    card,
    confirm,
    container,
    data_table,
    home,
    modal,
    mrkdwn,
    option,
    picture,
    plain,
    raw,
    rich,
    section,
    table,
    words,
)


def found(problems: list[Problem]) -> list[tuple[str, str]]:
    return [(problem.pointer, problem.code) for problem in problems]


@pytest.mark.parametrize("blocks", [None, {}, "[]", 7, ()])
def test_blocks_are_an_array(blocks: object) -> None:
    assert found(check_blocks(blocks, "message")) == [("/blocks", "invalid_blocks_format")]


def test_a_problem_reads_like_slacks() -> None:
    (problem,) = check_blocks([section(text=mrkdwn(words(3001)))], "message")
    assert str(problem) == "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"


def test_pointers_are_escaped() -> None:
    assert found(check_metadata({"event_type": "a", "event_payload": {"a/b~c": None}})) == [
        ("/metadata/event_payload/a~1b~0c", "invalid_metadata_schema")
    ]


def test_characters_count_not_bytes() -> None:
    assert check_blocks([section(text=mrkdwn("\U0001f44b" * 3000))], "message") == []


def test_block_ids_differ_also_in_nested_blocks() -> None:
    inner = {"type": "divider", "block_id": "one"}
    blocks = [section(block_id="one"), container(inner, block_id="two")]
    assert found(check_blocks(blocks, "message")) == [("/blocks/1/child_blocks/0/block_id", "invalid_blocks")]


def test_action_ids_differ_within_a_block_only() -> None:
    press = button(action_id="a")
    assert check_blocks([actions(press), actions(press)], "message") == []
    assert found(check_blocks([actions(press, press)], "message")) == [
        ("/blocks/0/elements/1/action_id", "invalid_blocks")
    ]
    cards = {"type": "carousel", "elements": [card(actions=[press]), card(actions=[press, press])]}
    assert found(check_blocks([cards], "message")) == [("/blocks/0/elements/1/actions/1/action_id", "invalid_blocks")]


def test_one_table_in_a_message() -> None:
    refused = [("/blocks/1", "only_one_table_allowed")]
    assert found(check_blocks([table(), table()], "message")) == refused
    assert found(check_blocks([table(), data_table()], "message")) == refused
    nested = [("/blocks/1/child_blocks/0", "only_one_table_allowed")]
    assert found(check_blocks([table(), container(table())], "message")) == nested


def test_tables_have_budgets_of_their_own() -> None:
    blocks = [{"type": "markdown", "text": words(12_000)}, {"type": "table", "rows": [[raw(words(10_000))]]}]
    assert check_blocks(blocks, "message") == []


def test_every_text_inside_a_block_counts() -> None:
    pressed = actions(button(confirm=confirm()))  # five times Hello
    assert check_blocks([pressed, {"type": "markdown", "text": words(11_975)}], "message") == []
    over = check_blocks([pressed, {"type": "markdown", "text": words(11_976)}], "message")
    assert found(over) == [("/blocks", "msg_blocks_too_long")]


def test_a_message_may_have_no_blocks() -> None:
    assert check_blocks([], "message") == []
    assert check_attachments([{"text": "", "footer": "", "id": 0, "ts": "1", "blocks": []}]) == []


@pytest.mark.parametrize("name", ["title", "submit", "close"])
def test_modal_labels_have_24_characters(name: str) -> None:
    assert check_view(modal(**{name: plain(words(24))})) == []
    assert found(check_view(modal(**{name: plain(words(25))}))) == [(f"/view/{name}/text", "invalid_arguments")]
    assert found(check_view(modal(**{name: plain("")}))) == [(f"/view/{name}/text", "invalid_arguments")]
    assert found(check_view(modal(**{name: mrkdwn()}))) == [(f"/view/{name}/type", "invalid_arguments")]


@pytest.mark.parametrize("build", [modal, home])
@pytest.mark.parametrize(("name", "most"), [("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)])
def test_what_views_carry(build: Any, name: str, most: int) -> None:
    assert check_view(build(**{name: words(most)})) == []
    assert found(check_view(build(**{name: words(most + 1)}))) == [(f"/view/{name}", "invalid_arguments")]


@pytest.mark.parametrize("build", [modal, home])
def test_what_views_carry_may_be_empty(build: Any) -> None:
    assert check_view(build(private_metadata="", callback_id="", external_id="")) == []


@pytest.mark.parametrize("build", [modal, home])
def test_views_have_100_blocks(build: Any) -> None:
    assert check_view(build(*[BLOCKS["divider"]] * 100)) == []
    assert found(check_view(build(*[BLOCKS["divider"]] * 101))) == [("/view/blocks", "invalid_arguments")]


def test_views_have_250_000_bytes() -> None:
    full = section(fields=[plain(words(2000))] * 10)
    base = home(*[full] * 12, section(text=plain(words(2500))), private_metadata="")
    left = 250_000 - len(json.dumps(base, separators=(",", ":")))
    assert 0 < left <= 3000
    assert check_view({**base, "private_metadata": words(left)}) == []
    for over in (words(left + 1), words(left - 1) + "é"):
        assert found(check_view({**base, "private_metadata": over})) == [("/view", "view_too_large")]


@pytest.mark.parametrize(("view", "pointer"), [
    ([], "/view"),
    ({}, "/view"),
    ({"type": "workflow_step", "blocks": []}, "/view/type"),
    ({"type": "modal", "blocks": [BLOCKS["divider"]]}, "/view"),
    (modal(blocks=[]), "/view/blocks"),
    ({"type": "home", "blocks": []}, "/view/blocks"),
    ({"type": "modal", "title": plain()}, "/view"),
    ({"type": "home"}, "/view"),
    (home(title=plain()), "/view"),
    (modal(id="V1"), "/view"),
    (modal(blocks={}), "/view/blocks"),
    (modal(notify_on_close="yes"), "/view/notify_on_close"),
    (modal(clear_on_close=1), "/view/clear_on_close"),
    (modal(callback_id="a\x00"), "/view/callback_id"),
    ({"type": "modal", "title": plain(), "blocks": [ask()]}, "/view"),
    (modal(BLOCKS["markdown"]), "/view/blocks/0/type"),
    (home(BLOCKS["alert"]), "/view/blocks/0/type"),
    (modal(section(block_id="a"), section(block_id="a")), "/view/blocks/1/block_id"),
])  # fmt: skip
def test_views_that_are_refused(view: object, pointer: str) -> None:
    assert found(check_view(view)) == [(pointer, "invalid_arguments")]


def test_a_home_view_needs_no_submit() -> None:
    assert check_view(home(ask())) == []


def test_one_element_is_focused_on_load() -> None:
    focused = {"type": "plain_text_input", "focus_on_load": True}
    free = {"type": "plain_text_input", "focus_on_load": False}
    assert check_view(modal(ask(focused), ask(free))) == []
    assert found(check_view(modal(ask(focused), ask(focused)))) == [
        ("/view/blocks/1/element/focus_on_load", "invalid_arguments")
    ]


def test_attachments_that_pass() -> None:
    full = {
        "color": "#AABB00",
        "fallback": "f",
        "title": "t",
        "footer": words(300),
        "title_link": "https://a.example",
        "fields": [{"title": "a", "value": "b", "short": True}],
        "mrkdwn_in": ["text"],
        "ts": "1800000000.5",
        "blocks": [section()],
    }
    assert check_attachments([full, {"text": "Hello", "color": "good", "ts": 1_800_000_000}]) == []
    assert check_attachments([{"text": "a"}] * 100) == []


@pytest.mark.parametrize(("attachments", "pointer", "code"), [
    ({}, "/attachments", "invalid_attachments"),
    ([{"text": "a"}] * 101, "/attachments", "too_many_attachments"),
    (["a"], "/attachments/0", "invalid_attachments"),
    ([{"color": "good"}], "/attachments/0", "invalid_attachments"),
    ([{"text": "a", "actions": []}], "/attachments/0", "invalid_attachments"),
    ([{"text": "a", "footer": words(301)}], "/attachments/0/footer", "invalid_attachments"),
    ([{"text": "a", "color": "red"}], "/attachments/0/color", "invalid_attachments"),
    ([{"text": "a", "ts": "soon"}], "/attachments/0/ts", "invalid_attachments"),
    ([{"text": "a", "title_link": "javascript:alert(1)"}], "/attachments/0/title_link", "invalid_attachments"),
    ([{"blocks": [ask()]}], "/attachments/0/blocks/0/type", "invalid_attachments"),
    ([{"blocks": [BLOCKS["divider"]] * 51}], "/attachments/0/blocks", "invalid_attachments"),
    ([{"blocks": [table(), table()]}], "/attachments/0/blocks/1", "only_one_table_allowed"),
])  # fmt: skip
def test_attachments_that_are_refused(attachments: object, pointer: str, code: str) -> None:
    assert found(check_attachments(attachments)) == [(pointer, code)]


def meta(payload: object = None, event_type: object = "owed_post") -> Json:
    return {"event_type": event_type, "event_payload": {} if payload is None else payload}


def test_metadata_that_passes() -> None:
    nested = {"key": "a", "n": 1, "share": 0.5, "on": True, "one": {"a": "b"}, "many": [{"a": 1}, {"b": False}]}
    assert check_metadata(meta(nested)) == []
    assert check_metadata(meta(event_type=words(50))) == []
    assert check_metadata({}) == []


@pytest.mark.parametrize(("metadata", "pointer", "code"), [
    ("{}", "/metadata", "invalid_metadata_format"),
    ([], "/metadata", "invalid_metadata_format"),
    (meta({"a": "\x00"}), "/metadata/event_payload/a", "invalid_metadata_format"),
    ({"event_type": "a"}, "/metadata", "invalid_metadata_schema"),
    ({"event_payload": {}}, "/metadata", "invalid_metadata_schema"),
    ({**meta(), "entities": []}, "/metadata", "invalid_metadata_schema"),
    (meta(event_type=""), "/metadata/event_type", "invalid_metadata_schema"),
    (meta(event_type=words(51)), "/metadata/event_type", "invalid_metadata_schema"),
    (meta(event_type="owed post"), "/metadata/event_type", "invalid_metadata_schema"),
    (meta([]), "/metadata/event_payload", "invalid_metadata_schema"),
    (meta({"a": None}), "/metadata/event_payload/a", "invalid_metadata_schema"),
    (meta({"a": ["b"]}), "/metadata/event_payload/a/0", "invalid_metadata_schema"),
    (meta({"a": {"b": {}}}), "/metadata/event_payload/a/b", "invalid_metadata_schema"),
    (meta({"a": [{"b": []}]}), "/metadata/event_payload/a/0/b", "invalid_metadata_schema"),
])  # fmt: skip
def test_metadata_that_is_refused(metadata: object, pointer: str, code: str) -> None:
    assert found(check_metadata(metadata)) == [(pointer, code)]


def test_metadata_has_1024_bytes() -> None:
    frame = len('{"event_type":"owed_post","event_payload":{"a":""}}')
    assert check_metadata(meta({"a": words(1024 - frame)})) == []
    assert found(check_metadata(meta({"a": words(1025 - frame)}))) == [("/metadata", "metadata_too_large")]


@pytest.mark.parametrize(("text", "update", "error"), [
    ("", False, None),
    (words(40_000), False, None),
    ("é" * 40_000, False, None),
    (words(40_001), False, "msg_too_long"),
    (words(4_000), True, None),
    (words(4_001), True, "msg_too_long"),
    ("é" * 2_000, True, None),
    ("é" * 2_000 + "a", True, "msg_too_long"),
    ("a\x00", False, "invalid_arguments"),
    ("\ud83d", False, "invalid_arguments"),
])  # fmt: skip
def test_text(text: str, update: bool, error: str | None) -> None:
    assert check_text(text, update=update) == error


def test_fallback_text_reads_the_blocks_in_order() -> None:
    blocks = [
        {"type": "header", "text": plain("Customer of the day")},
        section(
            text=mrkdwn("*Orion* uses it, <https://a.example|read on> or <https://b.example>"), fields=[plain("Yes")]
        ),
        rich(
            {"type": "text", "text": "Hello "},
            {"type": "user", "user_id": "U0AMARA"},
            {"type": "emoji", "name": "wave"},
        ),
        picture(alt_text="A power board", title=plain("The board")),
        table(rows=1, columns=2),
        actions(button(text=plain("Adopt")), {"type": "static_select", "options": [option()]}),
    ]
    assert fallback_text(blocks).split("\n") == [
        "Customer of the day",
        "*Orion* uses it, read on or https://b.example",
        "Yes",
        "Hello <@U0AMARA>:wave:",
        "The board",
        "A power board",
        "c",
        "c",
        "Adopt",
    ]


@pytest.mark.parametrize(
    "blocks", [None, [], "Hello", [BLOCKS["divider"]], [None], [{"type": "section", "text": None}]]
)
def test_fallback_text_of_nothing_is_empty(blocks: object) -> None:
    assert fallback_text(blocks) == ""
