"""Ends a bot's process by SIGKILL at one await of its delivery path: where it would go on, and never does.

A prelude of the harness (see `tests.flows.forking`); the program knows nothing of it. What passes through the sender
and the reconciler is looked at each time that it goes on after an await: the lines of `bot` that wait, from the outermost
to the innermost, and how often in a row the same ones did (a transaction's begin waits several times on one line).
"""

import itertools
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Generator
from pathlib import Path
from types import FrameType
from typing import Any

import bot

INSIDE = str(Path(bot.__file__).parent) + os.sep
MOST_IN_A_ROW = 12


def install(*, at: str, into: str) -> None:
    """Ends this process at the await named `at`; each that is passed is appended to the file `into`, once."""
    from bot.delivery.reconcile import Reconciler
    from bot.delivery.sender import Sender

    watch = Watch(at=at, into=Path(into))
    for owner, names in ((Sender, ("_alone", "turn", "_send")), (Reconciler, ("run",))):
        for name in names:
            setattr(owner, name, watch.over(getattr(owner, name)))


class Watch:
    def __init__(self, *, at: str, into: Path) -> None:
        self._at = at
        self._passed: set[str] = set()
        self._into = into.open("a", encoding="utf-8")

    def over(self, function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
        async def watched(*given: Any, **named: Any) -> Any:
            return await Steps(function(*given, **named), self)

        return watched

    def goes_on(self, place: str) -> None:
        if place not in self._passed:
            self._passed.add(place)
            self._into.write(place + "\n")
            self._into.flush()
        if place == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class Steps:
    """Awaits a coroutine as `await` does, and tells of each step."""

    def __init__(self, work: Coroutine[Any, Any, Any], watch: Watch) -> None:
        self._work, self._watch = work, watch
        self._waited, self._times = "", itertools.count()

    def __await__(self) -> Generator[Any, Any, Any]:
        step: Callable[[Any], Any] = self._work.send
        given: Any = None
        while True:
            try:
                waits_for = step(given)
            except StopIteration as ended:
                return ended.value
            place = self._place()
            try:
                given = yield waits_for
                step = self._work.send
            except BaseException as error:
                given, step = error, self._work.throw
            self._watch.goes_on(place)

    def _place(self) -> str:
        lines = " > ".join(_lines(self._work))
        if lines != self._waited:
            self._waited, self._times = lines, itertools.count()
        return f"{lines} #{min(next(self._times), MOST_IN_A_ROW)}"


def _lines(work: Any) -> Generator[str, None, None]:
    while work is not None:
        frame: FrameType | None = getattr(work, "cr_frame", None) or getattr(work, "gi_frame", None)
        if frame is not None and frame.f_code.co_filename.startswith(INSIDE):
            yield f"{frame.f_code.co_qualname}:{frame.f_lineno}"
        work = getattr(work, "cr_await", None) or getattr(work, "gi_yieldfrom", None)
