"""The colleagues in a local Slack with a real app in it: they act by the control API, and never as the visitor."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.colleagues import plan
from sandbox.colleagues.living import live
from sandbox.delivery import interactions
from sandbox.slack import Slack

HABITS: list[dict[str, Any]] = [
    {"name": "answer", "press": "quiz:answer*", "after": [0, 0]},
    {"name": "ask", "press": "ask:open", "words": ["Which shops?"], "after": [0, 0], "people": ["U0AMARA"]},
    {"name": "reply", "reply": "ask:answer", "words": ["The one at the corner."], "after": [0, 0], "most": 1},
]


def buttons(*actions: str) -> list[dict[str, Any]]:
    elements = [{"type": "button", "text": {"type": "plain_text", "text": one}, "action_id": one} for one in actions]
    return [{"type": "actions", "elements": elements}]


def form() -> dict[str, Any]:
    def plain(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    field = {"type": "plain_text_input", "action_id": "it"}
    block = {"type": "input", "block_id": "field", "label": plain("Your question"), "element": field}
    return {
        "type": "modal", "callback_id": "asked", "title": plain("Ask"), "submit": plain("Ask"), "blocks": [block]
    }  # fmt: skip


@pytest.fixture
async def heard(slack: Slack, client: AsyncWebClient) -> AsyncIterator[list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    app = AsyncApp(client=client, signing_secret="shhh")

    async def pressed(ack: Any, body: Any) -> None:
        told.append(body)
        if body["actions"][0]["action_id"] == "ask:open":
            await client.views_open(trigger_id=body["trigger_id"], view=form())
        await ack()

    async def submitted(ack: Any, body: Any) -> None:
        told.append(body)
        await ack()

    async def said(body: Any) -> None:
        if not body["event"].get("bot_id"):
            told.append(body)

    app.action({"action_id": "ask:open"})(pressed)
    for number in range(3):
        app.action(f"quiz:answer:{number}")(pressed)
    app.view("asked")(submitted)
    app.event("message")(said)
    handler = AsyncSocketModeHandler(app, "xapp-test")
    await handler.connect_async()  # type: ignore[no-untyped-call]
    yield told
    await handler.close_async()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def at_work(slack: Slack) -> AsyncIterator[None]:
    working = asyncio.create_task(live(slack.url, plan.make({"pace": 0, "rest": 60, "habits": HABITS})))
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def until(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not look():
            await asyncio.sleep(0.01)


def gone(slack: Slack, person: str) -> bool:
    """The server hears that a page was closed when it next tells it something."""
    slack.viewers.touch([person])
    return slack.viewers.looked(slack.clock.now())[person] > 0


async def test_everybody_answers_and_the_app_gets_what_a_press_is(
    slack: Slack, client: AsyncWebClient, heard: list[dict[str, Any]]
) -> None:
    sent = await client.chat_postMessage(
        channel="C0LINE2", text="Which?", blocks=buttons(*(f"quiz:answer:{n}" for n in range(3)))
    )
    async with at_work(slack):
        await until(lambda: len(heard) >= 2)
    assert sorted(one["user"]["id"] for one in heard) == ["U0AMARA", "U0BEN"], "guests and bots keep out of it"
    assert {one["container"]["message_ts"] for one in heard} == {sent["ts"]}


async def test_a_form_is_filled_in_and_sent(slack: Slack, client: AsyncWebClient, heard: list[dict[str, Any]]) -> None:
    await client.chat_postMessage(channel="C0LINE2", text="News", blocks=buttons("ask:open"))
    async with at_work(slack):
        await until(lambda: any(one["type"] == "view_submission" for one in heard) and not slack.store.stack("U0AMARA"))
    (form_sent,) = [one for one in heard if one["type"] == "view_submission"]
    assert form_sent["view"]["state"]["values"]["field"]["it"]["value"] == "Which shops?"


async def test_a_question_is_answered_in_its_thread(
    slack: Slack, client: AsyncWebClient, heard: list[dict[str, Any]]
) -> None:
    sent = await client.chat_postMessage(channel="U0AMARA", text="Ben asks", blocks=buttons("ask:answer"))
    async with at_work(slack):
        await until(lambda: any(one["type"] == "event_callback" for one in heard))
    (event,) = [one["event"] for one in heard if one["type"] == "event_callback"]
    assert (event["user"], event["thread_ts"], event["text"]) == ("U0AMARA", sent["ts"], "The one at the corner.")


async def test_nobody_acts_as_the_person_a_visitor_is_or_was_a_moment_ago(
    slack: Slack, client: AsyncWebClient, heard: list[dict[str, Any]], session: aiohttp.ClientSession
) -> None:
    async with session.get(f"{slack.url}/_sandbox/stream?as=U0AMARA") as page:
        await page.content.readline()
        await client.chat_postMessage(channel="C0LINE2", text="Which?", blocks=buttons("quiz:answer:0"))
        async with at_work(slack):
            await until(lambda: len(heard) >= 1)
            assert [one["user"]["id"] for one in heard] == ["U0BEN"]
            page.close()
            await until(lambda: gone(slack, "U0AMARA"))
            assert [one["user"]["id"] for one in heard] == ["U0BEN"]
            slack.clock.advance(60)
            await until(lambda: len(heard) >= 2)
    assert [one["user"]["id"] for one in heard] == ["U0BEN", "U0AMARA"]


async def test_a_form_that_a_visitor_left_open_is_left_alone(
    slack: Slack, client: AsyncWebClient, heard: list[dict[str, Any]]
) -> None:
    trigger = interactions.trigger(slack, slack.store.apps["T0ONE", "A0TEST"], "U0AMARA")
    await client.views_open(trigger_id=trigger, view=form())
    await client.chat_postMessage(channel="C0LINE2", text="Which?", blocks=buttons("quiz:answer:0"))
    async with at_work(slack):
        await until(lambda: len(heard) >= 1)
    assert [one["user"]["id"] for one in heard] == ["U0BEN"]
    assert len(slack.store.stack("U0AMARA")) == 1
