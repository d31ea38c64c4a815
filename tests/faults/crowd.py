"""People who press the buttons of an open quiz, signed as Slack signs, and what they were told."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from aiohttp import web
from sqlalchemy import text

from benchmarks.pressing import Round, requests
from tests.flows.conftest import Flow

GIVES_UP = 3.0  # Slack then shows the person a warning
NOWHERE = "http://127.0.0.1:9/actions"  # private answers are lost, which changes nothing


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """`n` says who pressed what. `status` is 0 where nothing was answered in time."""

    n: int
    status: int
    seconds: float
    at: float


@dataclass
class Crowd:
    """Presses against one port. Each press of `told` is a connection of its own, as with a balancer's."""

    port: int
    told: Round
    pressed: list[Pressed] = field(default_factory=list)
    _next: int = 0
    _ready: dict[int, tuple[bytes, tuple[asyncio.StreamReader, asyncio.StreamWriter]]] = field(default_factory=dict)

    async def get_ready(self, numbers: Iterable[int]) -> None:
        """Whoever will press is connected, and has signed."""
        for n in numbers:
            self._ready[n] = (requests(self.told, number=1, first=n)[0], await self._connected())

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def press(self, n: int) -> Pressed:
        request, connection = self._ready.pop(n, None) or (requests(self.told, number=1, first=n)[0], None)
        at, started, status = time.time(), time.perf_counter(), 0
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(GIVES_UP):
                reader, writer = connection or await self._connected()
                writer.write(request)
                status = int((await reader.readline()).split()[1])
        except (OSError, ValueError, IndexError):
            status = 0
        finally:
            if writer is not None:
                writer.close()
        made = Pressed(n=n, status=status, seconds=time.perf_counter() - started, at=at)
        self.pressed.append(made)
        return made

    async def steadily(self, numbers: Iterable[int], *, rate: float) -> None:
        """`rate` a second, whether or not those before were answered."""
        begin = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for position, n in enumerate(numbers):
                await asyncio.sleep(max(0.0, begin + position / rate - time.perf_counter()))
                tasks.create_task(self.press(n))

    async def at_once(self, numbers: Sequence[int], *, beside: int = 8) -> None:
        gate = asyncio.Semaphore(beside)

        async def one(n: int) -> None:
            async with gate:
                await self.press(n)

        await asyncio.gather(*map(one, numbers))

    @asynccontextmanager
    async def pressing(self, *, rate: float) -> AsyncIterator[None]:
        """One person after the other, as long as the block runs and there are people left."""
        task = asyncio.create_task(self.steadily(iter(self._one_more, None), rate=rate))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _one_more(self) -> int | None:
        self._next += 1
        return self._next - 1 if self._next <= self.told.people else None

    @property
    def acknowledged(self) -> list[int]:
        return [one.n for one in self.pressed if one.status == 200]

    def waited(self, share: float) -> float:
        """Seconds within which this share of those acknowledged was."""
        found = sorted(one.seconds for one in self.pressed if one.status == 200)
        return found[min(int(len(found) * share), len(found) - 1)]

    async def none_lost(self, flow: Flow) -> int:
        """How many answers are stored. Every press that was acknowledged is there with what was chosen, where nobody
        pressed twice."""
        stored = await answers(flow)
        acknowledged = self.acknowledged
        lost = [n for n in acknowledged if self.who(n) not in stored]
        assert lost == [], f"{len(lost)} of {len(acknowledged)} acknowledged presses are lost: {lost[:10]}"
        chosen: dict[int, set[int]] = {}
        for n in acknowledged:
            chosen.setdefault(n % len(self.told.buttons), set()).add(stored[self.who(n)])
        assert all(len(options) == 1 for options in chosen.values()), "an answer is not what was pressed"
        assert len(set().union(*chosen.values())) == len(chosen), "two buttons count for the same option"
        return len(stored)

    def only(self, button: int) -> Round:
        """Everybody presses the same."""
        return replace(self.told, buttons=[self.told.buttons[button]])

    def who(self, n: int) -> str:
        return f"U0{n % self.told.people:07}"


async def answers(flow: Flow) -> dict[str, int]:
    async with flow.parts() as parts, parts.sessions.begin() as session:
        rows = (await session.execute(text("SELECT user_id, option FROM quiz_answers"))).all()
    return {row[0]: row[1] for row in rows}


@asynccontextmanager
async def hearing() -> AsyncIterator[tuple[str, list[str]]]:
    """Where private answers go, and the text of each."""
    heard: list[str] = []

    async def take(request: web.Request) -> web.Response:
        heard.append(str((await request.json())["text"]))
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/actions", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/actions", heard
    finally:
        await runner.cleanup()
