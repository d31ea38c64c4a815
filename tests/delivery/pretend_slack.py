"""A gateway with a Slack of its own behind it: channels with history, faults before and after the effect."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.slack.errors import Fault, SlackFault, classify


@dataclass
class PretendSlack:
    """`before` is asked before a call has its effect, `after` once it has; each may give a fault to raise."""

    before: Callable[[str, dict[str, Any]], SlackFault | None] = lambda _method, _arguments: None
    after: Callable[[str, dict[str, Any]], SlackFault | None] = lambda _method, _arguments: None
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reactions: list[tuple[str, str, str]] = field(default_factory=list)
    deleted_files: list[str] = field(default_factory=list)
    bytes_of: dict[str, bytes] = field(default_factory=dict)  # by file
    name_of: dict[str, str] = field(default_factory=dict)
    shared: list[tuple[str, str, str]] = field(default_factory=list)  # file, place, words
    hidden: bool = False
    _ts: Any = field(default_factory=lambda: count(1))

    async def call(
        self,
        workspace_id: str,
        method: str,
        *,
        timeout: float | None = None,
        not_after: float | None = None,
        **arguments: Any,
    ) -> Any:
        self.calls.append((method, arguments))
        fault = self.before(method, arguments)
        if fault is not None:
            raise fault
        answer = getattr(self, "_" + method.replace(".", "_"))(**arguments)
        fault = self.after(method, arguments)
        if fault is not None:
            raise fault
        return answer

    def made(self, channel: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["channel"] == channel and not message.get("deleted")]

    def _chat_postMessage(self, *, channel: str, text: str, **more: Any) -> dict[str, Any]:
        place = f"D{channel[1:]}" if channel.startswith("U") else channel
        message = {"channel": place, "ts": f"17{next(self._ts):08d}.000100", "text": text, **more}
        self.messages.append(message)
        return {"ok": True, "channel": place, "ts": message["ts"]}

    async def upload(self, workspace_id: str, upload_url: str, data: bytes) -> None:
        self.bytes_of[upload_url] = data

    def _files_getUploadURLExternal(self, *, filename: str, length: int, alt_txt: str = "") -> dict[str, Any]:
        file = f"F{next(self._ts)}"
        self.name_of[file] = filename
        return {"ok": True, "upload_url": file, "file_id": file}

    def _files_completeUploadExternal(
        self, *, files: list[Any], channel_id: str = "", initial_comment: str = ""
    ) -> dict[str, Any]:
        self.shared.append((files[0]["id"], channel_id, initial_comment))
        return {"ok": True}

    def _files_info(self, *, file: str) -> dict[str, Any]:
        places = [place for one, place, _ in self.shared if one == file]
        if not places:
            raise SlackFault("file_not_found", Fault.GONE)
        return {"ok": True, "file": {"id": file, "ims": places}}

    def _files_delete(self, *, file: str) -> dict[str, Any]:
        if file in self.deleted_files:
            raise SlackFault("file_deleted", Fault.GONE)
        self.deleted_files.append(file)
        return {"ok": True}

    def _chat_update(self, *, channel: str, ts: str, text: str, **more: Any) -> dict[str, Any]:
        self._find(channel, ts).update(text=text, **more)
        return {"ok": True}

    def _chat_delete(self, *, channel: str, ts: str) -> dict[str, Any]:
        self._find(channel, ts)["deleted"] = True
        return {"ok": True}

    def _reactions_add(self, *, channel: str, timestamp: str, name: str) -> dict[str, Any]:
        if (channel, timestamp, name) in self.reactions:
            raise refusal("already_reacted")
        self.reactions.append((channel, timestamp, name))
        return {"ok": True}

    def _views_publish(self, *, user_id: str, view: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True}

    def _conversations_open(self, *, users: str) -> dict[str, Any]:
        return {"ok": True, "channel": {"id": f"D{users[1:]}"}}

    def _conversations_history(self, *, channel: str, **_more: Any) -> dict[str, Any]:
        seen = [] if self.hidden else [one for one in self.made(channel) if not one.get("thread_ts")]
        return {"ok": True, "messages": seen}

    def _conversations_replies(self, *, channel: str, ts: str, **_more: Any) -> dict[str, Any]:
        return {"ok": True, "messages": [one for one in self.made(channel) if ts in {one.get("thread_ts"), one["ts"]}]}

    def _find(self, channel: str, ts: str) -> dict[str, Any]:
        for message in self.made(channel):
            if message["ts"] == ts:
                return message
        raise SlackFault("message_not_found", Fault.GONE)


def refusal(code: str, *, retry_after: float | None = None) -> SlackFault:
    return SlackFault(code, classify(code), retry_after=retry_after)


RESET = SlackFault("reset", Fault.AMBIGUOUS)
