"""HTTP from Slack: the cap and the signature over the raw bytes come before anything reads them.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from bot.core.clock import Clock
from bot.slack.intake import Intake

PATH = "/slack/events"
CAP = 1024 * 1024
WINDOW = 300
BODY_WITHIN = 5.0  # Slack sends a body at once; uvicorn itself would wait for ever
RETRY = b"x-slack-retry"
CLOSE = {"Connection": "close"}  # the rest of a body that nobody wants is not waited for
DEEPEST = 60
MOST_FIELDS = 200
DONE = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
NOTHING = {"type": "http.response.body", "body": b""}
Headers = Mapping[bytes, bytes]  # by lower-case name, as ASGI gives them


def signature_fits(secret: bytes, *, timestamp: bytes, body: bytes, given: bytes, now: float) -> bool:
    """Constant time. False for a timestamp that is not plain digits or more than five minutes off."""
    if not (timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(now - int(timestamp)) > WINDOW:
        return False
    digest = hmac.digest(secret, b"v0:" + timestamp + b":" + body, "sha256")
    return hmac.compare_digest(b"v0=" + digest.hex().encode(), given)


@dataclass(frozen=True, kw_only=True)
class SlackRoute:
    secret: bytes
    intake: Intake
    clock: Clock

    def before(self, others: ASGIApp) -> ASGIApp:
        """An application that takes what Slack sends itself and leaves the rest to `others`."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"] != PATH:
                await others(scope, receive, send)
            elif scope["method"] != "POST":
                await PlainTextResponse("POST only", status_code=405, headers={"Allow": "POST"})(scope, receive, send)
            else:
                answer = await self.receive(dict(scope["headers"]), receive)
                if answer is None:
                    await send(DONE)
                    await send(NOTHING)
                else:
                    await answer(scope, receive, send)

        return app

    async def receive(self, headers: Headers, receive: Receive) -> Response | None:
        """None: 200 and nothing else, as nearly always."""
        try:
            async with asyncio.timeout(BODY_WITHIN):
                body = await read_capped(headers, receive)
        except TimeoutError:
            return PlainTextResponse("too slow", status_code=408, headers=CLOSE)
        if body is None:
            return PlainTextResponse("too large", status_code=413, headers=CLOSE)
        fits = signature_fits(
            self.secret,
            timestamp=headers.get(b"x-slack-request-timestamp", b""),
            body=body,
            given=headers.get(b"x-slack-signature", b""),
            now=self.clock.now().timestamp(),
        )
        if not fits:
            return PlainTextResponse("signature", status_code=401)
        payload = parse(body, headers.get(b"content-type", b""))
        if payload is None:
            return PlainTextResponse("unreadable", status_code=400)
        if payload.get("type") == "url_verification":
            return PlainTextResponse(str(payload.get("challenge", ""))[:1000])
        if payload.get("ssl_check") == "1":
            return PlainTextResponse("")
        again = {name.decode(): value.decode("latin-1") for name, value in headers.items() if name.startswith(RETRY)}
        answer = await self.intake.dispatch(payload, again)
        if answer.status == 200 and not answer.body:
            return None
        return Response(answer.body or "", status_code=answer.status, media_type=_type(answer.body))


async def read_capped(headers: Headers, receive: Receive) -> bytes | None:
    """The raw body; None as soon as it is larger than 1 MiB, declared or sent. A compressed body is not unpacked."""
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared[:12]) > CAP:
        return None
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > CAP:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def parse(body: bytes, content_type: bytes) -> Mapping[str, Any] | None:
    """The payload as a mapping, or None where the signed bytes are not what Slack sends."""
    try:
        text = body.decode("utf-8")
        if content_type.startswith(b"application/json"):
            return _mapping(text)
        form = _fields(text)
        return _mapping(form["payload"]) if "payload" in form else form
    except (UnicodeDecodeError, ValueError, RecursionError):
        return None


def _fields(text: str) -> Mapping[str, str]:
    """Of a form. yarl unquotes in C, eight times as fast as urllib, which was a third of the cost of a button press."""
    if text.count("&") >= MOST_FIELDS:
        raise ValueError("too many fields")
    return dict(URL.build(path="/", query_string=text, encoded=True).query)


def _mapping(text: str) -> Mapping[str, Any] | None:
    found = json.loads(text)
    return found if isinstance(found, dict) and (_few_brackets(text) or _shallow(found, DEEPEST)) else None


def _few_brackets(text: str) -> bool:
    """So that they cannot be deep: a fifth of the cost of looking, and true of most presses."""
    return text.count("{") + text.count("[") <= DEEPEST


def _shallow(value: object, left: int) -> bool:
    """Level by level: as deep as the payload goes, not as wide, in Python's own steps."""
    level = [value]
    while level and left >= 0:
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        level, left = inner, left - 1
    return not level


def _type(body: str | None) -> str:
    return "application/json" if body and body.startswith("{") else "text/plain"


Probe = Callable[[], Awaitable[tuple[bool, str]]]


def probe_route(path: str, probe: Probe) -> Route:
    """200 or 503, with one line that says why."""

    async def answer(_request: Request) -> Response:
        fine, why = await probe()
        return PlainTextResponse(why, status_code=200 if fine else 503)

    return Route(path, answer, methods=["GET"])
