"""Rows that were read and found good, kept on disk until they are compared: memory stays small however long the file
is, and the database is not held while a file is read and checked."""

import json
import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

from bot.features.customers.importing.rows import Row


class Staging:
    def __init__(self, folder: Path) -> None:
        # Reading and writing happen in turn, though not in one thread.
        self._db = sqlite3.connect(folder / "rows.db", isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=OFF")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute("CREATE TABLE staged (n INTEGER PRIMARY KEY, key TEXT UNIQUE, line INTEGER, data TEXT)")
        self._db.execute("BEGIN")
        self.count = 0

    def close(self) -> None:
        self._db.close()

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

    def called(self, keys: Collection[str]) -> Sequence[Row]:
        found = [
            self._db.execute("SELECT key, line, data FROM staged WHERE key = ?", (key,)).fetchone() for key in keys
        ]
        return [Row(key=key, line=line, values=json.loads(data)) for key, line, data in found]
