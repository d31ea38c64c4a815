"""The smallest right payload of every kind, made to be changed by the tests."""

from typing import Any

Json = dict[str, Any]


def words(count: int) -> str:
    return "x" * count


def plain(text: str = "Hello") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "Hello") -> Json:
    return {"type": "mrkdwn", "text": text}


def link(count: int) -> str:
    return "https://a.example/".ljust(count, "x")


def option(value: object = "a", **more: Any) -> Json:
    return {"text": plain("o"), "value": str(value), **more}


def options(count: int) -> list[Json]:
    return [option(n) for n in range(count)]


def confirm(**more: Any) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def raw(text: str = "c") -> Json:
    return {"type": "raw_text", "text": text}


def rich(*pieces: Json) -> Json:
    section = {"type": "rich_text_section", "elements": list(pieces or [{"type": "text", "text": "Hello"}])}
    return {"type": "rich_text", "elements": [section]}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def picture(**more: Any) -> Json:
    return {"type": "image", "image_url": link(20), "alt_text": "A picture", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **more}


def ask(element: Json | None = None, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element or {"type": "plain_text_input"}, **more}


def card(**more: Any) -> Json:
    return {"type": "card", "title": mrkdwn(), **more}


def task(**more: Any) -> Json:
    return {"type": "task_card", "task_id": "t", "title": "Do it", "status": "complete", **more}


def table(rows: int = 1, columns: int = 1, text: str = "c", **more: Any) -> Json:
    return {"type": "table", "rows": [[raw(text) for _ in range(columns)] for _ in range(rows)], **more}


def data_table(rows: int = 2, columns: int = 1, text: str = "c", **more: Any) -> Json:
    return {**table(rows, columns, text), "type": "data_table", "caption": "Figures", **more}


def bar(categories: list[str] | None = None, names: list[str] | None = None, kind: str = "bar", **axis: Any) -> Json:
    labels = ["a"] if categories is None else categories
    points = [{"label": label, "value": -1.5} for label in labels]
    series = [{"name": name, "data": points} for name in (["s"] if names is None else names)]
    return chart({"type": kind, "series": series, "axis_config": {"categories": labels, **axis}})


def pie(*labels: str, value: float = 1) -> Json:
    return chart({"type": "pie", "segments": [{"label": label, "value": value} for label in labels]})


def chart(inside: Json, title: str = "Votes") -> Json:
    return {"type": "data_visualization", "title": title, "chart": inside}


def video(**more: Any) -> Json:
    return {
        "type": "video",
        "video_url": "https://video.example/embed/1",
        "thumbnail_url": "https://video.example/1.png",
        "alt_text": "A film",
        "title": plain(),
        **more,
    }


def container(*children: Json, **more: Any) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": list(children or [{"type": "divider"}]), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "title": plain(),
        "submit": plain(),
        "blocks": list(blocks) or [{"type": "divider"}],
        **more,
    }


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks) or [{"type": "divider"}], **more}


VERDICT: Json = {"text": plain(), "value": "yes"}

ELEMENTS: dict[str, Json] = {
    "button": button(),
    "checkboxes": {"type": "checkboxes", "options": options(1)},
    "radio_buttons": {"type": "radio_buttons", "options": options(1)},
    "overflow": {"type": "overflow", "options": options(1)},
    "static_select": {"type": "static_select", "options": options(1)},
    "multi_static_select": {"type": "multi_static_select", "options": options(1)},
    **{
        kind: {"type": kind}
        for name in ("external", "users", "channels", "conversations")
        for kind in (f"{name}_select", f"multi_{name}_select")
    },
    **{
        kind: {"type": kind}
        for kind in (
            "datepicker",
            "timepicker",
            "datetimepicker",
            "plain_text_input",
            "email_text_input",
            "url_text_input",
            "file_input",
        )
    },
    "number_input": {"type": "number_input", "is_decimal_allowed": False},
    "image": picture(),
    "rich_text_input": {"type": "rich_text_input", "action_id": "r"},
    "workflow_button": {
        "type": "workflow_button",
        "text": plain(),
        "action_id": "w",
        "workflow": {"trigger": {"url": link(20)}},
    },
    "feedback_buttons": {"type": "feedback_buttons", "positive_button": VERDICT, "negative_button": VERDICT},
    "icon_button": {"type": "icon_button", "icon": "trash", "text": plain()},
}

BLOCKS: dict[str, Json] = {
    "section": section(),
    "header": {"type": "header", "text": plain()},
    "divider": {"type": "divider"},
    "context": {"type": "context", "elements": [mrkdwn()]},
    "actions": actions(button()),
    "context_actions": {"type": "context_actions", "elements": [ELEMENTS["icon_button"]]},
    "input": ask(),
    "image": picture(),
    "rich_text": rich(),
    "markdown": {"type": "markdown", "text": "# Hello"},
    "table": table(),
    "data_table": data_table(),
    "data_visualization": pie("a"),
    "alert": {"type": "alert", "text": plain()},
    "card": card(),
    "carousel": {"type": "carousel", "elements": [card()]},
    "container": container(),
    "video": video(),
    "task_card": task(),
    "plan": {"type": "plan", "title": "Plan", "tasks": [task(status="pending")]},
}
