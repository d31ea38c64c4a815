"""The record tests judge by: every message ever made and every Web API call with its outcome."""

import itertools
from dataclasses import dataclass
from typing import Any

from sandbox.store import Json, Message


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    n: int
    at: float
    team: str | None
    app: str | None
    method: str
    args: Json
    status: int
    ok: bool
    error: str | None
    fault: str | None
    ms: float
    warnings: tuple[str, ...]


class Ledger:
    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._messages: list[Message] = []
        self._calls: list[CallRecord] = []

    def number(self) -> int:
        """Messages and calls share one numbering, so `since` means the same for both."""
        return next(self._numbers)

    def add_message(self, message: Message) -> None:
        self._messages.append(message)

    def add_call(self, call: CallRecord) -> None:
        self._calls.append(call)

    def messages(self) -> list[Message]:
        return list(self._messages)

    def calls(self) -> list[CallRecord]:
        return list(self._calls)

    def since(self, n: int) -> dict[str, Any]:
        return {
            "messages": [_message(m) for m in self._messages if m.n > n],
            "calls": [_call(c) for c in self._calls if c.n > n],
        }


def _message(m: Message) -> Json:
    return {
        "n": m.n,
        "team": m.team,
        "channel": m.channel,
        "user": m.user,
        "bot_id": m.bot_id,
        "app_id": m.app_id,
        "ts": m.ts,
        "thread_ts": m.thread_ts,
        "text": m.text,
        "blocks": m.blocks,
        "attachments": m.attachments,
        "metadata": m.metadata,
        "files": m.files,
        "ephemeral_to": m.ephemeral_to,
        "edits": m.edits,
        "deleted": m.deleted,
        "at": m.at,
        "mentions": m.mentions,
        "unfurl_links": m.unfurl_links,
        "unfurl_media": m.unfurl_media,
        "subtype": m.subtype,
    }


def _call(c: CallRecord) -> Json:
    return {
        "n": c.n,
        "at": c.at,
        "team": c.team,
        "app": c.app,
        "method": c.method,
        "args": c.args,
        "status": c.status,
        "ok": c.ok,
        "error": c.error,
        "fault": c.fault,
        "ms": c.ms,
        "warnings": list(c.warnings),
    }
