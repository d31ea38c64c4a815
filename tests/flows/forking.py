"""Starting the program many times without paying for its imports each time, on machines that are slow or busy.

Run as a program (`python -m tests.flows.forking`) it imports everything, then forks a `canteen run` for each line
`start` that it reads and waits for the end of process N at `reap N`. Each fork is a process of its own in every way
that matters here: memory, connections, event loop, death.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.flows import company
from tests.flows.conftest import Flow

RUNNING = b"Canteen is running"


@dataclass(kw_only=True)
class Nursery:
    """One of these at a time per flow; its processes never outlive it."""

    parent: asyncio.subprocess.Process
    flow: Flow

    async def start(self) -> int:
        """The id of a `canteen run` that is ready."""
        pid = int((await self._ask("start", b"started ")).split()[1])
        await self._line(RUNNING)
        return pid

    async def stop(self, pid: int, with_signal: int = signal.SIGKILL) -> int:
        """Its exit code, or minus the signal that ended it."""
        os.kill(pid, with_signal)
        return int((await self._ask(f"reap {pid}", b"gone ")).split()[1])

    async def _ask(self, line: str, answer: bytes) -> bytes:
        assert self.parent.stdin is not None
        self.parent.stdin.write(line.encode() + b"\n")
        await self.parent.stdin.drain()
        return await self._line(answer)

    async def _line(self, wanted: bytes) -> bytes:
        assert self.parent.stdout is not None
        line = await asyncio.wait_for(self.parent.stdout.readline(), 60)
        assert line.startswith(wanted), (line, self.flow.log()[-3000:])
        return line


@asynccontextmanager
async def nursery(flow: Flow) -> AsyncIterator[Nursery]:
    with (flow.folder / "bot.log").open("ab") as log:
        parent = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.flows.forking", stdin=asyncio.subprocess.PIPE, start_new_session=True,
            stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, **flow.env}, cwd=company.ROOT,
        )  # fmt: skip
    try:
        yield Nursery(parent=parent, flow=flow)
    finally:
        os.killpg(parent.pid, signal.SIGKILL)
        await parent.wait()


def main() -> None:
    import bot.commands.running
    import bot.commands.single
    import bot.serving  # noqa: F401 - what a fork shall find imported
    from bot.commands.app import main as canteen

    for line in sys.stdin:
        word, _, pid = line.strip().partition(" ")
        if word == "reap":
            _, status = os.waitpid(int(pid), 0)
            sys.stdout.write(f"gone {os.waitstatus_to_exitcode(status)}\n")
            sys.stdout.flush()
            continue
        child = os.fork()
        if child == 0:
            sys.argv = ["canteen", "run"]
            canteen()
            os._exit(0)
        # The child's own line comes only seconds later: nothing to put in order.
        sys.stdout.write(f"started {child}\n")
        sys.stdout.flush()
    os.killpg(0, signal.SIGKILL)  # whoever asked is gone, and nobody else would end them


if __name__ == "__main__":
    main()
