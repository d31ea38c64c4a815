"""One `run` at a time on one SQLite file: its writers wait for each other, and pacing there is one process's."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.core.errors import UserMistakeError


@contextlib.contextmanager
def only_one(database_url: str) -> Iterator[None]:
    """Holds a lock beside the file; on PostgreSQL any number may run. The lock ends with its process, however."""
    parsed = make_url(database_url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        yield
        return
    path = Path(parsed.database + ".run-lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserMistakeError(
                f"another `canteen run` is using {parsed.database}",
                "stop that one first, or use PostgreSQL (DATABASE_URL) for several at once",
            ) from None
        yield
