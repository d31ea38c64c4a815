"""Every kind of field: what Slack checks itself, and what it then sends."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.delivery import interactions
from sandbox.slack import Slack
from tests.sandbox.conftest import Open, Person, ack, got


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain(one), "value": one.lower()} for one in ("Red", "Blue")]


def form(element: dict[str, Any], **block: Any) -> dict[str, Any]:
    field = {"type": "input", "block_id": "field", "label": plain("Field"), "element": {**element, "action_id": "it"}}
    return {"type": "modal", "title": plain("Form"), "submit": plain("Send"), "blocks": [{**field, **block}]}


@pytest.fixture
def show(client: AsyncWebClient, slack: Slack) -> Callable[[dict[str, Any]], Any]:
    app = slack.store.apps["T0ONE", "A0TEST"]

    async def opened(view: dict[str, Any]) -> None:
        await client.views_open(trigger_id=interactions.trigger(slack, app, "U0AMARA"), view=view)

    return opened


@pytest.mark.parametrize(
    ("element", "given", "sent"),
    [
        ({"type": "plain_text_input"}, "Hello", {"value": "Hello"}),
        ({"type": "plain_text_input", "initial_value": "Start"}, None, {"value": "Start"}),
        ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
        ({"type": "url_text_input"}, "https://b.example", {"value": "https://b.example"}),
        ({"type": "number_input", "is_decimal_allowed": False}, 12, {"value": "12"}),
        ({"type": "static_select", "options": OPTIONS}, "Blue", {"selected_option": OPTIONS[1]}),
        (
            {"type": "static_select", "options": OPTIONS, "initial_option": OPTIONS[0]},
            None,
            {"selected_option": OPTIONS[0]},
        ),
        ({"type": "multi_static_select", "options": OPTIONS}, ["Red", "blue"], {"selected_options": OPTIONS}),
        ({"type": "checkboxes", "options": OPTIONS}, ["Red"], {"selected_options": OPTIONS[:1]}),
        ({"type": "radio_buttons", "options": OPTIONS}, "red", {"selected_option": OPTIONS[0]}),
        ({"type": "users_select"}, "Ben Adler", {"selected_user": "U0BEN"}),
        ({"type": "multi_users_select"}, ["ben", "U0GRETA"], {"selected_users": ["U0BEN", "U0GRETA"]}),
        ({"type": "conversations_select"}, "our-private", {"selected_conversation": "C0TEAM"}),
        ({"type": "multi_channels_select"}, ["C0LINE2"], {"selected_channels": ["C0LINE2"]}),
        ({"type": "datepicker"}, "2026-11-24", {"selected_date": "2026-11-24"}),
        (
            {"type": "timepicker", "timezone": "Europe/Lisbon"},
            "09:30",
            {"selected_time": "09:30", "timezone": "Europe/Lisbon"},
        ),
        ({"type": "datetimepicker"}, "1795322229", {"selected_date_time": 1795322229}),
    ],
)
async def test_what_the_app_gets(
    show: Any, connect: Open, person: Callable[[str], Person], element: dict[str, Any], given: Any, sent: dict[str, Any]
) -> None:
    ws = await connect()
    await got(ws)
    await show(form(element))
    values = {} if given is None else {"Field": given}
    acting = asyncio.create_task(person("U0AMARA").act("submit", values=values))
    envelope = await got(ws)
    assert envelope["accepts_response_payload"]
    state = envelope["payload"]["view"]["state"]["values"]
    assert state == {"field": {"it": {"type": element["type"], **sent}}}
    await ack(ws, envelope)
    assert (await acting)["modals"] == []


async def test_rich_text_and_files(show: Any, connect: Open, person: Callable[[str], Person]) -> None:
    amara = person("U0AMARA")
    ws = await connect()
    await got(ws)
    await show(form({"type": "rich_text_input"}))
    acting = asyncio.create_task(amara.act("submit", values={"field": "words"}))
    envelope = await got(ws)
    rich = envelope["payload"]["view"]["state"]["values"]["field"]["it"]["rich_text_value"]
    assert rich["elements"][0]["elements"] == [{"type": "text", "text": "words"}]
    await ack(ws, envelope)
    await acting

    await show(form({"type": "file_input", "filetypes": ["png"], "max_files": 1}))
    refused = await amara.act("fill", values={"field": [{"name": "a.pdf", "text": "x"}]}, status=400)
    assert refused["error"] == "invalid_file"
    picture = {"name": "a.png", "base64": "iVBORw0KGgo="}
    assert (await amara.act("fill", values={"field": [picture] * 2}, status=400))["error"] == "too_many"
    acting = asyncio.create_task(amara.act("submit", values={"field": [picture]}))
    envelope = await got(ws)
    (file,) = envelope["payload"]["view"]["state"]["values"]["field"]["it"]["files"]
    assert (file["name"], file["mimetype"]) == ("a.png", "image/png")
    await ack(ws, envelope)
    await acting


@pytest.mark.parametrize(
    ("element", "at_limit", "over"),
    [
        ({"type": "plain_text_input"}, "x", ""),
        ({"type": "plain_text_input", "max_length": 5}, "12345", "123456"),
        ({"type": "plain_text_input", "min_length": 5}, "12345", "1234"),
        ({"type": "plain_text_input"}, "x" * 3000, "x" * 3001),
        ({"type": "number_input", "is_decimal_allowed": False, "max_value": "10"}, "10", "11"),
        ({"type": "number_input", "is_decimal_allowed": False, "min_value": "10"}, "10", "9"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1", "1.5"),
        ({"type": "email_text_input"}, "a@b.example", "a@b"),
        ({"type": "url_text_input"}, "https://b.example", "b.example"),
        ({"type": "static_select", "options": OPTIONS}, "Red", None),
    ],
)
async def test_what_slack_checks_before_the_app_hears(
    show: Any, connect: Open, person: Callable[[str], Person], element: dict[str, Any], at_limit: Any, over: Any
) -> None:
    ws = await connect()
    await got(ws)
    await show(form(element))
    seen = await person("U0AMARA").act("submit", values={"field": over})
    assert list(seen["modals"][0]["errors"]) == ["field"]
    acting = asyncio.create_task(person("U0AMARA").act("submit", values={"field": at_limit}))
    envelope = await got(ws)
    assert envelope["payload"]["type"] == "view_submission"
    await ack(ws, envelope)
    assert (await acting)["modals"] == []


async def test_optional_fields_may_stay_empty(show: Any, connect: Open, person: Callable[[str], Person]) -> None:
    ws = await connect()
    await got(ws)
    await show(form({"type": "plain_text_input"}, optional=True))
    acting = asyncio.create_task(person("U0AMARA").act("submit"))
    envelope = await got(ws)
    assert envelope["payload"]["view"]["state"]["values"]["field"]["it"]["value"] is None
    await ack(ws, envelope)
    await acting


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "nonsense"},
        {"response_action": "errors", "errors": {"no_such_block": "x"}},
        {"response_action": "errors"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
    ],
)
async def test_a_wrong_answer_leaves_the_form_open_and_says_so(
    show: Any, connect: Open, person: Callable[[str], Person], answer: dict[str, Any]
) -> None:
    ws = await connect()
    await got(ws)
    await show(form({"type": "plain_text_input"}))
    acting = asyncio.create_task(person("U0AMARA").act("submit", values={"field": "x"}))
    await ack(ws, await got(ws), **answer)
    seen = await acting
    assert len(seen["modals"]) == 1
    assert seen["notices"][0]["text"].startswith("We had some trouble connecting")


async def test_clear_closes_everything(show: Any, connect: Open, person: Callable[[str], Person]) -> None:
    ws = await connect()
    await got(ws)
    await show(form({"type": "plain_text_input"}))
    acting = asyncio.create_task(person("U0AMARA").act("submit", values={"field": "x"}))
    pushed = form({"type": "plain_text_input", "initial_value": "y"})
    await ack(ws, await got(ws), response_action="push", view=pushed)
    assert len((await acting)["modals"]) == 2
    acting = asyncio.create_task(person("U0AMARA").act("submit"))
    await ack(ws, await got(ws), response_action="clear")
    assert (await acting)["modals"] == []


@pytest.mark.usefixtures("impatient")
async def test_a_form_that_is_too_slow_stays_with_what_was_typed(
    show: Any, connect: Open, person: Callable[[str], Person]
) -> None:
    ws = await connect()
    await got(ws)
    await show(form({"type": "plain_text_input"}))
    seen = await person("U0AMARA").act("submit", values={"field": "kept"})
    assert seen["modals"][0]["values"]["field"]["it"]["value"] == "kept"
    assert seen["modals"][0]["busy"] is False
    assert seen["notices"][0]["kind"] == "timeout"
