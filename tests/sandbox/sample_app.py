"""An ordinary Bolt for Python app, written as Bolt's own guide shows it; it knows nothing of the local Slack."""

from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

FORM = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Send"},
    "notify_on_close": True,
    "private_metadata": "kept",
    "blocks": [
        {
            "type": "input",
            "block_id": "question",
            "label": {"type": "plain_text", "text": "Your question"},
            "element": {"type": "plain_text_input", "action_id": "text", "min_length": 5, "max_length": 40},
        },
        {
            "type": "input",
            "block_id": "who",
            "optional": True,
            "label": {"type": "plain_text", "text": "Customer"},
            "element": {"type": "external_select", "action_id": "customers", "min_query_length": 0},
        },
    ],
}


def text_view(title: str, text: str) -> dict[str, Any]:
    section = {"type": "section", "text": {"type": "plain_text", "text": text}}
    return {"type": "modal", "title": {"type": "plain_text", "text": title}, "blocks": [section]}


def buttons(*rows: tuple[str, str]) -> list[dict[str, Any]]:
    made = [{"type": "button", "action_id": a, "text": {"type": "plain_text", "text": t}, "value": a} for a, t in rows]
    return [{"type": "actions", "block_id": "row", "elements": made}]


def build(app: AsyncApp) -> AsyncApp:
    heard: list[dict[str, Any]] = []
    app.heard = heard  # type: ignore[attr-defined]

    @app.command("/customer")
    async def customer(ack: AsyncAck, command: dict[str, Any], respond: AsyncRespond) -> None:
        heard.append(command)
        await ack()
        await respond(
            text=f"You asked: {command['text']}",
            blocks=buttons(("open", "Ask"), ("replace", "Replace"), ("gone", "Gone")),
        )

    @app.action("open")
    async def opened(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        heard.append(body)
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.action("replace")
    async def replaced(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(text="Replaced", replace_original=True)

    @app.action("gone")
    async def gone(ack: AsyncAck, respond: AsyncRespond) -> None:
        await ack()
        await respond(delete_original=True)

    @app.action("choose")
    async def chosen(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    @app.options("customers")
    async def customers(ack: AsyncAck, payload: dict[str, Any]) -> None:
        names = [name for name in ("Orion", "Halden") if payload["value"].lower() in name.lower()]
        await ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in names])

    @app.view("ask")
    async def submitted(ack: AsyncAck, body: dict[str, Any], view: dict[str, Any]) -> None:
        heard.append(body)
        words = view["state"]["values"]["question"]["text"]["value"]
        if words == "wrong":
            await ack(response_action="errors", errors={"question": "Please ask something else."})
        elif words == "another":
            await ack(response_action="push", view=text_view("Pushed", "On top"))
        elif words == "changed":
            await ack(response_action="update", view=text_view("Changed", "Instead"))
        else:
            await ack()

    @app.view_closed("ask")
    async def closed(ack: AsyncAck, body: dict[str, Any]) -> None:
        heard.append(body)
        await ack()

    @app.shortcut("suggest")
    async def suggest(ack: AsyncAck, shortcut: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=shortcut["trigger_id"], view=text_view("Suggest", "A story"))

    @app.shortcut("make_news")
    async def news(ack: AsyncAck, shortcut: dict[str, Any], respond: AsyncRespond) -> None:
        heard.append(shortcut)
        await ack()
        await respond("Thank you")

    @app.event("app_home_opened")
    async def home(event: dict[str, Any], client: AsyncWebClient) -> None:
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Mine*"}}, *buttons(("open", "Ask"))]
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("message")
    async def message(event: dict[str, Any], say: AsyncSay) -> None:
        heard.append(event)
        if event.get("text") == "hello" and "subtype" not in event:
            await say("Hello back", thread_ts=event["ts"])

    for name in ("member_joined_channel", "member_left_channel", "reaction_added", "file_shared", "app_mention"):
        app.event(name)(_note(heard))
    return app


def _note(heard: list[dict[str, Any]]) -> Any:
    async def note(event: dict[str, Any]) -> None:
        heard.append(event)

    return note
