"""What comes before anything is parsed: the cap and the signature over the raw bytes."""

import hashlib
import hmac
import json
import random
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt.response import BoltResponse
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.slack.http import CAP, SlackRoute, signature_fits
from tests.doubles import FixedClock
from tests.faults.proof import Proof
from tests.slack.asgi import post

SECRET = b"0123456789abcdef0123456789abcdef"
CLOCK = FixedClock()
NOW = int(CLOCK.now().timestamp())


class RecordingIntake:
    def __init__(self) -> None:
        self.taken: list[Mapping[str, Any]] = []

    async def dispatch(self, body: Mapping[str, Any], headers: Mapping[str, str | Sequence[str]]) -> BoltResponse:
        self.taken.append(body)
        return BoltResponse(status=200, body="")


def signed(body: bytes, *, at: int = NOW, kind: str = "application/json") -> list[tuple[bytes, bytes]]:
    digest = hmac.new(SECRET, b"v0:%d:" % at + body, hashlib.sha256).hexdigest()
    return [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-slack-request-timestamp", str(at).encode()),
        (b"x-slack-signature", f"v0={digest}".encode()),
    ]


@pytest.fixture
def intake() -> RecordingIntake:
    return RecordingIntake()


@pytest.fixture
def web(intake: RecordingIntake) -> ASGIApp:
    return SlackRoute(secret=SECRET, intake=intake, clock=CLOCK).before(Starlette())  # type: ignore[arg-type]


async def send(web: ASGIApp, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> tuple[int, bytes]:
    return await post(web, "/slack/events", [body], headers)


async def test_a_signed_event_reaches_the_listeners(web: ASGIApp, intake: RecordingIntake) -> None:
    body = json.dumps({"type": "event_callback", "team_id": "T1"}).encode()
    assert (await send(web, body, signed(body)))[0] == 200
    assert intake.taken == [{"type": "event_callback", "team_id": "T1"}]


async def test_a_form_with_a_payload_and_a_command_are_read(web: ASGIApp, intake: RecordingIntake) -> None:
    form = "application/x-www-form-urlencoded"
    press = urlencode({"payload": json.dumps({"type": "block_actions", "text": "São Paulo"})}).encode()
    command = urlencode({"command": "/customer", "text": "find Órion"}).encode()
    assert (await send(web, press, signed(press, kind=form)))[0] == 200
    assert (await send(web, command, signed(command, kind=form)))[0] == 200
    assert [taken.get("text") for taken in intake.taken] == ["São Paulo", "find Órion"]


async def test_slacks_own_checks_are_answered(web: ASGIApp, intake: RecordingIntake) -> None:
    hello = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    check = b"ssl_check=1&token=x"
    assert await send(web, hello, signed(hello)) == (200, b"abc")
    assert (await send(web, check, signed(check, kind="application/x-www-form-urlencoded")))[0] == 200
    assert intake.taken == []


@pytest.mark.parametrize(
    "change",
    [
        {b"x-slack-signature": b"v0=" + b"0" * 64},
        {b"x-slack-signature": b""},
        {b"x-slack-signature": "v0=ü".encode()},
        {b"x-slack-signature": None},
        {b"x-slack-request-timestamp": None},
        {b"x-slack-request-timestamp": b"soon"},
        {b"x-slack-request-timestamp": b"-1"},
        {b"x-slack-request-timestamp": b"1e9"},
        {b"x-slack-request-timestamp": "١٢٣".encode()},
        {b"x-slack-request-timestamp": b"9" * 400},
        {b"x-slack-request-timestamp": str(NOW - 301).encode()},
        {b"x-slack-request-timestamp": str(NOW + 301).encode()},
    ],
)
async def test_wrong_stale_missing_and_malformed_headers_get_401(
    web: ASGIApp, intake: RecordingIntake, change: dict[bytes, bytes | None]
) -> None:
    body = b'{"type": "event_callback"}'
    headers = [(name, change.get(name, value)) for name, value in signed(body)]
    status, _ = await send(web, body, [(name, value) for name, value in headers if value is not None])
    assert status == 401
    assert intake.taken == []


async def test_a_stale_request_with_a_right_signature_gets_401(web: ASGIApp) -> None:
    body = b"{}"
    assert (await send(web, body, signed(body, at=NOW - 301)))[0] == 401
    assert (await send(web, body, signed(body, at=NOW - 299)))[0] == 200


@pytest.mark.row("D1")
async def test_mutated_bodies_are_all_refused(web: ASGIApp, intake: RecordingIntake, proof: Proof) -> None:
    chance = random.Random(20261124)
    body = bytearray(json.dumps({"type": "event_callback", "event": {"text": "hello"}}).encode())
    good = signed(bytes(body))
    number = proof.at(small=2_000, full=10_000)
    for _ in range(number):
        mutated = bytearray(body)
        for _ in range(chance.randint(1, 3)):
            mutated[chance.randrange(len(mutated))] ^= 1 << chance.randrange(8)
        if mutated == body:
            continue
        status, _answer = await send(web, bytes(mutated), good)
        assert status == 401
    assert intake.taken == []
    proof.found(f"{number} mutations refused with 401, none handled")


@pytest.mark.row("D2")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"1",
        b"null",
        b'"text"',
        b"{",
        b'{"a":' * 200_000,
        b'{"a":' * 61 + b"1" + b"}" * 61,
        b"\xff\xfe",
        b"[" * 500_000,
        b'{"a":NaN',
        b"\x1f\x8b\x08",
    ],
)
async def test_signed_but_unreadable_bytes_get_400(web: ASGIApp, intake: RecordingIntake, body: bytes) -> None:
    status, _ = await send(web, body[: CAP - 1], signed(body[: CAP - 1]))
    assert status == 400
    assert intake.taken == []


