"""How each kind of rendered thing becomes a call of Slack's Web API."""

import asyncio
from dataclasses import dataclass
from typing import Any

from bot.core.clock import ticks
from bot.delivery import handing
from bot.delivery.queue import Owed
from bot.delivery.rendering import Document, Upload
from bot.slack.errors import Fault, SlackFault
from bot.slack.gateway import Gateway
from bot.slack.kit import Message, View

EVENT_TYPE = "canteen_delivery"
LOOKS, LOOK_EVERY = 20, 0.5


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where it is now. For an upload `ts` is the file's id."""

    channel: str | None
    ts: str | None


async def perform(
    gateway: Gateway,
    owed: Owed,
    rendered: Message | View | Upload | Document | None,
    *,
    opaque: str,
    not_after: float,
) -> Placed:
    """One delivery, once, begun no later than `not_after`. Raises `SlackFault`."""
    if ticks() > not_after:
        raise SlackFault("slept", Fault.WAIT)
    match owed.method, rendered:
        case "post", Message():
            return await _post(gateway, owed, rendered, opaque, not_after)
        case "update", Message():
            arguments = {"channel": owed.channel, "ts": owed.ts, **_content(rendered)}
            await gateway.call(owed.workspace_id, "chat.update", **arguments)
            return Placed(channel=owed.channel, ts=owed.ts)
        case "delete", _:
            await gateway.call(owed.workspace_id, "chat.delete", channel=owed.channel, ts=owed.ts)
            return Placed(channel=owed.channel, ts=owed.ts)
        case "react", _:
            return await _react(gateway, owed)
        case "delete_file", _:
            return await _delete_file(gateway, owed)
        case "publish", View():
            await gateway.call(owed.workspace_id, "views.publish", user_id=owed.target, view=rendered.payload())
            return Placed(channel=None, ts=None)
        case "upload", Upload():
            return Placed(channel=None, ts=await upload_file(gateway, owed.workspace_id, rendered))
        case "upload", Document():
            return Placed(channel=None, ts=await handing.prepare(gateway, owed, rendered))
        case "share", Message():
            placed = await handing.share(gateway, owed, rendered, not_after=not_after)
            return Placed(channel=placed, ts=owed.ts)
    raise TypeError(f"{owed.kind}: a {owed.method} cannot be a {type(rendered).__name__}")


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks) or None}


async def _post(gateway: Gateway, owed: Owed, message: Message, opaque: str, not_after: float) -> Placed:
    """The metadata's key is how the message is found again when the answer gets lost."""
    answer = await gateway.call(
        owed.workspace_id,
        "chat.postMessage",
        not_after=not_after,
        channel=owed.target,
        thread_ts=owed.thread_ts,
        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": opaque}},
        unfurl_links=False,
        unfurl_media=False,
        **_content(message),
    )
    return Placed(channel=str(answer["channel"]), ts=str(answer["ts"]))


async def _react(gateway: Gateway, owed: Owed) -> Placed:
    """A reaction that is there already is what was wanted (https://docs.slack.dev/reference/methods/reactions.add)."""
    channel, ts = str(owed.ref["channel"]), str(owed.ref["ts"])
    try:
        await gateway.call(
            owed.workspace_id, "reactions.add", channel=channel, timestamp=ts, name=str(owed.ref["emoji"])
        )
    except SlackFault as fault:
        if fault.code != "already_reacted":
            raise
    return Placed(channel=channel, ts=None)


async def _delete_file(gateway: Gateway, owed: Owed) -> Placed:
    """One that is gone already is what was wanted (https://docs.slack.dev/reference/methods/files.delete)."""
    try:
        await gateway.call(owed.workspace_id, "files.delete", file=owed.target)
    except SlackFault as fault:
        if fault.code not in {"file_deleted", "file_not_found"}:
            raise
    return Placed(channel=None, ts=None)


async def upload_file(gateway: Gateway, workspace_id: str, upload: Upload) -> str:
    """Slack processes a file after it has said yes; blocks that show it are refused until it has a mimetype."""
    given = await gateway.call(
        workspace_id,
        "files.getUploadURLExternal",
        filename=upload.name,
        length=len(upload.data),
        alt_txt=upload.alt[:1000] or None,
    )
    file_id = str(given["file_id"])
    await gateway.upload(workspace_id, str(given["upload_url"]), upload.data)
    await gateway.call(workspace_id, "files.completeUploadExternal", files=[{"id": file_id, "title": upload.name}])
    for _ in range(LOOKS):
        info = await gateway.call(workspace_id, "files.info", file=file_id)
        if info["file"].get("mimetype"):
            return file_id
        await asyncio.sleep(LOOK_EVERY)
    raise SlackFault("file_still_processing", Fault.WAIT)
