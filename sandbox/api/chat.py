"""chat.postMessage, postEphemeral, update, delete and getPermalink."""

import re
from typing import Any

from sandbox import membership, posting, text
from sandbox.api import content
from sandbox.api.registry import Call, method
from sandbox.errors import RateLimitedError, SlackError
from sandbox.store import Channel, Json, Message

LONGEST_MARKDOWN = 12_000


@method(
    "chat.postMessage",
    required="channel",
    args="text blocks attachments metadata thread_ts reply_broadcast mrkdwn parse link_names unfurl_links unfurl_media"
    " markdown_text as_user username icon_emoji icon_url client_msg_id",
    scopes=("chat:write",),
)
async def post_message(call: Call) -> Json:
    channel = postable(call)
    body, blocks, more = composed(call)
    thread = thread_of(call, channel)
    pace(call, channel)
    more |= {
        "thread_ts": thread.ts if thread else None,
        "broadcast": thread is not None and call.args.flag("reply_broadcast"),
        "metadata": content.metadata(call),
        "unfurl_links": call.args.maybe_flag("unfurl_links"),
        "unfurl_media": call.args.maybe_flag("unfurl_media"),
        "link_names": call.args.flag("link_names"),
        "app": call.grant.app if call.grant.is_bot else None,
    }
    parts = [body] if blocks else text.split(body)
    made = [posting.post(call.slack, channel, call.grant.user, part, blocks=blocks, **more) for part in parts]
    shown = posting.event_form(call.slack, channel, made[0]) | (
        {"metadata": made[0].metadata} if made[0].metadata else {}
    )
    return {"channel": channel.id, "ts": made[0].ts, "message": shown}


