"""The same thing in another place has the same limit: each place has its own pair, at the limit and just over."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.kit import Surface, check_attachments, check_blocks
from tests.sandbox.kit.kit_samples import (
    ELEMENTS,
    VERDICT,
    Json,
    actions,
    ask,
    button,
    card,
    confirm,
    container,
    data_table,
    link,
    mrkdwn,
    option,
    options,
    picture,
    plain,
    raw,
    rich,
    section,
    task,
    video,
    words,
)

Build = Callable[[int], Json]
Pair = tuple[int, int, str, Build, Surface]

FIRST, FORM, PIECE = "/blocks/0/elements/0", "/blocks/0/element", "/blocks/0/elements/0/elements/0"
PAIRS: list[Pair] = []


def both_ends(most: int, pointer: str, build: Build, surface: Surface = "message") -> None:
    """From one character, or one item, to `most` of them."""
    PAIRS.append((most, most + 1, pointer, build, surface))
    PAIRS.append((1, 0, pointer, build, surface))


def picked(kind: str, **more: Any) -> Json:
    return actions({**ELEMENTS[kind], **more})


# Every text of an option, wherever options stand; what is chosen at first is an option too.
WRITTEN: dict[str, list[Callable[[str], Json]]] = {
    **{kind: [plain, mrkdwn] for kind in ("checkboxes", "radio_buttons")},
    **{kind: [plain] for kind in ("overflow", "static_select", "multi_static_select")},
}
CHOSEN = {"checkboxes": True, "radio_buttons": False, "static_select": False, "multi_static_select": True}
MAKERS: list[tuple[str, int, Callable[[Callable[[str], Json], int], Json]]] = [
    ("text/text", 75, lambda write, n: option(text=write(words(n)))),
    ("description/text", 75, lambda write, n: option(description=write(words(n)))),
    ("value", 150, lambda _, n: option(words(n))),
]
for kind, ways in WRITTEN.items():
    for write in ways:
        for name, most, make in MAKERS:

            def offered(n: int, kind: str = kind, write: Any = write, make: Any = make) -> Json:
                return picked(kind, options=[make(write, n)])

            both_ends(most, f"{FIRST}/options/0/{name}", offered)
for kind in ("static_select", "multi_static_select"):
    for name, most, make in MAKERS:

        def grouped(n: int, kind: str = kind, make: Any = make) -> Json:
            inside = {"label": plain(), "options": [make(plain, n)]}
            return actions({"type": kind, "option_groups": [inside]})

        both_ends(most, f"{FIRST}/option_groups/0/options/0/{name}", grouped)
for kind, single in (("external_select", True), ("multi_external_select", False)):
    for name, most, make in MAKERS:
        at_first = "initial_option" if single else "initial_options"
        where = at_first if single else f"{at_first}/0"

        def begun(n: int, kind: str = kind, make: Any = make, single: bool = single, key: str = at_first) -> Json:
            return picked(kind, **{key: make(plain, n) if single else [make(plain, n)]})

        both_ends(most, f"{FIRST}/{where}/{name}", begun)


def groups(count: int) -> Json:
    listed = [{"label": plain(), "options": [option(n)]} for n in range(count)]
    return actions({"type": "multi_static_select", "option_groups": listed})


def ids(letter: str) -> Callable[[int], list[str]]:
    return lambda count: [f"{letter}{one}" for one in range(count)]


both_ends(100, f"{FIRST}/options", lambda n: picked("multi_static_select", options=options(n)))
both_ends(100, f"{FIRST}/option_groups", groups)
both_ends(
    75,
    f"{FIRST}/option_groups/0/label/text",
    lambda n: actions(
        {
            "type": "static_select",
            "option_groups": [{"label": plain(words(n)), "options": options(1)}],
        }
    ),
)
both_ends(100, f"{FIRST}/initial_options", lambda n: picked("multi_external_select", initial_options=options(n)))


def first(name: str, letter: str) -> Build:
    return lambda n: picked(f"multi_{name}_select", **{f"initial_{name}": ids(letter)(n)})


both_ends(100, f"{FIRST}/initial_channels", first("channels", "C"))
both_ends(100, f"{FIRST}/initial_conversations", first("conversations", "D"))


# Asking once more before a press
def asked_once_more(name: str, write: Callable[[str], Json] = plain) -> Build:
    return lambda n: actions(button(confirm=confirm(**{name: write(words(n))})))


for write in (plain, mrkdwn):
    both_ends(300, f"{FIRST}/confirm/text/text", asked_once_more("text", write))
for name, most in (("title", 100), ("confirm", 30), ("deny", 30)):
    both_ends(most, f"{FIRST}/confirm/{name}/text", asked_once_more(name))


def judged(name: str) -> Build:
    return lambda n: {
        "type": "context_actions",
        "elements": [{**ELEMENTS["feedback_buttons"], name: {**VERDICT, "text": plain(words(n))}}],
    }


# Texts that have a kind of their own in some place
both_ends(75, f"{FIRST}/text/text", lambda n: actions(button(text=plain(words(n)))))
both_ends(75, f"{FIRST}/text/text", lambda n: picked("workflow_button", text=plain(words(n))))
both_ends(
    75,
    f"{FIRST}/text/text",
    lambda n: {"type": "context_actions", "elements": [{**ELEMENTS["icon_button"], "text": plain(words(n))}]},
)
for name in ("positive_button", "negative_button"):
    both_ends(75, f"{FIRST}/{name}/text/text", judged(name))
both_ends(2000, "/blocks/0/fields/0/text", lambda n: section(fields=[plain(words(n))]))
both_ends(3000, f"{FIRST}/text", lambda n: {"type": "context", "elements": [plain(words(n))]})
both_ends(200, "/blocks/0/text/text", lambda n: {"type": "alert", "text": plain(words(n))}, "modal")
both_ends(150, "/blocks/0/subtitle/text", lambda n: container(subtitle=mrkdwn(words(n))))
both_ends(199, "/blocks/0/title/text", lambda n: video(title=plain(words(n))))
both_ends(199, "/blocks/0/description/text", lambda n: video(description=plain(words(n))))
both_ends(3000, f"{FORM}/max_length", lambda n: ask({"type": "plain_text_input", "max_length": n}), "modal")

# Addresses
for pointer, build in (
    ("/blocks/0/slack_file/url", lambda n: {"type": "image", "alt_text": "A", "slack_file": {"url": link(n)}}),
    ("/blocks/0/accessory/image_url", lambda n: section(accessory=picture(image_url=link(n)))),
    ("/blocks/0/icon/image_url", lambda n: card(icon=picture(image_url=link(n)))),
    ("/blocks/0/sources/0/url", lambda n: task(sources=[{"type": "url", "url": link(n), "text": "t"}])),
    (f"{PIECE}/url", lambda n: rich({"type": "emoji", "name": "wave", "url": link(n)})),
    (f"{PIECE}/url", lambda n: rich({"type": "date", "timestamp": 0, "format": "{date}", "url": link(n)})),
    (f"{FIRST}/workflow/trigger/url", lambda n: picked("workflow_button", workflow={"trigger": {"url": link(n)}})),
):
    PAIRS.append((3000, 3001, pointer, build, "message"))

# What must not be empty
for pointer, build in (
    ("/blocks/0/sources/0/text", lambda n: task(sources=[{"type": "url", "url": link(20), "text": words(n)}])),
    (
        "/blocks/0/rows/1/0/text",
        lambda n: {**data_table(), "rows": [[raw()], [{"type": "raw_number", "value": 1, "text": words(n)}]]},
    ),
):
    PAIRS.append((1, 0, pointer, build, "message"))


@pytest.mark.parametrize(("limit", "over", "pointer", "build", "surface"), PAIRS)
def test_at_the_limit_and_just_over(limit: int, over: int, pointer: str, build: Build, surface: Surface) -> None:
    assert check_blocks([build(limit)], surface) == []
    assert pointer in {problem.pointer for problem in check_blocks([build(over)], surface)}


@pytest.mark.parametrize(("kind", "write"), [(kind, write) for kind in CHOSEN for write in WRITTEN[kind]])
@pytest.mark.parametrize(("name", "most", "make"), MAKERS)
def test_what_is_chosen_at_first_has_the_limits_of_an_option(
    kind: str, write: Any, name: str, most: int, make: Any
) -> None:
    for count in (1, most, most + 1, 0):
        one = make(write, count)
        chosen = {"initial_options": [one]} if CHOSEN[kind] else {"initial_option": one}
        where = f"{FIRST}/initial_options/0" if CHOSEN[kind] else f"{FIRST}/initial_option"
        found = {problem.pointer for problem in check_blocks([picked(kind, options=[one], **chosen)], "message")}
        fits = 1 <= count <= most
        assert found == (set() if fits else {f"{where}/{name}", f"{FIRST}/options/0/{name}"})


def test_attachments_have_50_blocks_and_addresses_of_3000_characters() -> None:
    assert check_attachments([{"blocks": [{"type": "divider"}] * 50}]) == []
    (problem,) = check_attachments([{"blocks": [{"type": "divider"}] * 51}])
    assert problem.pointer == "/attachments/0/blocks"
    for name in ("title_link", "from_url", "author_link", "author_icon", "footer_icon", "image_url", "thumb_url"):
        assert check_attachments([{"text": "a", name: link(3000)}]) == []
        (problem,) = check_attachments([{"text": "a", name: link(3001)}])
        assert problem.pointer == f"/attachments/0/{name}"
