"""Messages made, changed and deleted, whoever does it: ledger, events and viewers follow."""

import uuid
from typing import Any

from sandbox import objects, text
from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message
from sandbox.world import App


def post(slack: Slack, channel: Channel, user: str, body: str, *, app: App | None = None, **more: Any) -> Message:
    """Make a message; `more` are further fields of Message. An app's text must already be as Slack stores it."""
    now = slack.clock.now()
    link_names = bool(more.pop("link_names", False))
    if more.get("broadcast"):
        more["subtype"] = "thread_broadcast"
    if app is not None:
        more |= {"bot_id": app.bot_id, "app_id": app.id}
    elif "client_msg_id" not in more and "subtype" not in more:
        more["client_msg_id"] = str(uuid.uuid4())
    made = Message(
        n=slack.ledger.number(),
        team=channel.team,
        channel=channel.id,
        ts=slack.ids.ts(now),
        at=now,
        user=user,
        text=body,
        **more,
    )
    made.mentions = text.mentions(body, made.blocks, link_names=link_names)
    channel.add(made)
    slack.ledger.add_message(made)
    if made.ephemeral_to:
        slack.viewers.touch([made.ephemeral_to])
        return made
    channel.read[user] = made.ts
    events.message_event(slack, channel, event_form(slack, channel, made))
    _mention_events(slack, channel, made)
    slack.touch_channel(channel)
    return made


def event_form(slack: Slack, channel: Channel, message: Message) -> Json:
    """A message as events carry it: without what only history knows."""
    shown = objects.message(slack, channel, message)
    return {name: value for name, value in shown.items() if name not in ("reactions", "metadata", "is_locked")}


def _mention_events(slack: Slack, channel: Channel, message: Message) -> None:
    if channel.is_dm or message.bot_id or message.subtype not in (None, "file_share"):
        return
    for app in slack.store.apps_in(channel.team):
        if f"<@{app.bot_user}>" in message.mentions and app.bot_user in channel.members:
            body = event_form(slack, channel, message) | {"type": "app_mention", "channel": channel.id}
            events.publish(slack, app, "app_mention", body, channel=channel)


def edit(
    slack: Slack, channel: Channel, message: Message, *, mark: bool, link_names: bool = False, **fields: Any
) -> None:
    """Change a message's fields; `mark` shows it as edited."""
    before = event_form(slack, channel, message)
    now = slack.clock.now()
    message.replaced = message.blocks
    for name, value in fields.items():
        setattr(message, name, value)
    if mark:
        message.edited = {"user": message.user, "ts": slack.ids.ts(now)}
    for one in text.mentions(message.text, message.blocks, link_names=link_names):
        if one not in message.mentions:
            message.mentions.append(one)
    message.edits.append({"at": now, "text": message.text, "blocks": message.blocks})
    if message.ephemeral_to:
        slack.viewers.touch([message.ephemeral_to])
        return
    events.message_event(
        slack,
        channel,
        {
            "type": "message",
            "subtype": "message_changed",
            "message": event_form(slack, channel, message),
            "previous_message": before,
            "hidden": True,
            "ts": slack.ids.ts(now),
        },
    )
    slack.touch_channel(channel)


def delete(slack: Slack, channel: Channel, message: Message) -> None:
    before = event_form(slack, channel, message)
    message.deleted = True
    if message.ephemeral_to:
        slack.viewers.touch([message.ephemeral_to])
        return
    events.message_event(
        slack,
        channel,
        {
            "type": "message",
            "subtype": "message_deleted",
            "deleted_ts": message.ts,
            "previous_message": before,
            "hidden": True,
            "ts": slack.ids.ts(slack.clock.now()),
        },
    )
    slack.touch_channel(channel)
