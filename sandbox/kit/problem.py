"""What a check answers with."""

from dataclasses import dataclass
from typing import Literal

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`pointer` is a JSON pointer into the payload; `code` is the error name Slack answers with."""

    pointer: str
    message: str
    code: str = "invalid_blocks"

    def __str__(self) -> str:
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"
