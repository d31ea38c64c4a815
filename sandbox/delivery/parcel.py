"""One thing brought to an app, and what came back."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["events_api", "slash_commands", "interactive"]
PATIENCE = 3.0


@dataclass(frozen=True, kw_only=True)
class Parcel:
    kind: Kind
    payload: dict[str, Any]
    answerable: bool = False
    url: str = ""
    retry: int = 0
    retry_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """`ok` means acknowledged in time; `reason` is Slack's word for why not; `body` is what the app sent back."""

    ok: bool
    reason: str = ""
    body: Any = None
    no_retry: bool = False
    via: str = ""
