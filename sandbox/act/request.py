"""One request to act as a person, with its arguments."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.errors import CannotDoError


@dataclass(frozen=True, kw_only=True)
class Request:
    user: str
    values: Mapping[str, Any]

    def get(self, name: str) -> Any:
        return self.values.get(name)

    def need(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str) or not value:
            raise CannotDoError("missing_argument", f"{name} is needed, as a text")
        return value
