"""Uploading in three steps, and reading what became of it."""

from sandbox import objects, uploads
from sandbox.api import content
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Channel, File, Json

LONGEST_ALT = 1000
MOST_CHANNELS = 100
LARGEST = 1 << 30


@method(
    "files.getUploadURLExternal",
    required="filename length",
    args="alt_txt snippet_type",
    scopes=("files:write",),
    tier=4,
    json=False,
)
async def upload_url(call: Call) -> Json:
    size = call.args.number("length", 0)
    if size <= 0:
        raise SlackError("invalid_arguments", messages=["[ERROR] must be greater than 0 [json-pointer:/length]"])
    if size > LARGEST:
        raise SlackError("file_upload_size_restricted")
    alt = call.args.text("alt_txt")
    if len(alt) > LONGEST_ALT:
        raise SlackError("alt_txt_too_large")
    made = uploads.new(call.slack, call.team, call.grant.user, call.args.need("filename"), size, alt=alt)
    return {"upload_url": f"{call.slack.url}/upload/{made.upload_key}", "file_id": made.id}


@method(
    "files.completeUploadExternal",
    required="files",
    args="channel_id thread_ts channels initial_comment blocks username icon_url icon_emoji",
    scopes=("files:write",),
    tier=4,
)
async def complete(call: Call) -> Json:
    entries = call.args.nested("files")
    if not isinstance(entries, list) or not entries:
        raise SlackError("invalid_arguments", messages=["[ERROR] must be an array of files [json-pointer:/files]"])
    files = [_uploaded(call, entry) for entry in entries]
    places = [*call.args.ids("channel_id"), *call.args.ids("channels")]
    if len(places) > MOST_CHANNELS:
        raise SlackError("channels_limit_exceeded")
    channels = [_place(call, one) for one in places]
    blocks = content.blocks(call, call.args.nested("blocks", code="invalid_blocks_format"))
    for file, entry in zip(files, entries, strict=True):
        file.title = str(entry.get("title") or file.name)
        file.alt = str(entry.get("alt_txt") or file.alt)
        uploads.finish(call.slack, file, delay=uploads.PROCESSING)
    if channels:
        call.slack.spawn(_share_later(call, channels, files, blocks))
    return {"files": [objects.file(call.slack, f) for f in files]}


async def _share_later(call: Call, channels: list[Channel], files: list[File], blocks: list[Json]) -> None:
    """Sharing happens on its own after the answer: the caller never learns the message's ts."""
    for channel in channels:
        uploads.share(
            call.slack,
            channel,
            call.grant.user,
            files,
            text=content.summary(call.args.text("initial_comment"), blocks),
            thread_ts=call.args.text("thread_ts") or None,
            app=call.grant.app,
            blocks=blocks,
        )


def _uploaded(call: Call, entry: Json) -> File:
    file = call.slack.store.files.get(str(entry.get("id"))) if isinstance(entry, dict) else None
    if file is None or file.user != call.grant.user or not file.uploaded or file.completed:
        raise SlackError("file_not_found")
    return file


def _place(call: Call, channel_id: str) -> Channel:
    channel = call.slack.store.channels.get(channel_id)
    if channel is None or channel.deleted or (channel.kind != "public" and call.grant.user not in channel.members):
        raise SlackError("channel_not_found")
    if call.grant.user not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("posting_to_channel_denied")
    return channel


def _found(call: Call) -> File:
    file = call.slack.store.files.get(call.args.need("file"))
    if file is None or file.team != call.team:
        raise SlackError("file_not_found")
    if file.deleted:
        raise SlackError("file_deleted")
    if not uploads.may_have(call.slack, call.grant.user, file):
        raise SlackError("file_not_found")
    return file


@method("files.info", required="file", args="cursor limit", scopes=("files:read",), tier=4, json=False)
async def info(call: Call) -> Json:
    return {"file": objects.file(call.slack, _found(call)), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", required="file", scopes=("files:write",), tier=3)
async def delete(call: Call) -> Json:
    file = _found(call)
    if file.user != call.grant.user:
        raise SlackError("cant_delete_file")
    file.deleted = True
    file.data = b""
    call.slack.viewers.touch()
    return {}
