"""What is refused however short it is: unknown fields and kinds, wrong places, things that do not fit together."""

from typing import Any

import pytest

from sandbox.kit import Surface, check_blocks
from tests.sandbox.kit.kit_samples import (
    BLOCKS,
    ELEMENTS,
    Json,
    actions,
    ask,
    bar,
    button,
    card,
    confirm,
    container,
    data_table,
    mrkdwn,
    option,
    picture,
    pie,
    plain,
    raw,
    rich,
    section,
    table,
    task,
    video,
)

EVERYWHERE = {"message", "modal", "home"}
MESSAGES = {"message"}
SURFACES: dict[str, set[str]] = {
    **dict.fromkeys(["section", "header", "divider", "context", "actions", "image", "rich_text", "video"], EVERYWHERE),
    **dict.fromkeys(
        ["table", "data_table", "data_visualization", "markdown", "context_actions", "container", "task_card", "plan"],
        MESSAGES,
    ),
    "card": {"message", "home"},
    "carousel": {"message", "home"},
    "input": {"modal", "home"},
    "alert": {"modal"},
}

SELECTS = {f"{name}_select" for name in ("static", "external", "users", "conversations", "channels")}
PICKED = {"checkboxes", "radio_buttons", "datepicker", "timepicker", *SELECTS, *(f"multi_{name}" for name in SELECTS)}
PLACES: dict[str, set[str]] = {
    "section": {"button", "image", "overflow", "workflow_button", *PICKED},
    "actions": {"button", "overflow", "workflow_button", "datetimepicker", "rich_text_input", *PICKED},
    "input": {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "file_input",
        "datetimepicker",
        "rich_text_input",
        *PICKED,
    },
    "context": {"image"},
    "context_actions": {"feedback_buttons", "icon_button"},
    "card": {"button"},
}
HOLDERS: dict[str, tuple[Surface, str, Any]] = {
    "section": ("message", "/blocks/0/accessory/type", lambda element: section(accessory=element)),
    "actions": ("message", "/blocks/0/elements/0/type", actions),
    "input": ("modal", "/blocks/0/element/type", ask),
    "context": ("message", "/blocks/0/elements/0/type", lambda element: {"type": "context", "elements": [element]}),
    "context_actions": (
        "message",
        "/blocks/0/elements/0/type",
        lambda element: {"type": "context_actions", "elements": [element]},
    ),
    "card": ("message", "/blocks/0/actions/0/type", lambda element: card(actions=[element])),
}


def pointers(block: object, surface: Surface = "message") -> set[str]:
    return {problem.pointer for problem in check_blocks([block], surface)}


@pytest.mark.parametrize("surface", sorted(EVERYWHERE))
@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_a_block_stands_only_where_it_may(kind: str, surface: Surface) -> None:
    expected = set() if surface in SURFACES[kind] else {"/blocks/0/type"}
    assert {pointer for pointer in pointers(BLOCKS[kind], surface) if pointer.count("/") == 3} == expected


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
@pytest.mark.parametrize("holder", sorted(HOLDERS))
def test_an_element_stands_only_where_it_may(holder: str, kind: str) -> None:
    surface, pointer, build = HOLDERS[holder]
    expected = set() if kind in PLACES[holder] else {pointer}
    assert pointers(build(ELEMENTS[kind]), surface) == expected


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_blocks_refuse_what_they_do_not_know(kind: str) -> None:
    surface: Surface = "message" if "message" in SURFACES[kind] else "modal"
    (problem,) = check_blocks([{**BLOCKS[kind], "colour": "red"}], surface)
    assert (problem.pointer, problem.message) == ("/blocks/0", "invalid additional property: colour")


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_elements_refuse_what_they_do_not_know(kind: str) -> None:
    holder = next(name for name, kinds in PLACES.items() if kind in kinds)
    surface, pointer, build = HOLDERS[holder]
    assert pointers(build({**ELEMENTS[kind], "colour": "red"}), surface) == {pointer.removesuffix("/type")}


REQUIRED = [
    (block, name)
    for block in BLOCKS.values()
    for name in block
    if name not in ("type", "tasks", "image_url", "text" if block["type"] == "section" else "")
]


@pytest.mark.parametrize(("block", "name"), REQUIRED, ids=lambda part: part if isinstance(part, str) else part["type"])
def test_blocks_need_their_fields(block: Json, name: str) -> None:
    surface: Surface = "message" if "message" in SURFACES[block["type"]] else "modal"
    left = {key: value for key, value in block.items() if key != name}
    assert pointers(left, surface) == {"/blocks/0"}
    assert pointers({**block, name: None}, surface) == {f"/blocks/0/{name}"}


