"""The only caller of Slack's Web API. One shared session, our time-outs, no retry by the SDK, one table of errors."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.clock import ticks
from bot.core.strings import https_url
from bot.slack import in_time
from bot.slack.errors import Fault, SlackFault, classify
from bot.slack.kit import Message, View
from bot.slack.posting import NotConnectedError, Posting

LONGEST_CALL = 10.0
TIMEOUT = aiohttp.ClientTimeout(total=LONGEST_CALL, connect=4)
VIEW_TIMEOUT = 2.0  # a trigger lives 3 s
LONGEST_WAIT = 3600.0
REFUSED_FOR = 10.0
LARGEST_DOWNLOAD = 10 * 1024 * 1024
JSON = {"Content-Type": "application/json"}
FILE_HOSTS = (".slack.com", ".slack-gov.com")


@dataclass(frozen=True, kw_only=True)
class Installation:
    """How to speak for one workspace. `dead`: Slack refused the token and nobody has renewed it."""

    workspace_id: str
    bot_token: str
    bot_id: str
    bot_user_id: str
    dead: bool = False


FindInstallation = Callable[[str], Awaitable[Installation | None]]


def retry_after(header: str | None) -> float:
    """Seconds to wait. Missing, not a number, or below one means one; never more than an hour at a time."""
    try:
        seconds = float(header) if header is not None else 1.0
    except ValueError:
        return 1.0
    return min(max(seconds, 1.0), LONGEST_WAIT) if math.isfinite(seconds) else 1.0


def as_form(arguments: Mapping[str, Any]) -> dict[str, str]:
    """Every method takes a form; users.*, most of conversations.* and files.* do not read JSON
    (https://docs.slack.dev/apis/web-api, "POST bodies")."""
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in arguments.items()
        if value is not None
    }


