"""Presses that come in thousands go to their listener past Bolt, the only place where anything does.

Bolt's context, client, middleware, matching and arguments by name cost more than counting an answer does. What of them
a press needs is done here: the workspace is authorised by the same look-up, a stranger's is refused by the same error.
Bolt has the same listeners, for whatever is not as plain as `listener_for` wants it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncAck
from slack_bolt.response import BoltResponse

from bot.slack.app import UnknownWorkspaceError
from bot.slack.gateway import FindInstallation
from bot.slack.listening import Listener


@dataclass(frozen=True, kw_only=True)
class Direct:
    """`listeners` by action id."""

    find: FindInstallation
    listeners: Mapping[str, Listener] = field(default_factory=dict)

    def listener_for(self, body: Mapping[str, Any]) -> Listener | None:
        """Of a press of one button in a message, by somebody of a workspace that is named."""
        if body.get("type") != "block_actions" or body.get("view") is not None:
            return None
        match body.get("actions"), body.get("team"):
            case [{"action_id": str(action)}], {"id": str()}:
                return self.listeners.get(action)
        return None

    async def dispatch(self, listener: Listener, body: dict[str, Any]) -> BoltResponse:
        workspace_id = body["team"]["id"]
        if await self.find(workspace_id) is None:
            raise UnknownWorkspaceError(workspace_id)
        ack = Ack()  # type: ignore[no-untyped-call]
        await listener(ack, body)
        return ack.response or BoltResponse(status=404)


DONE = BoltResponse(status=200, body="")


class Ack(AsyncAck):
    """Bolt's makes an answer of its own each time, which is nearly always the empty one."""

    async def __call__(self, *arguments: Any, **named: Any) -> BoltResponse:
        if arguments or named:
            return await super().__call__(*arguments, **named)
        self.response = DONE
        return DONE
