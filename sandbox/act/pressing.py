"""Pressing buttons and choosing in selects, in messages, modals and the Home tab."""

from typing import Any

from sandbox.act import finding, values
from sandbox.act.finding import Spot
from sandbox.act.request import Request
from sandbox.delivery import interactions, suggestions
from sandbox.delivery.parcel import Reply
from sandbox.elements import BUTTONS, VALUE_KEYS
from sandbox.errors import CannotDoError
from sandbox.slack import Slack
from sandbox.store import Json

_PICKED_BY = ("option", "options", "user", "users", "channel_id", "channel_ids", "date", "time", "datetime", "text")


async def press(slack: Slack, ask: Request) -> None:
    one = finding.spot(slack, ask.user, ask.need("action"), ask.get("in"), ask.get("block_id"))
    if one.found.kind not in BUTTONS:
        raise CannotDoError("not_a_button", f"{ask.need('action')!r} is a {one.found.kind}: pick an option instead")
    element = one.found.element
    _confirm(element, ask)
    action = _action(slack, one)
    for name in ("text", "value", "style", "url"):
        if name in element:
            action[name] = element[name]
    await _tell(slack, ask.user, one, action)


async def pick(slack: Slack, ask: Request) -> None:
    one = finding.spot(slack, ask.user, ask.need("action"), ask.get("in"), ask.get("block_id"))
    element = one.found.element
    if one.found.kind not in VALUE_KEYS:
        raise CannotDoError("not_a_choice", f"{ask.need('action')!r} is a {one.found.kind}: press it instead")
    given = [name for name in _PICKED_BY if name in ask.values]
    if len(given) != 1:
        raise CannotDoError("invalid_pick", f"give one of {', '.join(_PICKED_BY)}")
    _confirm(element, ask)
    offered = await offered_for(slack, ask.user, one, ask.values[given[0]])
    value = values.build(slack, ask.user, element, ask.values[given[0]], offered)
    if one.found.kind != "overflow":
        state = finding.state(slack, ask.user, one)
        state.setdefault(one.found.block_id, {})[one.found.action_id] = value
        slack.viewers.touch([ask.user])
    if one.found.block["type"] == "input" and not one.found.block.get("dispatch_action"):
        return
    await _tell(slack, ask.user, one, _action(slack, one) | value)


async def options(slack: Slack, ask: Request) -> list[Json]:
    one = finding.spot(slack, ask.user, ask.need("action"), ask.get("in"), ask.get("block_id"))
    found = await offered_for(slack, ask.user, one, ask.get("query") or "")
    slack.store.offered[ask.user, one.found.block_id, one.found.action_id] = found
    return found


async def offered_for(slack: Slack, user: str, one: Spot, wanted: Any) -> list[Json]:
    """What an external select offers for what the person wants; other selects carry their options."""
    if not one.found.kind.endswith("external_select"):
        return values.options_of(one.found.element)
    found: list[Json] = []
    shown = slack.store.offered.get((user, one.found.block_id, one.found.action_id), [])
    state = finding.state(slack, user, one).get(one.found.block_id, {}).get(one.found.action_id, {})
    chosen = state.get("selected_options") or ([state["selected_option"]] if state.get("selected_option") else [])
    for query in wanted if isinstance(wanted, list) else [wanted]:
        if any(query in (option.get("value"), option["text"]["text"]) for option in (*chosen, *shown)):
            continue
        if len(str(query or "")) >= one.found.element.get("min_query_length", 3):
            found += await _ask_app(slack, user, one, str(query or ""))
    return [*chosen, *found, *(one for one in shown if one not in found)]


async def _ask_app(slack: Slack, user: str, one: Spot, query: str) -> list[Json]:
    return await suggestions.load(slack, user, one.app, one.found, query, view=one.view, at=(one.channel, one.message))


def _confirm(element: Json, ask: Request) -> None:
    if element.get("confirm") and ask.get("confirm") is not True:
        raise CannotDoError("confirm_needed", "this asks first", status=409, confirm=element["confirm"])


def _action(slack: Slack, one: Spot) -> Json:
    return {
        "type": one.found.kind,
        "action_id": one.found.action_id,
        "block_id": one.found.block_id,
        "action_ts": slack.ids.ts(slack.clock.now()),
    }


async def _tell(slack: Slack, user: str, one: Spot, action: Json) -> None:
    if one.view is not None:
        reply = await interactions.view_action(slack, one.app, one.view, action)
    else:
        if one.channel is None or one.message is None:
            raise CannotDoError("nowhere", "it is neither in a message nor in a view")
        if one.channel.archived:
            raise CannotDoError("is_archived", "nothing can be pressed in an archived channel", status=409)
        state = finding.state(slack, user, one)
        reply = await interactions.message_action(slack, one.app, user, one.channel, one.message, action, state)
    warn(slack, user, one, reply)


def warn(slack: Slack, user: str, one: Spot, reply: Reply) -> None:
    if not reply.ok:
        kind = "timeout" if reply.reason == "http_timeout" else "error"
        where = one.channel.id if one.channel else None
        slack.notice(user, kind, f"{one.app.name} did not answer. Please try again.", where)