def composed(call: Call) -> tuple[str, list[Json], dict[str, Any]]:
    """Text, blocks and the rest of what a message says; refused where Slack refuses."""
    args = call.args
    markdown = args.text("markdown_text")
    if markdown and ("text" in args or "blocks" in args):
        raise SlackError("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    value = args.nested("blocks", code="invalid_blocks_format")
    blocks = content.blocks(call, [{"type": "markdown", "text": markdown}] if markdown else value)
    attachments = content.attachments(call)
    given = args.text("text")
    content.check_length(given, update=False)
    if not given.strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if not given and not attachments:
        call.warnings.append("missing_text_in_message")
    body = content.summary(given or markdown, blocks, link_urls=args.text("parse") != "none")
    return body, blocks, {"attachments": attachments}


def postable(call: Call) -> Channel:
    """Where to post: a channel, or a person's id, which opens the DM."""
    wanted = call.args.need("channel")
    store = call.slack.store
    if wanted in store.people:
        return _dm_of(call, wanted)
    if not wanted[:1].isupper() or wanted not in store.channels:
        found = next(
            (
                c
                for c in store.channels.values()
                if c.team == call.team and c.name == wanted.lstrip("#") and not c.is_dm
            ),
            None,
        )
        if found is None or found.deleted or (found.kind == "private" and call.grant.user not in found.members):
            raise SlackError("channel_not_found")
        channel = found
    else:
        channel = call.channel()
    if channel.archived:
        raise SlackError("is_archived")
    if channel.is_dm:
        if channel.other(call.grant.user) in store.deactivated:
            raise SlackError("is_archived")
        _check_recipient(call, channel.other(call.grant.user))
    elif call.grant.user not in channel.members and (
        channel.kind == "private" or "chat:write.public" not in call.grant.scopes
    ):
        raise SlackError("not_in_channel")
    if channel.read_only and store.kind(call.grant.user) != "admin":
        raise SlackError("restricted_action_read_only_channel")
    return channel


def _dm_of(call: Call, user: str) -> Channel:
    store = call.slack.store
    person = store.people[user]
    if not knows(call, user):
        raise SlackError("channel_not_found")
    if person.kind == "bot" and user != call.grant.user:
        raise SlackError("channel_not_found")
    _check_recipient(call, user)
    channel, _ = membership.open_dm(call.slack, call.team, call.grant.user, user)
    return channel


def _check_recipient(call: Call, user: str) -> None:
    if user in call.slack.store.deactivated:
        raise SlackError("channel_not_found")
    if call.grant.is_bot and not call.grant.app.manifest.messages_tab:
        raise SlackError("messages_tab_disabled")


def knows(call: Call, user: str) -> bool:
    """Same team, or an outsider who shares a channel with the caller."""
    person = call.slack.store.people[user]
    if person.team == call.team and person.kind != "external":
        return True
    return any(
        c.shared and user in c.members and call.grant.user in c.members for c in call.slack.store.channels.values()
    )


def thread_of(call: Call, channel: Channel) -> Message | None:
    """The root a reply goes under; a reply to a reply joins its thread, as in Slack."""
    ts = call.args.text("thread_ts")
    if not ts:
        return None
    if not re.fullmatch(r"\d{1,12}\.\d{1,6}", ts):
        raise SlackError("invalid_thread_ts")
    root = channel.messages.get(ts)
    if root is not None and root.ephemeral_to:
        raise SlackError("cannot_reply_to_message")
    if root is None or (root.deleted and not channel.replies(ts)):
        raise SlackError("thread_not_found")
    return channel.messages.get(root.thread_ts or ts, root)


def pace(call: Call, channel: Channel) -> None:
    wait = call.slack.limits.wait_to_post(call.grant.app.id, channel.id, call.now)
    if wait:
        raise RateLimitedError(wait)


@method(
    "chat.postEphemeral",
    required="channel user",
    args="text blocks attachments thread_ts parse link_names markdown_text metadata as_user username icon_emoji"
    " icon_url",
    scopes=("chat:write",),
    tier=4,
)
async def post_ephemeral(call: Call) -> Json:
    channel = call.channel()
    user = call.args.need("user")
    if channel.archived:
        raise SlackError("is_archived")
    if call.grant.user not in channel.members:
        raise SlackError("not_in_channel")
    if user not in channel.members or user in call.slack.store.deactivated:
        raise SlackError("user_not_in_channel")
    body, blocks, more = composed(call)
    thread = thread_of(call, channel)
    made = posting.post(
        call.slack,
        channel,
        call.grant.user,
        body,
        app=call.grant.app,
        blocks=blocks,
        ephemeral_to=user,
        thread_ts=thread.ts if thread else None,
        link_names=call.args.flag("link_names"),
        **more,
    )
    return {"message_ts": made.ts}


@method(
    "chat.update",
    required="channel ts",
    args="text blocks attachments metadata parse link_names reply_broadcast file_ids markdown_text as_user",
    scopes=("chat:write",),
    tier=3,
)
async def update(call: Call) -> Json:
    channel = call.channel()
    message = _own(call, channel, "cant_update_message")
    if channel.archived:
        raise SlackError("is_archived")
    fields = _changes(call, message)
    if "metadata" in call.args:
        fields["metadata"] = content.metadata(call)
    mark = not fields.get("blocks")
    posting.edit(call.slack, channel, message, mark=mark, link_names=call.args.flag("link_names"), **fields)
    shown = posting.event_form(call.slack, channel, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def _changes(call: Call, message: Message) -> dict[str, Any]:
    """Text alone takes the blocks away; neither text nor blocks keeps both."""
    args = call.args
    if not any(name in args for name in ("text", "blocks", "attachments", "markdown_text")):
        if any(name in args for name in ("metadata", "file_ids", "reply_broadcast")):
            return {}
        raise SlackError("no_text")
    content.check_length(args.text("text"), update=True)
    if "attachments" in args and not any(name in args for name in ("text", "blocks", "markdown_text")):
        return {"attachments": content.attachments(call)}
    body, blocks, more = composed(call)
    if any(b.get("type") == "rich_text" for b in message.blocks) and blocks and blocks[0].get("type") != "rich_text":
        raise SlackError("block_mismatch")
    return {"text": body, "blocks": blocks} | ({"attachments": more["attachments"]} if "attachments" in args else {})


def _own(call: Call, channel: Channel, refusal: str) -> Message:
    message = channel.messages.get(call.args.need("ts"))
    if message is None or message.deleted or message.ephemeral_to:
        raise SlackError("message_not_found")
    if message.user != call.grant.user or (message.subtype or "").endswith(("_join", "_leave")):
        raise SlackError(refusal)
    return message


@method("chat.delete", required="channel ts", args="as_user", scopes=("chat:write",), tier=3)
async def delete(call: Call) -> Json:
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    posting.delete(call.slack, channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", required="channel message_ts", json=False)
async def permalink(call: Call) -> Json:
    channel = call.channel()
    message = channel.messages.get(call.args.need("message_ts"))
    if message is None or message.deleted or message.ephemeral_to or message.visible_at > call.now:
        raise SlackError("message_not_found")
    link = f"{call.slack.url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
