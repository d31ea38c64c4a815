"""Uploads: three steps, a while of processing, and who may use the file."""

import asyncio
import base64
from collections.abc import Callable

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.clock import Clock
from sandbox.delivery import interactions
from sandbox.slack import Slack
from tests.sandbox.calls import refused
from tests.sandbox.conftest import Open, Person, ack, got

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


async def test_a_file_dropped_where_the_app_is_not_stays_hidden_from_it(
    client: AsyncWebClient, session: aiohttp.ClientSession, slack: Slack, person: Callable[[str], Person]
) -> None:
    picture = {"name": "in the shop #1.png", "base64": base64.b64encode(PNG).decode()}
    headers = {"authorization": "Bearer xoxb-test"}
    for channel, status in (("U0BOT", 200), ("C0LINE2", 200), ("C0OPEN", 200), ("U0BEN", 403)):
        seen = await person("U0AMARA").act("drop", channel=channel, files=[picture])
        place = next(c["id"] for c in seen["conversations"] if channel in (c["id"], c.get("with")))
        (file,) = seen["messages"][place][-1]["files"]
        async with session.get(f"{slack.url}{file['url']}", headers=headers) as answer:
            assert answer.status == status, channel
        if status == 200:
            assert (await client.files_info(file=file["id"]))["file"]["name"] == "in the shop #1.png"
        else:
            await refused(client.files_info(file=file["id"]), "file_not_found")


async def test_a_file_in_a_form_is_the_apps_to_read_once_it_is_submitted(
    client: AsyncWebClient,
    session: aiohttp.ClientSession,
    slack: Slack,
    person: Callable[[str], Person],
    connect: Open,
) -> None:
    ws = await connect()
    await got(ws)
    amara = person("U0AMARA")
    trigger = interactions.trigger(slack, slack.store.apps["T0ONE", "A0TEST"], "U0AMARA")
    field = {"type": "file_input", "action_id": "it", "filetypes": ["png"], "max_files": 2}
    label = {"type": "plain_text", "text": "Picture"}
    block = {"type": "input", "block_id": "field", "label": label, "element": field}
    await client.views_open(
        trigger_id=trigger, view={"type": "modal", "title": label, "submit": label, "blocks": [block]}
    )
    picture = {"name": "a.png", "base64": base64.b64encode(PNG).decode()}
    seen = await amara.act("fill", values={"field": [picture, picture]})
    held = seen["modals"][0]["values"]["field"]["it"]["files"][0]
    await refused(client.files_info(file=held["id"]), "file_not_found")
    acting = asyncio.create_task(amara.act("submit"))
    envelope = await got(ws)
    sent = envelope["payload"]["view"]["state"]["values"]["field"]["it"]["files"]
    async with session.get(sent[0]["url_private"], headers={"authorization": "Bearer xoxb-test"}) as answer:
        assert await answer.read() == PNG
    assert [(await client.files_info(file=one["id"]))["file"]["name"] for one in sent] == ["a.png", "a.png"]
    await ack(ws, envelope)
    assert (await acting)["modals"] == []
    slack.store.grants["xoxb-test"].scopes -= {"files:read"}
    async with session.get(sent[0]["url_private"], headers={"authorization": "Bearer xoxb-test"}) as answer:
        assert answer.status == 403
