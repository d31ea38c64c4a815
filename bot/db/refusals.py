"""When a database answers, and takes nothing: its disk is full, read-only or failing. `SELECT 1` sees none of that, and
small writes into room that a file already has may still succeed."""

import sqlite3

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

from bot.core.clock import ticks

POSTGRES = {"53100", "25006", "58030"}  # disk_full, read_only_sql_transaction, io_error
SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR}


def is_refusal(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    code = getattr(error, "sqlite_errorcode", None)
    return state in POSTGRES or (code is not None and code & 0xFF in SQLITE)


class Refusals:
    def __init__(self) -> None:
        self._last: float | None = None

    def listen(self, engine: Engine) -> None:
        event.listen(engine, "handle_error", self._on_error)

    def _on_error(self, context: ExceptionContext) -> None:
        if is_refusal(context.original_exception):
            self._last = ticks()

    def within(self, seconds: float) -> bool:
        """Whether anything was refused lately. Nothing else tells that there is room again than writes that succeed."""
        return self._last is not None and ticks() - self._last <= seconds
