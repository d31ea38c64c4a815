"""Column types that behave the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, Integer, LargeBinary, Text, cast
from sqlalchemy import type_coerce as seen_as
from sqlalchemy.sql.operators import OperatorType, eq, is_, is_not
from sqlalchemy.types import TypeDecorator

from bot.db.ciphers import ring_of


class UtcDateTime(TypeDecorator[datetime]):
    """Aware in, aware UTC out. SQLite drops an offset without converting it, so a naive value is refused here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Json: Any = JSON(none_as_null=True)
SerialId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only a column declared INTEGER


class _OnlyWhetherThere(TypeDecorator.Comparator[Any]):
    """The database cannot compare, find or order what it cannot read: asking it to is a bug, and found in tests."""

    def operate(self, op: OperatorType, *other: Any, **named: Any) -> ColumnElement[Any]:
        itself = op is eq and getattr(other[0], "key", None) == getattr(self.expr, "key", "")  # the ORM finds it so
        if op not in (is_, is_not) and not itself:
            raise TypeError("what is enciphered cannot be compared or ordered by the database")
        return super().operate(op, *other, **named)


class Enciphered(TypeDecorator[str]):
    """A token, or what somebody wrote: enciphered where the engine has a key, plain where it has none. For what the
    database never compares, finds or orders: `docs/decisions/0014-enciphered-at-rest.md`."""

    impl = Text
    cache_ok = True
    comparator_factory = _OnlyWhetherThere

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else ring_of(dialect).seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else ring_of(dialect).unseal(value)

    @staticmethod
    def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
        """What really stands there, comparable, for `bot.db.keys`."""
        return seen_as(column, Text)

    def opened(self, raw: str, dialect: Dialect) -> str | None:
        return self.process_result_value(raw, dialect)


class EncipheredJson(TypeDecorator[Any]):
    """As `Enciphered`, for an object or a list: enciphered it is one JSON string."""

    impl = JSON(none_as_null=True)
    cache_ok = True
    comparator_factory = _OnlyWhetherThere

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        ring = ring_of(dialect)
        return value if value is None or ring.writes is None else ring.seal(json.dumps(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return json.loads(ring_of(dialect).unseal(value)) if isinstance(value, str) else value

    @staticmethod
    def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return cast(column, Text)

    def opened(self, raw: str, dialect: Dialect) -> Any:
        return self.process_result_value(json.loads(raw), dialect)


class EncipheredBytes(TypeDecorator[bytes]):
    """As `Enciphered`, for a file."""

    impl = LargeBinary
    cache_ok = True
    comparator_factory = _OnlyWhetherThere

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        # Latin 1 has one character for each byte.
        return None if value is None else ring_of(dialect).seal(value.decode("latin-1")).encode("latin-1")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else ring_of(dialect).unseal(value.decode("latin-1")).encode("latin-1")

    @staticmethod
    def raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return seen_as(column, LargeBinary)

    def opened(self, raw: bytes, dialect: Dialect) -> bytes | None:
        return self.process_result_value(raw, dialect)


AnyEnciphered = Enciphered | EncipheredJson | EncipheredBytes
