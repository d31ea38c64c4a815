"""One company in which a bot is killed again and again at an await, and what is owed in it each time."""

import asyncio
import itertools
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from sqlalchemy import func, select

from bot.db import kept_pictures
from bot.db.tables.delivery import Delivery
from bot.db.tables.stories import Story
from bot.defaults import load_defaults
from bot.delivery import queue
from bot.features.channels import service as channels
from bot.features.stories import service as stories
from bot.registry import content_kinds
from bot.wiring import Parts
from sandbox.clock import Clock
from tests.faults.delivering import POST, WORKSPACE, channels_ready, faults, made, owe, until
from tests.flows import owing
from tests.flows.company import ADMIN
from tests.flows.conftest import Flow
from tests.flows.forking import Forked

PLACE = "C0LINE0"
PATIENCE = 60.0
HALF_MINUTE = timedelta(seconds=40)  # and what the starts take
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(64)


@dataclass(kw_only=True)
class Lane:
    """The local Slack, the database and the bot of one company."""

    flow: Flow
    parts: Parts
    clock: Clock
    passed: Path
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _ahead: timedelta = timedelta(0)

    def next(self) -> str:
        return f"batch {next(self._number)}"

    async def watched(self, at: str) -> bool:
        """Starts a bot that ends itself at the await `at`; whether it did before all was sent."""
        self.flow.prelude = ("tests.faults.killing:install", {"at": at, "into": str(self.passed)})
        try:
            bot = await self._start(at)
        finally:
            self.flow.prelude = None
        if bot is None:
            return True

        async def over() -> bool:
            return bot.returncode is not None or await self.all_ended()

        await until(over, PATIENCE, every=0.2)
        if bot.returncode is None:
            await self.flow.stop(bot)
            return False
        assert bot.returncode == -signal.SIGKILL
        return True

    async def _start(self, at: str) -> Forked | None:
        """None where it was killed before it was ready."""
        try:
            return await self.flow.start()
        except AssertionError:
            ended = await self.flow.processes[-1].wait()
            assert at, self.flow.log()
            assert ended == -signal.SIGKILL, self.flow.log()[-3000:]
            return None

    async def recovered(self) -> None:
        """Another start, and what cannot be known yet is looked up twice, half a minute apart on both clocks."""
        bot = await self.flow.start()
        while not await self.all_ended():
            if await self.count("unresolved"):
                await self.flow.stop(bot)
                self.pass_on(HALF_MINUTE)
                bot = await self.flow.start()
                await until(self.nothing_unresolved, PATIENCE, every=0.2)
            await asyncio.sleep(0.3)
        await self.flow.stop(bot)

    def pass_on(self, time: timedelta) -> None:
        self.clock.advance(time.total_seconds())
        self._ahead += time
        offset = f"{int(self._ahead.total_seconds())}s"
        self.flow.env["CANTEEN_CLOCK_OFFSET"] = offset

    async def nothing_unresolved(self) -> bool:
        return await self.count("unresolved") == 0

    async def all_ended(self) -> bool:
        return await self.count("pending", "claimed", "sending", "unresolved") == 0

    async def count(self, *states: str) -> int:
        found = await owing.rows(self.parts, select(func.count()).where(Delivery.state.in_(states)))
        return int(found[0][0])

    async def deliveries(self) -> list[Delivery]:
        return [row[0] for row in await owing.rows(self.parts, select(Delivery))]

    async def judge(self) -> None:
        """All that was ever owed here: sent by the database, and there by the local Slack's ledger, once."""
        rows = {row.id: row for row in await self.deliveries()}
        assert [(row.key, row.state, row.error) for row in rows.values() if row.state != "sent"] == []
        found = made(self.flow)
        owed = {row.opaque for row in rows.values() if row.method == "post"}
        assert {key: found[key] for key in owed} == dict.fromkeys(owed, 1)
        assert set(found) == owed
        messages = {(one.channel, one.ts): one for one in self.flow.slack.ledger.messages()}
        for row in rows.values():
            parent = rows.get(row.under_id or 0)
            if row.method == "upload":
                file = self.flow.slack.store.files[str(row.ts)]
                assert (file.uploaded, file.deleted) == (True, False)
            elif parent is not None:
                message = messages[str(parent.channel), str(parent.ts)]
                assert row.method != "update" or message.edits
                assert row.method != "delete" or message.deleted
                assert row.method != "post" or messages[str(row.channel), str(row.ts)].thread_ts == parent.ts


