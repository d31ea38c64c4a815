"""A call's arguments, from a form, a query string or JSON, read by type as Slack reads them."""

import json
from collections.abc import Mapping
from typing import Any

from sandbox.errors import SlackError


class Arguments:
    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def names(self) -> list[str]:
        return list(self._values)

    def shown(self) -> dict[str, Any]:
        """For the ledger: nested JSON opened up, tokens left out."""
        return {name: _opened(value) for name, value in self._values.items() if name != "token"}

    def text(self, name: str, default: str = "") -> str:
        value = self._values.get(name, default)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return str(value)
        if not isinstance(value, str):
            raise invalid(name, "must be a string")
        return value

    def need(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self._values.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def maybe_flag(self, name: str) -> bool | None:
        return self.flag(name) if name in self._values else None

    def number(self, name: str, default: int) -> int:
        value = self._values.get(name, default)
        try:
            return int(value)
        except (TypeError, ValueError):
            raise invalid(name, "must be a number") from None

    def nested(self, name: str, *, code: str = "invalid_arguments") -> Any:
        """An array or object, sent as JSON or as a string of JSON; None when absent."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackError(
                code, messages=[f"[ERROR] failed to parse `{name}` as JSON [json-pointer:/{name}]"]
            ) from None

    def ids(self, name: str) -> list[str]:
        value = self._values.get(name, "")
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]


def invalid(name: str, why: str) -> SlackError:
    return SlackError("invalid_arguments", messages=[f"[ERROR] {why} [json-pointer:/{name}]"])


def missing(name: str) -> SlackError:
    return SlackError("invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