def pressed(**more: Any) -> Json:
    return actions(button(**more))


def selected(kind: str = "static_select", **more: Any) -> Json:
    return actions({**ELEMENTS[kind], **more})


def asked(kind: str, **more: Any) -> Json:
    return ask({**ELEMENTS[kind], **more})


def said(**piece: Any) -> Json:
    return rich(piece)


FIRST = "/blocks/0/elements/0"
PIECE = f"{FIRST}/elements/0"
REFUSED: list[tuple[object, str]] = [
    ("section", "/blocks/0"),
    ({}, "/blocks/0"),
    ({"type": "file", "external_id": "a", "source": "remote"}, "/blocks/0/type"),
    ({"type": "call", "call_id": "R1"}, "/blocks/0/type"),
    ({"type": ["section"]}, "/blocks/0/type"),
    ({"type": "section"}, "/blocks/0"),
    (section(text="Hello"), "/blocks/0/text"),
    (section(text={"type": "markdown", "text": "a"}), "/blocks/0/text/type"),
    (section(text={**plain(), "verbatim": True}), "/blocks/0/text"),
    (section(text={**mrkdwn(), "emoji": True}), "/blocks/0/text"),
    (section(text=mrkdwn("a\x00b")), "/blocks/0/text/text"),
    (section(text=mrkdwn("a\ud83d")), "/blocks/0/text/text"),
    (section(expand="yes"), "/blocks/0/expand"),
    ({"type": "header", "text": mrkdwn()}, "/blocks/0/text/type"),
    (card(title=plain()), "/blocks/0/title/type"),
    ({"type": "card", "subtitle": mrkdwn()}, "/blocks/0"),
    ({"type": "image", "alt_text": "a"}, "/blocks/0"),
    (picture(slack_file={"id": "F12345678"}), "/blocks/0"),
    ({"type": "image", "alt_text": "a", "slack_file": {}}, "/blocks/0/slack_file"),
    ({"type": "image", "alt_text": "a", "slack_file": {"id": "F1234567"}}, "/blocks/0/slack_file/id"),
    (
        {"type": "image", "alt_text": "a", "slack_file": {"id": "F12345678", "url": "https://a.example"}},
        "/blocks/0/slack_file",
    ),
    *(
        (picture(image_url=bad), "/blocks/0/image_url")
        for bad in ("", "a.example", "javascript:alert(1)", "ftp://a.example", "https://", "https://a b", "http://[", 7)
    ),
    (video(video_url="http://video.example/1"), "/blocks/0/video_url"),
    (video(video_url="https://files.slack.com/1"), "/blocks/0/video_url"),
    (video(title_url="http://video.example/1"), "/blocks/0/title_url"),
    # Elements and their objects
    (pressed(text=mrkdwn()), f"{FIRST}/text/type"),
    (pressed(value=""), f"{FIRST}/value"),
    (pressed(style="default"), f"{FIRST}/style"),
    (pressed(url="javascript:alert(1)"), f"{FIRST}/url"),
    (pressed(confirm={"title": plain(), "text": plain()}), f"{FIRST}/confirm"),
    (pressed(confirm=confirm(title=mrkdwn())), f"{FIRST}/confirm/title/type"),
    (pressed(confirm=confirm(style="default")), f"{FIRST}/confirm/style"),
    (selected(options=[option(1), option(1)]), f"{FIRST}/options/1/value"),
    (selected(options=[option(text=mrkdwn())]), f"{FIRST}/options/0/text/type"),
    (selected(options=[option(url="https://a.example")]), f"{FIRST}/options/0"),
    (selected(option_groups=[{"label": plain(), "options": [option("b")]}]), FIRST),
    (actions({"type": "static_select"}), FIRST),
    (selected(initial_option=option("b")), f"{FIRST}/initial_option"),
    (selected(initial_option=option("0", text=plain("other"))), f"{FIRST}/initial_option"),
    (selected("multi_static_select", initial_options=[option("b")]), f"{FIRST}/initial_options/0"),
    (selected("multi_static_select", initial_options=[option(0)] * 2), f"{FIRST}/initial_options/1"),
    (selected("multi_static_select", initial_options=[]), f"{FIRST}/initial_options"),
    (selected("checkboxes", initial_options=[option("b")]), f"{FIRST}/initial_options/0"),
    (selected("radio_buttons", initial_option=option("b")), f"{FIRST}/initial_option"),
    (selected("checkboxes", options=[option(1), option(1)]), f"{FIRST}/options/1/value"),
    (selected("overflow", options=[option(1), option(1)]), f"{FIRST}/options/1/value"),
    (selected("multi_users_select", initial_users=["U1", "U2"], max_selected_items=1), f"{FIRST}/initial_users"),
    (selected("multi_users_select", initial_users=["U1", "U1"]), f"{FIRST}/initial_users/1"),
    (selected("users_select", initial_user="amara"), f"{FIRST}/initial_user"),
    (selected("channels_select", initial_channel="#line-2"), f"{FIRST}/initial_channel"),
    (selected("conversations_select", filter={}), f"{FIRST}/filter"),
    (selected("conversations_select", filter={"include": ["dm"]}), f"{FIRST}/filter/include/0"),
    (selected("conversations_select", filter={"include": ["im", "im"]}), f"{FIRST}/filter/include/1"),
    (selected("conversations_select", response_url_enabled=True), f"{FIRST}/response_url_enabled"),
    (selected("datepicker", initial_date="2026-02-29"), f"{FIRST}/initial_date"),
    (selected("datepicker", initial_date="20260228"), f"{FIRST}/initial_date"),
    (selected("timepicker", initial_time="24:00"), f"{FIRST}/initial_time"),
    (selected("timepicker", initial_time="9:00"), f"{FIRST}/initial_time"),
    (selected("timepicker", timezone="Mars/Olympus"), f"{FIRST}/timezone"),
    (selected("datetimepicker", initial_date_time=True), f"{FIRST}/initial_date_time"),
    (selected("datetimepicker", initial_date_time=1.5e9), f"{FIRST}/initial_date_time"),
    # Rich text
    ({"type": "rich_text", "elements": [{"type": "text", "text": "a"}]}, f"{FIRST}/type"),
    (said(type="mention", user_id="U1"), f"{PIECE}/type"),
    (said(type="text", text="a", style={"loud": True}), f"{PIECE}/style"),
    (said(type="text", text="a", style={"bold": 1}), f"{PIECE}/style/bold"),
    (said(type="text", text="a", style={"unlink": True}), f"{PIECE}/style"),
    (said(type="link", url="javascript:alert(1)"), f"{PIECE}/url"),
    (said(type="user", user_id="amara"), f"{PIECE}/user_id"),
    (said(type="channel", channel_id="D1"), f"{PIECE}/channel_id"),
    (said(type="channel", channel_id="general"), f"{PIECE}/channel_id"),
    (said(type="usergroup", usergroup_id="U1"), f"{PIECE}/usergroup_id"),
    (said(type="team", team_id="U1"), f"{PIECE}/team_id"),
    (said(type="broadcast", range="all"), f"{PIECE}/range"),
    (said(type="color", value="red"), f"{PIECE}/value"),
    (said(type="date", timestamp="1", format="{date}"), f"{PIECE}/timestamp"),
    (said(type="emoji", name="wave", unicode="U+1F44B"), f"{PIECE}/unicode"),
    # Tables, charts, containers
    ({**table(), "rows": [[plain()]]}, "/blocks/0/rows/0/0/type"),
    ({**table(), "rows": [[{"type": "raw_number", "value": "1", "text": "1"}]]}, "/blocks/0/rows/0/0/value"),
    (table(column_settings=[{"align": "middle"}]), "/blocks/0/column_settings/0/align"),
    ({**data_table(), "rows": [[raw()], [raw(), raw()]]}, "/blocks/0/rows/1"),
    ({**data_table(), "rows": [[rich()], [raw()]]}, "/blocks/0/rows/0/0"),
    ({**pie("a"), "chart": {"type": "donut"}}, "/blocks/0/chart/type"),
    (pie("a", "a"), "/blocks/0/chart/segments/1/label"),
    (bar(names=["s", "s"]), "/blocks/0/chart/series/1/name"),
    (container(BLOCKS["markdown"]), "/blocks/0/child_blocks/0/type"),
    (container(container()), "/blocks/0/child_blocks/0/type"),
    (container(default_collapsed=True), "/blocks/0/default_collapsed"),
    (container(is_collapsible=True, has_header_divider=True), "/blocks/0/has_header_divider"),
    (container(width="huge"), "/blocks/0/width"),
    ({"type": "container", "child_blocks": [{"type": "divider"}]}, "/blocks/0"),
    ({"type": "carousel", "elements": [section()]}, "/blocks/0/elements/0/type"),
    (task(status="pending"), "/blocks/0/status"),
    (task(status="done"), "/blocks/0/status"),
    (task(sources=[{"type": "url", "url": "a", "text": "a"}]), "/blocks/0/sources/0/url"),
]


