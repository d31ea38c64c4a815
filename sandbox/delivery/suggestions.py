"""What an app offers in an external select, checked as Slack checks it."""

from typing import Any

from sandbox import objects
from sandbox.delivery import interactions
from sandbox.elements import Found
from sandbox.slack import Slack
from sandbox.store import Channel, Json, Message, View
from sandbox.world import App

MOST = 100
LONGEST = 75


async def load(
    slack: Slack,
    user: str,
    app: App,
    found: Found,
    query: str,
    *,
    view: View | None,
    at: tuple[Channel | None, Message | None],
) -> list[Json]:
    """The options for a query, flat; what went wrong is told to the person and answers nothing."""
    channel, message = at
    if view is not None:
        where: Json = {"container": {"type": "view", "view_id": view.id}, "view": objects.view(view)}
    elif channel is None or message is None:
        return []
    else:
        container = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        where = {"container": container, "channel": {"id": channel.id, "name": channel.name}}
        where["message"] = objects.message(slack, channel, message)
    reply = await interactions.suggestion(slack, app, user, where, found.element, found.block_id, query)
    if not reply.ok:
        slack.notice(user, "error", f"{app.name} did not send any options.")
        return []
    options = _flat(reply.body)
    if options is None:
        slack.notice(user, "error", f"{app.name} sent options that cannot be shown.")
        return []
    return options


def _flat(body: Any) -> list[Json] | None:
    if not isinstance(body, dict) or set(body) - {"options", "option_groups"} or len(body) != 1:
        return None
    groups = body.get("option_groups")
    rows = [one for group in groups for one in group.get("options", ())] if groups else body.get("options", [])
    if not isinstance(rows, list) or len(rows) > MOST * (MOST if groups else 1):
        return None
    return rows if all(_is_option(one) for one in rows) else None


def _is_option(one: Any) -> bool:
    if not isinstance(one, dict) or set(one) - {"text", "value", "description"}:
        return False
    text, value = one.get("text"), one.get("value")
    if not isinstance(text, dict) or text.get("type") != "plain_text" or not isinstance(value, str):
        return False
    return 0 < len(str(text.get("text", ""))) <= LONGEST and 0 < len(value) <= LONGEST
