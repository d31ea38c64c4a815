"""chat.scheduleMessage and what belongs to it."""

from sandbox import posting
from sandbox.api import content, paging
from sandbox.api.chat import composed, pace, postable, thread_of
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.slack import Slack
from sandbox.store import Json, Scheduled

FURTHEST = 120 * 86_400
TOO_LATE_TO_DELETE = 60
WINDOW = 300
MOST_IN_WINDOW = 30


@method(
    "chat.scheduleMessage",
    required="channel post_at",
    args="text blocks attachments thread_ts reply_broadcast parse link_names unfurl_links unfurl_media markdown_text"
    " metadata as_user",
    scopes=("chat:write",),
    tier=3,
)
async def schedule(call: Call) -> Json:
    channel = postable(call)
    body, blocks, more = composed(call)
    thread = thread_of(call, channel)
    post_at = call.args.number("post_at", 0)
    if post_at <= call.now:
        raise SlackError("time_in_past")
    if post_at > call.now + FURTHEST:
        raise SlackError("time_too_far")
    near = [
        s
        for s in call.slack.store.scheduled.values()
        if s.channel == channel.id and s.post_at // WINDOW == post_at // WINDOW
    ]
    if len(near) >= MOST_IN_WINDOW:
        raise SlackError("restricted_too_many")
    pace(call, channel)
    made = Scheduled(
        id=call.slack.ids.new("Q"),
        app_id=call.grant.app.id,
        channel=channel.id,
        post_at=post_at,
        created=int(call.now),
        text=body,
        args={"blocks": blocks, "thread_ts": thread.ts if thread else None, **more},
    )
    call.slack.store.scheduled[made.id] = made
    # Slack says that a scheduled message with metadata never posts; so it does not here.
    lost = content.metadata(call) is not None
    if not lost:
        call.slack.spawn(_post_later(call.slack, made, call))
    shown: Json = {"text": body, "type": "delayed_message", "user": call.grant.user, "bot_id": call.grant.app.bot_id}
    if blocks:
        shown["blocks"] = blocks
    return {"channel": channel.id, "scheduled_message_id": made.id, "post_at": post_at, "message": shown}


async def _post_later(slack: Slack, made: Scheduled, call: Call) -> None:
    await slack.clock.until(made.post_at)
    if slack.store.scheduled.pop(made.id, None) is None:
        return
    channel = slack.store.channels.get(made.channel)
    if channel is None or channel.archived or channel.deleted:
        return
    posting.post(slack, channel, call.grant.user, made.text, app=call.grant.app, **made.args)


@method("chat.scheduledMessages.list", args="channel cursor latest limit oldest", tier=3)
async def listed(call: Call) -> Json:
    wanted = call.args.text("channel")
    rows = [
        {"id": s.id, "channel_id": s.channel, "post_at": s.post_at, "date_created": s.created, "text": s.text}
        for s in call.slack.store.scheduled.values()
        if s.app_id == call.grant.app.id and (not wanted or s.channel == wanted)
    ]
    page, more = paging.page(call, rows, default=100, most=100)
    return {"scheduled_messages": page, **more}


@method(
    "chat.deleteScheduledMessage",
    required="channel scheduled_message_id",
    args="as_user",
    scopes=("chat:write",),
    tier=3,
)
async def delete(call: Call) -> Json:
    call.channel()
    made = call.slack.store.scheduled.get(call.args.need("scheduled_message_id"))
    if made is None or made.app_id != call.grant.app.id or made.post_at - call.now <= TOO_LATE_TO_DELETE:
        raise SlackError("invalid_scheduled_message_id")
    del call.slack.store.scheduled[made.id]
    return {}
