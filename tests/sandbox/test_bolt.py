"""A stock Bolt app, the same over Socket Mode and over signed HTTP.

A person's deed ends with the app's acknowledgement. What the app does after that (answer by its URL, open a form, publish
Home) is there a little later, as in Slack, so the tests wait for it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.sandbox import sample_app
from tests.sandbox.conftest import BOT_TOKEN, Person, within, world


async def until(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true value of `check`, polled; fails after `seconds`."""
    async with asyncio.timeout(seconds):
        while not (value := check()):
            await asyncio.sleep(0.01)
    return value


async def sees(person: Person, look: Callable[[dict[str, Any]], Any], seconds: float = 20.0) -> Any:
    """The first true value of `look` at what the person sees."""
    async with asyncio.timeout(seconds):
        while not (value := look(await person.seen())):
            await asyncio.sleep(0.01)
    return value


def modals(seen: dict[str, Any]) -> list[str]:
    return [modal["view"]["title"]["text"] for modal in seen["modals"]]


async def sees_texts(person: Person, *texts: str) -> None:
    """Exactly these messages in #line-2."""
    await sees(person, lambda seen: [one["text"] for one in seen["messages"]["C0LINE2"]] == list(texts))


def free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def bolt(slack: Slack) -> AsyncApp:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{slack.url}/api/")
    return sample_app.build(AsyncApp(client=client, signing_secret="shhh"))


def of_type(heard: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [event for event in heard if event["type"] == name]


@contextlib.asynccontextmanager
async def over_socket() -> AsyncIterator[tuple[Slack, AsyncApp]]:
    async with running_sandbox(world()) as slack:
        app = bolt(slack)
        handler = AsyncSocketModeHandler(app, "xapp-test")
        await handler.connect_async()  # type: ignore[no-untyped-call]  # the SDK's own
        try:
            yield slack, app
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]


@contextlib.asynccontextmanager
async def over_http() -> AsyncIterator[tuple[Slack, AsyncApp]]:
    port = free_port()
    setup = world(delivery="http", request_url=f"http://127.0.0.1:{port}/slack/events")
    async with running_sandbox(setup) as slack:
        app = bolt(slack)
        runner = web.AppRunner(app.web_app("/slack/events", port=port), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield slack, app
        finally:
            await runner.cleanup()


@pytest.fixture(params=[over_socket, over_http], ids=["socket", "http"])
async def served(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Slack, AsyncApp]]:
    async with request.param() as running:
        yield running


@pytest.fixture
def heard(served: tuple[Slack, AsyncApp]) -> list[dict[str, Any]]:
    return served[1].heard  # type: ignore[attr-defined, no-any-return]


@pytest.fixture
def amara(served: tuple[Slack, AsyncApp], session: aiohttp.ClientSession) -> Person:
    return Person(session, served[0].url, "U0AMARA")


async def test_a_command_its_button_its_modal(amara: Person, heard: list[dict[str, Any]]) -> None:
    await amara.act("type", channel="C0LINE2", text="/customer find Orion & @ben")
    assert heard[0]["text"] == "find Orion &amp; <@U0BEN|ben>"
    (private,) = await sees(amara, lambda seen: seen["messages"]["C0LINE2"])
    assert private["ephemeral"]
    assert private["text"] == "You asked: find Orion &amp; <@U0BEN|ben>"

    await amara.act("press", action="Ask", **within({"channel": "C0LINE2", "ts": private["ts"]}))
    (modal,) = await sees(amara, lambda seen: seen["modals"])
    assert modal["view"]["private_metadata"] == "kept"
    press = heard[1]
    assert press["container"]["is_ephemeral"]
    assert press["user"] == {"id": "U0AMARA", "username": "amara", "name": "amara", "team_id": "T0ONE"}

    seen = await amara.act("submit", values={"Your question": "hm"})
    assert "question" in seen["modals"][0]["errors"]
    assert len(heard) == 2  # Slack checks the length itself
    seen = await amara.act("submit", values={"Your question": "wrong"})
    assert seen["modals"][0]["errors"] == {"question": "Please ask something else."}
    seen = await amara.act("submit", values={"question": "another", "Customer": "Orion"})
    assert modals(seen) == ["Ask", "Pushed"]
    assert heard[-1]["view"]["state"]["values"]["who"]["customers"]["selected_option"]["value"] == "orion"
    await amara.act("close")
    seen = await amara.act("submit", values={"question": "changed"})
    assert modals(seen) == ["Changed"]


async def test_closing_tells_the_app(amara: Person, heard: list[dict[str, Any]]) -> None:
    await amara.act("home")
    await sees(amara, lambda seen: seen["home"])
    await amara.act("press", action="Ask", **within("home"))
    await sees(amara, lambda seen: modals(seen) == ["Ask"])
    seen = await amara.act("close")
    assert seen["modals"] == []
    assert heard[-1]["type"] == "view_closed"
    assert heard[-1]["is_cleared"] is False


async def test_submitting_an_accepted_form_closes_it(amara: Person, heard: list[dict[str, Any]]) -> None:
    await amara.act("home")
    await sees(amara, lambda seen: seen["home"])
    await amara.act("press", action="open")
    await sees(amara, modals)
    offered = await amara.act("options", action="customers", query="")
    assert [o["text"]["text"] for o in offered["options"]] == ["Orion", "Halden"]
    seen = await amara.act("submit", values={"text": "When do they build?", "customers": "halden"})
    assert seen["modals"] == []
    view = heard[-1]["view"]
    assert view["private_metadata"] == "kept"
    assert view["state"]["values"]["question"]["text"] == {"type": "plain_text_input", "value": "When do they build?"}
    assert view["hash"]
    assert heard[-1]["response_urls"] == []


