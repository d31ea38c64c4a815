"""A Bolt app that shows every element Slack has, and remembers what it hears."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


def field(label: str, kind: str, *, needed: bool = False, hint: str = "", **more: Any) -> Json:
    element = {"type": kind, "action_id": "value", **more}
    block = {"type": "input", "block_id": label, "label": plain(label), "element": element, "optional": not needed}
    return block | ({"hint": plain(hint)} if hint else {})


CONFIRM = {
    "title": plain("Adopt Orion?"),
    "text": plain("News of Orion will reach you."),
    "confirm": plain("Adopt"),
    "deny": plain("Not now"),
}

STORY: list[Json] = [
    {"type": "header", "text": plain("Orion ships")},
    {
        "type": "section",
        "block_id": "words",
        "text": {"type": "mrkdwn", "text": "*Half a watt* in standby, <https://example.com|they say>."},
        "accessory": {
            "type": "static_select",
            "action_id": "mood",
            "placeholder": plain("How is it?"),
            "options": options("Good", "Bad"),
        },
    },
    {
        "type": "actions",
        "block_id": "row",
        "elements": [
            {"type": "button", "action_id": "read", "text": plain("Read the whole story"), "style": "primary"},
            {"type": "button", "action_id": "adopt", "text": plain("Adopt Orion"), "confirm": CONFIRM},
            {"type": "overflow", "action_id": "more", "options": options("Less", "Why")},
        ],
    },
]

FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Ask about Orion"),
    "submit": plain("Send"),
    "close": plain("Cancel"),
    "blocks": [
        field("Question", "plain_text_input", needed=True, hint="One question at a time", max_length=40),
        field("Story", "plain_text_input", multiline=True),
        field("Words", "rich_text_input"),
        field("Kind", "static_select", options=options("News", "Praise")),
        field("Customer", "external_select", min_query_length=1, placeholder=plain("Type a name")),
        field("Person", "users_select"),
        field("Place", "conversations_select"),
        field("Channel", "channels_select"),
        field("Days", "multi_static_select", options=options("Monday", "Tuesday", "Friday")),
        field("People", "multi_users_select"),
        field("Shifts", "checkboxes", options=options("Early", "Late")),
        field("Answer", "radio_buttons", options=options("Yes", "No")),
        field("Date", "datepicker"),
        field("Hour", "timepicker"),
        field("Moment", "datetimepicker"),
        field("Number", "number_input", is_decimal_allowed=False, min_value="1"),
        field("Mail", "email_text_input"),
        field("Link", "url_text_input"),
        field("Picture", "file_input", filetypes=["png", "txt"], max_files=2),
        {"type": "actions", "block_id": "deeper", "elements": [
            {"type": "button", "action_id": "push", "text": plain("What was asked before")},
        ]},
    ],
}  # fmt: skip

HOME: Json = {
    "type": "home",
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*My team:* Line 2"}},
        {"type": "actions", "block_id": "home", "elements": [
            {"type": "button", "action_id": "read", "text": plain("Ask"), "style": "primary"},
        ]},
    ],
}  # fmt: skip

BEFORE: Json = {
    "type": "modal",
    "title": plain("Asked before"),
    "blocks": [{"type": "section", "text": plain("Nothing yet")}],
}


def build(app: AsyncApp) -> list[Json]:
    """Registers everything; the answer is the list of what the app hears."""
    heard: list[Json] = []
    for name in ("mood", "adopt", "more"):
        app.action(name)(_note(heard))

    @app.action("read")
    async def read(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("push")
    async def push(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        await client.views_push(trigger_id=body["trigger_id"], view=BEFORE)

    @app.options("value")
    async def customers(ack: AsyncAck, payload: Json) -> None:
        found = [name for name in ("Orion", "Halden") if payload["value"].lower() in name.lower()]
        await ack(options=options(*found))

    @app.view("form")
    async def form(ack: AsyncAck, body: Json, view: Json) -> None:
        heard.append(body)
        if view["state"]["values"]["Question"]["value"]["value"] == "Who cares?":
            await ack(response_action="errors", errors={"Question": "Please ask something kinder."})
        else:
            await ack()

    @app.command("/customer")
    async def command(ack: AsyncAck, body: Json, respond: AsyncRespond) -> None:
        heard.append(body)
        await ack()
        await respond(text=f"You asked for {body['text']}")

    @app.shortcut("suggest")
    async def suggest(ack: AsyncAck, body: Json, client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=BEFORE)

    @app.shortcut("make_news")
    async def news(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.event("message")
    async def message(event: Json) -> None:
        heard.append(event)

    for event in ("reaction_added", "file_shared", "member_joined_channel"):
        app.event(event)(_remember(heard))
    return heard


def _note(heard: list[Json]) -> Any:
    async def note(ack: AsyncAck, body: Json) -> None:
        heard.append(body)
        await ack()

    return note


def _remember(heard: list[Json]) -> Any:
    async def remember(event: Json) -> None:
        heard.append(event)

    return remember
