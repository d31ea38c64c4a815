"""Signed HTTP: what an app is sent, and how often when it does not take it."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import pytest
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

from sandbox.server import running_sandbox
from sandbox.slack import Slack
from tests.sandbox.conftest import Person, world

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Endpoint:
    """An app's request URL that writes down what comes and answers as told."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    more: asyncio.Condition = field(default_factory=asyncio.Condition)
    answer: Answer | None = None

    async def take(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        if '"url_verification"' in body:
            return web.json_response({"challenge": json.loads(body)["challenge"]})
        async with self.more:
            self.got.append(({k.lower(): v for k, v in request.headers.items()}, body))
            self.more.notify_all()
        return await self.answer(request) if self.answer else web.Response()

    async def wait(self, count: int) -> None:
        async with asyncio.timeout(8), self.more:
            await self.more.wait_for(lambda: len(self.got) >= count)


@contextlib.asynccontextmanager
async def endpoint() -> AsyncIterator[Endpoint]:
    made = Endpoint()
    app = web.Application()
    app.router.add_post("/slack/events", made.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield made
    finally:
        await runner.cleanup()


@pytest.fixture
async def app() -> AsyncIterator[Endpoint]:
    async with endpoint() as made:
        yield made


@pytest.fixture
async def slack(app: Endpoint) -> AsyncIterator[Slack]:
    async with running_sandbox(world(delivery="http", request_url=app.url), retry_scale=0.002) as running:
        yield running


@pytest.fixture
def amara(slack: Slack, session: aiohttp.ClientSession) -> Person:
    return Person(session, slack.url, "U0AMARA")


async def test_an_event_is_signed_json(app: Endpoint, amara: Person) -> None:
    await amara.act("type", channel="C0LINE2", text="5 < 6 & @ben")
    headers, raw = app.got[0]
    verifier = SignatureVerifier("shhh")
    assert verifier.is_valid_request(raw, headers)
    assert not verifier.is_valid_request(raw + " ", headers)
    body = json.loads(raw)
    assert headers["content-type"].startswith("application/json")
    assert body["type"] == "event_callback"
    assert body["event_id"].startswith("Ev")
    assert body["authorizations"][0]["user_id"] == "U0BOT"
    assert body["context_team_id"] == body["team_id"] == "T0ONE"
    event = body["event"]
    assert event["text"] == "5 &lt; 6 &amp; <@U0BEN>"
    assert event["channel_type"] == "channel"
    assert event["client_msg_id"]
    assert "x-slack-retry-num" not in headers


async def test_four_tries_of_the_same_event(app: Endpoint, amara: Person) -> None:
    async def fail(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    app.answer = fail
    await amara.act("type", channel="C0LINE2", text="x")
    await app.wait(4)
    tries = [(h.get("x-slack-retry-num"), h.get("x-slack-retry-reason")) for h, _ in app.got]
    assert tries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]
    assert len({json.loads(body)["event_id"] for _, body in app.got}) == 1


async def test_the_pauses_are_none_one_minute_five_minutes(app: Endpoint, amara: Person) -> None:
    times: list[float] = []

    async def fail(_: web.Request) -> web.StreamResponse:
        times.append(asyncio.get_running_loop().time())
        return web.Response(status=500)

    app.answer = fail
    await amara.act("type", channel="C0LINE2", text="x")
    await app.wait(4)
    at_once, minute, five = (b - a for a, b in itertools.pairwise(times))
    assert at_once < five
    assert minute >= 0.12  # 60 s x 0.002
    assert five >= 0.6  # 300 s x 0.002


async def test_an_app_can_say_no_retry(app: Endpoint, amara: Person, slack: Slack) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500, headers={"x-slack-no-retry": "1"})

    app.answer = refuse
    await amara.act("type", channel="C0LINE2", text="x")
    async with asyncio.timeout(5):
        await asyncio.gather(*slack.tasks)
    assert len(app.got) == 1


async def test_three_seconds_then_again(app: Endpoint, amara: Person) -> None:
    first = asyncio.Event()

    async def slow_once(_: web.Request) -> web.StreamResponse:
        if not first.is_set():
            first.set()
            await asyncio.Event().wait()
        return web.Response()

    app.answer = slow_once
    started = asyncio.get_running_loop().time()
    await amara.act("type", channel="C0LINE2", text="x")
    assert 2.9 < asyncio.get_running_loop().time() - started < 8
    await app.wait(2)
    assert app.got[1][0]["x-slack-retry-reason"] == "http_timeout"


async def test_two_redirects_are_followed_three_are_not(app: Endpoint, amara: Person) -> None:
    hops = [2]

    async def redirect(_: web.Request) -> web.StreamResponse:
        hops[0] -= 1
        return web.Response() if hops[0] < 0 else web.Response(status=307, headers={"location": app.url})

    app.answer = redirect
    await amara.act("type", channel="C0LINE2", text="x")
    assert len(app.got) == 3
    hops[0] = 3
    await amara.act("type", channel="C0LINE2", text="y")
    await app.wait(7)
    assert app.got[6][0]["x-slack-retry-reason"] == "too_many_redirects"


async def test_a_command_is_a_signed_form(app: Endpoint, amara: Person, slack: Slack) -> None:
    async def words(_: web.Request) -> web.StreamResponse:
        return web.json_response({"response_type": "in_channel", "text": "For all"})

    app.answer = words
    seen = await amara.act("command", channel="C0TEAM", text="/customer find #line-2")
    headers, raw = app.got[0]
    assert SignatureVerifier("shhh").is_valid_request(raw, headers)
    form = {name: values[0] for name, values in parse_qs(raw).items()}
    assert form["command"] == "/customer"
    assert form["text"] == "find <#C0LINE2|line-2>"
    assert form["channel_name"] == "our-private"
    assert form["response_url"].startswith(slack.url)
    said = seen["messages"]["C0TEAM"][-1]
    assert (said["text"], said["ephemeral"]) == ("For all", False)


async def test_interactions_come_as_a_payload_field(app: Endpoint, amara: Person) -> None:
    await amara.act("shortcut", callback_id="suggest")
    payload = json.loads(parse_qs(app.got[0][1])["payload"][0])
    assert payload["type"] == "shortcut"
    assert payload["trigger_id"].count(".") == 2


async def test_nobody_answers(app: Endpoint, amara: Person, slack: Slack, session: aiohttp.ClientSession) -> None:
    async def fail(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    app.answer = fail
    seen = await amara.act("type", channel="C0LINE2", text="/customer help")
    assert seen["notices"][0]["text"] == '/customer failed with the error "dispatch_failed"'
    assert len(app.got) == 1  # commands are never sent twice
    await amara.act("dismiss", id=seen["notices"][0]["id"])
    assert (await amara.seen())["notices"] == []


async def test_a_url_must_return_the_challenge(app: Endpoint, slack: Slack, session: aiohttp.ClientSession) -> None:
    async def admin(**body: Any) -> tuple[int, dict[str, Any]]:
        async with session.post(f"{slack.url}/_sandbox/admin", json={"do": "set_app", **body}) as answer:
            return answer.status, await answer.json()

    status, body = await admin(request_url=app.url.replace("events", "nothing"))
    assert (status, body["error"]) == (409, "url_not_verified")
    assert (await admin(request_url=app.url))[0] == 200
    assert app.got[-1][1] == "ssl_check=1&token=local"
