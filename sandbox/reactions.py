"""Reactions put on messages and taken off."""

from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message


def add(slack: Slack, channel: Channel, message: Message, user: str, name: str) -> bool:
    """False when that person had reacted so already."""
    users = message.reactions.setdefault(name, [])
    if user in users:
        return False
    users.append(user)
    _tell(slack, channel, message, user, name, "reaction_added")
    return True


def remove(slack: Slack, channel: Channel, message: Message, user: str, name: str) -> bool:
    users = message.reactions.get(name, [])
    if user not in users:
        return False
    users.remove(user)
    if not users:
        del message.reactions[name]
    _tell(slack, channel, message, user, name, "reaction_removed")
    return True


def _tell(slack: Slack, channel: Channel, message: Message, user: str, name: str, event: str) -> None:
    body: Json = {
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel.id, "ts": message.ts},
        "item_user": message.user,
    }
    events.channel_event(slack, channel, event, body, members_only=True)
    slack.touch_channel(channel)
