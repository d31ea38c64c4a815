"""Rows that were read and found good, kept on disk until they are written: memory stays small however long the file is,
and the database is not held while a file is read and checked."""

import json
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType

from bot.features.customers.importing.rows import Row


class Staging:
    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="canteen-import-")
        # Reading and writing happen in turn, though not in one thread.
        self._db = sqlite3.connect(Path(self._folder.name) / "rows.db", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE staged (n INTEGER PRIMARY KEY, key TEXT UNIQUE, line INTEGER, data TEXT)")
        self._db.execute("BEGIN")
        self.count = 0

    def __enter__(self) -> "Staging":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def add(self, row: Row) -> int | None:
        """None, or the line of the row that already has this key."""
        done = self._db.execute(
            "INSERT OR IGNORE INTO staged (key, line, data) VALUES (?, ?, ?)",
            (row.key, row.line, json.dumps(row.values, ensure_ascii=False)),
        )
        if done.rowcount:
            self.count += 1
            return None
        (line,) = self._db.execute("SELECT line FROM staged WHERE key = ?", (row.key,)).fetchone()
        return int(line)

    def page(self, after: int, size: int) -> tuple[int, Sequence[Row]]:
        """The next rows in the order of the file, and where the next page begins. Empty at the end."""
        found = self._db.execute(
            "SELECT n, key, line, data FROM staged WHERE n > ? ORDER BY n LIMIT ?", (after, size)
        ).fetchall()
        rows = [Row(key=key, line=line, values=json.loads(data)) for _, key, line, data in found]
        return (found[-1][0] if found else after), rows

    def forget(self, keys: Iterable[str]) -> None:
        """Rows that need no writing."""
        self._db.executemany("DELETE FROM staged WHERE key = ?", [(key,) for key in keys])