@asynccontextmanager
async def lane(folder: Path, *, stories: int) -> AsyncIterator[Lane]:
    folder.mkdir()  # noqa: ASYNC240  # nothing else runs yet
    clock = Clock()
    async with channels_ready(folder, number=1, each=stories, clock=clock) as flow, flow.parts() as parts:
        flow.env["CANTEEN_HTTP"] = ""  # Socket Mode needs no port
        yield Lane(flow=flow, parts=parts, clock=clock, passed=folder / "passed")


async def post(lane: Lane) -> None:
    await owe(lane.flow, [PLACE], batch=lane.next())


async def reply(lane: Lane) -> None:
    """A post, and one more in its thread, which waits for it."""
    await post(lane)
    await _after_last(lane, "post")


async def edit(lane: Lane) -> None:
    await post(lane)
    await _after_last(lane, "update")


async def withdrawal(lane: Lane) -> None:
    await post(lane)
    await _after_last(lane, "delete")


async def _after_last(lane: Lane, method: queue.Method) -> None:
    async with lane.flow.parts() as parts, parts.sessions.begin() as session:
        last = await session.scalar(select(Delivery).where(Delivery.method == "post").order_by(Delivery.id.desc()))
        assert last is not None
        await queue.enqueue(
            session, now=parts.clock.now(), workspace_id=WORKSPACE, kind=last.kind, key=f"{last.key}:{method}",
            method=method, target=PLACE, ref=last.ref, under=last.id,
        )  # fmt: skip


async def upload(lane: Lane) -> None:
    digest = sha256(lane.next().encode()).hexdigest()
    async with lane.flow.parts() as parts, parts.sessions.begin() as session:
        now = parts.clock.now()
        story = await session.scalar(select(Story.id))
        await kept_pictures.keep(session, WORKSPACE, digest, "image/png", PICTURE, now)
        ref = {"hash": digest, "story": story}
        await queue.owe_upload(
            session, now=now, workspace_id=WORKSPACE, kind=stories.PICTURE, key=f"{stories.PICTURE}:{digest}", ref=ref
        )


async def dm(lane: Lane) -> None:
    async with lane.flow.parts() as parts, parts.sessions.begin() as session:
        kind = content_kinds(parts.settings, load_defaults())["story"]
        audience = await channels.audience(session, WORKSPACE, PLACE)
        assert audience is not None
        assert await kind.test_post(session, audience, to_user=ADMIN, request=lane.next(), now=parts.clock.now())


async def lost(lane: Lane) -> None:
    """Two posts whose answers got lost, one of them with the post; it is time to look them up."""
    await post(lane)
    await post(lane)
    await faults(
        lane.flow,
        {"methods": POST, "what": "reset_after", "times": 1},
        {"methods": POST, "what": "reset_before", "times": 1},
    )
    bot = await lane.flow.start()

    async def both() -> bool:
        ended = await lane.count("pending", "claimed", "sending") == 0
        return ended and all(rule.times == 0 for rule in lane.flow.slack.faults.rules)

    await until(both, PATIENCE, every=0.2)
    await lane.flow.stop(bot, signal.SIGKILL)
    lane.pass_on(HALF_MINUTE)


ENDINGS: Mapping[str, Callable[[Lane], Awaitable[None]]] = {
    "post": post, "reply": reply, "edit": edit, "withdrawal": withdrawal, "upload": upload, "DM": dm, "look-up": lost,
}  # fmt: skip
