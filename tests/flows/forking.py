"""Starting the program many times without paying for its imports each time: they take two seconds of a processor.

Run as a program (`python -m tests.flows.forking`) it imports everything once, then forks for each request that it is
sent. Each fork is a process of its own in every way that matters: it has the environment, arguments and files that it
was asked to have and nothing else, no loop, no connection, no handler of signals; random numbers and ids start anew.
That the program also starts by itself is tested in `tests.commands.test_demo`, which runs `python -m bot demo` and with
it `python -m bot run`.
"""

import asyncio
import atexit
import contextlib
import functools
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SIZE = 8  # bytes that say how long a request is


@dataclass(kw_only=True)
class Forked:
    """A `canteen ...` that was started. `out`: what it prints. Belongs to the event loop in which it was started."""

    pid: int
    out: asyncio.StreamReader
    _ended: asyncio.Task[int]

    @property
    def returncode(self) -> int | None:
        """Its exit code, or minus the signal that ended it; None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._ended)

    def send_signal(self, number: int) -> None:
        if not self._ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


Prelude = tuple[str, Mapping[str, str]]  # "package.module:function", and what it is called with


async def fork(
    words: Sequence[str],
    *,
    env: Mapping[str, str],
    folder: Path,
    errors: int | None = None,
    prelude: Prelude | None = None,
) -> Forked:
    """`canteen words...` with nothing in its environment but `env`. `errors`: where it complains, else where it prints.
    `prelude`: what is called in the new process before the program begins, which knows nothing of it."""
    tells, told = os.pipe()
    prints, printed = os.pipe()
    request = {"words": list(words), "env": dict(env), "folder": str(folder), "prelude": prelude}
    try:
        _parent().ask(request, [printed, printed if errors is None else errors, told])
    finally:
        os.close(told)
        os.close(printed)
    out, ends = await _reader(prints), await _reader(tells)
    pid = await asyncio.wait_for(ends.readline(), 60)
    assert pid, "the parent of all forks is gone; what it said stands above"
    return Forked(pid=int(pid), out=out, _ended=asyncio.create_task(_code(ends)))


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    file = os.fdopen(pipe, "rb", buffering=0)  # closed by its transport, at its end
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    return reader


async def _code(ends: asyncio.StreamReader) -> int:
    """What the parent says when the process has ended."""
    line = await ends.readline()
    await ends.read()
    return int(line)


@dataclass(kw_only=True)
class Parent:
    """One for all tests of this process. Whatever it has forked ends with it, at the latest when this process does."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, request: object, files: Sequence[int]) -> None:
        body = json.dumps(request).encode()
        with self.turn:
            sent = socket.send_fds(self.line, [len(body).to_bytes(SIZE)], files)
            assert sent == SIZE
            self.line.sendall(body)

    def end(self) -> None:
        self.line.close()
        self.process.wait(10)


@functools.cache
def _parent() -> Parent:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, start_new_session=True,
            cwd=Path(__file__).parents[2], env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    parent = Parent(process=process, line=ours)
    atexit.register(parent.end)
    return parent


# -- the other end -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Asked:
    words: list[str]
    env: dict[str, str]
    folder: str
    prelude: tuple[str, dict[str, str]] | None
    files: list[int]

    def become(self) -> None:
        """What this process is from now on."""
        for number, file in enumerate(self.files[:2], start=1):
            os.dup2(file, number)
        os.closerange(3, max(self.files) + 1)
        os.chdir(self.folder)
        os.environ.clear()
        os.environ.update(self.env)
        sys.argv = ["canteen", *self.words]
        if self.prelude is not None:
            where, arguments = self.prelude
            module, _, function = where.partition(":")
            getattr(importlib.import_module(module), function)(**arguments)


def _import_everything() -> None:
    import pkgutil

    import aiosqlite  # noqa: F401
    import asyncpg  # type: ignore[import-untyped]  # noqa: F401
    import uvicorn.lifespan.on
    import uvicorn.loops.auto
    import uvicorn.protocols.http.auto
    import uvicorn.protocols.websockets.auto  # noqa: F401
    from sqlalchemy.orm import configure_mappers

    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    configure_mappers()


def _asked(line: socket.socket) -> Asked | None:
    """The next request; None when whoever asks is gone."""
    head, files, _, _ = socket.recv_fds(line, SIZE, 3)
    if not head:
        return None
    size, body = int.from_bytes(head), b""
    while len(body) < size:
        body += line.recv(size - len(body))
    return Asked(**json.loads(body), files=files)


def _serve(line: socket.socket) -> Asked:
    """Returns in each fork with what it was asked to be; never in the parent."""
    wakes, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    running: dict[int, int] = {}
    with selectors.DefaultSelector() as ready:
        ready.register(line, selectors.EVENT_READ)
        ready.register(wakes, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                if key.fd == wakes:
                    os.read(wakes, 1024)
                    _reap(running)
                    continue
                asked = _asked(line)
                if asked is None:
                    os.killpg(0, signal.SIGKILL)  # nobody else would end them
                    raise SystemExit
                pid = os.fork()
                if pid == 0:
                    signal.set_wakeup_fd(-1)
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    line.close()
                    for told in running.values():  # else nobody hears of their end while this one lives
                        os.close(told)
                    return asked
                for file in asked.files[:2]:
                    os.close(file)
                running[pid] = asked.files[2]
                _tell(asked.files[2], pid)


def _reap(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        told = running.pop(pid)
        _tell(told, os.waitstatus_to_exitcode(status))
        os.close(told)


def _tell(told: int, number: int) -> None:
    with contextlib.suppress(BrokenPipeError):  # whoever asked is no longer interested
        os.write(told, f"{number}\n".encode())


def main() -> None:
    import gc

    from bot.commands.app import main as canteen

    _import_everything()
    gc.collect()
    gc.freeze()  # else each fork's first look for garbage copies every page
    _serve(socket.socket(fileno=int(sys.argv[1]))).become()
    canteen()


if __name__ == "__main__":
    main()
