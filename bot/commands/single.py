"""One `run` at a time on one SQLite file: its writers wait for each other, and pacing there is one process's."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from bot.core.errors import UserMistakeError

STOP = "stop that one first, or use PostgreSQL (DATABASE_URL) for several at once"


def moved_note(path: Path) -> Path:
    """Beside a file that was moved to PostgreSQL: two bots, one on each, would both write to everybody."""
    return Path(f"{path}.moved")


@contextlib.contextmanager
def only_one(database_url: str) -> Iterator[None]:
    """For `run`. On PostgreSQL any number may run; on a file one, unless it was moved away."""
    path = file_of(database_url)
    if path is None:
        yield
        return
    note = moved_note(path)
    if note.exists():
        said = note.read_text(encoding="utf-8").strip()
        raise UserMistakeError(f"{path} {said}", f"set DATABASE_URL to that; or, to go back, remove {note}")
    with held(path, cure=STOP):
        yield


def file_of(database_url: str) -> Path | None:
    parsed = make_url(database_url)
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


@contextlib.contextmanager
def held(file: Path, *, cure: str) -> Iterator[None]:
    """Holds a lock beside the file, which ends with its process, however."""
    path = Path(f"{file}.run-lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserMistakeError(f"another `canteen run` is using {file}", cure) from None
        yield