async def test_respond_replaces_and_deletes_even_private_messages(amara: Person) -> None:
    asked = "You asked: find x"
    await amara.act("type", channel="C0LINE2", text="/customer find x")
    await sees_texts(amara, asked)
    await amara.act("press", action="Replace")
    await sees_texts(amara, "Replaced")
    await amara.act("type", channel="C0LINE2", text="/customer find x")
    await sees_texts(amara, "Replaced", asked)
    await amara.act("press", action="Gone")
    await sees_texts(amara, "Replaced")


async def test_messages_reach_the_app_and_it_answers(
    amara: Person, heard: list[dict[str, Any]], served: tuple[Slack, AsyncApp]
) -> None:
    await amara.act("type", channel="U0BOT", text="hello")
    said = await until(lambda: [m for m in served[0].ledger.messages() if m.text == "Hello back"])
    assert said[0].thread_ts
    assert heard[0]["channel_type"] == "im"
    await amara.act("type", channel="U0BOT", text="and more", thread_ts=said[0].thread_ts)
    reply = await until(lambda: [e for e in heard if e.get("text") == "and more"])
    assert (reply[0]["thread_ts"], reply[0]["parent_user_id"]) == (said[0].thread_ts, "U0AMARA")
    picture = {"name": "part.png", "base64": "iVBORw0KGgo="}
    await amara.act("drop", channel="U0BOT", files=[picture])
    shared = await until(lambda: [e for e in heard if e.get("subtype") == "file_share"])
    assert shared[0]["files"][0]["name"] == "part.png"
    assert await until(lambda: [e for e in heard if e["type"] == "file_shared"])


async def test_edits_deletions_mentions_reactions_and_coming_and_going(
    amara: Person, heard: list[dict[str, Any]]
) -> None:
    seen = await amara.act("type", channel="C0LINE2", text="ask @canteen")
    assert await until(lambda: [e for e in heard if e["type"] == "app_mention"])
    where = {"channel": "C0LINE2", "ts": seen["messages"]["C0LINE2"][0]["ts"]}
    await amara.act("react", name="tada", **within(where))
    added = await until(lambda: [e for e in heard if e["type"] == "reaction_added"])
    assert added[0]["item"] == {"type": "message", **where}
    await amara.act("edit", text="never mind", **within(where))
    changed = await until(lambda: [e for e in heard if e.get("subtype") == "message_changed"])
    assert changed[0]["message"]["text"] == "never mind"
    assert changed[0]["previous_message"]["text"] == "ask <@U0BOT>"
    await amara.act("delete", **within(where))
    deleted = await until(lambda: [e for e in heard if e.get("subtype") == "message_deleted"])
    assert deleted[0]["deleted_ts"] == where["ts"]
    await amara.act("leave", channel="C0LINE2")
    await amara.act("join", channel="C0LINE2")
    for name in ("member_left_channel", "member_joined_channel"):
        told = await until(partial(of_type, heard, name))
        assert (told[0]["user"], told[0]["team"]) == ("U0AMARA", "T0ONE")


async def test_shortcuts(amara: Person, heard: list[dict[str, Any]]) -> None:
    await amara.act("shortcut", name="Suggest a story")
    await sees(amara, lambda seen: modals(seen) == ["Suggest"])
    seen = await amara.act("type", channel="C0LINE2", text="big news")
    where = {"channel": "C0LINE2", "ts": seen["messages"]["C0LINE2"][0]["ts"]}
    await amara.act("shortcut", callback_id="make_news", **within(where))
    taken = next(e for e in heard if e["type"] == "message_action")
    assert taken["message"]["text"] == "big news"
    await sees_texts(amara, "big news", "Thank you")


async def test_choosing_in_a_message_tells_the_app(
    amara: Person, heard: list[dict[str, Any]], served: tuple[Slack, AsyncApp]
) -> None:
    options = [{"text": {"type": "plain_text", "text": t}, "value": t.lower()} for t in ("Red", "Blue")]
    select = {"type": "static_select", "action_id": "choose", "options": options}
    blocks = [{"type": "actions", "block_id": "row", "elements": [select]}]
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{served[0].url}/api/")
    sent = await client.chat_postMessage(channel="C0LINE2", text="x", blocks=blocks)
    await amara.act("pick", action="choose", option="Blue")
    body = next(b for b in heard if b.get("type") == "block_actions")
    assert body["actions"][0]["selected_option"]["value"] == "blue"
    assert body["actions"][0]["action_ts"]
    assert body["state"]["values"]["row"]["choose"]["selected_option"]["value"] == "blue"
    assert body["message"]["ts"] == body["container"]["message_ts"] == sent["ts"]
    assert body["channel"] == {"id": "C0LINE2", "name": "line-2"}
    assert body["team"] == {"id": "T0ONE", "domain": "northlight"}
    assert body["api_app_id"] == "A0TEST"


@pytest.mark.usefixtures("impatient")
async def test_an_unhandled_press_is_shown_to_the_person(amara: Person, served: tuple[Slack, AsyncApp]) -> None:
    client = AsyncWebClient(token=BOT_TOKEN, base_url=f"{served[0].url}/api/")
    await client.chat_postMessage(channel="C0LINE2", text="x", blocks=sample_app.buttons(("unknown", "Dead")))
    seen = await amara.act("press", action="Dead")
    assert seen["notices"][0]["text"] == "Canteen did not answer. Please try again."
