"""Reactions, pins and bookmarks."""

import re

from sandbox import objects, reactions
from sandbox.api.arguments import missing
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Channel, Json, Message

MOST_PINS = 100
MOST_BOOKMARKS = 100


def _message(call: Call, channel: Channel) -> Message:
    ts = call.args.text("timestamp")
    if not ts:
        raise SlackError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d+", ts):
        raise SlackError("bad_timestamp")
    found = channel.messages.get(ts)
    if found is None or found.deleted or found.ephemeral_to:
        raise SlackError("message_not_found")
    return found


def _name(call: Call) -> str:
    known = reactions.known(call.args.need("name").strip(":"))
    if known is None:
        raise SlackError("invalid_name")
    return known


@method("reactions.add", required="channel name timestamp", scopes=("reactions:write",), tier=3)
async def add_reaction(call: Call) -> Json:
    channel = call.channel()
    message = _message(call, channel)
    name = _name(call)
    if channel.archived:
        raise SlackError("is_archived")
    if not reactions.add(call.slack, channel, message, call.grant.user, name):
        raise SlackError("already_reacted")
    return {}


@method("reactions.remove", required="name", args="channel timestamp", scopes=("reactions:write",), tier=2)
async def remove_reaction(call: Call) -> Json:
    channel = call.channel()
    message = _message(call, channel)
    if not reactions.remove(call.slack, channel, message, call.grant.user, _name(call)):
        raise SlackError("no_reaction")
    return {}


@method(
    "reactions.get", args="channel file file_comment full timestamp", scopes=("reactions:read",), tier=3, json=False
)
async def get_reactions(call: Call) -> Json:
    channel = call.channel()
    message = _message(call, channel)
    return {"type": "message", "channel": channel.id, "message": objects.message(call.slack, channel, message)}


@method("pins.add", required="channel", args="timestamp", scopes=("pins:write",), tier=2)
async def pin(call: Call) -> Json:
    channel = call.channel()
    if call.grant.user not in channel.members:
        raise SlackError("not_in_channel")
    message = _message(call, channel)
    if message.pinned:
        raise SlackError("already_pinned")
    if sum(m.pinned for m in channel.lasting()) >= MOST_PINS:
        raise SlackError("too_many_pins")
    message.pinned = True
    call.slack.touch_channel(channel)
    return {}


@method("pins.remove", required="channel", args="timestamp", scopes=("pins:write",), tier=2)
async def unpin(call: Call) -> Json:
    channel = call.channel()
    message = _message(call, channel)
    if not message.pinned:
        raise SlackError("no_pin")
    message.pinned = False
    call.slack.touch_channel(channel)
    return {}


@method(
    "bookmarks.add",
    required="channel_id title type",
    args="link emoji entity_id access_level parent_id",
    scopes=("bookmarks:write",),
    tier=2,
)
async def bookmark(call: Call) -> Json:
    channel = call.channel("channel_id")
    if call.args.need("type") != "link":
        raise SlackError("invalid_bookmark_type")
    link = call.args.text("link")
    if not link:
        raise missing("link")
    if not link.startswith(("https://", "http://")):
        raise SlackError("invalid_link")
    if len(channel.bookmarks) >= MOST_BOOKMARKS:
        raise SlackError("too_many_bookmarks")
    made = {
        "id": call.slack.ids.new("Bk"),
        "channel_id": channel.id,
        "title": call.args.need("title"),
        "link": link,
        "emoji": call.args.text("emoji"),
        "type": "link",
        "date_created": int(call.now),
        "app_id": call.grant.app.id,
    }
    channel.bookmarks.append(made)
    call.slack.touch_channel(channel)
    return {"bookmark": made}
