"""What listeners of every feature share."""

import functools
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.async_app import AsyncAck

from bot.slack.payloads import UnreadableError

Listener = Callable[[AsyncAck, dict[str, Any]], Awaitable[None]]


def readable(listener: Listener) -> Listener:
    """What lacks what Slack documents is acknowledged and has no effect."""

    @functools.wraps(listener)
    async def guarded(ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            await listener(ack, body)
        except UnreadableError:
            await ack()

    return guarded
