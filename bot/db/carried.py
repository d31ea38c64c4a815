"""Values on their way from SQLite to PostgreSQL: as they are stored, never deciphered; and their checksum on both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import blake2b
from typing import Any

Row = tuple[Any, ...]
SIZE = 2**256


class UncarriableError(ValueError):
    """SQLite takes anything anywhere; PostgreSQL does not. Says what is wrong, never the value."""


def _moment(raw: Any) -> datetime:
    found = datetime.fromisoformat(raw)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _truth(raw: Any) -> bool:
    if raw not in (0, 1):
        raise UncarriableError("neither true nor false")
    return bool(raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise UncarriableError("no text")
    return raw


def _bytes(raw: Any) -> bytes:
    if not isinstance(raw, bytes):
        raise UncarriableError("no bytes")
    return raw


def _number(bits: int) -> Callable[[Any], int]:
    def read(raw: Any) -> int:
        if not isinstance(raw, int) or not -(2 ** (bits - 1)) <= raw < 2 ** (bits - 1):
            raise UncarriableError(f"not a whole number of {bits} bits")
        return raw

    return read


READERS: Mapping[str, Callable[[Any], Any]] = {  # by the kind of PostgreSQL's column
    "timestamp with time zone": _moment,
    "date": date.fromisoformat,
    "time without time zone": time.fromisoformat,
    "boolean": _truth,
    "integer": _number(32),
    "bigint": _number(64),
    "text": _text,
    "character varying": _text,
    "json": _text,  # kept by PostgreSQL letter by letter
    "bytea": _bytes,
}
NUL = "\x00"


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    kind: str
    longest: int | None
    key: bool
    own: bool  # refers to another row of its own table

    def read(self, raw: Any) -> Any:
        """What PostgreSQL gets for what SQLite has. A NUL, which no text of PostgreSQL can hold, is left out."""
        if raw is None:
            return None
        try:
            value = READERS[self.kind](raw)
        except UncarriableError:
            raise
        except (ValueError, TypeError):
            raise UncarriableError(f"no {self.kind}") from None
        if not isinstance(value, str):
            return value
        if NUL in value and (self.key or self.kind == "json"):
            raise UncarriableError("it has a NUL, and PostgreSQL's texts cannot")
        value = value.replace(NUL, "")
        if self.longest is not None and len(value) > self.longest:
            raise UncarriableError(f"longer than {self.longest} characters")
        return value


def canonical(value: Any) -> bytes:
    """Equal for equal values, from either database; no two different ones share it."""
    if value is None:
        return b"-"
    if isinstance(value, bytes):
        return b"b%d:" % len(value) + value
    if isinstance(value, datetime):
        value = value.astimezone(UTC)
    encoded = (value if isinstance(value, str) else f"{type(value).__name__} {value}").encode()
    return (b"s" if isinstance(value, str) else b"v") + b"%d:" % len(encoded) + encoded


@dataclass
class Sum:
    """Of a table's rows in whatever order: how many, and the sum of their hashes."""

    rows: int = 0
    total: int = 0

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            digest = blake2b(b"".join(map(canonical, row)), digest_size=32).digest()
            self.total = (self.total + int.from_bytes(digest)) % SIZE
        self.rows += len(rows)

    def __str__(self) -> str:
        return f"{self.total:064x}"[:16]
