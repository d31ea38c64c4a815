"""People acting: what they can do, what Slack stops, what events follow."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import Slack
from tests.sandbox.conftest import Person, within
from tests.sandbox.sample_app import buttons

People = Callable[[str], Person]


async def _show(client: AsyncWebClient, blocks: list[dict[str, Any]], channel: str = "C0LINE2") -> dict[str, Any]:
    sent = await client.chat_postMessage(channel=channel, text="x", blocks=blocks)
    return {"channel": sent["channel"], "ts": sent["ts"]}


def _select(kind: str, **more: Any) -> list[dict[str, Any]]:
    element = {"type": kind, "action_id": "choose", **more}
    return [{"type": "actions", "block_id": "row", "elements": [element]}]


def _options(*labels: str) -> list[dict[str, Any]]:
    return [{"text": {"type": "plain_text", "text": one}, "value": one.lower()} for one in labels]


async def test_only_what_one_can_see_can_be_pressed(client: AsyncWebClient, person: People, slack: Slack) -> None:
    where = await _show(client, buttons(("go", "Go")), "C0TEAM")
    refused = await person("U0BEN").act("press", action="Go", **within(where), status=404)
    assert refused["error"] == "no_such_channel"
    assert (await person("U0BEN").act("press", action="Go", status=404))["error"] == "no_such_element"
    await client.chat_postEphemeral(channel="C0LINE2", user="U0AMARA", text="x", blocks=buttons(("mine", "Mine")))
    assert (await person("U0BEN").act("press", action="Mine", status=404))["error"] == "no_such_element"
    slack.store.channels["C0TEAM"].archived = True
    assert (await person("U0AMARA").act("press", action="Go", status=409))["error"] == "is_archived"


async def test_a_press_in_the_moment_of_an_edit_counts(
    client: AsyncWebClient, person: People, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = await _show(client, buttons(("go", "Go")))
    await client.chat_update(channel=where["channel"], ts=where["ts"], text="x", blocks=buttons(("other", "Other")))
    seen = await person("U0AMARA").act("press", action="Go", **within(where))
    assert seen["notices"][-1]["channel"] == where["channel"]  # nobody is connected, so Slack says so
    later = slack.clock.now() + 2
    monkeypatch.setattr(slack.clock, "now", lambda: later)
    refused = await person("U0AMARA").act("press", action="Go", **within(where), status=404)
    assert refused["error"] == "no_such_element"


async def test_the_newest_match_and_nothing_ambiguous(client: AsyncWebClient, person: People) -> None:
    await _show(client, buttons(("old", "Go")))
    newest = await _show(client, buttons(("new", "Go")))
    seen = await person("U0AMARA").act("press", action="Go")
    assert seen["notices"][-1]["channel"] == newest["channel"]  # nobody is connected, so Slack says so
    await _show(client, buttons(("one", "Twice"), ("two", "Twice")))
    assert (await person("U0AMARA").act("press", action="Twice", status=409))["error"] == "ambiguous"
    await person("U0AMARA").act("press", action="two")


async def test_a_confirm_dialog_has_to_be_confirmed(client: AsyncWebClient, person: People) -> None:
    text = {"type": "plain_text", "text": "Sure?"}
    blocks = buttons(("stop", "Stop"))
    blocks[0]["elements"][0]["confirm"] = {"title": text, "text": text, "confirm": text, "deny": text}
    await _show(client, blocks)
    refused = await person("U0AMARA").act("press", action="Stop", status=409)
    assert refused["error"] == "confirm_needed"
    assert refused["confirm"]["title"]["text"] == "Sure?"
    await person("U0AMARA").act("press", action="Stop", confirm=True)


@pytest.mark.parametrize(
    ("element", "given", "key", "value"),
    [
        ({"type": "static_select", "options": _options("Red", "Blue")}, {"option": "Blue"}, "selected_option", "blue"),
        ({"type": "radio_buttons", "options": _options("Red", "Blue")}, {"option": "red"}, "selected_option", "red"),
        ({"type": "datepicker"}, {"date": "2026-11-24"}, "selected_date", "2026-11-24"),
        ({"type": "timepicker"}, {"time": "09:30"}, "selected_time", "09:30"),
        ({"type": "users_select"}, {"user": "ben"}, "selected_user", "U0BEN"),
        ({"type": "conversations_select"}, {"channel_id": "#line-2"}, "selected_conversation", "C0LINE2"),
        ({"type": "channels_select"}, {"channel_id": "C0OPEN"}, "selected_channel", "C0OPEN"),
    ],
)
async def test_choosing(
    client: AsyncWebClient, person: People, element: dict[str, Any], given: dict[str, Any], key: str, value: str
) -> None:
    kind = element["type"]
    where = await _show(client, _select(kind, **{k: v for k, v in element.items() if k != "type"}))
    seen = await person("U0AMARA").act("pick", action="choose", **given, **within(where))
    state = seen["messages"]["C0LINE2"][-1]["values"]["row"]["choose"]
    assert state["type"] == kind
    chosen = state[key]
    assert (chosen["value"] if isinstance(chosen, dict) else chosen) == value
    assert (await person("U0BEN").seen())["messages"]["C0LINE2"][-1]["values"] == {}


@pytest.mark.parametrize(
    ("element", "given", "code"),
    [
        ({"type": "static_select", "options": _options("Red")}, {"option": "Green"}, "no_such_option"),
        ({"type": "datepicker"}, {"date": "tomorrow"}, "invalid_value"),
        ({"type": "users_select"}, {"user": "nobody"}, "no_such_person"),
        ({"type": "channels_select"}, {"channel_id": "C0SECRET"}, "no_such_channel"),
        (
            {"type": "multi_static_select", "options": _options("Red", "Blue"), "max_selected_items": 1},
            {"options": ["Red", "Blue"]},
            "too_many",
        ),
    ],
)
async def test_what_is_not_on_offer_cannot_be_chosen(
    client: AsyncWebClient, person: People, element: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    kind = element["type"]
    block = {"type": "section", "block_id": "row", "text": {"type": "plain_text", "text": "x"}}
    where = await _show(client, [{**block, "accessory": {**element, "action_id": "choose"}}])

    async def attempt(status: int) -> dict[str, Any]:
        return await person("U0AMARA").act("pick", action="choose", **given, **within(where), status=status)

    refused = await attempt(400 if code in ("invalid_value", "too_many") else 404)
    assert refused["error"] == code, kind


async def test_typing(person: People, slack: Slack) -> None:
    amara, ben = person("U0AMARA"), person("U0BEN")
    seen = await amara.act("type", channel="line-2", text="root <!channel> @here")
    root = seen["messages"]["C0LINE2"][0]
    assert root["text"] == "root &lt;!channel&gt; <!here>"
    seen = await ben.act("type", channel="C0LINE2", text="reply", thread_ts=root["ts"])
    assert [r["text"] for r in seen["messages"]["C0LINE2"][0]["replies"]] == ["reply"]
    await amara.act("type", channel="C0OLD", text="x", status=409)
    await amara.act("type", channel="C0SECRET", text="x", status=404)
    seen = await amara.act("type", channel="C0LINE2", text="/nonsense please")
    assert seen["notices"][0]["text"].startswith("/nonsense is not a valid command")
    await amara.act("type", channel="C0LINE2", text="/etc/hosts is a file")
    assert slack.ledger.messages()[-1].text == "/etc/hosts is a file"


async def test_writing_to_the_app(person: People, slack: Slack) -> None:
    seen = await person("U0AMARA").act("type", channel="U0BOT", text="hi")
    (dm,) = [c for c in seen["conversations"] if c["kind"] == "dm"]
    assert (dm["with"], dm["name"]) == ("U0BOT", "Canteen")
    assert seen["messages"][dm["id"]][0]["text"] == "hi"


async def test_editing_and_deleting_ones_own(person: People) -> None:
    amara = person("U0AMARA")
    seen = await amara.act("type", channel="C0LINE2", text="frist")
    where = {"channel": "C0LINE2", "ts": seen["messages"]["C0LINE2"][0]["ts"]}
    await person("U0BEN").act("edit", text="mine now", **within(where), status=409)
    seen = await amara.act("edit", text="first", **within(where))
    assert (seen["messages"]["C0LINE2"][0]["text"], seen["messages"]["C0LINE2"][0]["edited"]) == ("first", True)
    seen = await amara.act("delete", **within(where))
    assert seen["messages"]["C0LINE2"] == []


async def test_unread_marks(client: AsyncWebClient, person: People) -> None:
    await client.chat_postMessage(channel="C0LINE2", text="x")
    amara = person("U0AMARA")

    def unread(seen: dict[str, Any]) -> int:
        return int(next(c["unread"] for c in seen["conversations"] if c["id"] == "C0LINE2"))

    assert unread(await amara.seen()) == 1
    assert unread(await amara.act("read", channel="C0LINE2")) == 0


async def test_channels_come_and_go(person: People) -> None:
    ben, amara = person("U0BEN"), person("U0AMARA")
    assert "C0OPEN" in [c["id"] for c in (await ben.seen())["browsable"]]
    seen = await ben.act("join", channel="C0OPEN")
    assert "C0OPEN" in [c["id"] for c in seen["conversations"]]
    seen = await ben.act("leave", channel="C0OPEN")
    assert "C0OPEN" not in [c["id"] for c in seen["conversations"]]
    await amara.act("invite", channel="C0OPEN", user="U0BEN")
    assert "C0OPEN" in [c["id"] for c in (await ben.seen())["conversations"]]
    await amara.act("invite", channel="C0OPEN", user="U0FAR", status=409)
    await amara.act("remove", channel="C0OPEN", user="U0BEN")
    await person("U0GRETA").act("join", channel="C0OPEN", status=409)
    assert (await person("U0GRETA").seen())["browsable"] == []
    seen = await amara.act("archive", channel="C0OPEN")
    assert next(c for c in seen["conversations"] if c["id"] == "C0OPEN")["archived"]


async def test_dropping_a_file(person: People, client: AsyncWebClient, slack: Slack) -> None:
    picture = {"name": "part.png", "base64": "iVBORw0KGgo=", "alt": "A part"}
    seen = await person("U0AMARA").act("drop", channel="U0BOT", text="seen in a shop", files=[picture])
    message = next(rows for rows in seen["messages"].values() if rows)[0]
    assert (message["files"][0]["mimetype"], message["files"][0]["alt"]) == ("image/png", "A part")
    known = await client.files_info(file=message["files"][0]["id"])
    assert known["file"]["mimetype"] == "image/png"
    await person("U0AMARA").act("drop", channel="U0BOT", files=[{"name": "x", "base64": "?"}], status=400)


async def test_reacting(person: People) -> None:
    amara = person("U0AMARA")
    seen = await amara.act("type", channel="C0LINE2", text="x")
    where = {"channel": "C0LINE2", "ts": seen["messages"]["C0LINE2"][0]["ts"]}
    seen = await person("U0BEN").act("react", name="tada", **within(where))
    assert seen["messages"]["C0LINE2"][0]["reactions"] == [{"name": "tada", "users": ["U0BEN"]}]
    seen = await person("U0BEN").act("unreact", name="tada", **within(where))
    assert seen["messages"]["C0LINE2"][0]["reactions"] == []


async def test_outsiders_see_only_what_they_share(person: People) -> None:
    seen = await person("U0OUT").seen()
    assert [c["id"] for c in seen["conversations"]] == ["C0SHARED"]
    assert seen["browsable"] == []
    seen = await person("U0OUT").act("type", channel="C0SHARED", text="/customer help")
    assert seen["notices"][0]["text"].startswith("/customer is not a valid command")
    await person("U0OUT").act("shortcut", callback_id="suggest", status=404)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"as": "U0NONE", "do": "type"}, 404, "no_such_person"),
        ({"as": "U0GONE", "do": "type"}, 409, "cannot_act"),
        ({"as": "U0BOT", "do": "type"}, 409, "cannot_act"),
        ({"as": "U0AMARA", "do": "fly"}, 400, "unknown_deed"),
        ({"as": "U0AMARA", "do": "type", "channel": "C0LINE2"}, 400, "missing_argument"),
        ({"as": "U0AMARA", "do": "submit"}, 404, "no_modal"),
        ({"as": "U0AMARA", "do": "press", "action": "x", "in": "nowhere"}, 400, "invalid_in"),
    ],
)
async def test_refusals_say_why(slack: Slack, session: Any, body: dict[str, Any], status: int, code: str) -> None:
    async with session.post(f"{slack.url}/_sandbox/act", json=body) as answer:
        told = await answer.json()
        assert (answer.status, told["error"]) == (status, code)
        assert told["detail"]