@pytest.mark.parametrize("body", [{"wide": [[]] * 500}, {"text": "[" * 500}], ids=["wide", "brackets in a text"])
async def test_many_brackets_alone_are_no_reason_to_refuse(
    web: ASGIApp, intake: RecordingIntake, body: dict[str, Any]
) -> None:
    given = json.dumps(body).encode()
    assert (await send(web, given, signed(given)))[0] == 200
    assert intake.taken == [body]


async def test_a_body_over_one_mebibyte_gets_413_before_its_signature_matters(web: ASGIApp) -> None:
    at_the_limit = b" " * (CAP - 2) + b"{}"
    assert (await send(web, at_the_limit, signed(at_the_limit)))[0] == 200
    over = b" " * (CAP + 1)
    assert (await send(web, over, signed(over)))[0] == 413


@pytest.mark.row("D2")
async def test_an_endless_body_is_cut_off_at_the_cap(web: ASGIApp) -> None:
    given = iter([b"x" * 65536] * 800)  # 50 MB, and no length declared
    read = 0

    def parts() -> Any:
        nonlocal read
        for part in given:
            read += len(part)
            yield part

    headers = [header for header in signed(b"") if header[0] != b"content-length"]
    left = parts()
    status = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": next(left), "more_body": True}

    async def answer(message: MutableMapping[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    scope = {
        "type": "http", "method": "POST", "path": "/slack/events", "raw_path": b"/slack/events", "query_string": b"",
        "headers": headers, "root_path": "", "http_version": "1.1", "scheme": "http",
    }  # fmt: skip
    await web(scope, receive, answer)
    assert status == 413
    assert read <= CAP + 65536


@pytest.mark.parametrize("declared", [b"99999999999999999999", b"-5", b"ten", b"1048577"])
async def test_a_declared_length_over_the_cap_is_refused_unread(web: ASGIApp, declared: bytes) -> None:
    headers = [(b"content-length", declared)]
    assert (await post(web, "/slack/events", [b""], headers))[0] == 413


@given(timestamp=st.binary(max_size=30), signature=st.binary(max_size=80), body=st.binary(max_size=200))
def test_no_header_fits_by_accident_or_raises(timestamp: bytes, signature: bytes, body: bytes) -> None:
    assert signature_fits(SECRET, timestamp=timestamp, body=body, given=signature, now=NOW) is False
