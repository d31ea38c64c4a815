"""Signed HTTP requests to an app, as Slack sends them."""

import hashlib
import hmac
import json
import secrets
from typing import Any
from urllib.parse import urlencode

import aiohttp

from sandbox.clock import Clock
from sandbox.delivery.parcel import PATIENCE, Parcel, Reply
from sandbox.world import App

MOST_REDIRECTS = 2


class HttpDelivery:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._verified: set[str] = set()

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE), connector=aiohttp.TCPConnector(limit=0)
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def deliver(self, app: App, parcel: Parcel) -> Reply:
        url = app.request_url or parcel.url
        if not url:
            return Reply(ok=False, reason="connection_failed")
        if parcel.kind == "events_api":
            if url not in self._verified and not await self.verify(app, url):
                return Reply(ok=False, reason="http_error")
            body, kind = json.dumps(parcel.payload), "application/json"
        elif parcel.kind == "slash_commands":
            body, kind = urlencode(parcel.payload), "application/x-www-form-urlencoded"
        else:
            body, kind = urlencode({"payload": json.dumps(parcel.payload)}), "application/x-www-form-urlencoded"
        headers = {}
        if parcel.retry:
            headers = {"x-slack-retry-num": str(parcel.retry), "x-slack-retry-reason": parcel.retry_reason}
        return await self._post(app, url, body, kind, headers)

    async def verify(self, app: App, url: str) -> bool:
        """Slack's handshake before it sends events to a URL: the challenge must come back."""
        challenge = secrets.token_urlsafe(24)
        body = json.dumps({"token": "local", "challenge": challenge, "type": "url_verification"})
        reply = await self._post(app, url, body, "application/json", {})
        answer = reply.body.get("challenge") if isinstance(reply.body, dict) else reply.body
        if not reply.ok or answer != challenge:
            return False
        self._verified.add(url)
        return True

    async def ssl_check(self, app: App, url: str) -> bool:
        """The plain probe Slack sends now and then to command URLs."""
        reply = await self._post(app, url, "ssl_check=1&token=local", "application/x-www-form-urlencoded", {})
        return reply.ok

    async def _post(self, app: App, url: str, body: str, kind: str, headers: dict[str, str]) -> Reply:
        if self._session is None:
            return Reply(ok=False, reason="connection_failed")
        signed = {"content-type": kind, "user-agent": "Slackbot 1.0 (local)", **self._signature(app, body), **headers}
        try:
            async with self._session.post(
                url, data=body.encode(), headers=signed, max_redirects=MOST_REDIRECTS + 1
            ) as answer:
                return await _reply(answer)
        except aiohttp.TooManyRedirects:
            return Reply(ok=False, reason="too_many_redirects")
        except aiohttp.ClientSSLError:
            return Reply(ok=False, reason="ssl_error")
        except TimeoutError:
            return Reply(ok=False, reason="http_timeout")
        except aiohttp.ClientConnectionError:
            return Reply(ok=False, reason="connection_failed")
        except (aiohttp.ClientError, ValueError):
            return Reply(ok=False, reason="unknown_error")

    def _signature(self, app: App, body: str) -> dict[str, str]:
        timestamp = str(int(self._clock.now()))
        base = f"v0:{timestamp}:{body}".encode()
        digest = hmac.new(app.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


async def _reply(answer: aiohttp.ClientResponse) -> Reply:
    raw = await answer.text()
    body: Any = raw
    if "json" in answer.headers.get("content-type", "") and raw:
        body = json.loads(raw)
    no_retry = answer.headers.get("x-slack-no-retry") == "1"
    ok = 200 <= answer.status < 300
    return Reply(ok=ok, reason="" if ok else "http_error", body=body or None, no_retry=no_retry)
