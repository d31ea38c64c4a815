"""Reactions put on messages and taken off."""

import re
from functools import cache
from pathlib import Path

from sandbox.delivery import events
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message


@cache
def _names() -> dict[str, str]:
    """Every name of every emoji, with the one that Slack keeps for it."""
    lines = (Path(__file__).parent / "emoji.txt").read_text(encoding="utf-8").splitlines()
    return {name: line.split()[0] for line in lines for name in line.split()}


def known(name: str) -> str | None:
    """The name under which Slack keeps a reaction, a skin tone with it; None for what is no emoji."""
    base, mark, tone = name.partition("::")
    found = _names().get(base)
    if found is None or (mark and not re.fullmatch(r"skin-tone-[2-6]", tone)):
        return None
    return f"{found}{mark}{tone}"


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
