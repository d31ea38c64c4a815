"""A prelude for `tests.flows.forking`: a process that ends by `kill -9` in the middle of its work with the database."""

import os
import signal
from typing import Any

from sqlalchemy import Engine, event

LOOKS = ("PRAGMA", "SELECT", "SET ", "BEGIN", "SHOW", "select")  # nothing to lose between those


def writes(statement: str) -> bool:
    return not statement.lstrip().startswith(LOOKS)


def before_statement(number: str) -> None:
    """Before the `number`th that writes anything, counted from 1."""
    left = [int(number)]

    @event.listens_for(Engine, "before_cursor_execute")
    def _count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        left[0] -= writes(statement)
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def before_batch(number: str) -> None:
    """Before the `number`th batch of rows that `canteen move` writes, counted from 1."""
    from bot.db.moving import Target

    left, write = [int(number)], Target.write

    async def counted(target: Target, *given: Any, **named: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        await write(target, *given, **named)

    Target.write = counted  # type: ignore[assignment,method-assign]