@pytest.mark.parametrize(("block", "pointer"), REFUSED)
def test_refused_in_a_message(block: object, pointer: str) -> None:
    assert pointers(block) == {pointer}


FORM = "/blocks/0/element"
IN_FORMS: list[tuple[Json, str]] = [
    (ask(label=mrkdwn()), "/blocks/0/label/type"),
    (ask(hint=mrkdwn()), "/blocks/0/hint/type"),
    (asked("number_input", min_value="3", max_value="2"), f"{FORM}/min_value"),
    (asked("number_input", initial_value="3", max_value="2"), f"{FORM}/initial_value"),
    (asked("number_input", initial_value="1.5"), f"{FORM}/initial_value"),
    (asked("number_input", initial_value=1), f"{FORM}/initial_value"),
    (asked("number_input", initial_value="one"), f"{FORM}/initial_value"),
    (ask({"type": "number_input"}), FORM),
    (asked("rich_text_input", initial_value="Hello"), f"{FORM}/initial_value"),
    (asked("file_input", filetypes=[]), f"{FORM}/filetypes"),
    (ask(ELEMENTS["file_input"], dispatch_action=True), "/blocks/0/dispatch_action"),
    (ask({"type": "rich_text_input"}), FORM),
    (
        asked("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_paste"]}),
        f"{FORM}/dispatch_action_config/trigger_actions_on/0",
    ),
    (
        asked("plain_text_input", dispatch_action_config={"trigger_actions_on": ["on_enter_pressed"] * 2}),
        f"{FORM}/dispatch_action_config/trigger_actions_on/1",
    ),
]


