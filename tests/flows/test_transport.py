"""What comes to the real server and the real sockets that is not what Slack usually sends, or not as often."""

import asyncio
import gzip
import hashlib
import hmac
import json
import sqlite3
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.slack.http import BODY_WITHIN
from tests.faults.proof import Proof
from tests.flows import company, owing
from tests.flows.company import ADMIN, MAKER
from tests.flows.conftest import Flow, flowing


@pytest.fixture
async def over_http(tmp_path: Path) -> AsyncIterator[Flow]:
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}", transport="http") as made:
        await made.install()
        await made.start()
        yield made


def signed(body: bytes, kind: str = "application/json") -> dict[str, str]:
    at = str(int(time.time()))
    digest = hmac.new(company.SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"content-type": kind, "x-slack-request-timestamp": at, "x-slack-signature": f"v0={digest}"}


def address(flow: Flow) -> str:
    return f"http://{flow.env['CANTEEN_HTTP']}/slack/events"


async def post(flow: Flow, body: bytes, headers: dict[str, str]) -> int:
    async with flow.http.post(address(flow), data=body, headers=headers) as answer:
        return answer.status


def message(text: str, event_id: str = "Ev0ONE") -> bytes:
    """A direct message to the bot, as an event."""
    event = {
        "type": "message", "channel_type": "im", "channel": "D0MAX", "user": MAKER, "text": text,
        "ts": "1700000000.000100", "team": "T0FLOW",
    }  # fmt: skip
    return json.dumps(
        {"type": "event_callback", "team_id": "T0FLOW", "api_app_id": "A0CANTEEN", "event_id": event_id, "event": event}
    ).encode()


async def test_what_is_not_slacks_is_turned_away_and_the_rest_goes_on(over_http: Flow) -> None:
    flow = over_http
    body = message("hello")
    assert await post(flow, body, {**signed(body), "x-slack-signature": "v0=" + "0" * 64}) == 401
    assert await post(flow, body, {"content-type": "application/json"}) == 401
    assert await post(flow, body + b" ", signed(body)) == 401
    packed = gzip.compress(body)
    assert await post(flow, packed, {**signed(body), "content-encoding": "gzip"}) == 401
    assert await post(flow, packed, {**signed(packed), "content-encoding": "gzip"}) == 400
    large = b"x" * (1024 * 1024 + 1)
    assert await post(flow, large, signed(large)) == 413
    assert await post(flow, b"[" * 100_000, signed(b"[" * 100_000)) == 400
    seen = await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer find orion")
    assert seen["notices"] == []


async def test_a_body_that_drips_is_cut_off(over_http: Flow) -> None:
    """Headers promise 100 bytes, and one comes each half second. The last comes before the cut: what came after it would
    reset the connection, and with it the answer that nobody has read yet."""
    flow = over_http
    host, _, port = flow.env["CANTEEN_HTTP"].rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n")

    loop = asyncio.get_running_loop()
    for _ in range(8):
        writer.write(b"x")
        await asyncio.sleep(0.5)
    last = loop.time()
    async with asyncio.timeout(20):
        answer = await reader.read()  # to the end: the connection is closed, too
    writer.close()
    assert answer.startswith(b"HTTP/1.1 408"), answer
    assert loop.time() - last < BODY_WITHIN, "each byte began the time anew"


@pytest.mark.row("D3")
async def test_one_request_a_hundred_times_has_one_effect(over_http: Flow) -> None:
    """An event with Slack's retry headers, and a submission: each counts once, and every copy is answered 200."""
    flow = over_http
    await flow.act(MAKER, "command", channel="C0LINE0", text="/customer find orion")
    body = message("Does Orion sell in Norway?")
    headers = {**signed(body), "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout"}
    for _ in range(10):
        statuses = await asyncio.gather(*(post(flow, body, headers) for _ in range(10)))
        assert set(statuses) == {200}
    async with flow.parts() as parts:
        assert await owing.count(parts, "seen_events", "key LIKE '%Ev0ONE%'") == 1

    async def answered() -> list[Any]:
        return [one for one in (await flow.ledger())["messages"] if one["bot_id"] and one["channel"] == "D0MAX"]

    async with flow.parts() as parts:
        owed = await owing.count(parts, "deliveries", "kind LIKE 'questions.%'")
    assert owed == 1, "the hint of what to do with a message outside a thread is owed once"


@pytest.mark.row("E5")
async def test_a_locked_database_answers_no_press_and_loses_nothing(
    over_http: Flow, tmp_path: Path, proof: Proof
) -> None:
    """Another writer holds SQLite: 503 within 3 s, however often, and once it lets go a press works again."""
    flow = over_http
    other = sqlite3.connect(tmp_path / "canteen.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    body = message("Does Orion sell in Norway?", "Ev0LOCKED")
    longest, until = 0.0, time.monotonic() + proof.at(small=0.0, full=10.0)
    while longest == 0.0 or time.monotonic() < until:
        started = time.monotonic()
        assert await post(flow, body, signed(body)) == 503
        longest = max(longest, time.monotonic() - started)
    assert longest < 3.0
    seen = await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer find orion")
    assert [one["kind"] for one in seen["notices"]] != []
    other.execute("ROLLBACK")
    other.close()
    assert await post(flow, body, {**signed(body), "x-slack-retry-num": "1"}) == 200
    async with flow.parts() as parts:
        assert await owing.count(parts, "seen_events", "key LIKE '%Ev0LOCKED%'") == 1
    proof.found(f"answered 503 within {longest:.1f} s; sent again once it let go, the event had its effect, once")
    form = {"payload": json.dumps({"type": "block_actions"})}
    assert (
        await post(
            flow, urlencode(form).encode(), signed(urlencode(form).encode(), "application/x-www-form-urlencoded")
        )
        < 500
    )


@pytest.mark.row("D6")
@pytest.mark.parametrize("deed", ["drop_sockets", "refresh_sockets", "freeze_sockets"])
async def test_sockets_that_break_are_replaced(tmp_path: Path, deed: str, proof: Proof) -> None:
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}") as flow:
        await flow.install()
        await flow.start()
        assert (await flow.send("admin", {"do": deed}))["ok"]
        began = time.monotonic()

        async def receiving() -> bool:
            seen = await flow.act(ADMIN, "command", channel="C0LINE0", text="/customer find orion")
            return "Sam Ortega" in str(seen["messages"]["C0LINE0"])

        await flow.until(receiving, 30)
    proof.found(f"{deed.replace('_', ' ')}: receiving again after {time.monotonic() - began:.1f} s")


@pytest.mark.row("D6", waits=True)
async def test_without_a_connection_health_turns_red_within_a_minute(tmp_path: Path, proof: Proof) -> None:
    """None can be had any more, and those that there are break. In small only the unit test of the limit says so."""
    if proof.size == "small":
        pytest.skip("at full size only; tests/test_serving.py proves the limit")
    async with flowing(tmp_path, f"sqlite:///{tmp_path / 'canteen.db'}") as flow:
        await flow.install()
        await flow.start()
        await owing.faults(flow, {"methods": ["apps.connections.open"], "what": "reset_before"})
        assert (await flow.send("admin", {"do": "drop_sockets"}))["ok"]
        began = time.monotonic()

        async def red() -> bool:
            async with flow.http.get(f"http://{flow.env['CANTEEN_HTTP']}/healthz") as answer:
                return answer.status == 503

        await flow.until(red, 60)
        proof.found(f"no new connection: /healthz red after {time.monotonic() - began:.0f} s")
        await owing.faults(flow)

        async def green() -> bool:
            return not await red()

        await flow.until(green, 60)