class Gateway:
    """Every method raises `SlackFault`, and nothing else, when Slack did not do it.

    `forget` drops what `find` remembers of a workspace. `timeout` is the longest that a call may take, in seconds.
    `posting` takes private answers; without it (a proxy is set) they go through `session`, as all the rest does.
    `session` is `in_time.watched`, or `not_after` means nothing.
    """

    def __init__(
        self,
        *,
        api_url: str,
        session: aiohttp.ClientSession,
        find: FindInstallation,
        forget: Callable[[str], None] = lambda _workspace_id: None,
        timeout: float = LONGEST_CALL,
        posting: Posting | None = None,
    ) -> None:
        self._api_url = api_url
        self._session = session
        self._find = find
        self._forget = forget
        self._posting = posting
        self.timeout = timeout
        self._blocked: dict[tuple[str, str], float] = {}
        self._refused: dict[str, float] = {}  # tokens that Slack has just refused, by when

    async def call(
        self,
        workspace_id: str,
        method: str,
        *,
        timeout: float | None = None,
        not_after: float | None = None,
        **arguments: Any,
    ) -> Mapping[str, Any]:
        """One call with the workspace's token. `timeout` in seconds, if shorter. Not begun after `not_after` (on the
        clock of `ticks`): then this process slept, and another may have made the call by now."""
        with in_time.not_after(not_after) as until:
            try:
                return await self._call(workspace_id, method, timeout=timeout, **arguments)
            except (SlackFault, in_time.TooLateError) as error:
                if until is not None and until.over:
                    raise SlackFault("slept", Fault.WAIT) from error
                raise

    async def _call(
        self, workspace_id: str, method: str, *, timeout: float | None, **arguments: Any
    ) -> Mapping[str, Any]:
        installation = await self._alive(workspace_id)
        left = self._blocked.get((workspace_id, method), 0.0) - ticks()
        if left > 0:  # calling on while limited risks the app being disabled
            raise SlackFault("ratelimited", Fault.LIMITED, retry_after=left)
        try:
            return await self.call_with(installation.bot_token, method, timeout=timeout, **arguments)
        except SlackFault as fault:
            if fault.fault is Fault.LIMITED:
                self._blocked[(workspace_id, method)] = ticks() + (fault.retry_after or 1.0)
            if fault.fault in {Fault.INSTALLATION, Fault.SCOPE} and await self._renewed(workspace_id, installation):
                raise SlackFault(fault.code, Fault.WAIT) from fault
            if fault.fault is Fault.INSTALLATION:
                self._refused[installation.bot_token] = ticks()
            raise

    async def _alive(self, workspace_id: str) -> Installation:
        """What is remembered as dead or refused may have been renewed a moment ago, so it is read again."""
        installation = await self._find(workspace_id)
        if installation is not None and self._unusable(installation):
            self._forget(workspace_id)
            installation = await self._find(workspace_id)
        if installation is None or self._unusable(installation):
            raise SlackFault("token_revoked", Fault.INSTALLATION)
        return installation

    def _unusable(self, installation: Installation) -> bool:
        """Between a refusal and the workspace being marked dead no other call is made (faults A19)."""
        at = self._refused.get(installation.bot_token)
        return installation.dead or (at is not None and ticks() - at < REFUSED_FOR)

    async def _renewed(self, workspace_id: str, used: Installation) -> bool:
        """Whether the token that was refused is an old one by now: no reason to call the workspace dead."""
        self._forget(workspace_id)
        now = await self._find(workspace_id)
        return now is not None and not now.dead and now.bot_token != used.bot_token

    async def call_with(
        self, token: str, method: str, *, timeout: float | None = None, **arguments: Any
    ) -> Mapping[str, Any]:
        client = AsyncWebClient(token=token, base_url=self._api_url, session=self._session, retry_handlers=[])
        try:
            async with asyncio.timeout(timeout or self.timeout):
                answer = await client.api_call(method, data=as_form(arguments))
        except SlackApiError as error:
            raise _refused(error) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _never_arrived(error) from error
        except (aiohttp.ClientError, OSError) as error:
            raise SlackFault("reset", Fault.AMBIGUOUS, detail=type(error).__name__) from error
        except TimeoutError as error:
            raise SlackFault("timeout", Fault.AMBIGUOUS) from error
        data = answer.data
        return {**data, "_headers": dict(answer.headers)} if isinstance(data, dict) else {}

    async def respond(self, response_url: str, message: Message) -> None:
        """To a `response_url`: ephemeral, nothing replaced, no retry."""
        answer = {
            "text": message.text,
            "blocks": list(message.blocks),
            "response_type": "ephemeral",
            "replace_original": False,
        }
        body = json.dumps(answer).encode()
        try:
            status = await self._posted(response_url, body)
        except (aiohttp.ClientError, ValueError, OSError, TimeoutError) as error:
            raise SlackFault("reset", Fault.AMBIGUOUS) from error
        if status >= 300:
            raise SlackFault(f"http_{status}", Fault.WAIT)

    async def _posted(self, url: str, body: bytes) -> int:
        if self._posting is not None:
            try:
                return await self._posting.post(url, body)
            except NotConnectedError:
                pass
        async with self._session.post(url, data=body, headers=JSON) as answer:
            return answer.status

    async def open_view(self, workspace_id: str, trigger_id: str, view: View) -> str:
        """The new view's id. Raises with `expired_trigger_id` when the person waited too long."""
        answer = await self.call(
            workspace_id, "views.open", timeout=VIEW_TIMEOUT, trigger_id=trigger_id, view=view.payload()
        )
        return str(answer["view"]["id"])

    async def push_view(self, workspace_id: str, trigger_id: str, view: View) -> str:
        answer = await self.call(
            workspace_id, "views.push", timeout=VIEW_TIMEOUT, trigger_id=trigger_id, view=view.payload()
        )
        return str(answer["view"]["id"])

    async def update_view(self, workspace_id: str, view_id: str, view: View, *, hash: str | None = None) -> None:
        await self.call(workspace_id, "views.update", view_id=view_id, view=view.payload(), hash=hash or None)

    async def upload(self, workspace_id: str, upload_url: str, data: bytes) -> None:
        """The bytes of a file to the address Slack gave for it."""
        if await self._find(workspace_id) is None:
            raise SlackFault("token_revoked", Fault.INSTALLATION)
        try:
            async with self._session.post(upload_url, data=data) as answer:
                if answer.status != 200:
                    raise SlackFault(f"http_{answer.status}", Fault.WAIT)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise SlackFault("reset", Fault.WAIT) from error

    async def download(self, workspace_id: str, url: str) -> bytes:
        """A file that somebody shared with the bot, at most `LARGEST_DOWNLOAD` bytes. The token goes to https addresses
        of Slack's and to the API's own origin, nowhere else."""
        installation = await self._alive(workspace_id)
        if not trusted(url, self._api_url):
            raise SlackFault("untrusted_address", Fault.CONTENT)
        headers = {"Authorization": f"Bearer {installation.bot_token}"}
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                if answer.status != 200:
                    raise SlackFault(f"http_{answer.status}", Fault.WAIT if answer.status >= 429 else Fault.GONE)
                return await _at_most(answer.content, LARGEST_DOWNLOAD)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise SlackFault("reset", Fault.WAIT, detail=type(error).__name__) from error


def trusted(url: str, api_url: str) -> bool:
    """Whether our token may go there (https://docs.slack.dev/reference/objects/file-object: url_private is on
    files.slack.com)."""
    try:
        asked, own = urlsplit(url), urlsplit(api_url)
        same = (asked.scheme, asked.hostname, asked.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False
    if same and "@" not in asked.netloc:
        return True
    host = asked.hostname or ""
    return https_url(url) is not None and asked.port in (None, 443) and host.endswith(FILE_HOSTS)


async def _at_most(content: aiohttp.StreamReader, limit: int) -> bytes:
    data = bytearray()
    async for piece in content.iter_chunked(64 * 1024):
        data += piece
        if len(data) > limit:
            raise SlackFault("file_too_large", Fault.CONTENT)
    return bytes(data)


def _refused(error: SlackApiError) -> SlackFault:
    response = error.response
    status = getattr(response, "status_code", 0)
    data = getattr(response, "data", None)
    code = data.get("error", "") if isinstance(data, dict) else ""
    if status == 429 or code in {"ratelimited", "rate_limited"}:
        headers = {str(name).lower(): str(value) for name, value in dict(response.headers).items()}
        return SlackFault("ratelimited", Fault.LIMITED, retry_after=retry_after(headers.get("retry-after")))
    if not code or status >= 500:
        return SlackFault(code or f"http_{status}", Fault.AMBIGUOUS)
    detail = "; ".join(str(line) for line in (data or {}).get("response_metadata", {}).get("messages", ())[:3])
    return SlackFault(code, classify(code), detail=detail)


def _never_arrived(error: Exception) -> SlackFault:
    """No connection was made, so nothing can have been carried out."""
    return SlackFault("unreachable", Fault.WAIT, detail=type(error).__name__)
