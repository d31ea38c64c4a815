"""Socket Mode seen from the wire."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from sandbox.slack import Slack
from tests.sandbox.conftest import Open, Person, ack, got


async def test_hello_says_what_slack_says(connect: Open) -> None:
    first = await got(await connect())
    assert first["type"] == "hello"
    assert first["num_connections"] == 1
    assert first["connection_info"] == {"app_id": "A0TEST"}
    assert first["debug_info"]["approximate_connection_time"] > 0
    assert (await got(await connect()))["num_connections"] == 2


async def test_a_ticket_works_once(connect: Open, session: aiohttp.ClientSession) -> None:
    ws = await connect()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await session.ws_connect(ws._response.url)


async def test_ten_sockets_and_no_more(connect: Open) -> None:
    for number in range(10):
        assert (await got(await connect()))["num_connections"] == number + 1
    eleventh = await connect()
    refusal = await got(eleventh)
    assert (refusal["type"], refusal["reason"]) == ("disconnect", "too_many_websockets")
    assert (await eleventh.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


@pytest.mark.usefixtures("impatient")
async def test_an_unacked_event_comes_again_on_another_socket(connect: Open, person: Callable[[str], Person]) -> None:
    sockets = [await connect(), await connect()]
    for ws in sockets:
        await got(ws)
    first: dict[int, asyncio.Task[Any]] = {n: asyncio.create_task(got(ws)) for n, ws in enumerate(sockets)}
    acting = asyncio.create_task(person("U0AMARA").act("type", channel="C0LINE2", text="x"))
    done, _ = await asyncio.wait(first.values(), timeout=5, return_when=asyncio.FIRST_COMPLETED)
    (taken,) = [n for n, task in first.items() if task in done]
    envelope = first[taken].result()
    assert envelope["type"] == "events_api"
    assert (envelope["retry_attempt"], envelope["retry_reason"]) == (0, "")
    assert envelope["accepts_response_payload"] is False
    await acting  # answers after 3 s without an ack
    again = await first[1 - taken]
    assert again["payload"]["event_id"] == envelope["payload"]["event_id"]
    assert (again["retry_attempt"], again["retry_reason"]) == (1, "http_timeout")
    await ack(sockets[1 - taken], again)


async def test_an_app_that_was_away_gets_events_by_retry(connect: Open, person: Callable[[str], Person]) -> None:
    await person("U0AMARA").act("type", channel="C0LINE2", text="x")
    ws = await connect()
    assert (await got(ws))["type"] == "hello"
    envelope = await got(ws)
    assert envelope["retry_attempt"] > 0
    assert envelope["retry_reason"] == "connection_failed"
    await ack(ws, envelope)


async def test_command_answers_ride_on_the_ack(connect: Open, person: Callable[[str], Person]) -> None:
    ws = await connect()
    await got(ws)
    acting = asyncio.create_task(person("U0AMARA").act("type", channel="C0LINE2", text="/slow down <b>"))
    envelope = await got(ws)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "down <b>"  # without should_escape, as typed
    await ack(ws, envelope, text="Only for you")
    seen = await acting
    last = seen["messages"]["C0LINE2"][-1]
    assert (last["text"], last["ephemeral"]) == ("Only for you", True)


async def test_silence_is_told_to_the_person(connect: Open, person: Callable[[str], Person]) -> None:
    ws = await connect()
    await got(ws)
    seen = await person("U0AMARA").act("type", channel="C0LINE2", text="/slow down")
    (notice,) = seen["notices"]
    assert (notice["kind"], notice["channel"]) == ("timeout", "C0LINE2")
    assert notice["text"] == '/slow failed with the error "operation_timeout"'


@pytest.mark.parametrize("reason", ["refresh_requested", "link_disabled"])
async def test_refresh_closes_after_what_is_under_way(
    connect: Open, slack: Slack, session: aiohttp.ClientSession, person: Callable[[str], Person], reason: str
) -> None:
    ws = await connect()
    await got(ws)
    acting = asyncio.create_task(person("U0AMARA").act("type", channel="C0LINE2", text="x"))
    envelope = await got(ws)
    body = {"do": "refresh_sockets", "reason": reason}
    refreshing = asyncio.create_task(_admin(session, slack, body))
    told = await got(ws)
    assert (told["type"], told["reason"]) == ("disconnect", reason)
    await ack(ws, envelope)
    assert (await refreshing)["refreshed"] == 1
    await acting
    assert (await ws.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_a_warning_only_warns(connect: Open, slack: Slack, session: aiohttp.ClientSession) -> None:
    ws = await connect()
    await got(ws)
    await _admin(session, slack, {"do": "refresh_sockets", "reason": "warning"})
    assert (await got(ws))["reason"] == "warning"
    assert slack.courier.sockets.count("A0TEST") == 1


async def test_dropped_sockets_die_without_a_word(connect: Open, slack: Slack, session: aiohttp.ClientSession) -> None:
    ws = await connect()
    await got(ws)
    assert (await _admin(session, slack, {"do": "drop_sockets"}))["dropped"] == 1
    message = await ws.receive(timeout=5)
    assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSE)


@pytest.mark.usefixtures("impatient")
async def test_a_frozen_socket_neither_answers_nor_carries_anything(
    connect: Open, slack: Slack, session: aiohttp.ClientSession, person: Callable[[str], Person]
) -> None:
    ws = await connect()
    await got(ws)
    assert (await _admin(session, slack, {"do": "freeze_sockets"}))["frozen"] == 1
    await ws.ping(b"still there?")
    seen = await person("U0AMARA").act("type", channel="C0LINE2", text="/slow down")
    assert seen["notices"][0]["kind"] == "timeout"
    fresh = await connect()
    assert (await got(fresh))["type"] == "hello"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ws._reader.read(), 0.05)
    assert slack.courier.sockets.count("A0TEST") == 2


async def test_pings_are_answered(connect: Open) -> None:
    ws = await connect()
    await got(ws)
    await ws.ping(b"still there?")
    receiving = asyncio.create_task(ws._reader.read())
    message = await asyncio.wait_for(receiving, 5)
    assert (message.type, bytes(message.data)) == (aiohttp.WSMsgType.PONG, b"still there?")


async def _admin(session: aiohttp.ClientSession, slack: Slack, body: dict[str, Any]) -> dict[str, Any]:
    async with session.post(f"{slack.url}/_sandbox/admin", json=body) as answer:
        result: dict[str, Any] = await answer.json()
        assert answer.status == 200, result
        return result
