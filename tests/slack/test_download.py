"""Files that people shared: fetched with our token from Slack alone, and never too much of one."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from bot.slack import gateway as gateways
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import Gateway, Installation, trusted


@pytest.mark.parametrize(
    ("url", "yes"),
    [
        ("https://files.slack.com/files-pri/T-F/a.png", True),
        ("https://files.slack-gov.com/a.png", True),
        ("http://127.0.0.1:9000/files/a.png", True),
        ("http://127.0.0.1:9001/files/a.png", False),
        ("https://127.0.0.1:9000/files/a.png", False),
        ("http://me@127.0.0.1:9000/files/a.png", False),
        ("http://files.slack.com/a.png", False),
        ("https://files.slack.com:8443/a.png", False),
        ("https://evilslack.com/a.png", False),
        ("https://files.slack.com.evil.example/a.png", False),
        ("https://files.slack.com@evil.example/a.png", False),
        ("file:///etc/passwd", False),
        ("https://[::1/a.png", False),
        ("http://127.0.0.1:99999/a", False),
        ("", False),
    ],
)
def test_where_the_token_may_go(url: str, yes: bool) -> None:
    assert trusted(url, "http://127.0.0.1:9000/api/") is yes


class Files:
    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []
        self.origin = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.path, request.headers.get("Authorization", "")))
        match request.path:
            case "/ok":
                return web.Response(body=b"picture")
            case "/away":
                raise web.HTTPFound(f"{self.origin}/ok")
            case "/busy":
                return web.Response(status=503)
            case "/endless":
                response = web.StreamResponse()
                await response.prepare(request)
                for _ in range(64):
                    await response.write(b"x" * 64)
                return response
        return web.Response(status=404)


@pytest.fixture
async def files() -> AsyncIterator[Files]:
    files = Files()
    app = web.Application()
    app.router.add_get("/{tail:.*}", files.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    files.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield files
    await runner.cleanup()


async def _find(workspace_id: str) -> Installation | None:
    return Installation(workspace_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U1")


async def _fetch(files: Files, url: str) -> bytes:
    async with aiohttp.ClientSession() as session:
        gateway = Gateway(api_url=f"{files.origin}/api/", session=session, find=_find)
        return await gateway.download("T1", url)


async def test_a_file_is_fetched_with_the_token(files: Files) -> None:
    assert await _fetch(files, f"{files.origin}/ok") == b"picture"
    assert files.seen == [("/ok", "Bearer xoxb-1")]


@pytest.mark.parametrize(
    ("path", "code", "fault"),
    [("/away", "http_302", Fault.GONE), ("/none", "http_404", Fault.GONE), ("/busy", "http_503", Fault.WAIT)],
)
async def test_redirects_are_not_followed_and_refusals_are_told_apart(
    files: Files, path: str, code: str, fault: Fault
) -> None:
    with pytest.raises(SlackFault) as caught:
        await _fetch(files, files.origin + path)
    assert (caught.value.code, caught.value.fault) == (code, fault)
    assert len(files.seen) == 1


async def test_no_more_than_the_limit_is_read(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateways, "LARGEST_DOWNLOAD", 1000)
    with pytest.raises(SlackFault, match="file_too_large"):
        await _fetch(files, f"{files.origin}/endless")


async def test_elsewhere_the_token_does_not_go(files: Files) -> None:
    with pytest.raises(SlackFault, match="untrusted_address"):
        await _fetch(files, files.origin.replace("127.0.0.1", "localhost") + "/ok")
    assert files.seen == []
