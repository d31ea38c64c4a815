"""Working doubles, each kept honest by the suite that the real thing passes too."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bot.slack.errors import Fault, SlackFault
from bot.slack.kit import Message, View


class FixedClock:
    """A clock that moves when told to."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> datetime:
        self._now += by
        return self._now

    def set(self, moment: datetime) -> None:
        self._now = moment


class CountingIds:
    """`id0000…1`, `id0000…2`: as unique and as long as the real ones, and readable."""

    def __init__(self) -> None:
        self._count = count(1)

    def __call__(self) -> str:
        return f"id{next(self._count):022d}"


@dataclass
class RecordingGateway:
    """A gateway that answers as told (`answers[method]`, a mapping or a SlackFault) and remembers what was asked."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    views: list[View] = field(default_factory=list)
    responses: list[tuple[str, Message]] = field(default_factory=list)

    async def call(
        self,
        workspace_id: str,
        method: str,
        *,
        timeout: float | None = None,
        not_after: float | None = None,
        **arguments: Any,
    ) -> Any:
        self.calls.append((workspace_id, method, arguments))
        answer = self.answers.get(method, {"ok": True})
        if callable(answer):
            answer = answer(**arguments)
        if isinstance(answer, SlackFault):
            raise answer
        return answer

    async def respond(self, response_url: str, message: Message) -> None:
        self.responses.append((response_url, message))

    async def open_view(self, workspace_id: str, trigger_id: str, view: View) -> str:
        answer = await self.call(workspace_id, "views.open", trigger_id=trigger_id, view=view.payload())
        self.views.append(view)
        return str(answer.get("view", {}).get("id", f"V{len(self.views)}"))

    async def push_view(self, workspace_id: str, trigger_id: str, view: View) -> str:
        answer = await self.call(workspace_id, "views.push", trigger_id=trigger_id, view=view.payload())
        self.views.append(view)
        return str(answer.get("view", {}).get("id", f"V{len(self.views)}"))

    async def download(self, workspace_id: str, url: str) -> bytes:
        answer = await self.call(workspace_id, "download", url=url)
        if not isinstance(answer, bytes):
            raise SlackFault("http_404", Fault.GONE)
        return answer

    async def update_view(self, workspace_id: str, view_id: str, view: View, *, hash: str | None = None) -> None:
        await self.call(workspace_id, "views.update", view_id=view_id, view=view.payload(), hash=hash)
        self.views.append(view)