@pytest.mark.parametrize(("block", "pointer"), IN_FORMS)
def test_refused_in_a_modal(block: Json, pointer: str) -> None:
    assert pointers(block, "modal") == {pointer}


def test_files_are_taken_in_modals_only() -> None:
    assert pointers(asked("file_input"), "modal") == set()
    assert pointers(asked("file_input"), "home") == {"/blocks/0/element/type"}


def test_a_response_url_is_given_in_input_blocks_of_modals_only() -> None:
    select = {"type": "conversations_select", "response_url_enabled": True}
    assert pointers(ask(select), "modal") == set()
    assert pointers(ask(select), "home") == {"/blocks/0/element/response_url_enabled"}
    assert pointers(actions(select), "modal") == {"/blocks/0/elements/0/response_url_enabled"}


def test_markup_is_taken_where_slack_takes_it() -> None:
    marked = [option(text=mrkdwn(), description=mrkdwn())]
    for kind in ("checkboxes", "radio_buttons"):
        assert pointers(selected(kind, options=marked)) == set()
    for kind in ("static_select", "overflow"):
        assert pointers(selected(kind, options=marked)) == {
            f"{FIRST}/options/0/text/type",
            f"{FIRST}/options/0/description/type",
        }


def test_every_rich_text_piece_and_part_passes() -> None:
    pieces = [
        {"type": "text", "text": "a", "style": dict.fromkeys(("bold", "italic", "strike", "code", "underline"), True)},
        {"type": "link", "url": "mailto:amara@northlight.example", "text": "write", "unsafe": False},
        {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fb", "skin_tone": 2},
        {"type": "user", "user_id": "U0AMARA", "style": {"client_highlight": True, "unlink": False}},
        {"type": "channel", "channel_id": "C0LINE2"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "broadcast", "range": "here"},
        {"type": "team", "team_id": "T0CANTEEN"},
        {"type": "color", "value": "#AABB00"},
        {"type": "date", "timestamp": 1_800_000_000, "format": "{date_long}", "fallback": "soon"},
    ]
    part = {"type": "rich_text_section", "elements": pieces}
    parts: list[Json] = [
        part,
        {"type": "rich_text_quote", "elements": pieces, "border": 1},
        {"type": "rich_text_list", "style": "ordered", "elements": [part], "indent": 2, "offset": 3, "border": 0},
        {"type": "rich_text_preformatted", "elements": pieces[:2]},
    ]
    assert pointers({"type": "rich_text", "elements": parts}) == set()
    parts[3]["elements"] = pieces
    refused = pointers({"type": "rich_text", "elements": parts})
    assert refused == {f"/blocks/0/elements/3/elements/{index}/type" for index in range(2, 10)}


@pytest.mark.parametrize("kind", ["rich_text_section", "rich_text_quote", "rich_text_preformatted"])
def test_parts_of_rich_text_may_be_empty(kind: str) -> None:
    part: Json = {"type": kind, "elements": []}
    assert pointers({"type": "rich_text", "elements": [part]}) == set()


def test_a_column_may_be_left_as_it_is() -> None:
    assert pointers(table(column_settings=[None, {"align": "right"}])) == set()
