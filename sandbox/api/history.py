"""conversations.history and conversations.replies."""

import re

from sandbox import objects
from sandbox.api import paging
from sandbox.api.conversations import demand_for
from sandbox.api.registry import Call, method
from sandbox.errors import SlackError
from sandbox.store import Channel, Json, Message

HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
DEFAULT = 100
MOST = 999


@method(
    "conversations.history",
    required="channel",
    args="cursor include_all_metadata inclusive latest limit oldest",
    scopes=HISTORY,
    tier=3,
)
async def history(call: Call) -> Json:
    channel = _readable(call)
    rows = [m for m in channel.lasting() if not m.is_reply or m.broadcast]
    rows = _between(call, call.slack.store.visible(rows, call.now))
    rows.reverse()
    page, answer = _page(call, rows)
    return {"messages": _shown(call, channel, page), **answer, "pin_count": sum(m.pinned for m in rows)}


@method(
    "conversations.replies",
    required="channel ts",
    args="cursor include_all_metadata inclusive latest limit oldest",
    scopes=HISTORY,
    tier=3,
    json=False,
)
async def replies(call: Call) -> Json:
    channel = _readable(call)
    given = channel.messages.get(call.args.need("ts"))
    if given is None or given.ephemeral_to or (given.deleted and not channel.replies(given.ts)):
        raise SlackError("thread_not_found")
    root = channel.messages.get(given.thread_ts or given.ts, given)
    if root.visible_at > call.now:
        raise SlackError("thread_not_found")
    if given.is_reply:
        return {"messages": _shown(call, channel, [given]), "has_more": False}
    rows = _between(call, call.slack.store.visible(channel.replies(root.ts), call.now))
    page, answer = _page(call, rows)
    first = [] if "cursor" in call.args and call.args.text("cursor") else [root]
    return {"messages": _shown(call, channel, [*first, *page]), **answer}


def _readable(call: Call) -> Channel:
    channel = call.channel()
    demand_for(call, channel.kind, "history")
    if call.grant.user not in channel.members and call.grant.is_bot:
        raise SlackError("not_in_channel")
    return channel


def _between(call: Call, rows: list[Message]) -> list[Message]:
    oldest = _ts(call, "oldest", "invalid_ts_oldest", 0.0)
    latest = _ts(call, "latest", "invalid_ts_latest", float("inf"))
    if call.args.flag("inclusive"):
        return [m for m in rows if oldest <= float(m.ts) <= latest]
    return [m for m in rows if oldest < float(m.ts) < latest]


def _ts(call: Call, name: str, code: str, default: float) -> float:
    given = call.args.text(name)
    if not given:
        return default
    if not re.fullmatch(r"\d{1,12}(\.\d{1,6})?", given):
        raise SlackError(code)
    return float(given)


def _page(call: Call, rows: list[Message]) -> tuple[list[Message], Json]:
    """Paging by message, not by position: what is posted between two pages does not shift them."""
    limit = call.args.number("limit", DEFAULT) or DEFAULT
    if limit < 1 or limit > MOST:
        raise SlackError("invalid_limit")
    given = call.args.text("cursor")
    if given:
        last = paging.read_cursor(given)
        places = [at for at, m in enumerate(rows) if m.ts == last]
        if not places:
            raise SlackError("invalid_cursor")
        rows = rows[places[0] + 1 :]
    page = rows[:limit]
    more = len(rows) > limit
    answer: Json = {"has_more": more}
    if more:
        answer["response_metadata"] = {"next_cursor": paging.cursor(page[-1].ts)}
    return page, answer


def _shown(call: Call, channel: Channel, rows: list[Message]) -> list[Json]:
    metadata = call.args.flag("include_all_metadata")
    return [objects.message(call.slack, channel, m, metadata=metadata) for m in rows]
