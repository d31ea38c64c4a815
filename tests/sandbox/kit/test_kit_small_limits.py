"""The small ends: what must not be empty, what may be, and the lists that only a few programs use."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kit import Surface, check_blocks
from tests.sandbox.kit.kit_samples import (
    ELEMENTS,
    VERDICT,
    Json,
    actions,
    ask,
    button,
    option,
    options,
    rich,
    table,
    task,
    video,
    words,
)

Build = Callable[[int], Json]


def pick(kind: str, name: str, value: Callable[[int], Any], **more: Any) -> Build:
    return lambda count: actions({**ELEMENTS[kind], **more, name: value(count)})


def asked(kind: str, name: str, value: Callable[[int], Any]) -> Build:
    return lambda count: ask({**ELEMENTS[kind], name: value(count)})


def in_context(kind: str, name: str, value: Callable[[int], Any]) -> Build:
    return lambda count: {"type": "context_actions", "elements": [{**ELEMENTS[kind], name: value(count)}]}


def said(field: str, value: Callable[[int], Any], **piece: Any) -> Build:
    return lambda count: rich({**piece, field: value(count)})


def started(count: int) -> Json:
    trigger = {"url": "https://a.example", "customizable_input_parameters": [{"name": words(count), "value": ""}]}
    return actions({**ELEMENTS["workflow_button"], "workflow": {"trigger": trigger}})


def users(count: int) -> list[str]:
    return [f"U{one}" for one in range(count)]


def digits(count: int) -> str:
    return "9" * count


def unlike(count: int) -> list[Json]:
    return options(100)[:count] + options(max(0, count - 100))


FIRST, FORM, PIECE = "/blocks/0/elements/0", "/blocks/0/element", "/blocks/0/elements/0/elements/0"
SOURCES = ["im", "mpim", "private", "public", "im"]
DATE: Json = {"type": "date", "timestamp": 0, "format": "{date}"}

LEAST: list[tuple[int, str, Surface, Build]] = [
    (1, f"{FIRST}/value", "message", lambda n: actions(button(value=words(n)))),
    (1, f"{FIRST}/accessibility_label", "message", lambda n: actions(button(accessibility_label=words(n)))),
    (1, f"{FIRST}/agent_prompt", "message", lambda n: actions(button(agent_prompt=words(n)))),
    (1, f"{FIRST}/agent_prompt_display", "message", lambda n: actions(button(agent_prompt_display=words(n)))),
    (1, f"{FIRST}/visible_to_user_ids", "message", lambda n: actions(button(visible_to_user_ids=users(n)))),
    (1, f"{FIRST}/initial_users", "message", pick("multi_users_select", "initial_users", users)),
    (1, f"{FIRST}/workflow/trigger/customizable_input_parameters/0/name", "message", started),
    (
        1,
        f"{FIRST}/positive_button/value",
        "message",
        in_context("feedback_buttons", "positive_button", lambda n: {**VERDICT, "value": words(n)}),
    ),
    (1, f"{FIRST}/value", "message", in_context("icon_button", "value", words)),
    (1, f"{FORM}/filetypes", "modal", asked("file_input", "filetypes", lambda n: ["png"] * n)),
    (1, f"{FORM}/filetypes/0", "modal", asked("file_input", "filetypes", lambda n: [words(n)])),
    (1, f"{PIECE}/name", "message", said("name", words, type="emoji")),
    (1, f"{PIECE}/unicode", "message", said("unicode", digits, type="emoji", name="wave")),
    (0, f"{PIECE}/timestamp", "message", said("timestamp", int, **DATE)),
    (1, f"{PIECE}/format", "message", said("format", words, **DATE)),
    (1, f"{PIECE}/fallback", "message", said("fallback", words, **DATE)),
    (1, "/blocks/0/title", "message", lambda n: task(title=words(n))),
    (1, "/blocks/0/author_name", "message", lambda n: video(author_name=words(n))),
    (1, "/blocks/0/provider_name", "message", lambda n: video(provider_name=words(n))),
]

MOST: list[tuple[int, str, Surface, Build]] = [
    (255, f"{FORM}/filetypes/0", "modal", asked("file_input", "filetypes", lambda n: [words(n)])),
    (50, f"{FORM}/initial_value", "modal", asked("number_input", "initial_value", digits)),
    (
        4,
        f"{FIRST}/filter/include",
        "message",
        pick("conversations_select", "filter", lambda n: {"include": SOURCES[:n]}),
    ),
    (10, f"{FIRST}/initial_options", "message", pick("checkboxes", "initial_options", options, options=options(10))),
    (
        100,
        f"{FIRST}/initial_options",
        "message",
        pick("multi_static_select", "initial_options", unlike, options=options(100)),
    ),
    (100, f"{FIRST}/initial_options", "message", pick("multi_external_select", "initial_options", options)),
]

EVERY = [(least, -1, *rest) for least, *rest in LEAST] + [(most, 1, *rest) for most, *rest in MOST]


@pytest.mark.parametrize(("limit", "step", "pointer", "surface", "build"), EVERY)
def test_at_the_limit_and_just_over(limit: int, step: int, pointer: str, surface: Surface, build: Build) -> None:
    assert check_blocks([build(limit)], surface) == []
    assert {problem.pointer for problem in check_blocks([build(limit + step)], surface)} == {pointer}


MAY_BE_EMPTY: list[tuple[Json, Surface]] = [
    *(
        (ask({"type": kind, "initial_value": ""}), "modal")
        for kind in ("plain_text_input", "email_text_input", "url_text_input")
    ),
    (table(column_settings=[]), "message"),
    ({"type": "plan", "title": "Plan", "tasks": []}, "message"),
    (task(sources=[]), "message"),
    (started(1), "message"),
    (pick("static_select", "options", lambda n: [option(n)])(1), "message"),
]


@pytest.mark.parametrize(("block", "surface"), MAY_BE_EMPTY)
def test_what_may_be_empty(block: Json, surface: Surface) -> None:
    assert check_blocks([block], surface) == []
