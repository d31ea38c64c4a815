"""The whole local Slack of one run, handed to every part that needs more than its own corner."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from sandbox.clock import Clock
from sandbox.delivery.courier import Courier
from sandbox.faults import Faults
from sandbox.ids import Ids
from sandbox.ledger import Ledger
from sandbox.limits import Limits
from sandbox.store import Channel, Notice, Store
from sandbox.tickets import Tickets
from sandbox.viewers import Viewers
from sandbox.world import App, World


class Slack:
    def __init__(self, world: World, *, retry_scale: float = 1.0, clock: Clock | None = None) -> None:
        self.world = world
        self.retry_scale = retry_scale
        self.clock = clock or Clock()
        self.ids = Ids()
        self.viewers = Viewers()
        self.courier = Courier(self.clock)
        self.url = ""
        self.banner: dict[str, Any] | None = None
        self.page_session = self.ids.secret()
        self.tasks: set[asyncio.Task[Any]] = set()
        self.first_tries: set[asyncio.Future[Any]] = set()
        self._fresh(world.apps)

    def reset(self) -> None:
        """No messages, no ledger, no faults; people and channels as in the world, apps as they are set up now."""
        for task in self.tasks:
            task.cancel()
        apps = list(self.store.apps.values())
        self._fresh(apps)

    def _fresh(self, apps: Sequence[App]) -> None:
        self.store = Store(self.world, apps, self.clock.now())
        self.ledger = Ledger()
        self.limits = Limits()
        self.faults = Faults()
        self.tickets = Tickets()
        self.viewers.touch()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    def notice(self, user: str, kind: str, text: str, channel: str | None = None) -> None:
        """Tell one person something in Slack's own voice."""
        made = Notice(id=self.ids.new("N"), kind=kind, text=text, channel=channel, at=self.clock.now())
        self.store.notices.setdefault(user, []).append(made)
        self.viewers.touch([user])

    def touch_channel(self, channel: Channel) -> None:
        self.viewers.touch(channel.members)

    async def settle(self, before: set[asyncio.Future[Any]], seconds: float) -> None:
        """Wait until the first deliveries begun since `before` are answered, at most `seconds`."""
        begun = self.first_tries - before
        if begun:
            await asyncio.wait(begun, timeout=seconds)
