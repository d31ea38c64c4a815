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
