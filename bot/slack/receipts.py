"""Private answers after the ack: sent from tracked tasks that SIGTERM waits for; their failure changes nothing."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from bot.slack.errors import SlackFault
from bot.slack.gateway import Gateway
from bot.slack.kit import Message

log = logging.getLogger(__name__)


class Receipts:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, response_url: str, message: Message) -> None:
        """Ephemeral, to the person who acted; the message that was acted on stays as it is."""
        if response_url:
            self.run(self._gateway.respond(response_url, message))

    def run(self, work: Coroutine[Any, Any, object]) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self, seconds: float) -> None:
        if self._tasks:
            await asyncio.wait(set(self._tasks), timeout=seconds)

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except SlackFault as fault:
            log.warning("a private answer was not delivered: %s", fault.code)
