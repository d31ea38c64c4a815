"""Every limit: one payload exactly at it passes, one just over is refused at the expected place."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from sandbox.kit import Problem, Surface, check_blocks
from tests.sandbox.kit.kit_samples import (
    ELEMENTS,
    VERDICT,
    Json,
    actions,
    ask,
    bar,
    button,
    card,
    chart,
    confirm,
    container,
    data_table,
    link,
    mrkdwn,
    option,
    options,
    picture,
    pie,
    plain,
    raw,
    rich,
    section,
    table,
    task,
    video,
    words,
)


@dataclass(frozen=True, kw_only=True)
class Limit:
    name: str
    at: int
    step: int
    build: Callable[[int], Json | list[Json]]
    pointer: str
    surface: Surface
    code: str

    def check(self, count: int) -> list[Problem]:
        built = self.build(count)
        return check_blocks(built if isinstance(built, list) else [built], self.surface)


LIMITS: list[Limit] = []


def most(
    at: int,
    pointer: str,
    build: Callable[[int], Json | list[Json]],
    *,
    surface: Surface = "message",
    code: str = "invalid_blocks",
    step: int = 1,
) -> None:
    name = f"{'most' if step > 0 else 'least'}-{len(LIMITS)}{pointer.replace('/blocks/0', '')}"
    LIMITS.append(Limit(name=name, at=at, step=step, build=build, pointer=pointer, surface=surface, code=code))


def least(at: int, pointer: str, build: Callable[[int], Json | list[Json]], *, surface: Surface = "message") -> None:
    most(at, pointer, build, surface=surface, step=-1)


def press(most_: int, name: str, build: Callable[[int], Any]) -> None:
    most(most_, f"/blocks/0/elements/0/{name}", lambda n: actions(button(**{name.split("/")[0]: build(n)})))


def pick(kind: str, name: str, **more: Any) -> Callable[[Callable[[int], Any]], Callable[[int], Json]]:
    return lambda build: lambda n: actions({**ELEMENTS[kind], name: build(n), **more})


def asked(kind: str, **fields: Any) -> Json:
    return ask({**ELEMENTS[kind], **fields})


def filled(kind: str, count: int) -> Json:
    return asked(kind, initial_value=words(count))


def hinted(kind: str, count: int) -> Json:
    return asked(kind, placeholder=plain(words(count)))


def lined(name: str, count: int) -> Json:
    return asked("rich_text_input", **{name: count})


def linked(name: str, count: int) -> Json:
    return video(**{name: link(count)})


def series(kind: str, count: int) -> Json:
    return bar(names=[*map(str, range(count))], kind=kind)


# Blocks
most(50, "/blocks", lambda n: [{"type": "divider"}] * n)
most(100, "/blocks", lambda n: [{"type": "divider"}] * n, surface="modal")
most(100, "/blocks", lambda n: [{"type": "divider"}] * n, surface="home")
most(255, "/blocks/0/block_id", lambda n: section(block_id=words(n)))
least(1, "/blocks/0/block_id", lambda n: section(block_id=words(n)))
for size, edge in ((3000, most), (1, least)):
    edge(size, "/blocks/0/text/text", lambda n: section(text=mrkdwn(words(n))))
    edge(size, "/blocks/0/text/text", lambda n: section(text=plain(words(n))))
    edge(size, "/blocks/0/elements/0/text", lambda n: {"type": "context", "elements": [mrkdwn(words(n))]})
for size, edge in ((2000, most), (1, least)):
    edge(size, "/blocks/0/fields/0/text", lambda n: section(fields=[mrkdwn(words(n))]))
    edge(size, "/blocks/0/label/text", lambda n: ask(label=plain(words(n))), surface="modal")
    edge(size, "/blocks/0/hint/text", lambda n: ask(hint=plain(words(n))), surface="modal")
    edge(size, "/blocks/0/alt_text", lambda n: picture(alt_text=words(n)))
    edge(size, "/blocks/0/title/text", lambda n: picture(title=plain(words(n))))
    edge(size, "/blocks/0/accessory/alt_text", lambda n: section(accessory=picture(alt_text=words(n))))
for size, edge in ((10, most), (1, least)):
    edge(size, "/blocks/0/fields", lambda n: section(fields=[plain()] * n))
    edge(size, "/blocks/0/elements", lambda n: {"type": "context", "elements": [plain()] * n})
    edge(size, "/blocks/0/elements", lambda n: {"type": "carousel", "elements": [card()] * n})
    edge(size, "/blocks/0/child_blocks", lambda n: {**container(), "child_blocks": [{"type": "divider"}] * n})
for size, edge in ((25, most), (1, least)):
    edge(size, "/blocks/0/elements", lambda n: {"type": "actions", "elements": [button()] * n})
for size, edge in ((5, most), (1, least)):
    edge(size, "/blocks/0/elements", lambda n: {"type": "context_actions", "elements": [ELEMENTS["icon_button"]] * n})
for size, edge in ((150, most), (1, least)):
    edge(size, "/blocks/0/text/text", lambda n: {"type": "header", "text": plain(words(n))})
    edge(size, "/blocks/0/title/text", lambda n: card(title=mrkdwn(words(n))))
    edge(size, "/blocks/0/subtitle/text", lambda n: card(subtitle=mrkdwn(words(n))))
    edge(size, "/blocks/0/title/text", lambda n: container(title=plain(words(n))))
    edge(size, "/blocks/0/subtitle/text", lambda n: container(subtitle=plain(words(n))))
for size, edge in ((200, most), (1, least)):
    edge(size, "/blocks/0/text/text", lambda n: {"type": "alert", "text": mrkdwn(words(n))}, surface="modal")
    edge(size, "/blocks/0/body/text", lambda n: card(body=mrkdwn(words(n))))
for size, edge in ((2, most), (1, least)):
    edge(size, "/blocks/0/actions", lambda n: card(actions=[button()] * n))
most(3000, "/blocks/0/image_url", lambda n: picture(image_url=link(n)))
most(12_000, "/blocks/0/text", lambda n: {"type": "markdown", "text": words(n)}, surface="message", code="both")
least(1, "/blocks/0/text", lambda n: {"type": "markdown", "text": words(n)})
most(199, "/blocks/0/title/text", lambda n: video(title=plain(words(n))))
most(199, "/blocks/0/description/text", lambda n: video(description=plain(words(n))))
most(49, "/blocks/0/author_name", lambda n: video(author_name=words(n)))
most(50, "/blocks/0/provider_name", lambda n: video(provider_name=words(n)))
for name in ("video_url", "thumbnail_url", "title_url", "provider_icon_url"):
    most(3000, f"/blocks/0/{name}", partial(linked, name))
most(50, "/blocks/0/tasks", lambda n: {"type": "plan", "title": "p", "tasks": [task()] * n})
least(1, "/blocks/0/title", lambda n: {"type": "plan", "title": words(n)})
least(1, "/blocks/0/task_id", lambda n: task(task_id=words(n)))

# Totals of a message
TOO_LONG = "msg_blocks_too_long"
most(2400, "/blocks", lambda n: [section(text=plain(words(n)))] * 4 + [section(text=plain(words(2400)))], code=TOO_LONG)
most(8200 - 49, "/blocks", lambda n: [{"type": "markdown", "text": words(n)}] + [raw_header()] * 49, code=TOO_LONG)
most(12_000 - 5, "/blocks", lambda n: [section(), {"type": "markdown", "text": words(n)}], code=TOO_LONG)


def raw_header() -> Json:
    return {"type": "header", "text": plain("h")}


# Tables and charts
for size, edge in ((100, most), (1, least)):
    edge(size, "/blocks/0/rows", lambda n: table(rows=n))
for size, edge in ((20, most), (1, least)):
    edge(size, "/blocks/0/rows/0", lambda n: table(columns=n))
most(20, "/blocks/0/column_settings", lambda n: table(column_settings=[{"is_wrapped": True}] * n))
most(100, "/blocks", lambda n: {"type": "table", "rows": [[raw(words(n))], *[[raw(words(100))]] * 99]})
least(1, "/blocks/0/rows/0/0/text", lambda n: table(text=words(n)))
for size, edge in ((201, most), (2, least)):
    edge(size, "/blocks/0/rows", lambda n: data_table(rows=n))
most(20, "/blocks/0/rows/0", lambda n: {**data_table(), "rows": [[raw()] * n, [raw()] * 20]}, code="both")
for size, edge in ((100, most), (1, least)):
    edge(size, "/blocks/0/page_size", lambda n: data_table(page_size=n))
for size, edge in ((2, most), (0, least)):
    edge(size, "/blocks/0/row_header_column_index", lambda n: data_table(columns=3, row_header_column_index=n))
most(10_000, "/blocks", lambda n: {**data_table(), "rows": [[raw(words(10_000))], [raw(words(n))]]})
least(1, "/blocks/0/caption", lambda n: data_table(caption=words(n)))
for size, edge in ((50, most), (1, least)):
    edge(size, "/blocks/0/title", lambda n: {**pie("a"), "title": words(n)})
    edge(size, "/blocks/0/chart/axis_config/x_label", lambda n: bar(x_label=words(n)))
    edge(size, "/blocks/0/chart/axis_config/y_label", lambda n: bar(y_label=words(n)))
for size, edge in ((20, most), (1, least)):
    edge(size, "/blocks/0/chart/segments/0/label", lambda n: pie(words(n)))
    edge(size, "/blocks/0/chart/series/0/name", lambda n: bar(names=[words(n)]))
for size, edge in ((12, most), (1, least)):
    edge(size, "/blocks/0/chart/segments", lambda n: pie(*map(str, range(n))))
    for kind in ("bar", "line", "area"):
        edge(size, "/blocks/0/chart/series", partial(series, kind))
least(1, "/blocks/0/chart/segments/0/value", lambda n: pie("a", value=n))
most(2, "/blocks/2", lambda n: [pie("a")] * n)
most(1, "/blocks/1", lambda n: [{"type": "plan", "title": "p"}] * n)

# Pressing and picking
most(255, "/blocks/0/elements/0/action_id", lambda n: actions(button(action_id=words(n))))
least(1, "/blocks/0/elements/0/action_id", lambda n: actions(button(action_id=words(n))))
press(75, "text/text", lambda n: plain(words(n)))
press(2000, "value", words)
press(3000, "url", link)
press(75, "accessibility_label", words)
press(4000, "agent_prompt", words)
press(4000, "agent_prompt_display", words)
press(10, "visible_to_user_ids", lambda n: [f"U{one}" for one in range(n)])
press(100, "confirm/title/text", lambda n: confirm(title=plain(words(n))))
press(300, "confirm/text/text", lambda n: confirm(text=mrkdwn(words(n))))
press(30, "confirm/confirm/text", lambda n: confirm(confirm=plain(words(n))))
press(30, "confirm/deny/text", lambda n: confirm(deny=plain(words(n))))
for kind, count in (("checkboxes", 10), ("radio_buttons", 10), ("overflow", 5), ("static_select", 100)):
    most(count, "/blocks/0/elements/0/options", pick(kind, "options")(options))
    least(1, "/blocks/0/elements/0/options", pick(kind, "options")(options))
    for size, edge in ((75, most), (1, least)):
        where = "/blocks/0/elements/0/options/0"
        edge(size, f"{where}/text/text", pick(kind, "options")(lambda n: [option(text=plain(words(n)))]))
        described = pick(kind, "options")(lambda n: [option(description=plain(words(n)))])
        edge(size, f"{where}/description/text", described)
    for size, edge in ((150, most), (1, least)):
        edge(size, "/blocks/0/elements/0/options/0/value", pick(kind, "options")(lambda n: [option(words(n))]))
most(3000, "/blocks/0/elements/0/options/0/url", pick("overflow", "options")(lambda n: [option(url=link(n))]))
most(100, "/blocks/0/elements/0/options", pick("multi_static_select", "options")(options))


def grouped(groups: int, inside: int, label: int = 1) -> Json:
    listed = [
        {"label": plain(words(label)), "options": [option(f"{group}-{n}") for n in range(inside)]}
        for group in range(groups)
    ]
    return actions({"type": "static_select", "option_groups": listed})


for size, edge in ((100, most), (1, least)):
    edge(size, "/blocks/0/elements/0/option_groups", lambda n: grouped(n, 1))
    edge(size, "/blocks/0/elements/0/option_groups/0/options", lambda n: grouped(1, n))
most(75, "/blocks/0/elements/0/option_groups/0/label/text", lambda n: grouped(1, 1, n))
for kind in ("static_select", "users_select", "multi_external_select", "datepicker", "timepicker"):
    build = pick(kind, "placeholder")(lambda n: plain(words(n)))
    most(150, "/blocks/0/elements/0/placeholder/text", build)
    least(1, "/blocks/0/elements/0/placeholder/text", build)
for kind in ("multi_users_select", "multi_static_select", "multi_external_select"):
    least(1, "/blocks/0/elements/0/max_selected_items", pick(kind, "max_selected_items")(lambda n: n))
    two = [option(0), option(1)]
    if kind != "multi_users_select":
        offered = {"options": two} if kind == "multi_static_select" else {}
        least(
            2,
            "/blocks/0/elements/0/initial_options",
            pick(kind, "max_selected_items", initial_options=two, **offered)(lambda n: n),
        )
most(
    100,
    "/blocks/0/elements/0/initial_users",
    pick("multi_users_select", "initial_users")(lambda n: [f"U{i}" for i in range(n)]),
)
least(0, "/blocks/0/elements/0/min_query_length", pick("external_select", "min_query_length")(lambda n: n))
for size, edge in ((9_999_999_999, most), (1_000_000_000, least)):
    edge(size, "/blocks/0/elements/0/initial_date_time", pick("datetimepicker", "initial_date_time")(lambda n: n))

# Filling in
for size, edge in ((3000, most), (0, least)):
    edge(size, "/blocks/0/element/min_length", lambda n: asked("plain_text_input", min_length=n), surface="modal")
for size, edge in ((3000, most), (1, least)):
    edge(size, "/blocks/0/element/max_length", lambda n: asked("plain_text_input", max_length=n), surface="modal")
for kind in ("plain_text_input", "email_text_input", "url_text_input"):
    most(3000, "/blocks/0/element/initial_value", partial(filled, kind), surface="modal")
    most(150, "/blocks/0/element/placeholder/text", partial(hinted, kind), surface="modal")
most(
    7,
    "/blocks/0/element/initial_value",
    lambda n: asked("plain_text_input", initial_value=words(n), max_length=7),
    surface="modal",
)
most(
    7, "/blocks/0/element/min_length", lambda n: asked("plain_text_input", min_length=n, max_length=7), surface="modal"
)
most(7, "/blocks/0/element/min_lines", lambda n: asked("rich_text_input", min_lines=n, max_lines=7), surface="modal")
for name in ("min_lines", "max_lines"):
    for size, edge in ((100, most), (1, least)):
        edge(size, f"/blocks/0/element/{name}", partial(lined, name), surface="modal")
for size, edge in ((10, most), (1, least)):
    edge(size, "/blocks/0/element/max_files", lambda n: asked("file_input", max_files=n), surface="modal")
both = ["on_enter_pressed", "on_character_entered", "on_enter_pressed"]
most(
    2,
    "/blocks/0/element/dispatch_action_config/trigger_actions_on",
    lambda n: asked("plain_text_input", dispatch_action_config={"trigger_actions_on": both[:n]}),
    surface="modal",
)
least(
    1,
    "/blocks/0/element/dispatch_action_config/trigger_actions_on",
    lambda n: asked("plain_text_input", dispatch_action_config={"trigger_actions_on": both[:n]}),
    surface="modal",
)
least(
    1, "/blocks/0/elements/0/filter/include", pick("conversations_select", "filter")(lambda n: {"include": ["im"] * n})
)


def in_context(kind: str, name: str, build: Callable[[int], Any]) -> Callable[[int], Json]:
    return lambda n: {"type": "context_actions", "elements": [{**ELEMENTS[kind], name: build(n)}]}


# Other elements
OTHERS: tuple[tuple[str, str, int, Callable[[int], Any]], ...] = (
    ("feedback_buttons", "positive_button/text/text", 75, lambda n: {**VERDICT, "text": plain(words(n))}),
    ("feedback_buttons", "negative_button/value", 2000, lambda n: {**VERDICT, "value": words(n)}),
    (
        "feedback_buttons",
        "positive_button/accessibility_label",
        75,
        lambda n: {**VERDICT, "accessibility_label": words(n)},
    ),
    ("icon_button", "text/text", 75, lambda n: plain(words(n))),
    ("icon_button", "value", 2000, words),
    ("icon_button", "accessibility_label", 75, words),
    ("icon_button", "visible_to_user_ids", 10, lambda n: [f"U{one}" for one in range(n)]),
)
for kind, name, size, build in OTHERS:
    most(size, f"/blocks/0/elements/0/{name}", in_context(kind, name.split("/")[0], build))
most(75, "/blocks/0/elements/0/text/text", pick("workflow_button", "text")(lambda n: plain(words(n))))
most(75, "/blocks/0/elements/0/accessibility_label", pick("workflow_button", "accessibility_label")(words))

# Rich text
least(1, "/blocks/0/elements/0/elements/0/text", lambda n: rich({"type": "text", "text": words(n)}))
least(1, "/blocks/0/elements", lambda n: {"type": "rich_text", "elements": rich()["elements"] * n})
for size, edge in ((6, most), (1, least)):
    edge(
        size,
        "/blocks/0/elements/0/elements/0/skin_tone",
        lambda n: rich({"type": "emoji", "name": "wave", "skin_tone": n}),
    )
most(3000, "/blocks/0/elements/0/elements/0/url", lambda n: rich({"type": "link", "url": link(n)}))


def listed(**more: Any) -> Json:
    part = {"type": "rich_text_list", "style": "bullet", "elements": rich()["elements"], **more}
    return {"type": "rich_text", "elements": [part]}


for size, edge in ((8, most), (0, least)):
    edge(size, "/blocks/0/elements/0/indent", lambda n: listed(indent=n))
for size, edge in ((1, most), (0, least)):
    edge(size, "/blocks/0/elements/0/border", lambda n: listed(border=n))
least(1, "/blocks/0/elements/0/elements", lambda n: listed(elements=rich()["elements"] * n))
least(0, "/blocks/0/elements/0/offset", lambda n: listed(offset=n))


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_at_the_limit_it_passes(limit: Limit) -> None:
    assert limit.check(limit.at) == []


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.name)
def test_just_over_the_limit_it_is_refused(limit: Limit) -> None:
    problems = limit.check(limit.at + limit.step)
    found = {problem.pointer for problem in problems}
    if limit.code == "both":
        assert limit.pointer in found
    else:
        assert found == {limit.pointer}
        assert {problem.code for problem in problems} == {limit.code}


def axis(count: int, label: int = 1) -> Json:
    return bar([str(n).rjust(label, "x") for n in range(count)])


@pytest.mark.parametrize(("at", "over", "pointer"), [
    (axis(20), axis(21), "/blocks/0/chart/axis_config/categories"),
    (axis(20), axis(21), "/blocks/0/chart/series/0/data"),
    (axis(1), axis(0), "/blocks/0/chart/axis_config/categories"),
    (axis(1, 20), axis(1, 21), "/blocks/0/chart/axis_config/categories/0"),
    (axis(1, 20), axis(1, 21), "/blocks/0/chart/series/0/data/0/label"),
])  # fmt: skip
def test_categories_and_points_have_the_same_limits(at: Json, over: Json, pointer: str) -> None:
    assert check_blocks([at], "message") == []
    assert pointer in {problem.pointer for problem in check_blocks([over], "message")}


def test_charts_of_every_kind_pass() -> None:
    for kind in ("bar", "line", "area"):
        assert check_blocks([bar(["a", "b"], ["s", "t"], kind)], "message") == []
    assert check_blocks([chart({"type": "pie", "segments": [{"label": "a", "value": 0.1}]})], "message") == []
