"""Uploads: three steps, a while of processing, and who may use the file."""

import asyncio

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.slack import Slack
from tests.sandbox.calls import refused

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


async def _upload(client: AsyncWebClient, session: aiohttp.ClientSession, data: bytes = PNG) -> str:
    step = await client.files_getUploadURLExternal(filename="logo.png", length=len(data), alt_txt="Logo")
    async with session.post(step["upload_url"], data=data) as answer:
        assert answer.status == 200
    await client.files_completeUploadExternal(files=[{"id": step["file_id"], "title": "Logo"}])
    return str(step["file_id"])


def _picture(file: str) -> list[dict[str, object]]:
    return [{"type": "image", "slack_file": {"id": file}, "alt_text": "Logo"}]


async def test_a_file_is_usable_once_processed(
    client: AsyncWebClient, session: aiohttp.ClientSession, clock: Clock
) -> None:
    file = await _upload(client, session)
    assert (await client.files_info(file=file))["file"]["mimetype"] == ""
    body = await refused(client.chat_postMessage(channel="C0LINE2", text="x", blocks=_picture(file)), "invalid_blocks")
    assert "invalid slack file" in body["errors"][0]
    clock.advance(2)
    known = (await client.files_info(file=file))["file"]
    assert (known["mimetype"], known["alt_txt"]) == ("image/png", "Logo")
    assert (await client.chat_postMessage(channel="C0LINE2", text="x", blocks=_picture(file)))["ok"]
    await client.files_delete(file=file)
    await refused(client.files_info(file=file), "file_deleted")
    await refused(client.chat_postMessage(channel="C0LINE2", text="x", blocks=_picture(file)), "invalid_blocks")


async def test_the_sdks_own_upload(client: AsyncWebClient, slack: Slack) -> None:
    before = slack.viewers.version("U0AMARA")
    done = await client.files_upload_v2(
        channel="C0LINE2", content="hello", filename="a.txt", title="A", initial_comment="here"
    )
    assert done["ok"]
    async with asyncio.timeout(5):
        await slack.viewers.changed("U0AMARA", before, 5)
    row = slack.ledger.since(0)["messages"][0]
    assert (row["text"], row["files"]) == ("here", [done["file"]["id"]])


async def test_wrong_uploads(client: AsyncWebClient, session: aiohttp.ClientSession) -> None:
    await refused(client.files_getUploadURLExternal(filename="a", length=0), "invalid_arguments")
    await refused(client.files_getUploadURLExternal(filename="a", length=1, alt_txt="x" * 1001), "alt_txt_too_large")
    step = await client.files_getUploadURLExternal(filename="a", length=3)
    async with session.post(step["upload_url"], data=b"four") as answer:
        assert answer.status == 400
    await refused(client.files_completeUploadExternal(files=[{"id": step["file_id"]}]), "file_not_found")


async def test_bytes_need_a_token_or_the_page(
    client: AsyncWebClient, session: aiohttp.ClientSession, slack: Slack
) -> None:
    file = await _upload(client, session)
    url = (await client.files_info(file=file))["file"]["url_private"]
    async with session.get(url) as answer:
        assert answer.status == 403
    async with session.get(url, headers={"authorization": "Bearer xoxb-test"}) as answer:
        assert await answer.read() == PNG
    jar = aiohttp.CookieJar(unsafe=True)  # loopback has no name, which cookie jars otherwise want
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with browser.get(f"{slack.url}/") as answer:
            assert answer.status == 200
            assert "default-src 'none'" in answer.headers["content-security-policy"]
        async with browser.get(url) as answer:
            assert await answer.read() == PNG
            assert answer.headers["content-type"] == "image/png"
            assert answer.headers["x-content-type-options"] == "nosniff"
